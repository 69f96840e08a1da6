import type { Value } from '../simulator/value';
import type { Place, ExceptionKind } from './position';

/** An `expect` that was evaluated. For what is no comparison, `left` is the value and `right` is true. */
export interface Expectation {
  readonly entry: number;
  readonly place: Place;
  /** The condition as written. */
  readonly text: string;
  readonly reason?: string;
  readonly ok: boolean;
  /** Of `expect … fails E`: what came, `success` or a name. */
  readonly left: Value | string;
  readonly right: Value | string;
  /** How often it was evaluated, where several are told as one. */
  readonly times?: number;
}

/** An invariant that did not hold after a step. */
export interface RunViolation {
  readonly entry: number;
  readonly place: Place;
  /** `I5`, or `invariant` for one of the scenario's own. */
  readonly invariant: string;
  readonly message: string;
  readonly known: boolean;
  /** How often, where several are told as one. */
  readonly times?: number;
}

/** What ended the run before its last line. `code` is the errno or the signal, else a code of the catalogue of diagnostics. */
export interface RunError {
  readonly kind: Exclude<ExceptionKind, 'expect'>;
  readonly code: string;
  readonly message: string;
  readonly place: Place;
}

/** What a statement raised: the debugger may stop on it. */
export interface RunException {
  readonly entry: number;
  readonly kind: ExceptionKind;
  readonly message: string;
}

export type Ended = { readonly kind: 'end' } | { readonly kind: 'error'; readonly error: RunError };
