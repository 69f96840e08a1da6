import type { DiagnosticCode } from '../catalogue/diagnostics';
import type { Span } from '../syntax/ast';

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

export function fail(code: DiagnosticCode, message: string, span?: Span): never {
  throw new Problem(code, message, span);
}
