/** What could not be carried over, counted by kind, with the first place of each. */
export class Losses {
  private readonly kinds = new Map<string, { count: number; line: number }>();

  /** `line` counts from 1. */
  add(what: string, line: number): void {
    const kind = this.kinds.get(what);
    if (kind) kind.count++;
    else this.kinds.set(what, { count: 1, line });
  }

  /** `12 × pipes, …: first in line 4`, the most frequent first. */
  lines(): string[] {
    const sorted = [...this.kinds].sort(([, a], [, b]) => b.count - a.count || a.line - b.line);
    return sorted.map(([what, { count, line }]) => `${count} × ${what} (first in line ${line})`);
  }
}
