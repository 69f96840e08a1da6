import { Impossible } from './impossible';

/**
 * What happened, in order: kernel functions entered and left, and micro-steps (one effect each, possibly on many pages at once).
 * A mark knows how many journal records came before it, so the trace and the journal can be moved along together.
 */

export const enum Mark {
  /** A step begins: `what` is the call's name, a = task id. */
  Step = 1,
  StepEnd,
  Enter,
  Exit,
  Micro,
  /** How a function ended, where that is counted (`events("folio_check_references", "KEEP")`), or an event of /proc/vmstat. */
  Outcome,
}

/** A step that comes to more marks than this is given up: it would take minutes, and memory without end. */
const STEP_LIMIT = 12_000_000;

export interface MarkInfo {
  readonly kind: Mark;
  /** Function, call or sentence template. */
  readonly what: string;
  /** Pages that this mark stands for. */
  readonly pages: number;
  /** Journal records written before this mark. */
  readonly records: number;
  readonly args: readonly [number, number, number, number];
}

const CHUNK = 8192;
const ARGS = 4;

class Chunk {
  readonly kind = new Uint8Array(CHUNK);
  readonly what = new Int32Array(CHUNK);
  /** Pages and records, by turns. */
  readonly numbers = new Float64Array(CHUNK * 2);
  /** Where a micro-step's arguments begin in `Trace.args`. */
  readonly args = new Int32Array(CHUNK);
}

/** Bytes of a mark, without a micro-step's arguments. */
export const MARK_BYTES = 1 + 4 + 2 * 8 + 4;

export class Trace {
  private readonly chunks: Chunk[] = [new Chunk()];
  /** Arguments of micro-steps, ARGS each, in chunks of CHUNK micro-steps. */
  private readonly args: Float64Array[] = [];
  private readonly names: string[] = [];
  private readonly ids = new Map<string, number>();
  /** Pages counted a name: times that a function was entered (a batch counts its pages). Always agrees with the marks that are applied. */
  private readonly counts: number[] = [];
  private applied = 0;
  private written = 0;
  private micro = 0;
  private base = 0;
  private stepStart = 0;
  /** Micro-steps and steps written: where the next arguments go. */
  private argued = 0;

  constructor(private readonly journal: { readonly position: number }) {}

  /** Number of marks that are in the state now. */
  get position(): number {
    return this.applied;
  }

  get bytes(): number {
    return this.chunks.length * CHUNK * MARK_BYTES + this.args.length * CHUNK * ARGS * 8;
  }

  /** Micro-steps so far. */
  get microsteps(): number {
    return this.micro;
  }

  step(call: string, task: number): void {
    this.stepStart = this.applied;
    this.append(Mark.Step, this.id(call), 1);
    this.argue(task, 0, 0, 0);
  }

  endStep(): void {
    this.append(Mark.StepEnd, 0, 0);
  }

  /** A kernel function begins; it is done for `pages` pages at once (events count pages). Gives the mark's index. */
  enter(name: string, pages = 1): number {
    if (this.applied - this.stepStart > STEP_LIMIT)
      throw new Impossible('step-limit', `one step comes to more than ${STEP_LIMIT} kernel functions and effects; ask for less at once`);
    const id = this.id(name);
    this.append(Mark.Enter, id, pages);
    this.counts[id] = this.counts[id]! + pages;
    return this.applied - 1;
  }

  /** The call of the step that runs, and the functions that it has entered and not left. */
  path(): string[] {
    const open: string[] = [];
    for (let index = this.stepStart; index < this.applied; index++) {
      const { chunk, at } = this.locate(index);
      const kind = chunk.kind[at]!;
      if (kind === Mark.Step || kind === Mark.Enter) open.push(this.names[chunk.what[at]!]!);
      else if (kind === Mark.Exit) open.pop();
    }
    return open;
  }

  /** Corrects the pages of a mark, once it is known how many it was done for. */
  setPages(index: number, pages: number): void {
    const { chunk, at } = this.locate(index);
    const id = chunk.what[at]!;
    if (chunk.kind[at] === Mark.Enter) this.counts[id] = this.counts[id]! + pages - chunk.numbers[at * 2]!;
    chunk.numbers[at * 2] = pages;
  }

  exit(): void {
    this.append(Mark.Exit, 0, 0);
  }

  /**
   * One effect, told in one plain sentence. The template is filled in only when somebody reads it (see describe.ts):
   * `{0}` an argument as a number, `{frames:0}` `{indexes:1}` `{addresses:2}` `{slots:3}` runs of `pages`, `{pages}`, `{file:0}` `{task:0}` `{cgroup:0}` an object's name.
   * Gives the mark's index.
   */
  effect(template: string, pages = 1, a = 0, b = 0, c = 0, d = 0): number {
    this.append(Mark.Micro, this.id(template), pages);
    this.argue(a, b, c, d);
    this.micro++;
    return this.applied - 1;
  }

