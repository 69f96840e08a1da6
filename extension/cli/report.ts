import type { ReportedValue, RunReport } from '../../language/runtime/report';
import { LineMap } from '../../language/syntax/positions';
import type { Diagnostic } from './diagnostics';
import { diagnosticLines } from './printDiagnostics';
import type { Printer } from './printing';
import type { Loaded } from './program';
import { type Output, painter } from './terminal';
import { counted, grouped } from './words';

/** Wider than this the names of designs no longer stand in a column. */
const COLUMN = 30;

/** Results for people: every scenario with its designs, what failed with its values and its line, and the sums. */
export class PeopleReport implements Printer {
  private readonly paint: ReturnType<typeof painter>;
  private readonly sums = { files: 0, errors: 0, scenarios: 0, runs: 0, failedRuns: 0, expectations: 0, failed: 0 };
  private lines: readonly string[] = [];
  /** Errors that have been shown with the file. */
  private told: ReadonlySet<string> = new Set();

  constructor(private readonly out: Output) {
    this.paint = painter(out);
  }

  begin(loaded: Loaded, errors: readonly Diagnostic[]): void {
    const { text } = loaded.program.sources[0]!;
    const map = new LineMap(text);
    this.lines = Array.from({ length: map.lineCount }, (_, i) => text.slice(map.startOfLine(i + 1), map.endOfLine(i + 1)).trim());
    this.say(`${this.sums.files++ > 0 ? '\n' : ''}${this.paint('bold', loaded.file)}`);
    if (errors.length > 0) this.say('');
    this.sums.errors += errors.length;
    this.told = new Set(errors.map(({ line, message }) => `${line} ${message}`));
    for (const line of diagnosticLines(loaded, errors, this.out)) this.say(`  ${line}`);
  }

  /** Designs with the same result share a line. */
  scenario(title: string, reports: readonly RunReport[]): void {
    this.say(`\n  ${title}`);
    this.count(reports);
    const groups = groupBy(reports, outcomeOf);
    const named = [...groups.values()].map((group) => ({ names: group.map(({ design }) => design).join(', '), report: group[0]! }));
    const width = Math.min(COLUMN, Math.max(...named.map(({ names }) => names.length)));
    for (const { names, report } of named) {
      const mark = report.ok ? this.paint('green', '✓') : this.paint('red', '✗');
      this.say(`    ${mark} ${names.padEnd(width)}  ${this.paint('dim', verdict(report).join(' · '))}`);
      this.details(report);
    }
  }

  total(): void {
    const { scenarios, runs, failedRuns, expectations, failed, errors } = this.sums;
    if (runs === 0 && errors === 0) return this.say(this.paint('yellow', 'no scenarios'));
    const ok = failedRuns === 0 && errors === 0;
    const parts = [
      `${counted(runs, 'run')} of ${counted(scenarios, 'scenario')}`,
      ...(failedRuns > 0 ? [`${grouped(failedRuns)} failed`] : []),
      ...(failed > 0 ? [`${grouped(failed)} of ${counted(expectations, 'expectation')} failed`] : []),
      ...(failed === 0 && expectations > 0 ? [`${counted(expectations, 'expectation')} ${expectations === 1 ? 'holds' : 'hold'}`] : []),
      ...(errors > 0 ? [counted(errors, 'error')] : []),
    ];
    this.say(`\n${ok ? this.paint('green', '✓') : this.paint('red', '✗')} ${parts.join(', ')}`);
  }

  private count(reports: readonly RunReport[]): void {
    const expectations = reports.flatMap((report) => report.expectations);
    this.sums.scenarios++;
    this.sums.runs += reports.length;
    this.sums.failedRuns += reports.filter(({ ok }) => !ok).length;
    this.sums.expectations += expectations.length;
    this.sums.failed += expectations.filter(({ ok }) => !ok).length;
  }

  private details(report: RunReport): void {
    for (const { line, left, right, ok, text } of report.expectations) {
      if (ok) continue;
      this.at(line, this.lines[line - 1] || text);
      this.say(`          left   ${shown(left, text)}\n          right  ${shown(right, text)}`);
    }
    for (const { line, invariant, message, known, times } of report.violations) {
      const often = (times ?? 1) > 1 ? `, ${grouped(times!)} times` : '';
      const what = known ? `known violation of ${invariant}${often}` : `${invariant} is violated`;
      this.say(`        ${this.paint(known ? 'yellow' : 'red', `${line}`)}  ${what}: ${message}`);
    }
    const { error } = report;
    if (!error || this.told.has(`${error.line} ${error.message}`)) return;
    if (report.violations.some(({ known, message }) => !known && message === error.message)) return;
    const where = error.file === undefined ? '' : `${error.file}:`;
    this.say(
      `        ${this.paint('red', `${where}${error.line}`)}  ${error.file === undefined ? (this.lines[error.line - 1] ?? '') : ''}`,
    );
    this.say(`          ${error.message} ${this.paint('dim', `[${error.code}]`)}`);
  }

  private at(line: number, text: string): void {
    this.say(`        ${this.paint('red', String(line))}  ${text}`);
  }

  private say(line: string): void {
    this.out.write(`${line}\n`);
  }
}

function verdict({ steps, microsteps, expectations, error, explored, observables }: RunReport): string[] {
  if (error && Object.keys(observables).length === 0) return ['not run'];
  const failed = expectations.filter(({ ok }) => !ok).length;
  const total = counted(expectations.length, 'expectation');
  return [
    counted(steps, 'step'),
    counted(microsteps, 'micro-step'),
    ...(failed > 0 ? [`${grouped(failed)} of ${total} failed`] : expectations.length > 0 ? [total] : []),
    ...(error ? ['ended early'] : []),
    ...(explored ? [orders(explored)] : []),
  ];
}

function orders({ orders, complete, endings, order }: NonNullable<RunReport['explored']>): string {
  const all = `${complete ? 'all' : 'the first'} ${counted(orders, 'order')}, ${counted(endings, 'ending')}`;
  return order.length > 0 ? `${all}; this is --order ${order.join(',')}` : all;
}

/** Everything about a run that the report shows. */
function outcomeOf({ ok, steps, microsteps, expectations, violations, error, explored }: RunReport): string {
  return JSON.stringify([ok, steps, microsteps, expectations.length, expectations.filter((each) => !each.ok), violations, error, explored]);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function shown(value: ReportedValue, text: string): string {
  if (typeof value !== 'string') return contentText(value);
  if (!/^-?\d{4,}$/.test(value) || !/\bpages?\b|\d[KMGTP]\b/.test(text) || BigInt(value) % 4096n !== 0n) return value;
  return `${value} (${counted(Number(BigInt(value) / 4096n), 'page')})`;
}

function contentText({ length, hash, first }: Exclude<ReportedValue, string>): string {
  const bytes = first.match(/../g) ?? [];
  const text = bytes.map((byte) => printable(Number.parseInt(byte, 16))).join('');
  return `"${text}${length > bytes.length ? '…' : ''}" (${counted(length, 'byte')}, hash ${hash})`;
}

function printable(byte: number): string {
  if (byte >= 32 && byte < 127) return byte === 34 || byte === 92 ? `\\${String.fromCharCode(byte)}` : String.fromCharCode(byte);
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
