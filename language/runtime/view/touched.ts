import type { Kernel } from '../../simulator/state/kernel';
import { FRAMES } from './frames';

/** A stretch of an index space. */
export interface Stretch {
  readonly from: number;
  readonly count: number;
}

/** Journal records of one step that are looked at; the change list says when there are more. */
const MOST_RECORDS = 100_000;

/** Columns of the storage, which all hosts have in common. */
const SHARED = /^inode(\.(size|nlink)|\[\d+\]\.blocks)$/;

/** Which parts of the state a step has written to, by index space: from the journal's records, so work grows with what changed. */
export class Touched {
  /** Of `frames`, `mm:ID`, `pgd:ID`, `mapping:ID`, `blocks:INODE`: ascending, apart from each other. */
  private readonly stretches = new Map<string, Stretch[]>();
  /** VMAs, tasks and inodes with a record of their own. */
  readonly tasks = new Set<number>();
  readonly inodes = new Set<number>();
  readonly vmas = new Set<number>();
  /** Records that were not looked at. */
  readonly unseen: number;

  constructor(k: Kernel, from: number, to: number) {
    const first = Math.max(from, to - MOST_RECORDS);
    this.unseen = first - from;
    k.journal.visit(first, to, ({ name }, start, count) => {
      const own = SHARED.test(name) ? name : k.ownName(name);
      if (own !== undefined) this.note(own, start, count);
    });
    for (const [space, stretches] of this.stretches) this.stretches.set(space, joined(stretches));
  }

  of(space: string): readonly Stretch[] {
    return this.stretches.get(space) ?? [];
  }

  /** Spaces of a kind with changes: the ids of `mm`, `mapping`, `blocks`. */
  ids(kind: string): number[] {
    return [...this.stretches.keys()].filter((space) => space.startsWith(`${kind}:`)).map((space) => Number(space.slice(kind.length + 1)));
  }

  /** The next place after `at` where a changed stretch of the space begins or ends, at most `limit`: runs stop there. */
  next(space: string, at: number, limit: number): number {
    const stretches = this.of(space);
    let low = 0;
    let high = stretches.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const { from, count } = stretches[middle]!;
      if (from + count <= at) low = middle + 1;
      else high = middle;
    }
    const found = stretches[low];
    if (found === undefined) return limit;
    return Math.min(limit, found.from > at ? found.from : found.from + found.count);
  }

  private note(name: string, start: number, count: number): void {
    if (name.startsWith('frame.')) return this.add(FRAMES, start, count);
    const [, kind, id, field] = /^(\w+)\[(\d+)\]\.(\w+)$/.exec(name) ?? [];
    if (kind === 'mm' && (field === 'pte' || field === 'pfn')) this.add(`mm:${id}`, start, count);
    else if (kind === 'mm' && field === 'linked') this.add(`pgd:${id}`, start, count);
    else if (kind === 'mapping' && field === 'pages') this.add(`mapping:${id}`, start, count);
    else if (kind === 'inode' && field === 'blocks') this.add(`blocks:${id}`, start, count);
    else if (name.startsWith('vma.')) this.all(this.vmas, start, count);
    else if (name === 'task.state') this.all(this.tasks, start, count);
    else if (name === 'inode.size' || name === 'inode.nlink') this.all(this.inodes, start, count);
  }

  private add(space: string, from: number, count: number): void {
    const known = this.stretches.get(space);
    const last = known?.at(-1);
    if (known === undefined) this.stretches.set(space, [{ from, count }]);
    else if (last!.from !== from || last!.count !== count) known.push({ from, count });
  }

  private all(set: Set<number>, start: number, count: number): void {
    for (let id = start; id < start + count; id++) set.add(id);
  }
}

/** Sorted and made disjoint: cut wherever one of them begins or ends, because what lies there may have changed differently. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const cuts = new Set<number>();
  const sorted = [...stretches].sort((a, b) => a.from - b.from);
  const covered: Stretch[] = [];
  for (const { from, count } of sorted) {
    cuts.add(from).add(from + count);
    const last = covered.at(-1);
    if (last === undefined || from > last.from + last.count) covered.push({ from, count });
    else if (from + count > last.from + last.count) covered[covered.length - 1] = { from: last.from, count: from + count - last.from };
  }
  const places = [...cuts].sort((a, b) => a - b);
  const result: Stretch[] = [];
  let k = 0;
  for (const { from, count } of covered) {
    let at = from;
    for (; k < places.length && places[k]! <= from + count; k++) {
      if (places[k]! > at) result.push({ from: at, count: places[k]! - at });
      at = places[k]!;
    }
  }
  return result;
}
