import type { LoadProblem } from './load';
import type { Program } from './runtime/program';
import type { Span } from './syntax/ast';

export interface ProgramDiagnostic {
  readonly uri: string;
  readonly span: Span;
  readonly severity: 'error' | 'warning' | 'info';
  readonly code: string;
  readonly message: string;
}

/** Everything that is wrong with a program, in the order of its files and their texts. `problems`: what came up while it was loaded. */
export function diagnose(program: Program, problems: readonly LoadProblem[]): ProgramDiagnostic[] {
  return program.sources.flatMap(({ uri, file }) => {
    const error = (span: Span, code: string, message: string): ProgramDiagnostic => ({ uri, span, severity: 'error', code, message });
    const found = [
      ...file.problems.map((problem) => error(problem, 'syntax', problem.message)),
      ...problems.filter((problem) => problem.uri === uri).map(({ span, code, message }) => error(span, code, message)),
    ];
    return found.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  });
}
