import { Mark } from '../simulator/state/trace';
import type { Value } from '../simulator/value';
import type { Scenario, Span } from '../syntax/ast';
import { depthOf, current, headOf, type Control, type Waiting } from './control';
import { placeOf, type Choice, type Context } from './context';
import { evaluate } from './evaluate';
import { History, upTo } from './history';
import { advance, interject } from './interpreter';
import { LIMITS, type Limits } from './limits';
import { actorAt, actorDone, actorNext, namesSeen, openFunctions, placeNext, scenarioStack } from './locate';
import type { Machine } from '../simulator/machine';
import { makeMachine, type MakeMachine } from './makeMachine';
import { parseExpression, parseLine } from './parsing';
import type { Actor, Location, Place, Position, TimelineEntry } from './position';
import { fail, Problem } from './problem';
import type { Located, Program } from './program';
import type { Ended, Expectation, RunError, RunException, RunViolation } from './results';
import { prepare, type Prepared } from './prepare';

export interface RunOptions {
  /** Title of the scenario; without it the file's first. */
  readonly scenario?: string;
  /** Without it the first of the scenario's `under`, else `baseline`. */
  readonly design?: string;
  /** Values for `param`s by name. */
  readonly params?: Readonly<Record<string, bigint>>;
  readonly seed?: number;
  /** In `parallel`: which branch, of those that can go on, is taken at each turn; the seed decides the turns after. */
  readonly order?: readonly number[];
  readonly limits?: Partial<Limits>;
  /** Keep what stepping back needs (default). Without it only forward() works, in memory that does not grow with the run. */
  readonly history?: boolean;
}

/** What an evaluation came to. */
export type Evaluated = { readonly value: Value; readonly error?: undefined } | { readonly value?: undefined; readonly error: string };

/** What a line typed in a console came to. */
export interface Executed {
  readonly error?: string;
}

/** Statements between two looks at the memory that history takes. */
const LOOK = 64;

/**
 * One scenario being run under one design: the machine, where the run stands, and its history. All positions up to `length` can be
 * gone to. Deterministic: the same text, design, params and seed give the same run.
 */
export class Run {
  readonly machine: Machine;
  readonly scenario: string;
  readonly design: string;
  readonly seed: number;
  private readonly context: Context;
  private readonly history: History;
  private readonly limits: Limits;
  private readonly kept: boolean;
  private readonly end: Place;
  private at: Position = { entry: 0, mark: 0 };
  private stepsDone = 0;

  /** Sets the machine up as the declarations say; nothing has been executed then. `make` is for tests. */
  static start(program: Program, options: RunOptions = {}, make: MakeMachine = makeMachine): Run | { readonly error: RunError } {
    const limits = { ...LIMITS, ...options.limits };
    let run: Run | undefined;
    const prepared = prepare(program, options, limits, make, {
      step: (span) => run!.countStep(span),
      undone: () => run!.uncountSteps(),
      expectation: (result) => run!.expect(result),
      violation: (violation) => run!.history.violation({ ...violation, entry: run!.length }),
    });
    if ('error' in prepared) return prepared;
    return (run = new Run(program, prepared, limits, options.history ?? true));
  }

  private constructor(
    readonly program: Program,
    prepared: Prepared,
    limits: Limits,
    kept: boolean,
  ) {
    const { context, scenario, begin } = prepared;
    this.context = context;
    this.machine = context.machine;
    this.scenario = scenario.node.title.value;
    this.design = context.design;
    this.seed = context.seed;
    this.limits = limits;
    this.kept = kept;
    this.end = endOf(scenario);
    this.history = new History(kept);
    this.machine.forget();
    this.record(begin());
  }

  /** Statements executed so far (and kept), those undone included. */
  get length(): number {
    return this.history.length;
  }

  /** Where the run stands. */
  get position(): Position {
    return this.at;
  }

  /** Set where the run stands behind its last statement. */
  get ended(): Ended | undefined {
    return this.between ? this.control.ended : undefined;
  }

  /** The turns taken in `parallel`, up to the end of what was executed. */
  get choices(): readonly Choice[] {
    return this.context.choices.slice(0, this.history.control(this.length).turn);
  }

  /** How many routines are open. */
  get depth(): number {
    return depthOf(this.control);
  }

