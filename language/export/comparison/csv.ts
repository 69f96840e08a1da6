import type { Comparison } from '../../runtime/compare/compare';
import { METRICS, type Metric, type MetricName } from '../../runtime/compare/metrics';

/** The names of the columns: what was run, its metrics (bytes and counts, under the observables' names), and how it ended. */
export function csvHead(params: readonly string[], metrics: readonly Metric[] = METRICS): string {
  return line(['file', 'scenario', ...params, 'design', 'steps', ...metrics.map(({ name }) => name), 'ok', 'error']);
}

/** One line for each design (RFC 4180, but for the line's end). */
export function csvLines(
  { file, scenario, params, designs }: Comparison,
  names: readonly string[],
  metrics: readonly Metric[] = METRICS,
): string[] {
  return designs.map(({ design, steps, values, ok, error }) =>
    line([
      file,
      scenario,
      ...names.map((name) => params[name] ?? ''),
      design,
      steps,
      ...metrics.map(({ name }) => values[name as MetricName] ?? ''),
      String(ok),
      error?.message ?? '',
    ]),
  );
}

function line(cells: readonly (string | number)[]): string {
  return cells.map((cell) => field(String(cell))).join(',');
}

function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
