import type { Journal, JournaledColumn } from './journal';
import { Radix } from './radix';

/** As many runs stay in a sorted list before the column becomes a radix tree. */
const FEW = 24;

/**
 * One field of one kind of object: a number for every index from 0, 0 where nothing was written.
 * Equal neighbours cost one entry, whether a few runs (a sorted list) or many (a radix tree); work grows with runs, not with indexes.
 * Every write goes through the journal.
 */
export class Column implements JournaledColumn {
  readonly id!: number;
  /** Sorted run list: run k covers starts[k] … starts[k+1]−1, the last one everything above. Empty once `tree` is in use. */
  private starts: number[] = [0];
  private values: number[] = [0];
  private tree: Radix | undefined;

  constructor(
    private readonly journal: Journal,
    readonly name: string,
  ) {
    journal.register((id) => {
      (this as { id: number }).id = id;
      return this;
    });
  }

  get(index: number): number {
    if (this.tree !== undefined) return this.tree.get(index);
    return this.values[this.find(index)]!;
  }

  set(index: number, value: number): void {
    const old = this.get(index);
    if (old === value) return;
    this.journal.append(this.id, index, 1, old, value);
    this.restore(index, 1, value);
  }

  /** Gives `count` indexes from `start` the same value. */
  fill(start: number, count: number, value: number): void {
    if (count === 1) return this.set(start, value);
    const end = start + count;
    for (let at = start; at < end;) {
      const stop = this.runEnd(at, end);
      const old = this.get(at);
      if (old !== value) this.journal.append(this.id, at, stop - at, old, value);
      at = stop;
    }
    this.restore(start, count, value);
  }

  /** Adds `delta` to `count` indexes from `start`. */
  add(start: number, count: number, delta: number): void {
    this.update(start, count, (old) => old + delta);
  }

  /** Replaces each value in `count` indexes from `start` by `change` of it. */
  update(start: number, count: number, change: (old: number) => number): void {
    if (count === 1) return this.set(start, change(this.get(start)));
    const end = start + count;
    for (let at = start; at < end;) {
      const stop = this.runEnd(at, end);
      const old = this.get(at);
      const value = change(old);
      if (value !== old) this.fillRun(at, stop - at, old, value);
      at = stop;
    }
  }

  /** Visits the maximal runs of equal values in `count` indexes from `start`, ascending; `visit` may return true to end. */
  runs(start: number, count: number, visit: (start: number, count: number, value: number) => unknown): void {
    const end = start + count;
    for (let at = start; at < end;) {
      const stop = this.runEnd(at, end);
      if (visit(at, stop - at, this.get(at)) === true) return;
      at = stop;
    }
  }

  /** End (exclusive, at most `limit`) of the run of equal values that `index` is in. */
  runEnd(index: number, limit: number): number {
    if (this.tree !== undefined) return this.tree.runEnd(index, limit);
    return Math.min(limit, this.starts[this.find(index) + 1] ?? limit);
  }

  /** Start (at least `limit`) of the run of equal values that `index` is in. */
  runStart(index: number, limit: number): number {
    if (this.tree !== undefined) return this.tree.runStart(index, limit);
    return Math.max(limit, this.starts[this.find(index)]!);
  }

  restore(start: number, count: number, value: number): void {
    if (this.tree !== undefined) this.tree.fill(start, count, value);
    else this.fillList(start, start + count, value);
  }

  private fillRun(start: number, count: number, old: number, value: number): void {
    this.journal.append(this.id, start, count, old, value);
    this.restore(start, count, value);
  }

  private find(index: number): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.starts[middle]! <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private fillList(start: number, end: number, value: number): void {
    const first = this.find(start);
    const last = this.find(end - 1);
    const after = this.values[last]!;
    const endsWithRun = this.starts[last + 1] === end;
    if (
      first === last &&
      endsWithRun &&
      this.starts[first] === start &&
      this.values[first - 1] !== value &&
      this.values[last + 1] !== value
    ) {
      this.values[first] = value;
      return;
    }
    const starts: number[] = [];
    const values: number[] = [];
    if (this.starts[first]! < start) {
      starts.push(this.starts[first]!);
      values.push(this.values[first]!);
    }
    const before = starts.length > 0 ? values[0] : this.values[first - 1];
    if (before !== value) {
      starts.push(start);
      values.push(value);
    }
    if (!endsWithRun) {
      if (after !== value) {
        starts.push(end);
        values.push(after);
      }
    } else if (this.values[last + 1] === value) {
      this.starts.splice(last + 1, 1);
      this.values.splice(last + 1, 1);
    }
    this.starts.splice(first, last - first + 1, ...starts);
    this.values.splice(first, last - first + 1, ...values);
    if (this.starts.length > FEW) this.plant();
  }

  private plant(): void {
    const tree = new Radix();
    for (let k = 0; k < this.starts.length; k++) {
      const end = this.starts[k + 1];
      if (end !== undefined && this.values[k] !== 0) tree.fill(this.starts[k]!, end - this.starts[k]!, this.values[k]!);
    }
    this.tree = tree;
    this.starts = this.values = [];
  }
}

/**
 * End (exclusive, at most `limit`) of the stretch from `index` on in which each of `columns` has one value. Looks no further than a small
 * multiple of what it finds, however long the runs of single columns are.
 */
export function common_run_end(columns: readonly Column[], index: number, limit: number): number {
  for (let reach = 16; ; reach *= 8) {
    const end = Math.min(limit, index + reach);
    let stop = end;
    for (const column of columns) stop = column.runEnd(index, stop);
    if (stop < end || end === limit) return stop;
  }
}
