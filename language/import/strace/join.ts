import { readLine } from './line';

/** A call that is over, with all of its arguments. */
export interface LoggedCall {
  readonly pid: number;
  readonly name: string;
  readonly args: string;
  readonly result: string;
}

export type LogEvent =
  | ({ readonly kind: 'call' } & LoggedCall)
  /** A call begins that is over later: only those that make processes matter. */
  | { readonly kind: 'begins'; readonly pid: number; readonly name: string; readonly args: string }
  | { readonly kind: 'ended'; readonly pid: number; readonly status: number; readonly signal?: string };

/** A log has that many calls under way at most; a longer list is one of a log that was cut or mixed, and its oldest are let go. */
const UNDER_WAY = 100_000;
/** No line of strace's is that long, unless it was told to print whole buffers (-s). */
const LONGEST_LINE = 1_000_000;

/** Lines to whole calls: `<unfinished ...>` and `<... resumed>` are put together, process by process. */
export class Joiner {
  private readonly underWay = new Map<number, { name: string; args: string }>();
  /** A line that strace's own message was printed into; its rest is on the next one. */
  private fragment: string | undefined;
  lines = 0;
  /** Lines that are strace's. */
  known = 0;
  /** The first line that is not, and how many. */
  strange: { readonly line: number; readonly text: string } | undefined;
  strangeLines = 0;
  /** Resumed without a beginning, or begun and never over. */
  halves = 0;

  next(raw: string): LogEvent | undefined {
    this.lines++;
    if (raw.trim() === '') return undefined;
    let text = raw.length > LONGEST_LINE ? raw.slice(0, LONGEST_LINE) : raw;
    const attached = /^(.+?)strace: Process \d+ attached\s*$/.exec(text);
    if (attached && !/^\s*(?:\[pid\s+\d+\]\s*)?$/.test(attached[1]!)) {
      this.fragment = attached[1];
      this.known++;
      return undefined;
    }
    let line = readLine(text);
    if (!line && this.fragment !== undefined) {
      text = this.fragment + text;
      line = readLine(text);
    }
    this.fragment = undefined;
    if (!line) {
      this.strangeLines++;
      this.strange ??= { line: this.lines, text: raw };
      return undefined;
    }
    this.known++;
    switch (line.kind) {
      case 'call':
        return line;
      case 'ended':
        this.halves += this.underWay.delete(line.pid) ? 1 : 0;
        return line;
      case 'other':
        return undefined;
      case 'unfinished': {
        const { pid, name, args } = line;
        if (this.underWay.size >= UNDER_WAY) this.underWay.delete(this.underWay.keys().next().value!);
        if (this.underWay.has(pid)) this.halves++;
        this.underWay.set(pid, { name, args });
        return { kind: 'begins', pid, name, args };
      }
      case 'resumed': {
        const begun = this.underWay.get(line.pid);
        if (begun?.name !== line.name) {
          this.halves++;
          return undefined;
        }
        this.underWay.delete(line.pid);
        return { kind: 'call', pid: line.pid, name: line.name, args: begun.args + line.args, result: line.result };
      }
    }
  }

  /** Calls that the end of the log cut off. */
  get open(): number {
    return this.underWay.size;
  }
}
