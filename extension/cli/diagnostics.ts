import type { Diagnostic as Found, Severity } from '../../language/analysis/diagnostic';
import type { Program } from '../../language/analysis/program';
import { LineMap } from '../../language/syntax/positions';

/** As `check --json` prints it: lines and columns from 1, columns in UTF-16 units, ends exclusive. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
}

/** Diagnostics of a program as people count lines and columns. */
export function placed(program: Program, found: readonly Found[]): Diagnostic[] {
  const lines = new Map(program.sources.map(({ uri, text }) => [uri, new LineMap(text)]));
  return found.map(({ uri, start, end, severity, code, message }) => {
    const from = lines.get(uri)!.place(start);
    const to = lines.get(uri)!.place(end);
    return { file: uri, ...from, endLine: to.line, endColumn: to.column, severity, code, message };
  });
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}
