import { LineMap } from '../../language/syntax/positions';
import type { Diagnostic } from './diagnostics';
import type { Loaded } from './program';
import { type Output, painter } from './terminal';

const STYLES = { error: 'red', warning: 'yellow', information: 'cyan', hint: 'dim' } as const;

/** Diagnostics for people: where, what, and the line with the place underlined. */
export function diagnosticLines({ program }: Loaded, diagnostics: readonly Diagnostic[], output: Output): string[] {
  const paint = painter(output);
  const texts = new Map(program.sources.map(({ uri, text }) => [uri, text]));
  return diagnostics.flatMap((diagnostic) => {
    const { file, line, column, severity, code, message } = diagnostic;
    const head = `${paint('bold', `${file}:${line}:${column}`)}: ${paint(STYLES[severity], severity)}: ${message} ${paint('dim', `[${code}]`)}`;
    return [head, ...excerpt(texts.get(file) ?? '', diagnostic, (text) => paint(STYLES[severity], text))];
  });
}

/** Characters of a line that are shown around the place. */
const WIDTH = 120;

function excerpt(text: string, { line, column, endLine, endColumn }: Diagnostic, mark: (text: string) => string): string[] {
  const lines = new LineMap(text);
  const whole = text.slice(lines.startOfLine(line), lines.endOfLine(line));
  if (whole.trim() === '') return [];
  const from = Math.max(0, Math.min(column - 1 - WIDTH / 2, whole.length - WIDTH));
  const shown = whole.slice(from, from + WIDTH);
  const end = endLine > line ? whole.length : endColumn - 1;
  const length = Math.max(1, Math.min(end, from + WIDTH) - (column - 1));
  const number = String(line);
  const indent = shown.slice(0, column - 1 - from).replace(/[^\t]/g, ' ');
  return [`  ${number} | ${shown}`, `  ${' '.repeat(number.length)} | ${indent}${mark('^'.repeat(length))}`];
}
