import { check } from '../../language/analysis/check';
import { StraceImport, straceDefaults, type StraceOptions, type Summary } from '../../language/import/strace/scenario';
import { implemented } from '../../language/simulator/implemented';
import { outcome, program, start } from '../runtime/running';

/** The scenario of a log, and what was said about it. */
export function importLog(
  log: string,
  name = 'test.log',
  options: Partial<StraceOptions> = {},
  filesystem = 'xfs',
): { text: string; summary: Summary } {
  const all = new StraceImport(name, { ...straceDefaults, ...options }, filesystem);
  for (const line of log.split('\n')) all.line(line);
  const { text, summary } = all.finish();
  return { text: [...text].map((line) => `${line}\n`).join(''), summary };
}

/** The steps alone, without the scenario around them. */
export function steps(log: string, options: Partial<StraceOptions> = {}, filesystem = 'xfs'): string {
  const { text } = importLog(log, 'test.log', options, filesystem);
  const lines = text.split('\n');
  return lines.slice(lines.indexOf(''), -2).join('\n').replace(/^ {2}/gm, '').trim();
}

/** What there is to be said against a scenario: errors of its text, and how its run ends under a design; empty if all is well. */
export function wrong(text: string, design = 'baseline'): string {
  const found = check(program(text), implemented, []).filter(({ severity }) => severity === 'error');
  if (found.length > 0) return found.map(({ start, end, message }) => `${text.slice(start, end)}: ${message}`).join('\n');
  const run = start(text, { design });
  run.finish();
  const ended = outcome(run);
  return ended === 'ok' ? '' : ended;
}
