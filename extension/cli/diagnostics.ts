import { diagnose } from '../../language/diagnose';
import type { LoadProblem } from '../../language/load';
import type { Program } from '../../language/runtime/program';
import { LineMap } from '../../language/syntax/positions';

/** As `check --json` prints it: lines and columns from 1, columns in UTF-16 units, ends exclusive. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly severity: 'error' | 'warning' | 'info';
  readonly code: string;
  readonly message: string;
}

/** Everything that is wrong with a program, as people count lines and columns. */
export function diagnosticsOf(program: Program, problems: readonly LoadProblem[]): Diagnostic[] {
  const lines = new Map(program.sources.map(({ uri, text }) => [uri, new LineMap(text)]));
  return diagnose(program, problems).map(({ uri, span, severity, code, message }) => {
    const start = lines.get(uri)!.place(span.start);
    const end = lines.get(uri)!.place(span.end);
    return { file: uri, ...start, endLine: end.line, endColumn: end.column, severity, code, message };
  });
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}
