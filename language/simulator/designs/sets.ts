const WIDTH = 32;

interface Node {
  /** Of 0 the slots are single numbers; above, each covers 32 times as many as one of the level below. */
  readonly level: number;
  /** A set for each slot, at level 0 whether the number is in it: 0 or 1. */
  readonly slots: readonly number[];
  readonly size: number;
}

const NOTHING: readonly number[] = new Array<number>(WIDTH).fill(0);

/**
 * Sets of small numbers, each a number itself: equal sets have the same one, so that runs of frames with the same holders are runs in a column.
 * Kept as trees that have their equal parts in common: a set with one more or one less takes a few nodes, however large it is. 0 is the empty set.
 */
export class Sets {
  private readonly nodes: Node[] = [{ level: 0, slots: NOTHING, size: 0 }];
  private readonly known = new Map<string, number>();

  size(set: number): number {
    return this.nodes[set]!.size;
  }

  has(set: number, value: number): boolean {
    const { level, slots } = this.nodes[set]!;
    const { slot, rest } = place(level, value);
    const found = slots[slot] ?? 0;
    return level === 0 ? found === 1 : this.has(found, rest);
  }

  with(set: number, value: number): number {
    return this.changed(set, value, 1);
  }

  without(set: number, value: number): number {
    return this.has(set, value) ? this.changed(set, value, 0) : set;
  }

  /** The smallest of its numbers; undefined if it is empty. */
  first(set: number): number | undefined {
    const { level, slots } = this.nodes[set]!;
    const slot = slots.findIndex((each) => each !== 0);
    if (slot < 0) return undefined;
    return level === 0 ? slot : slot * WIDTH ** level + this.first(slots[slot]!)!;
  }

  /** Its numbers, ascending. */
  values(set: number): number[] {
    const found: number[] = [];
    this.collect(set, 0, found);
    return found;
  }

  private collect(set: number, base: number, found: number[]): void {
    const { level, slots } = this.nodes[set]!;
    slots.forEach((each, slot) => {
      if (each === 0) return;
      const at = base + slot * WIDTH ** level;
      if (level === 0) found.push(at);
      else this.collect(each, at, found);
    });
  }

  private changed(set: number, value: number, there: 0 | 1): number {
    const node = this.nodes[set]!;
    let { level } = node;
    while (value >= WIDTH ** (level + 1)) level++;
    const slots = level === node.level ? node.slots : NOTHING.with(0, set);
    const { slot, rest } = place(level, value);
    return this.lowest(level, slots.with(slot, level === 0 ? there : this.changed(slots[slot]!, rest, there)));
  }

  /** A tree is no higher than its greatest number asks for: equal sets are then equal trees. */
  private lowest(level: number, slots: readonly number[]): number {
    const last = slots.findLastIndex((each) => each !== 0);
    if (last < 0) return 0;
    return level > 0 && last === 0 ? slots[0]! : this.node(level, slots);
  }

  private node(level: number, slots: readonly number[]): number {
    const key = `${level}:${slots.join(',')}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const size = slots.reduce((sum, each) => sum + (level === 0 ? each : this.size(each)), 0);
    const number = this.nodes.push({ level, slots, size }) - 1;
    this.known.set(key, number);
    return number;
  }
}

/** The slot that a number is in at a level, and what is left of it there. */
function place(level: number, value: number): { slot: number; rest: number } {
  const slot = Math.floor(value / WIDTH ** level);
  return { slot, rest: value - slot * WIDTH ** level };
}
