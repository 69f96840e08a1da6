import type { Value } from '../simulator/value';
import type { Action, Name } from '../syntax/ast';
import { variablesOf, type Context } from './context';
import {
  advanced,
  designsOf,
  onFrame,
  onThread,
  rounds,
  roundValue,
  type Activation,
  type Control,
  type Doer,
  type Frame,
  type LoopFrame,
  type Thread,
} from './control';
import { Deadlock } from './problem';
import { isObject } from './values';

/** Moves on to what a debugger stops at next: leaves blocks and loops that are over, passes what is nothing to execute. */
export function settle(start: Control, context: Context): Control {
  let control = unwound(start, context);
  while (!control.ended && control.thread.frame === undefined) {
    const next = control.waiting.length > 0 ? chosen(control, control.waiting, context) : afterAll(control, context);
    if (next === undefined) return { ...control, ended: { kind: 'end' } };
    control = unwound(next, context);
  }
  return control;
}

/** The same within the branch that runs: its frame is undefined where it is over. */
function unwound(start: Control, context: Context): Control {
  let control = start;
  for (;;) {
    const { frame, routine } = control.thread;
    if (control.ended || frame === undefined) return control;
    if (frame.kind === 'loop') {
      const next = upcoming(frame, context);
      if (next < rounds(frame.rounds)) return next === frame.next ? control : onFrame(control, { ...frame, next });
      control = onFrame(control, frame.outer);
    } else {
      const node = frame.block.statements[frame.at];
      if (node === undefined) {
        if (frame.returns && routine) control = returned(control, routine, frame, undefined, context);
        else control = onFrame(control, frame.outer);
      } else if (isStop(node.kind) && included(designsOf(node), context.design)) return control;
      else {
        const label = node.kind === 'step' ? node.label.value : control.thread.label;
        control = onThread(control, { frame: advanced(frame), routine, label });
      }
    }
  }
}

/** Ends the innermost routine: its value is bound where it was called. */
export function returned(control: Control, routine: Activation, body: Frame, value: Value | undefined, context: Context): Control {
  const thread = { ...control.thread, frame: body.outer, routine: routine.outer };
  return bound(onThread(control, thread), routine.call, routine.actor, value ?? 0n, context);
}

/** Binds a name: a local inside a routine, where the line names nobody; else a variable of the process. */
export function bound(control: Control, { bind: name, who }: Action, doer: Doer, value: Value, context: Context): Control {
  if (name === undefined) return control;
  const { routine } = control.thread;
  if (routine && who === undefined)
    return onThread(control, { ...control.thread, routine: { ...routine, locals: new Map(routine.locals).set(name.text, value) } });
  context.processes.setVariable(variablesOf(doer)!, name.text, value);
  return control;
}

function afterAll(control: Control, context: Context): Control | undefined {
  if (control.after) context.machine.endReads();
  return control.after && { ...control, thread: control.after, after: undefined };
}

/** After a statement in a `parallel`: another branch's turn. */
export function rotated(executed: Control, context: Context): Control {
  if (executed.waiting.length === 0 && executed.thread.waits === undefined) return executed;
  const control = unwound(executed, context);
  if (control.ended) return control;
  const all = control.thread.frame === undefined ? control.waiting : [...control.waiting, control.thread];
  return all.length === 0 ? control : chosen(control, all, context);
}

/**
 * One of the branches that can go on: as the order says that the run was given, else in turn for seed 0, else drawn from the seed.
 * A Problem where none can.
 */
export function chosen(control: Control, all: readonly Thread[], context: Context): Control {
  const ready = all.filter(({ waits }) => waits === undefined || !context.machine.wouldWait(waits.doer, waits.call, waits.args));
  if (ready.length === 0) deadlock(all);
  const { seed, order, choices } = context;
  const turn = control.turn + 1;
  const drawn = seed === 0 ? 0 : draw(seed, turn, ready.length);
  const taken = Math.min(order[turn - 1] ?? drawn, ready.length - 1);
  choices[turn - 1] = { taken, of: ready.length };
  const thread = ready[taken]!;
  const { frame, routine, label, sleeps } = thread;
  const at = all.indexOf(thread);
  return {
    ...control,
    turn,
    thread: { frame, routine, label, ...(sleeps && { sleeps }) },
    waiting: [...all.slice(at + 1), ...all.slice(0, at)],
  };
}

function deadlock(all: readonly Thread[]): never {
  const waiting = all.flatMap(({ waits }) => (waits ? [waits] : []));
  const who = waiting.map(({ text, why }) => `${text} (${why})`).join('; ');
  throw new Deadlock(`every branch waits, and nobody is left to wake one: ${who}`, waiting[0]!.place);
}

/** A number below `below` that depends on the seed and the turn alone. */
function draw(seed: number, turn: number, below: number): number {
  let x = (seed * 69069 + turn * 40692 + 12345) % 2147483647;
  for (let i = 0; i < 3; i++) x = (x * 48271 + 11) % 2147483647;
  return x % below;
}

/** The next round that has somebody to run it: the dead are passed over. */
function upcoming(frame: LoopFrame, context: Context): number {
  if (frame.rounds.kind === 'range') return frame.next;
  let next = frame.next;
  while (next < frame.rounds.values.length) {
    const value = roundValue(frame.rounds, next);
    if (!isObject(value) || value.kind !== 'process' || context.machine.alive(value.id)) break;
    next++;
  }
  return next;
}

function included(designs: readonly Name[] | undefined, design: string): boolean {
  return designs === undefined || designs.some((name) => name.text === design);
}

/** Declarations have been done before the first step; `step "…"` only names what follows; what could not be read is not run. */
function isStop(kind: string): boolean {
  return STOPS.has(kind);
}

const STOPS = new Set([
  'action',
  'process-block',
  'let',
  'if',
  'for',
  'repeat',
  'parallel',
  'expect',
  'expect-failure',
  'invariant',
  'return',
]);