  /** How many routines are open at statement `entry`. */
  depthAt(entry: number): number {
    return depthOf(this.history.control(entry));
  }

  /** Steps up to the position; the one that the run stands inside of is not counted yet. */
  get steps(): number {
    const done = this.history.boundary(this.done).steps;
    if (this.between || this.at.held) return done;
    let steps = done;
    for (let mark = this.history.marksBefore(this.at.entry); mark < this.at.mark; mark++)
      if (this.machine.trace.kind(mark) === Mark.StepEnd) steps++;
    return steps;
  }

  /** Micro-steps up to the position. */
  get microsteps(): number {
    return this.machine.trace.microsteps;
  }

  /** Whether the run stands between two statements, not inside of one or held on it. */
  get between(): boolean {
    return !this.at.held && this.at.mark === this.history.marksBefore(this.at.entry);
  }

  /** One statement onwards: redone from history, or executed. From inside a statement, or held on it: to its end. False at the end of the run. */
  forward(): boolean {
    if (this.between && this.at.entry === this.length) {
      if (this.control.ended) return false;
      this.executeNext();
    } else this.moveTo(this.before(this.at.entry + 1));
    return true;
  }

  /** To before the statement that the run stands in or behind. False at the beginning. */
  back(): boolean {
    const entry = this.between ? this.at.entry - 1 : this.at.entry;
    if (!this.history.holds(entry)) return false;
    this.moveTo(this.before(entry));
    return true;
  }

  /** Into the next statement, executing it where it has not been: before its first micro-step or function. False where it has none (it is then behind it). */
  into(): boolean {
    const { entry } = this.at;
    if (!this.forward()) return false;
    const [first, end] = this.marks(entry);
    for (let mark = first; mark < end; mark++) {
      const kind = this.machine.trace.kind(mark);
      if (kind !== Mark.Enter && kind !== Mark.Micro) continue;
      this.moveTo({ entry, mark });
      return true;
    }
    return false;
  }

  /** To any position in history. Throws a RangeError where there is none. */
  moveTo(position: Position): void {
    const { entry, mark, held } = position;
    const { history, machine } = this;
    if (!history.holds(entry) || (held && entry >= this.length)) throw new RangeError(`history has no statement ${entry}`);
    const [first, end] = this.marks(entry);
    if (mark !== first && !held && (mark < first || mark >= end)) throw new RangeError(`history has no position ${entry}/${mark}`);
    if (held) machine.moveTo(history.boundary(entry + 1));
    else if (mark === first) machine.moveTo(history.boundary(entry));
    else machine.moveTo({ records: machine.trace.info(mark).records, marks: mark });
    this.at = held ? { entry, mark, held } : { entry, mark };
  }

  /** Position before statement `entry`; `length` is behind the last one. */
  before(entry: number): Position {
    return { entry, mark: this.history.marksBefore(entry) };
  }

  /** Position on the line of the executed statement `entry`, everything it did done. */
  held(entry: number): Position {
    return { entry, mark: this.history.marksBefore(entry + 1), held: true };
  }

  /** The first statement that is still in history. */
  get oldest(): number {
    return this.kept ? 0 : this.length;
  }

  /** Runs to the end; true when all went well: no error, no failed expectation. */
  finish(): boolean {
    while (this.forward());
    return this.ended?.kind === 'end' && this.failures.length === 0;
  }

  /** Where the run stands, in the text and in the kernel. */
  get location(): Location {
    const { entry, mark } = this.at;
    const { trace } = this.machine;
    if (this.between) {
      const place = placeNext(this.control, this.end);
      return { place, actor: this.actorNext(), stack: scenarioStack(this.control, place, this.scenario) };
    }
    const [first] = this.marks(entry);
    const place = this.placeOf(entry);
    const stack = scenarioStack(this.control, place, this.scenario);
    if (this.at.held) return { place, actor: this.entry(entry)!.actor, stack };
    const functions = openFunctions(trace, first, mark).reverse();
    const sentence = this.machine.describeMark(mark);
    return { place, actor: actorAt(trace, first, mark) ?? 'scenario', stack: [...functions, ...stack], sentence };
  }

