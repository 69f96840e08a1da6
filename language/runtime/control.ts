import type { Action, Block, For, Invariant, Name, ProcessBlock, Repeat, Statement } from '../syntax/ast';
import type { Asleep } from '../simulator/machine';
import type { Value } from '../simulator/value';
import type { Place } from './position';
import type { Source } from './program';
import type { Ended } from './results';

/**
 * Where the interpreter stands, as one immutable value that shares its parts with the ones before it:
 * a history entry is one reference, and going back to it restores the position exactly.
 */
export interface Control {
  readonly thread: Thread;
  /** The other branches of all open `parallel`s, each waiting for its turn. */
  readonly waiting: readonly Thread[];
  /** Statements executed in `parallel` so far: what the seed draws the next branch from. */
  readonly turn: number;
  readonly invariants: Linked<Watch> | undefined;
  readonly ended: Ended | undefined;
}

/** Who can do a step: a process by its pid, or the kernel. */
export type Doer = number | 'kernel';

/** What runs one line after another: the scenario, or a branch of a `parallel`. */
export interface Thread {
  readonly frame: Frame | undefined;
  readonly routine: Activation | undefined;
  /** The last `step "…"`. */
  readonly label: string | undefined;
  /** The `parallel` of which this is a branch. */
  readonly join: Join | undefined;
  /** The call in which this branch waits, as long as it does. */
  readonly waits?: Waiting;
  /** The call in the middle of which this branch sleeps: it goes on when it is the branch's turn. */
  readonly sleeps?: Sleeping;
}

/** The end of a `parallel`: `after` goes on when all of its branches are over. One within a branch of another is a part of that. */
export interface Join {
  readonly after: Thread;
}

/** A call that could not be done yet: its branch does it again when it can go on. */
export interface Waiting {
  readonly doer: Doer;
  readonly call: string;
  readonly args: readonly Value[];
  /** The line as it is written, and why it waits. */
  readonly text: string;
  readonly why: string;
  readonly place: Place;
}

/** A call that has been done in part, and how far. */
export interface Sleeping extends Waiting {
  readonly asleep: Asleep;
}

/** A routine that is open. Its locals are replaced, not changed. */
export interface Activation {
  readonly outer: Activation | undefined;
  readonly depth: number;
  readonly name: string;
  readonly locals: ReadonlyMap<string, Value>;
  /** The line that called it, and what its value is bound to there. */
  readonly call: Action;
  readonly caller: Frame;
  readonly actor: Doer;
}

interface FrameBase {
  readonly outer: Frame | undefined;
  readonly source: Source;
  /** Names that can't change: params, lets, loop variables. */
  readonly names: Linked<Binding> | undefined;
  /** Who acts where no one is named. */
  readonly actor: Doer | undefined;
}

/** In a block, before statement `at`. */
export interface BlockFrame extends FrameBase {
  readonly kind: 'block';
  readonly block: Block;
  readonly at: number;
  /** The end of this block ends the routine. */
  readonly returns: boolean;
}

/** At the head of a loop, before its round `next`. */
export interface LoopFrame extends FrameBase {
  readonly kind: 'loop';
  readonly node: Loop;
  readonly rounds: Rounds;
  readonly next: number;
  /** One a run of the loop: who it is that adds to an array of `as`. */
  readonly token: object;
}

export type Frame = BlockFrame | LoopFrame;

/** What runs its body, or the routine it calls, several times. */
export type Loop = For | Repeat | ProcessBlock | Action;

/** What a loop goes over. */
export type Rounds =
  | { readonly kind: 'range'; readonly from: bigint; readonly count: bigint }
  | { readonly kind: 'values'; readonly values: readonly Value[] };

export interface Binding {
  readonly name: string;
  readonly value: Value;
}

/** An invariant of the scenario that has been stated, and the names it sees. */
export interface Watch {
  readonly node: Invariant;
  readonly source: Source;
  readonly names: Linked<Binding> | undefined;
}

export interface Linked<T> {
  readonly item: T;
  readonly rest: Linked<T> | undefined;
}

// Made field by field: a spread costs several times as much, and these are made for every statement.

export function blockFrame(
  outer: Frame | undefined,
  like: Pick<FrameBase, 'source' | 'actor'>,
  names: Linked<Binding> | undefined,
  block: Block,
  at = 0,
  returns = false,
): BlockFrame {
  return { kind: 'block', outer, source: like.source, names, actor: like.actor, block, at, returns };
}

/** At the head of a loop that stands in `outer`, which is past it. */
export function loopFrame(outer: Frame, node: Loop, over: Rounds, next: number, token: object): LoopFrame {
  return { kind: 'loop', outer, source: outer.source, names: outer.names, actor: outer.actor, node, rounds: over, next, token };
}

/** The same, after the statement or in the next round. */
export function advanced(frame: Frame): Frame {
  if (frame.kind === 'block') return blockFrame(frame.outer, frame, frame.names, frame.block, frame.at + 1, frame.returns);
  const { outer, source, names, actor, node, rounds, next, token } = frame;
  return { kind: 'loop', outer, source, names, actor, node, rounds, next: next + 1, token };
}

export function onThread(control: Control, thread: Thread): Control {
  const { waiting, turn, invariants, ended } = control;
  return { thread, waiting, turn, invariants, ended };
}

export function onFrame(control: Control, frame: Frame | undefined): Control {
  const { routine, label, join } = control.thread;
  return onThread(control, { frame, routine, label, join });
}

export function lookup(names: Linked<Binding> | undefined, name: string): Value | undefined {
  for (let link = names; link; link = link.rest) if (link.item.name === name) return link.item.value;
  return undefined;
}

export function bind(names: Linked<Binding> | undefined, name: Name, value: Value): Linked<Binding> {
  return { item: { name: name.text, value }, rest: names };
}

/** What is executed next: a statement, or the head of a loop again. */
export type Current = { readonly node: Statement; readonly frame: Frame };

export function current(control: Control): Current | undefined {
  const frame = control.thread.frame;
  if (control.ended || frame === undefined) return undefined;
  if (frame.kind === 'loop') return { node: frame.node, frame };
  const node = frame.block.statements[frame.at];
  return node && { node, frame };
}

export function depthOf(control: Control): number {
  return control.thread.routine?.depth ?? 0;
}

export function rounds(value: Rounds): number {
  return value.kind === 'range' ? Number(value.count) : value.values.length;
}

export function roundValue(value: Rounds, index: number): Value {
  return value.kind === 'range' ? value.from + BigInt(index) : value.values[index]!;
}

/** The designs that a statement is restricted to. */
export function designsOf(node: Statement): readonly Name[] | undefined {
  switch (node.kind) {
    case 'action':
    case 'expect':
    case 'expect-failure':
    case 'invariant':
      return node.under;
    default:
      return undefined;
  }
}

/** The line that a stop shows: of a block its head alone. */
export function headOf(node: Statement): { readonly start: number; readonly end: number } {
  const body = bodyOf(node);
  return body ? { start: node.start, end: Math.max(body.start, node.start + 1) } : node;
}

function bodyOf(node: Statement): Block | undefined {
  switch (node.kind) {
    case 'for':
    case 'repeat':
    case 'process-block':
      return node.body;
    case 'if':
      return node.then;
    case 'parallel':
      return node.branches[0]?.body;
    default:
      return undefined;
  }
}
