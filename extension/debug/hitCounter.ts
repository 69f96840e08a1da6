import { RequestError } from './protocol';

/**
 * How often a breakpoint has been hit on the way to a statement, however one got there: the hits are kept by statement, so going back
 * and forth over one does not count it twice.
 */
export class HitCounter {
  private readonly hits: number[] = [];
  private readonly holds: (count: number) => boolean;

  /** `condition`: `3`, `== 3`, `> 3`, `>= 3`, `< 3`, `<= 3` or `% 3`; nothing: every time. */
  constructor(condition: string | undefined) {
    this.holds = condition?.trim() ? parse(condition.trim()) : () => true;
  }

  /** Counts a hit at statement `entry`; true where the run should stop. */
  hit(entry: number): boolean {
    let low = 0;
    for (let high = this.hits.length; low < high;) {
      const middle = Math.floor((low + high) / 2);
      if (this.hits[middle]! < entry) low = middle + 1;
      else high = middle;
    }
    if (this.hits[low] !== entry) this.hits.splice(low, 0, entry);
    return this.holds(low + 1);
  }

  /** What came after statement `entry` has been discarded. */
  forget(entry: number): void {
    while (this.hits.length > 0 && this.hits.at(-1)! > entry) this.hits.pop();
  }
}

function parse(condition: string): (count: number) => boolean {
  const match = /^(==?|>=?|<=?|%)?\s*(\d+)$/.exec(condition);
  const n = Number(match?.[2]);
  switch (match?.[1] ?? (match ? '' : undefined)) {
    case '':
    case '=':
    case '==':
      return (count) => count === n;
    case '>':
      return (count) => count > n;
    case '>=':
      return (count) => count >= n;
    case '<':
      return (count) => count < n;
    case '<=':
      return (count) => count <= n;
    case '%':
      return (count) => n > 0 && count % n === 0;
    default:
      throw new RequestError(`The hit count "${condition}" must be a number, as in 3, >= 3 or % 3.`);
  }
}