  /** Statement `index`, executed or (index = length) the one to come. */
  entry(index: number): TimelineEntry | undefined {
    if (!this.history.holds(index)) return undefined;
    const control = this.history.control(index);
    const at = current(control);
    if (index === this.length && at === undefined) return undefined;
    const marks = this.marks(index);
    const label = control.thread.label;
    const exception = this.history.exceptions.get(index)?.kind;
    const typed = this.history.typed.has(index);
    const actor =
      actorDone(this.machine.trace, ...marks) ?? (at && !typed ? actorNext(at.node, at.frame, control, this.context) : 'scenario');
    return {
      index,
      actor,
      place: this.placeOf(index),
      depth: depthOf(control),
      marks,
      ...(label !== undefined && { label }),
      ...(exception && { exception }),
    };
  }

  /** Every `expect` evaluated up to the position; without history one for each in the text. */
  get expectations(): readonly Expectation[] {
    return this.kept ? upTo(this.history.expectations, this.done) : this.history.expectations;
  }

  get failures(): readonly Expectation[] {
    return this.expectations.filter((each) => !each.ok);
  }

  get violations(): readonly RunViolation[] {
    return this.kept ? upTo(this.history.violations, this.done) : this.history.violations;
  }

  /** What statement `entry` raised. */
  exception(entry: number): RunException | undefined {
    return this.history.exceptions.get(entry);
  }

  /** Processes by name in order of creation, dead ones included: `p`, `db[3]`. */
  processes(): { readonly pid: number; readonly name: string; readonly alive: boolean }[] {
    const { processes, machine } = this.context;
    return processes.pids().map((pid) => ({ pid, name: processes.nameOf(pid), alive: machine.alive(pid) }));
  }

  /** The call in which a process waits, or sleeps in the middle, for its branch's next turn. */
  waiting(pid: number): Waiting | undefined {
    const { thread, waiting } = this.control;
    return [thread, ...waiting].map(({ waits, sleeps }) => waits ?? sleeps).find((waits) => waits?.doer === pid);
  }

  nameOf(pid: number): string {
    return this.context.processes.nameOf(pid);
  }

  /** A process's variables. */
  variables(pid: number): ReadonlyMap<string, Value> {
    return this.context.processes.variables(pid);
  }

  /** Names that routine frame `frame` (0 the innermost, counted without kernel functions) sees beside the process's variables. */
  locals(frame = 0): ReadonlyMap<string, Value> {
    return namesSeen(this.control.thread, frame);
  }

  /** Evaluates an expression without changing anything. `frame` as in `locals`; `process` is whose variables are seen bare, else who acts. */
  evaluate(text: string, where: { readonly frame?: number; readonly process?: number } = {}): Evaluated {
    const parsed = parseExpression(text);
    if ('error' in parsed) return { error: parsed.error };
    const actor = where.process ?? this.location.actor;
    const pid = typeof actor === 'number' ? actor : undefined;
    try {
      return { value: evaluate(parsed.expr, { locals: this.locals(where.frame), names: undefined, pid }, this.context) };
    } catch (error) {
      if (error instanceof Problem) return { error: error.message };
      throw error;
    }
  }

  /** Executes one statement typed in a console, here: it becomes part of history, and what came after is discarded. */
  execute(text: string): Executed {
    if (!this.between && !this.at.held) return { error: 'the run stands inside a step: leave it (Step Out) to do another one' };
    const parsed = parseLine(text);
    if ('error' in parsed) return { error: parsed.error };
    const { node, source } = parsed;
    if (!['action', 'expect', 'expect-failure', 'let', 'invariant'].includes(node.kind))
      return { error: 'only single lines can be run here' };
    if (node.kind === 'action' && node.value.kind === 'call' && this.context.routines.has(node.value.callee.text))
      return { error: 'a routine can only be called from the text' };
    if (this.at.held) this.moveTo(this.before(this.at.entry + 1));
    this.discardFuture();
    const before = this.control;
    const after = interject(node, source, before, this.context);
    const failed = after.ended?.kind === 'error' && after.ended !== before.ended ? after.ended.error : undefined;
    this.history.typed.set(this.length, { node, source });
    if (failed) this.except({ kind: failed.kind, message: failed.message });
    this.record({ ...after, ended: before.ended });
    return failed ? { error: failed.message } : {};
  }

