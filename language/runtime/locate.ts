import { Mark, type Trace } from '../simulator/state/trace';
import type { Value } from '../simulator/value';
import type { Statement, Who } from '../syntax/ast';
import type { Context } from './context';
import { current, headOf, type Activation, type Control, type Frame, type Linked, type Binding, type Thread } from './control';
import { actorsOf } from './actors';
import type { Actor, Place, StackFrame } from './position';
import { placeOf } from './context';
import { Problem } from './problem';

/** Kernel functions that are open before mark `mark` of a statement whose marks begin at `first`: outermost first. A step is one, too. */
export function openFunctions(trace: Trace, first: number, mark: number): StackFrame[] {
  const open: { name: string; pages: number; enter: number; line: number }[] = [];
  for (let index = stepOf(trace, first, mark); index < mark; index++) {
    const kind = trace.kind(index);
    if (kind === Mark.Exit || kind === Mark.StepEnd) open.pop();
    else if (kind === Mark.Enter || kind === Mark.Step) {
      const { what, pages } = trace.info(index);
      const caller = open[open.length - 1];
      if (caller) caller.line = index;
      open.push({ name: what, pages, enter: index, line: mark });
    }
  }
  const innermost = open[open.length - 1];
  if (innermost) innermost.line = mark;
  return open.map((frame) => ({ kind: 'kernel', ...frame }));
}

/** The current line, and the lines from which the open routines were called: innermost first. */
export function scenarioStack(control: Control, here: Place, title: string): StackFrame[] {
  const stack: StackFrame[] = [];
  let place = here;
  for (let open = control.thread.routine; open; open = open.outer) {
    stack.push({ kind: 'routine', name: open.name, place, depth: open.depth });
    place = placeOf(open.caller, headOf(open.call));
  }
  stack.push({ kind: 'scenario', name: title, place, depth: 0 });
  return stack;
}

/** The place of what comes next; at the end, of the error or of the scenario's last brace. */
export function placeNext(control: Control, end: Place): Place {
  if (control.ended) return control.ended.kind === 'error' ? control.ended.error.place : end;
  const at = current(control);
  return at ? placeOf(at.frame, headOf(at.node)) : end;
}

/** Who will act in a statement, as far as one can say before it is executed: of several the first. */
export function actorNext(node: Statement, frame: Frame, control: Control, context: Context): Actor {
  if (frame.kind === 'loop') {
    const value = frame.rounds.kind === 'values' ? frame.rounds.values[frame.next] : undefined;
    if (node.kind !== 'for' && value !== undefined) return (value as { id: number }).id;
  }
  const who = whoOf(node);
  if (who === undefined && node.kind !== 'action') return frame.actor ?? 'scenario';
  try {
    return actorsOf(who, node, control, frame, context).doers[0] ?? 'scenario';
  } catch (error) {
    if (error instanceof Problem) return frame.actor ?? 'scenario';
    throw error;
  }
}

function whoOf(node: Statement): Who | undefined {
  switch (node.kind) {
    case 'action':
    case 'process-block':
      return node.who;
    case 'expect-failure':
      return node.action.who;
    default:
      return undefined;
  }
}

/** Who did the first step of an executed statement. */
export function actorDone(trace: Trace, first: number, end: number): Actor | undefined {
  if (first >= end || trace.kind(first) !== Mark.Step) return undefined;
  return doerOf(trace.info(first).args[0]);
}

/** Who does the step that `mark` is part of. */
export function actorAt(trace: Trace, first: number, mark: number): Actor | undefined {
  const step = stepOf(trace, first, mark);
  return trace.kind(step) === Mark.Step ? doerOf(trace.info(step).args[0]) : undefined;
}

/** Where the step begins that `mark` is part of; nothing is open before it. */
function stepOf(trace: Trace, first: number, mark: number): number {
  for (let index = mark; index > first; index--) if (trace.kind(index) === Mark.Step) return index;
  return first;
}

function doerOf(task: number): Actor {
  return task === 0 ? 'kernel' : task;
}

/** Names that a line sees beside the process's variables; those of routine `frame` (0 the innermost). */
export function namesSeen(thread: Thread, frame: number): Map<string, Value> {
  let routine: Activation | undefined = thread.routine;
  let names = thread.frame?.names;
  for (let n = frame; n > 0 && routine; n--) {
    names = routine.caller.names;
    routine = routine.outer;
  }
  return new Map([...unlinked(names), ...(routine?.locals ?? [])]);
}

function unlinked(names: Linked<Binding> | undefined): [string, Value][] {
  const found: [string, Value][] = [];
  for (let link = names; link; link = link.rest) found.unshift([link.item.name, link.item.value]);
  return found;
}
