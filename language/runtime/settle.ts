import { NOTHING_DONE } from '../simulator/kernel/sleep';
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
  type Join,
  type LoopFrame,
  type Thread,
  type Waiting,
} from './control';
import { Deadlock } from './problem';
import { isObject } from './values';

/** Moves on to what a debugger stops at next: leaves blocks and loops that are over, passes what is nothing to execute. */
export function settle(start: Control, context: Context): Control {
  let control = unwound(start, context);
  while (!control.ended && control.thread.frame === undefined) {
    if (control.thread.join === undefined) return { ...control, ended: { kind: 'end' } };
    control = unwound(afterBranch(control, control.thread.join, context), context);
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
        control = onThread(control, { ...control.thread, frame: advanced(frame), label });
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

/** A branch is over: the next of the others has its turn; the line after their `parallel` comes when it was the last. */
function afterBranch(control: Control, join: Join, context: Context): Control {
  const { waiting } = control;
  if (waiting.some((thread) => within(thread, join))) return chosen(control, waiting, context);
  if (waiting.length > 0) return chosen(control, [...waiting, join.after], context);
  if (join.after.join === undefined) context.machine.endIo();
  return onThread(control, join.after);
}

/** Whether a branch is one of this `parallel`, or of one inside. */
function within(thread: Thread, join: Join): boolean {
  for (let at = thread.join; at !== undefined; at = at.after.join) if (at === join) return true;
  return false;
}

/** After a statement in a `parallel`: another branch's turn. */
export function rotated(executed: Control, context: Context): Control {
  if (executed.waiting.length === 0 && executed.thread.waits === undefined) return executed;
  const control = unwound(executed, context);
  const { thread, waiting } = control;
  if (control.ended || thread.frame === undefined) return control;
  return chosen(control, [...waiting, thread], context);
}

/**
 * One of the branches that can go on: as the order says that the run was given, else in turn for seed 0, else drawn from the seed.
 * A Problem where none can.
 */
function chosen(control: Control, all: readonly Thread[], context: Context): Control {
  const ready = all.filter((thread) => stuck(thread, context) === undefined);
  if (ready.length === 0) deadlock(all, context);
  const { seed, order, choices } = context;
  const turn = control.turn + 1;
  const drawn = seed === 0 ? 0 : draw(seed, turn, ready.length);
  const taken = Math.min(order[turn - 1] ?? drawn, ready.length - 1);
  choices[turn - 1] = { taken, of: ready.length };
  const thread = ready[taken]!;
  const { frame, routine, label, join, waits } = thread;
  const sleeps = waits !== undefined && isDead(waits.doer, context) ? { ...waits, asleep: NOTHING_DONE } : thread.sleeps;
  const at = all.indexOf(thread);
  return {
    ...control,
    turn,
    thread: { frame, routine, label, join, ...(sleeps && { sleeps }) },
    waiting: [...all.slice(at + 1), ...all.slice(0, at)],
  };
}

/** Whoever is killed in a call goes on to learn it. */
const isDead = (doer: Doer, { machine }: Context): boolean => doer !== 'kernel' && !machine.alive(doer);

/** The call in which a branch can't go on, and why. */
function stuck({ waits, sleeps }: Thread, context: Context): { readonly call: Waiting; readonly why: string } | undefined {
  const { machine } = context;
  if (waits !== undefined) {
    if (isDead(waits.doer, context)) return undefined;
    const waiting = machine.wouldWait(waits.doer, waits.call, waits.args, sleeps?.asleep);
    return waiting ? { call: waits, why: waits.why } : undefined;
  }
  const why = sleeps && machine.keptFrom(sleeps.doer, sleeps.asleep);
  return why === undefined ? undefined : { call: sleeps!, why };
}

function deadlock(all: readonly Thread[], context: Context): never {
  const waiting = all.map((thread) => stuck(thread, context)!);
  const who = waiting.map(({ call, why }) => `${call.text} (${why})`).join('; ');
  throw new Deadlock(`every branch waits, and nobody is left to wake one: ${who}`, waiting[0]!.call.place);
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
