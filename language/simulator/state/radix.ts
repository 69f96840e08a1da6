/** A radix tree with nodes of 512 slots over integers; a slot is one value for everything below it, or a node. No journal, no history. */

const SLOTS = 512;
const POWER = [1, 512, 512 ** 2, 512 ** 3, 512 ** 4, 512 ** 5];

class Node {
  readonly values: Float64Array;
  readonly children: (Node | undefined)[] | undefined;
  constructor(level: number, value: number) {
    this.values = new Float64Array(SLOTS);
    if (value !== 0) this.values.fill(value);
    this.children = level === 0 ? undefined : new Array<Node | undefined>(SLOTS).fill(undefined);
  }
}

export class Radix {
  private level = 0;
  private root = new Node(0, 0);

  /** Number of indexes that the tree covers now; what lies beyond reads as 0. */
  private get capacity(): number {
    return POWER[this.level + 1] ?? Infinity;
  }

  get(index: number): number {
    if (index >= this.capacity) return 0;
    let node = this.root;
    let rest = index;
    for (let level = this.level; level > 0; level--) {
      const span = POWER[level]!;
      const slot = Math.floor(rest / span);
      const child = node.children![slot];
      if (child === undefined) return node.values[slot]!;
      rest -= slot * span;
      node = child;
    }
    return node.values[rest]!;
  }

  fill(start: number, count: number, value: number): void {
    while (start + count > this.capacity) {
      const root = new Node(++this.level, 0);
      root.children![0] = this.root;
      this.root = root;
    }
    fillNode(this.root, this.level, start, start + count, value);
  }

  /** End (exclusive, at most `limit`) of the run of equal values that `index` is in. */
  runEnd(index: number, limit: number): number {
    const value = this.get(index);
    let at = index;
    while (at < limit) {
      if (at >= this.capacity) return value === 0 ? limit : at;
      let node = this.root;
      let base = 0;
      let level = this.level;
      let slot = 0;
      for (; ; level--) {
        const span = POWER[level]!;
        slot = Math.floor((at - base) / span);
        const child: Node | undefined = level > 0 ? node.children![slot] : undefined;
        if (child === undefined) break;
        base += slot * span;
        node = child;
      }
      const span = POWER[level]!;
      if (node.values[slot] !== value) return at;
      for (slot++; slot < SLOTS && node.values[slot] === value && (level === 0 || node.children![slot] === undefined); slot++);
      at = base + slot * span;
    }
    return limit;
  }

  /** Start (at least `limit`) of the run of equal values that `index` is in. */
  runStart(index: number, limit: number): number {
    const value = this.get(index);
    let at = index;
    while (at > limit) {
      const below = at - 1;
      if (below >= this.capacity) {
        if (value !== 0) return at;
        at = Math.max(limit, this.capacity);
        continue;
      }
      let node = this.root;
      let base = 0;
      let level = this.level;
      let slot = 0;
      for (; ; level--) {
        const span = POWER[level]!;
        slot = Math.floor((below - base) / span);
        const child: Node | undefined = level > 0 ? node.children![slot] : undefined;
        if (child === undefined) break;
        base += slot * span;
        node = child;
      }
      if (node.values[slot] !== value) return at;
      for (; slot > 0 && node.values[slot - 1] === value && (level === 0 || node.children![slot - 1] === undefined); slot--);
      at = base + slot * POWER[level]!;
    }
    return limit;
  }
}

function fillNode(node: Node, level: number, start: number, end: number, value: number): void {
  if (level === 0) {
    node.values.fill(value, start, end);
    return;
  }
  const span = POWER[level]!;
  const children = node.children!;
  for (let slot = Math.floor(start / span), base = slot * span; base < end; slot++, base += span) {
    const from = Math.max(start - base, 0);
    const to = Math.min(end - base, span);
    if (from === 0 && to === span) {
      children[slot] = undefined;
      node.values[slot] = value;
    } else {
      let child = children[slot];
      if (child === undefined) {
        if (node.values[slot] === value) continue;
        child = children[slot] = new Node(level - 1, node.values[slot]!);
      }
      fillNode(child, level - 1, from, to, value);
    }
  }
}
