import { signature } from '../analysis/passes/calls';
import { calls } from '../catalogue/calls';
import type { DiagnosticCode } from '../catalogue/diagnostics';
import type { Parameter } from '../catalogue/types';
import { Content } from '../simulator/state/content';
import type { Outcome } from '../simulator/api';
import type { Value } from '../simulator/value';
import type { Action, Call, Expr, Span } from '../syntax/ast';
import { placeOf, valueIn, written, type Context } from './context';
import type { Control, Doer, Frame, Linked, Watch } from './control';
import { evaluate } from './evaluate';
import { fail, Problem, Sleeps, WouldWait } from './problem';
import { KERNEL, type Group } from './processes';
import type { RunError } from './results';
import { article, boolean, kindOf, size } from './values';

/** The run ends here: an errno or a signal that no one expected, or an invariant that does not hold. */
export class Halt extends Error {
  constructor(readonly error: RunError) {
    super(error.message);
  }
}

export function isSystemCall(name: string): boolean {
  return Object.hasOwn(calls, name);
}

/**
 * One step: `doer` does one call. The outcome is returned whatever it is; invariants are checked. `alone`: the line comes to this step, so that it can sleep
 * in the middle where it stands in `parallel`; what it does then goes on where it slept.
 */
export function step(call: Call, doer: Doer, control: Control, frame: Frame, context: Context, alone: boolean): Outcome {
  const params: readonly Parameter[] = calls[call.callee.text as keyof typeof calls].params;
  const { sleeps: slept } = control.thread;
  given_all(call, params);
  const args = slept?.args ?? call.args.map((arg, i) => argument(arg, params[i], control, frame, doer, context));
  context.report.step(call);
  const place = placeOf(frame, call);
  const sleeps = slept?.asleep ?? (alone && control.thread.join ? 'may' : undefined);
  const { outcome, violations, asleep } = context.machine.step(doer, call.callee.text, args, sleeps);
  for (const violation of violations) context.report.violation({ ...violation, place });
  if (outcome.kind === 'error' && outcome.code === 'would-wait') {
    const who = doer === 'kernel' ? 'kernel' : context.processes.nameOf(doer);
    const waiting = { doer, call: call.callee.text, args, text: `${who}: ${written(frame, call)}`, why: outcome.why, place };
    throw asleep ? new Sleeps({ ...waiting, asleep }, call) : new WouldWait(waiting, call);
  }
  if (outcome.kind === 'error') fail(outcome.code as DiagnosticCode, outcome.why, call);
  const unknown = violations.find((violation) => !violation.known);
  if (unknown) throw new Halt({ kind: 'violation', code: 'violation', message: `${unknown.invariant}: ${unknown.message}`, place });
  for (let link = control.invariants; link; link = link.rest) check(link, place, context);
  return outcome;
}

/** As many arguments as the call takes: a line of the debug console, or of a program with errors, may have others. */
function given_all(call: Call, params: readonly Parameter[]): void {
  const { args, callee } = call;
  if (args.length > params.length || params.some(({ optional }, i) => optional !== true && i >= args.length))
    fail('argument-count', `\`${signature(callee.text, params)}\` is not called with ${args.length} arguments`, call);
}

function argument(expr: Expr, param: Parameter | undefined, control: Control, frame: Frame, doer: Doer, context: Context): Value {
  if (expr.kind === 'reference' && param?.words?.includes(expr.name)) return Content.text(expr.name);
  const value = valueIn(expr, control, frame, doer, context);
  return param === undefined ? value : suited(value, param, expr);
}

/** A value that the parameter can take; what is known before the run has been checked then. */
function suited(value: Value, { name, kind, words }: Parameter, expr: Expr): Value {
  const wanted = kind === 'content' || kind === 'path' ? 'content' : kind === 'boolean' ? 'boolean' : 'integer';
  const word = value instanceof Content && words?.includes(value.asText() ?? '');
  return kindOf(value) === wanted || word
    ? value
    : fail(
        'wrong-value',
        `\`${name}\` has to be ${wanted === 'integer' ? 'an integer' : wanted === 'content' ? 'content' : 'true or false'}, not ${article(value)}`,
        expr,
      );
}

