import type { DiagnosticCode } from '../catalogue/diagnostics';
import type { Diagnostic, Implemented } from './diagnostic';
import { checkCalls } from './passes/calls';
import { checkDesigns } from './passes/designs';
import { checkDuplicates } from './passes/duplicates';
import { checkImplemented } from './passes/implemented';
import { checkNames } from './passes/names';
import { checkOperators } from './passes/operators';
import { checkOptions } from './passes/options';
import { type Pass, passOver } from './passes/pass';
import { checkPlacement } from './passes/placement';
import { checkValues } from './passes/values';
import type { LoadProblem, Program, Source } from './program';

const PASSES: readonly ((pass: Pass) => void)[] = [
  checkDuplicates,
  checkPlacement,
  checkNames,
  checkCalls,
  checkOptions,
  checkDesigns,
  checkOperators,
  checkValues,
  checkImplemented,
];

/** Everything that is wrong with a program, file by file in the order of the text. Without `implemented` nothing is said about what is not simulated. */
export function check(program: Program, implemented?: Implemented, problems: readonly LoadProblem[] = []): Diagnostic[] {
  return program.sources.flatMap((source) => checkSource(program, source, implemented, problems));
}

/** As `check`, for one file of the program. */
export function checkSource(
  program: Program,
  source: Source,
  implemented?: Implemented,
  problems: readonly LoadProblem[] = [],
): Diagnostic[] {
  const found: Diagnostic[] = source.file.problems.map(({ start, end, message }) => ({
    uri: source.uri,
    start,
    end,
    severity: 'error',
    code: syntaxCode(message),
    message,
  }));
  for (const { uri, span, code, message } of problems)
    if (uri === source.uri) found.push({ uri, start: span.start, end: span.end, severity: 'error', code, message });
  const pass = passOver(program, source, implemented, found);
  for (const one of PASSES) one(pass);
  return found.sort((a, b) => a.start - b.start || a.end - b.end);
}

function syntaxCode(message: string): DiagnosticCode {
  if (message.startsWith('nested too deeply')) return 'nesting-limit';
  return message.includes('is too large: integers') ? 'number-range' : 'syntax';
}
