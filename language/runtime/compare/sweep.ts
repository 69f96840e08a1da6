import type { Program } from '../program';
import { compareDesigns, type Comparison, type CompareOptions } from './compare';
import { METRICS, type Metric, type MetricName } from './metrics';
import type { Variant } from './variants';

/** One scenario under several designs, once for each value of a param. */
export interface Sweep {
  readonly file: string;
  readonly scenario: string;
  readonly param: string;
  readonly designs: readonly string[];
  readonly points: readonly { readonly value: number; readonly comparison: Comparison }[];
}

export function sweepDesigns(
  program: Program,
  designs: readonly Variant[],
  param: string,
  values: readonly bigint[],
  options: CompareOptions,
): Sweep {
  const points = values.map((value) => ({
    value: Number(value),
    comparison: compareDesigns(program, designs, { ...options, params: { ...options.params, [param]: value }, parting: false }),
  }));
  return { file: program.sources[0]!.uri, scenario: options.scenario, param, designs: designs.map(({ label }) => label), points };
}

/** The value of a metric at each point, one list a design. */
export function curves({ designs, points }: Sweep, metric: Metric): (number | undefined)[][] {
  return designs.map((_, i) => points.map(({ comparison }) => comparison.designs[i]!.values[metric.name as MetricName]));
}

/** Metrics that are not 0 everywhere, in the order of tables. */
export function metricsSeen(comparisons: readonly Comparison[]): Metric[] {
  return METRICS.filter(({ name }) => comparisons.some(({ designs }) => designs.some(({ values }) => (values[name] ?? 0) !== 0)));
}
