import type { Run } from '../run';

/** Statements that a run may be ahead of the one it is held against while a line is looked for: beyond them it is taken as one that does not come. */
const AHEAD = 10_000;

/** Goes in pieces of one statement: yields after each that was executed. */
export type Following = Generator<undefined, void>;

/** A run's statements by line and by how often that line has come, to find in it the place where another run stands. */
export class Aligned {
  private readonly keys: string[] = [];
  private readonly counts = new Map<string, number>();
  private readonly byKey = new Map<string, number>();

  constructor(readonly run: Run) {}

  /** Statements from `from` on have been replaced. */
  forget(from: number): void {
    while (this.keys.length > Math.max(0, from)) {
      const key = this.keys.pop()!;
      const line = key.slice(0, key.lastIndexOf('#'));
      this.counts.set(line, this.counts.get(line)! - 1);
      this.byKey.delete(key);
    }
  }

  /** To where `other` stands: before the same statement; where this run has none such, behind the last that both have. */
  *follow(other: Aligned): Following {
    const { entry, held } = other.run.position;
    if (other.run.ended) yield* this.toEnd();
    else yield* this.goTo(other, held ? entry + 1 : entry);
  }

  private *goTo(other: Aligned, entry: number): Following {
    for (let at = entry; at >= 0; at--) {
      const key = other.key(at);
      const found = key === undefined ? undefined : yield* this.find(key, entry + AHEAD);
      if (found !== undefined) return this.run.moveTo(this.run.before(Math.min(at === entry ? found : found + 1, this.run.length)));
    }
    this.run.moveTo(this.run.before(0));
  }

  private *toEnd(): Following {
    this.run.moveTo(this.run.before(this.run.length));
    while (this.run.forward()) yield;
  }

  /** Key of statement `index`, the one to come included. */
  private key(index: number): string | undefined {
    for (let at = this.keys.length; at <= index; at++) {
      const entry = this.run.entry(at);
      if (!entry) return undefined;
      const line = `${entry.place.uri}:${entry.place.span.start}`;
      const count = (this.counts.get(line) ?? 0) + 1;
      this.counts.set(line, count);
      this.keys.push(`${line}#${count}`);
      this.byKey.set(`${line}#${count}`, at);
    }
    return this.keys[index];
  }

  private *find(key: string, limit: number): Generator<undefined, number | undefined> {
    const { run } = this;
    for (let at = this.keys.length; at <= run.length; at++) this.key(at);
    while (!this.byKey.has(key)) {
      if (run.length >= limit) return undefined;
      run.moveTo(run.before(run.length));
      if (!run.forward()) return undefined;
      this.key(run.length);
      yield;
    }
    return this.byKey.get(key);
  }
}
