import type { Value } from '../simulator/value';
import type { Routine, Span } from '../syntax/ast';
import type { Binding, Control, Doer, Frame, Linked } from './control';
import { evaluate, type Scope, type World } from './evaluate';
import type { Limits } from './limits';
import type { Place } from './position';
import { KERNEL } from './processes';
import type { Located } from './program';
import type { Expectation, RunViolation } from './results';
import type { Expr } from '../syntax/ast';

/** What stays the same while a scenario runs, and where its results go. */
export interface Context extends World {
  readonly design: string;
  readonly seed: number;
  /** Which branch of those that can go on is taken at each turn, before the seed decides. */
  readonly order: readonly number[];
  /** What was taken so far, and of how many, by turn. */
  readonly choices: Choice[];
  readonly limits: Limits;
  readonly routines: ReadonlyMap<string, Located<Routine>>;
  /** Params of the files: what a routine sees. */
  readonly fileNames: Linked<Binding> | undefined;
  readonly report: Report;
}

/** A turn in `parallel`: which of the branches that could go on was taken. */
export interface Choice {
  readonly taken: number;
  readonly of: number;
}

export interface Report {
  /** The statement's steps have been undone: its branch waits. */
  undone(): void;
  /** Counts a step; a Problem beyond the limit. */
  step(span: Span): void;
  expectation(result: Omit<Expectation, 'entry'>): void;
  violation(violation: Omit<RunViolation, 'entry'>): void;
}

/** Whose variables can be named bare. */
export function variablesOf(doer: Doer | undefined): number | undefined {
  return doer === 'kernel' ? KERNEL : doer;
}

/** The names that a line of `frame` sees when `doer` runs it. */
export function scopeOf(control: Control, frame: Frame, doer: Doer | undefined): Scope {
  return { locals: control.thread.routine?.locals, names: frame.names, pid: variablesOf(doer) };
}

export function valueIn(expr: Expr, control: Control, frame: Frame, doer: Doer | undefined, context: Context): Value {
  return evaluate(expr, scopeOf(control, frame, doer), context);
}

export function placeOf(frame: Frame, span: Span): Place {
  return { uri: frame.source.uri, span: { start: span.start, end: span.end } };
}

const texts = new WeakMap<Span, string>();

/** A part of the text as it is written, white space pressed together. Of a node of the tree it is made once. */
export function written(frame: Frame, span: Span): string {
  let text = texts.get(span);
  if (text === undefined) texts.set(span, (text = frame.source.text.slice(span.start, span.end).replace(/\s+/g, ' ').trim()));
  return text;
}
