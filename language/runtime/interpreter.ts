import type { Block, Statement } from '../syntax/ast';
import { placeOf, type Context } from './context';
import { current, headOf, type Binding, type Control, type Frame, type Linked } from './control';
import type { RunError } from './results';
import { Deadlock, Problem, Sleeps, WouldWait } from './problem';
import type { Source } from './program';
import { rotated, settle } from './settle';
import { execute } from './statements';
import { Halt } from './steps';

/** The state before the first statement of a scenario. */
export function begin(source: Source, block: Block, names: Linked<Binding> | undefined, context: Context): Control {
  const frame: Frame = { kind: 'block', outer: undefined, source, names, actor: undefined, block, at: 0, returns: false };
  const thread = { frame, routine: undefined, label: undefined, join: undefined };
  return settle({ thread, waiting: [], turn: 0, invariants: undefined, ended: undefined }, context);
}

/** Executes the current statement. Where it can't go on, the run has ended on that line. */
export function advance(control: Control, context: Context): Control {
  const at = current(control);
  if (at === undefined) return control;
  return guarded(at.node, at.frame, control, () => {
    const next = control.thread.join ? orWaiting(control, context, () => execute(at.node, at.frame, control, context)) : undefined;
    return settle(next ? rotated(next, context) : execute(at.node, at.frame, control, context), context);
  });
}

/** A statement of a branch. Where a call in it would wait nothing of the statement has happened, and its branch waits. Where its call sleeps, half of it has. */
function orWaiting(control: Control, context: Context, work: () => Control): Control {
  const { machine, report } = context;
  const before = machine.position();
  try {
    return work();
  } catch (error) {
    if (error instanceof Sleeps) {
      report.undone();
      return { ...control, thread: { ...control.thread, sleeps: error.sleeping } };
    }
    if (!(error instanceof WouldWait)) throw error;
    machine.moveTo(before);
    machine.discardFuture();
    report.undone();
    return { ...control, thread: { ...control.thread, waits: error.waits } };
  }
}

/** What was typed in a console, executed where the run stands: the line that comes next stays the same. */
export function interject(node: Statement, source: Source, control: Control, context: Context): Control {
  const here = control.thread.frame;
  const names = here?.names;
  const block: Block = { statements: [node], start: node.start, end: node.end };
  const frame: Frame = { kind: 'block', outer: here, source, names, actor: here?.actor, block, at: 0, returns: false };
  return guarded(node, frame, control, () => {
    const { routine, label } = control.thread;
    const next = execute(node, frame, { ...control, ended: undefined, thread: { frame, routine, label, join: undefined } }, context);
    const { frame: rest } = next.thread;
    const kept = here && rest && rest.names !== names ? { ...here, names: rest.names } : here;
    const { join } = control.thread;
    return { ...next, thread: { ...control.thread, ...next.thread, frame: kept, join }, ended: control.ended };
  });
}

function guarded(node: Statement, frame: Frame, control: Control, work: () => Control): Control {
  try {
    return work();
  } catch (error) {
    return { ...control, ended: { kind: 'error', error: errorOf(error, node, frame) } };
  }
}

function errorOf(error: unknown, node: Statement, frame: Frame): RunError {
  if (error instanceof Halt) return error.error;
  if (!(error instanceof Problem)) throw error;
  if (error instanceof Deadlock) return { kind: 'error', code: error.code, message: error.message, place: error.place };
  return { kind: 'error', code: error.code, message: error.message, place: placeOf(frame, error.span ?? headOf(node)) };
}
