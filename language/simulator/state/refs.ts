import { Column } from './column';
import type { Journal, JournalFollower } from './journal';

/**
 * A column of any values: the cells hold numbers of values that are kept beside it, so that undo and redo are the journal's.
 * Values are compared by identity (numbers and bigints by value) and must be immutable.
 */
export class RefColumn<T> implements JournalFollower {
  private readonly cells: Column;
  /** Value 0 stands for "nothing". */
  private values: (T | undefined)[] = [undefined];
  private numbers = new Map<T, number>();
  /** Journal position at which each value after the first `settled` ones was first written. */
  private births: number[] = [];
  private settled = 1;
  private worthSweeping = 4096;
  private end = 0;

  constructor(
    private readonly journal: Journal,
    readonly name: string,
  ) {
    this.cells = new Column(journal, name);
    journal.follow(this);
  }

  get(index: number): T | undefined {
    return this.values[this.cells.get(index)];
  }

  set(index: number, value: T | undefined): void {
    this.end = Math.max(this.end, index + 1);
    this.cells.set(index, this.number(value));
  }

  /** Gives `count` indexes from `start` the same value. */
  fill(start: number, count: number, value: T | undefined): void {
    this.end = Math.max(this.end, start + count);
    this.cells.fill(start, count, this.number(value));
  }

  /** Indexes from here on have never been set. */
  get limit(): number {
    return this.end;
  }

  discarded(position: number): void {
    while (this.births.length > 0 && this.births[this.births.length - 1]! >= position) {
      this.births.pop();
      this.numbers.delete(this.values.pop()!);
    }
  }

  forgotten(): void {
    this.births = [];
    this.settled = this.values.length;
    if (this.settled > this.worthSweeping) this.sweep();
  }

  private number(value: T | undefined): number {
    if (value === undefined) return 0;
    let number = this.numbers.get(value);
    if (number === undefined) {
      number = this.values.length;
      this.values.push(value);
      this.numbers.set(value, number);
      this.births.push(this.journal.position);
    }
    return number;
  }

  /** Drops the values that no cell holds; only while no journal record can bring them back. */
  private sweep(): void {
    const old = this.values;
    const live: { start: number; count: number; value: T }[] = [];
    this.cells.runs(0, this.end, (start, count, number) => {
      if (number !== 0) live.push({ start, count, value: old[number]! });
    });
    this.values = [undefined];
    this.numbers = new Map();
    for (const { start, count, value } of live) this.cells.restore(start, count, this.number(value));
    this.births = [];
    this.settled = this.values.length;
    this.worthSweeping = Math.max(4096, this.settled * 2);
  }
}
