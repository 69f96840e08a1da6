import type { Comparison } from '../../runtime/compare/compare';
import type { Metric, MetricName } from '../../runtime/compare/metrics';
import { curves, type Sweep } from '../../runtime/compare/sweep';
import { amount, titled } from '../../runtime/compare/amount';

/** Cells as they are shown; the first column names the row, the others are numbers. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A row for each metric, a column for each design. */
export function comparisonTable({ designs }: Comparison, metrics: readonly Metric[]): Table {
  return {
    head: ['', ...designs.map(({ design }) => design)],
    rows: metrics.map((metric) => [titled(metric), ...designs.map(({ values }) => amount(metric, values[metric.name as MetricName]))]),
  };
}

/** A row for each value of the param, a column for each design. */
export function sweepTable(sweep: Sweep, metric: Metric): Table {
  const columns = curves(sweep, metric);
  return {
    head: [sweep.param, ...sweep.designs],
    rows: sweep.points.map(({ value }, i) => [String(value), ...columns.map((column) => amount(metric, column[i]))]),
  };
}

/** Columns beneath each other, numbers to the right. */
export function alignedLines({ head, rows }: Table): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  return all.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

export function markdownLines({ head, rows }: Table): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)];
}
