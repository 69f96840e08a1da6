import { designs } from '../../language/catalogue/designs';
import { amount, titled } from '../../language/runtime/compare/amount';
import type { Compared, Comparison, PartedAt } from '../../language/runtime/compare/compare';
import { METRICS, type Metric, type MetricName } from '../../language/runtime/compare/metrics';
import { metricsZero } from '../../language/runtime/compare/sweep';
import type { ComparedCell, ComparedPart, ComparedRow, ComparisonState } from '../../webview/protocol/comparison';

/** A comparison as the page shows it: a column for each metric. */
export function comparisonState(comparison: Comparison, sweepable: boolean): ComparisonState {
  const metrics: readonly Metric[] = METRICS;
  const zero: readonly Metric[] = metricsZero([comparison]);
  return {
    scenario: comparison.scenario,
    file: comparison.file,
    sweepable,
    columns: metrics.map((metric) => ({ title: titled(metric), doc: metric.doc, zero: zero.includes(metric) })),
    rows: comparison.designs.map((each) => row(each, metrics)),
  };
}

function row(compared: Compared, metrics: readonly Metric[]): ComparedRow {
  const { design, ok } = compared;
  const known = (Object.hasOwn(designs, design) && designs[design]?.doc) || '';
  return { design, doc: known, ok, problem: problemOf(compared), cells: metrics.map((metric) => cell(compared, metric)) };
}

/** What did not hold, and why the run ended early; empty where all went well. */
export function problemOf({ error, failed, steps }: Compared): string {
  const ended = error ? [`${steps === 0 ? 'not run' : 'ended early'}, line ${error.line}: ${error.message}`] : [];
  const unheld = failed.map(({ line, text, left, right }) => `line ${line} does not hold: ${text}, left ${left}, right ${right}`);
  return [...unheld, ...ended].join('; ');
}

function cell({ values, parts }: Compared, metric: Metric): ComparedCell {
  const value = values[metric.name as MetricName];
  const found = parts.find(({ what }) => what === metric.name);
  return { value: value ?? null, text: amount(metric, value), part: found ? part(found, metric) : null };
}

function part({ file, line, step, statement, text, reference, here }: PartedAt, metric: Metric): ComparedPart {
  const shown = (value: number | string) => (typeof value === 'number' ? amount(metric, value) : value);
  return { file, line, step, statement, doing: text, change: `${shown(reference)} → ${shown(here)}` };
}
