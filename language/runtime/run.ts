import type { Machine } from '../simulator/machine';
import type { Value } from '../simulator/value';
import type { Limits } from './limits';
import type { Location, Position, TimelineEntry } from './position';
import type { Program } from './program';
import type { Ended, Expectation, RunError, RunException, RunViolation } from './results';

export interface RunOptions {
  /** Title of the scenario; without it the file's first. */
  readonly scenario?: string;
  /** Without it the first of the scenario's `under`, else `baseline`. */
  readonly design?: string;
  /** Values for `param`s by name. */
  readonly params?: Readonly<Record<string, bigint>>;
  readonly seed?: number;
  readonly limits?: Partial<Limits>;
  /** Keep what stepping back needs (default). Without it only forward() works, in memory that does not grow with the run. */
  readonly history?: boolean;
}

/** What an evaluation came to. */
export type Evaluated = { readonly value: Value; readonly error?: undefined } | { readonly error: string };

/**
 * One scenario being run under one design: the machine, where the run stands, and its history. All positions up to `length` can be
 * gone to. Deterministic: the same text, design, params and seed give the same run.
 */
export declare class Run {
  readonly program: Program;
  readonly machine: Machine;
  readonly scenario: string;
  readonly design: string;
  readonly seed: number;

  /** Sets the machine up as the declarations say; nothing has been executed then. */
  static start(program: Program, options?: RunOptions): Run | { readonly error: RunError };

  /** Statements executed so far (and kept), those undone included. */
  readonly length: number;
  /** Where the run stands. */
  readonly position: Position;
  readonly location: Location;
  /** Set where the run stands behind its last statement. */
  readonly ended: Ended | undefined;
  /** How many routines are open. */
  readonly depth: number;

  /** Steps and micro-steps up to the position. */
  readonly steps: number;
  readonly microsteps: number;

  /** One statement onwards: redone from history, or executed. From inside a statement, or held on it: to its end. False at the end of the run. */
  forward(): boolean;
  /** To before the statement that the run stands in or behind. False at the beginning. */
  back(): boolean;
  /** Into the next statement, executing it where it has not been: before its first micro-step or function. False where it has none (it is then behind it). */
  into(): boolean;
  /** To any position in history. */
  moveTo(position: Position): void;
  /** Position before statement `entry`, or behind the last one. */
  before(entry: number): Position;
  /** Position on the line of the executed statement `entry`, everything it did done. */
  held(entry: number): Position;
  /** Runs to the end; true when all went well: no error, no failed expectation. */
  finish(): boolean;

  /** Statement `index`, executed or (index = length) the one to come. */
  entry(index: number): TimelineEntry | undefined;
  /** Up to the position: */
  readonly expectations: readonly Expectation[];
  readonly failures: readonly Expectation[];
  readonly violations: readonly RunViolation[];
  /** What statement `entry` raised. */
  exception(entry: number): RunException | undefined;

  /** Processes by name in order of creation, dead ones included, as the names are now: `p`, `db[3]`. */
  processes(): { readonly pid: number; readonly name: string; readonly alive: boolean }[];
  /** A process's variables. */
  variables(pid: number): ReadonlyMap<string, Value>;
  /** Names that stack frame `frame` sees beside the process's variables: lets, loop variables, params, routine locals; innermost last. */
  locals(frame?: number): ReadonlyMap<string, Value>;

  /** Evaluates an expression without changing anything. `frame` counts from the innermost, kernel functions not counted; `process` names whose variables are seen bare. */
  evaluate(text: string, context?: { readonly frame?: number; readonly process?: number }): Evaluated;
  /** Executes one statement typed in a console, here: it becomes part of history, and what came after is discarded. */
  execute(text: string): { readonly error?: string; readonly value?: Value };
  /** Forgets what comes after the position. */
  discardFuture(): void;
}
