import { Mark, type Trace } from '../simulator/state/trace';

/**
 * The lines of the kernel: what one can stand on inside a step. A kernel function's lines are its own effects and its calls of other functions;
 * the first step of a statement is the statement itself. Depths count the functions that are open, the call included.
 */
export class KernelLines {
  /** Of the statement whose marks are `first` up to `end`, exclusive. */
  constructor(
    private readonly trace: Trace,
    private readonly first: number,
    private readonly end: number,
  ) {}

  /** Functions open before `mark`. */
  depth(mark: number): number {
    let depth = 0;
    for (let at = this.stepOf(mark); at < mark; at++) depth += this.opens(at);
    return depth;
  }

  /** The first line after `mark` at most `deepest` deep. */
  next(mark: number, deepest = Infinity): number | undefined {
    let depth = this.depth(mark);
    for (let at = mark; at < this.end - 1; at++) {
      depth += this.opens(at);
      if (depth <= deepest && this.isLine(at + 1)) return at + 1;
    }
    return undefined;
  }

  /** The last line before `mark` at most `deepest` deep. */
  previous(mark: number, deepest = Infinity): number | undefined {
    let depth = this.depth(mark);
    for (let at = mark - 1; at > this.first; at--) {
      depth -= this.opens(at);
      if (depth <= deepest && this.isLine(at)) return at;
    }
    return undefined;
  }

  /** The line that a debugger going in stops at first. */
  get firstInside(): number | undefined {
    return this.end > this.first ? this.next(this.first) : undefined;
  }

  get lastInside(): number | undefined {
    return this.end > this.first ? this.previous(this.end) : undefined;
  }

  private isLine(mark: number): boolean {
    const kind = this.trace.kind(mark);
    return kind === Mark.Enter || kind === Mark.Micro || kind === Mark.Step;
  }

  private opens(mark: number): number {
    const kind = this.trace.kind(mark);
    if (kind === Mark.Enter || kind === Mark.Step) return 1;
    return kind === Mark.Exit || kind === Mark.StepEnd ? -1 : 0;
  }

  /** The last step that begins at or before `mark`; nothing is open before it. */
  private stepOf(mark: number): number {
    for (let at = Math.min(mark, this.end - 1); at > this.first; at--) if (this.trace.kind(at) === Mark.Step) return at;
    return this.first;
  }
}