/** An invariant of the scenario, after a step. */
export function check(watch: Linked<Watch>, place: RunError['place'], context: Context): void {
  const { node, source, names } = watch.item;
  let holds: boolean;
  try {
    holds = boolean(evaluate(node.condition, { locals: undefined, names, pid: undefined }, context), 'An invariant', node.condition);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    fail(error.code, `while checking the invariant: ${error.message}`);
  }
  if (holds) return;
  const text = source.text.slice(node.condition.start, node.condition.end).replace(/\s+/g, ' ');
  const message = `the scenario's invariant does not hold: ${text}${node.reason ? ` (${node.reason.value})` : ''}`;
  context.report.violation({ place, invariant: 'invariant', message, known: false });
  throw new Halt({ kind: 'violation', code: 'invariant-failed', message, place });
}

/** Ends the run where the outcome is a failure; gives the value otherwise. A call without one gives 0, as in C. */
export function succeeded(outcome: Outcome, call: Call, doer: Doer, frame: Frame, context: Context): Value {
  if (outcome.kind === 'ok') return outcome.value ?? 0n;
  const who = doer === 'kernel' ? 'kernel' : context.processes.nameOf(doer);
  const code = outcome.kind === 'errno' ? outcome.errno : outcome.kind === 'signal' ? outcome.signal : outcome.code;
  const verb = outcome.kind === 'signal' ? 'raises' : 'fails with';
  throw new Halt({
    kind: outcome.kind,
    code,
    message: `${who}: ${written(frame, call)} ${verb} ${code}: ${outcome.why}`,
    place: placeOf(frame, call),
  });
}

/** Names the processes that a statement makes by `as`. All of them are named at once, when the statement is over. */
export class Births {
  private readonly pids: number[] = [];
  private readonly group: Group | undefined;

  /** `array`: the name stands for several. `made`: the block that may add to a name it has made itself. Throws where the name is taken. */
  constructor(
    private readonly as: NonNullable<Action['as']>,
    private readonly array: boolean,
    private readonly made: object | undefined,
    private readonly context: Context,
  ) {
    const { machine, processes } = context;
    const group = processes.group(as.name.text);
    const alive = group?.pids.find((pid) => machine.alive(pid));
    if (made !== undefined && group?.made === made) this.group = group;
    else if (alive !== undefined)
      fail('name-in-use', `${as.name.text} is the name of a live process (${processes.nameOf(alive)})`, as.name);
  }

  add(pid: number): void {
    this.pids.push(pid);
    const before = this.group?.pids.length ?? 0;
    const name = this.as.name.text;
    this.context.processes.setName(pid, this.array ? `${name}[${before + this.pids.length - 1}]` : name);
  }

  commit(): void {
    if (this.pids.length === 0) return;
    const pids = [...(this.group?.pids ?? []), ...this.pids];
    this.context.processes.setGroup(this.as.name.text, { array: this.array, pids, ...(this.made && { made: this.made }) });
  }
}

/** A process has been made: it sees its parent's variables, and has a name if only its number. */
export function born(parent: Doer, call: string, value: Value, births: Births | undefined, context: Context): void {
  if ((call !== 'fork' && call !== 'vfork' && call !== 'clone') || typeof value !== 'bigint') return;
  const pid = Number(value);
  const { processes, machine } = context;
  processes.inherit(
    parent === 'kernel' ? KERNEL : parent,
    pid,
    call === 'clone' && parent !== 'kernel' && machine.sharesMemory(parent, pid),
  );
  if (births) births.add(pid);
  else processes.setName(pid, `process ${pid}`);
}

/** How often an action is done by each: `as w[10]` ten times. */
export function times(as: Action['as'], control: Control, frame: Frame, doer: Doer | undefined, context: Context, span: Span): number {
  if (as?.count === undefined) return 1;
  return size(valueIn(as.count, control, frame, doer, context), 'The number of processes', span);
}
