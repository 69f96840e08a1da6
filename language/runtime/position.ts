import type { Span } from '../syntax/ast';

/**
 * Where a run stands. `entry` statements have been executed and their effects are in the state; `mark` marks of the trace are.
 * - Before a statement: `mark` is where that statement's marks begin.
 * - Inside a statement that has been executed: `entry` is the statement's own number and `mark` lies between its marks.
 * - `held`: everything that statement `entry` did is in the state, and the run still stands on its line (a stop on an exception).
 */
export interface Position {
  readonly entry: number;
  readonly mark: number;
  readonly held?: true;
}

/** Who acts: a process by its pid, the kernel for what no process asks for, the scenario for `expect`, `let` and the like. */
export type Actor = number | 'kernel' | 'scenario';

/** A place in a text. */
export interface Place {
  readonly uri: string;
  readonly span: Span;
}

/** One frame of the stack. */
export type StackFrame =
  /** A kernel function that is open. `enter` is the mark that opened it; `line` the mark that it stands before, its own effect or call. */
  | { readonly kind: 'kernel'; readonly name: string; readonly pages: number; readonly enter: number; readonly line: number }
  /** A routine, or the scenario itself (`depth` 0): `place` is its current line. */
  | { readonly kind: 'routine' | 'scenario'; readonly name: string; readonly place: Place; readonly depth: number };

export interface Location {
  /** The current statement: the one to execute next, or the one inside of which or on which the run stands. */
  readonly place: Place;
  readonly actor: Actor;
  /** Innermost first: kernel functions, routines, the scenario. */
  readonly stack: readonly StackFrame[];
  /** The sentence of the micro-step that comes next, where the run stands inside a step. */
  readonly sentence?: string;
}

/** An executed statement, or the one to come, as a timeline shows it. */
export interface TimelineEntry {
  readonly index: number;
  readonly actor: Actor;
  readonly place: Place;
  /** Routines that it is nested in. */
  readonly depth: number;
  /** The last `step "…"` before it. */
  readonly label?: string;
  /** Its micro-steps, functions and steps: marks `marks[0]` up to `marks[1]`, exclusive; empty where it has not been executed. */
  readonly marks: readonly [number, number];
  /** It failed here: what kind of exception. */
  readonly exception?: ExceptionKind;
}

export type ExceptionKind = 'expect' | 'errno' | 'signal' | 'violation' | 'error';
