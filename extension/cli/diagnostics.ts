import type { LoadProblem } from '../../language/load';
import type { Program } from '../../language/runtime/program';
import type { Span } from '../../language/syntax/ast';
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

/** Everything that is wrong with a program, in the order of its files and lines. */
export function diagnosticsOf(program: Program, problems: readonly LoadProblem[]): Diagnostic[] {
  return program.sources.flatMap(({ uri, text, file }) => {
    const lines = new LineMap(text);
    const at = (span: Span, severity: Diagnostic['severity'], code: string, message: string): Diagnostic => {
      const start = lines.place(span.start);
      const end = lines.place(span.end);
      return { file: uri, ...start, endLine: end.line, endColumn: end.column, severity, code, message };
    };
    const found = [
      ...file.problems.map((problem) => at(problem, 'error', 'syntax', problem.message)),
      ...problems.filter((problem) => problem.uri === uri).map(({ span, code, message }) => at(span, 'error', code, message)),
    ];
    return found.sort((a, b) => a.line - b.line || a.column - b.column);
  });
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}
