import type { DiagnosticCode } from '../catalogue/diagnostics';
import type { Span } from '../syntax/ast';
import type { Sleeping, Waiting } from './control';
import type { Place } from './position';

/** Why a run can't go on at a place of the text. Thrown inside the interpreter and caught at the statement; never leaves the runtime. */
export class Problem extends Error {
  constructor(
    readonly code: DiagnosticCode,
    message: string,
    readonly span: Span | undefined,
  ) {
    super(message);
  }
}

/** Every branch of a `parallel` waits. */
export class Deadlock extends Problem {
  constructor(
    message: string,
    readonly place: Place,
  ) {
    super('deadlock', message, place.span);
  }
}

/** A call would wait: in `parallel` its branch is suspended. */
export class WouldWait extends Problem {
  constructor(
    readonly waits: Waiting,
    span: Span,
  ) {
    super('would-wait', waits.why, span);
  }
}

/** A call sleeps in the middle: what it has done stays, and its branch goes on with it later. */
export class Sleeps extends Problem {
  constructor(
    readonly sleeping: Sleeping,
    span: Span,
  ) {
    super('would-wait', sleeping.why, span);
  }
}

export function fail(code: DiagnosticCode, message: string, span?: Span): never {
  throw new Problem(code, message, span);
}