  /** Forgets what comes after the position (after the statement, where the run stands inside of one). */
  discardFuture(): void {
    if (!this.between) this.moveTo(this.before(this.at.entry + 1));
    if (this.at.entry === this.length) return;
    this.history.cut(this.at.entry);
    this.machine.discardFuture();
    this.stepsDone = this.history.boundary(this.length).steps;
  }

  private get control(): Control {
    return this.history.control(this.at.entry);
  }

  /** Statements that are completely in the state. */
  private get done(): number {
    return this.at.held ? this.at.entry + 1 : this.at.entry;
  }

  private marks(entry: number): [number, number] {
    const first = this.history.marksBefore(entry);
    return [first, entry < this.length ? this.history.marksBefore(entry + 1) : first];
  }

  private placeOf(entry: number): Place {
    const typed = this.history.typed.get(entry);
    if (typed) return { uri: typed.source.uri, span: headOf(typed.node) };
    const at = current(this.history.control(entry));
    return at ? placeOf(at.frame, headOf(at.node)) : this.end;
  }

  private actorNext(): Actor {
    const at = current(this.control);
    return at ? actorNext(at.node, at.frame, this.control, this.context) : 'scenario';
  }

  private executeNext(): void {
    const { control, length } = this;
    let next: Control;
    if (length >= this.limits.steps) next = this.stopped(control, 'step-limit', limitText('statements', this.limits.steps, 'steps'));
    else if (this.kept && length % LOOK === 0 && this.bytes > this.limits.history) {
      next = this.stopped(control, 'history-limit', limitText('bytes of history', this.limits.history, 'history'));
    } else next = advance(control, this.context);
    if (next.ended?.kind === 'end') next = this.audited(next);
    if (next.ended?.kind === 'error') this.except(next.ended.error);
    this.record(next);
    if (!this.kept && this.length % LOOK === 0) this.forget();
  }

  private stopped(control: Control, code: RunError['code'], message: string): Control {
    return { ...control, ended: { kind: 'error', error: { kind: 'error', code, message, place: placeNext(control, this.end) } } };
  }

  /** The full audit at the end of a run. */
  private audited(control: Control): Control {
    const broken = this.machine.audit().find((violation) => !violation.known);
    if (!broken) return control;
    this.history.violation({ ...broken, place: this.end, entry: this.length });
    const error: RunError = { kind: 'violation', code: 'violation', message: `${broken.invariant}: ${broken.message}`, place: this.end };
    return { ...control, ended: { kind: 'error', error } };
  }

  /** Memory that history takes. */
  private get bytes(): number {
    return this.machine.journal.bytes + this.machine.trace.bytes + this.history.bytes;
  }

  private record(control: Control): void {
    const { records, marks } = this.machine.position();
    this.history.add(control, { records, marks, steps: this.stepsDone });
    this.at = { entry: this.length, mark: marks };
  }

  /** Without history: journal and trace begin again, at the same state. */
  private forget(): void {
    this.machine.forget();
    const { records, marks } = this.machine.position();
    this.history.rebase(records, marks);
    this.at = { entry: this.length, mark: marks };
  }

  private countStep(span: Span): void {
    this.stepsDone++;
    if (this.stepsDone > this.limits.steps) fail('step-limit', limitText('steps', this.limits.steps, 'steps'), span);
    if (!this.kept || this.stepsDone % 1024 !== 0 || this.bytes <= this.limits.history) return;
    fail('history-limit', limitText('bytes of history', this.limits.history, 'history'), span);
  }

  private uncountSteps(): void {
    this.stepsDone = this.history.boundary(this.length).steps;
  }

  private expect(result: Omit<Expectation, 'entry'>): void {
    this.history.expectation({ ...result, entry: this.length });
    if (!result.ok)
      this.except({
        kind: 'expect',
        message: `the expectation does not hold: ${result.text}${result.reason === undefined ? '' : `: ${result.reason}`}`,
      });
  }

  private except(exception: Omit<RunException, 'entry'>): void {
    if (this.kept) this.history.exceptions.set(this.length, { kind: exception.kind, message: exception.message, entry: this.length });
  }
}

function limitText(what: string, limit: number, setting: string): string {
  return `the run has more than ${limit} ${what} (the setting is mmscn.limits.${setting})`;
}

function endOf(scenario: Located<Scenario>): Place {
  const { end } = scenario.node.body;
  return { uri: scenario.source.uri, span: { start: Math.max(end - 1, 0), end } };
}