  /** Counts how the function that is open ended for `pages` pages. */
  outcome(name: string, outcome: string, pages = 1): void {
    this.event(`${name}: ${outcome}`, pages);
  }

  /** Counts an event of `/proc/vmstat` for `pages` pages. */
  event(name: string, pages = 1): void {
    const id = this.id(name);
    this.append(Mark.Outcome, id, pages);
    this.counts[id] = this.counts[id]! + pages;
  }

  /** How often a function was entered (and ended like that), counted in pages. */
  count(name: string, outcome?: string): number {
    const id = this.ids.get(outcome === undefined ? name : `${name}: ${outcome}`);
    return id === undefined ? 0 : this.counts[id]!;
  }

  info(index: number): MarkInfo {
    const { chunk, at } = this.locate(index);
    const kind = chunk.kind[at]!;
    const slot = chunk.args[at]!;
    const args =
      kind === Mark.Step || kind === Mark.Micro ? this.args[Math.floor(slot / CHUNK)]!.subarray((slot % CHUNK) * ARGS) : [0, 0, 0, 0];
    return {
      kind,
      what: this.names[chunk.what[at]!] ?? '',
      pages: chunk.numbers[at * 2]!,
      records: chunk.numbers[at * 2 + 1]!,
      args: [args[0]!, args[1]!, args[2]!, args[3]!],
    };
  }

  kind(index: number): Mark {
    const { chunk, at } = this.locate(index);
    return chunk.kind[at]!;
  }

  /** Moves the counters to where `position` marks are applied; the journal has to be moved to `info(position).records` beside it. */
  moveTo(position: number): void {
    if (position > this.written) throw new RangeError(`the trace has ${this.written} marks, not ${position}`);
    while (this.applied > position) this.tally(--this.applied, -1);
    while (this.applied < position) this.tally(this.applied++, 1);
  }

  discardFuture(): void {
    if (this.written > this.applied) {
      const { chunk, at } = this.locate(this.applied);
      this.argued = chunk.args[at]!;
      this.args.length = Math.ceil(this.argued / CHUNK);
    }
    this.written = this.applied;
    this.chunks.length = Math.floor(this.written / CHUNK) + 1;
    this.chunks[this.chunks.length - 1] ??= new Chunk();
  }

  /** Forgets the marks, keeps the counts: positions start again from 0. */
  forget(): void {
    this.base += this.applied;
    this.applied = this.written = this.argued = 0;
    this.chunks.length = 1;
    this.args.length = Math.min(1, this.args.length);
  }

  /** Marks ever applied, forgotten ones included. */
  get total(): number {
    return this.base + this.applied;
  }

  private tally(index: number, sign: 1 | -1): void {
    const { chunk, at } = this.locate(index);
    const kind = chunk.kind[at]!;
    if (kind === Mark.Enter || kind === Mark.Outcome) {
      const id = chunk.what[at]!;
      this.counts[id] = this.counts[id]! + sign * chunk.numbers[at * 2]!;
    } else if (kind === Mark.Micro) this.micro += sign;
  }

  private locate(index: number): { chunk: Chunk; at: number } {
    const at = index % CHUNK;
    return { chunk: this.chunks[(index - at) / CHUNK]!, at };
  }

  private append(kind: Mark, what: number, pages: number): void {
    const at = this.applied % CHUNK;
    const index = (this.applied - at) / CHUNK;
    const chunk = (this.chunks[index] ??= new Chunk());
    chunk.kind[at] = kind;
    chunk.what[at] = what;
    chunk.numbers[at * 2] = pages;
    chunk.numbers[at * 2 + 1] = this.journal.position;
    chunk.args[at] = this.argued;
    this.written = ++this.applied;
  }

  /** The arguments of the mark just written. */
  private argue(a: number, b: number, c: number, d: number): void {
    const at = this.argued % CHUNK;
    const chunk = (this.args[(this.argued - at) / CHUNK] ??= new Float64Array(CHUNK * ARGS));
    chunk[at * ARGS] = a;
    chunk[at * ARGS + 1] = b;
    chunk[at * ARGS + 2] = c;
    chunk[at * ARGS + 3] = d;
    this.argued++;
  }

  private id(name: string): number {
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.names.length;
      this.ids.set(name, id);
      this.names.push(name);
      this.counts.push(0);
    }
    return id;
  }
}
