import type { Program } from '../program';
import { comparing, finished, type Comparison, type CompareOptions } from './compare';
import { METRICS, type Metric, type MetricName } from './metrics';
import type { Range } from './range';
import type { Variant } from './variants';

/** A scenario under several designs with one value of the param. */
export interface SweepPoint {
  readonly value: number;
  readonly comparison: Comparison;
}

/** One scenario under several designs, once for each value of a param. */
export interface Sweep {
  readonly file: string;
  readonly scenario: string;
  readonly param: string;
  readonly designs: readonly string[];
  readonly points: readonly SweepPoint[];
}

/** What a sweep is at: all that is done so far, the value of the param and the design. */
export interface Sweeping {
  readonly sweep: Sweep;
  readonly value: bigint;
  readonly design: string;
}

export function sweepDesigns(program: Program, designs: readonly Variant[], range: Range, options: CompareOptions): Sweep {
  return finished(sweeping(program, designs, range, options));
}

/** As `sweepDesigns`, in pieces of some statements. */
export function* sweeping(
  program: Program,
  designs: readonly Variant[],
  { param, values }: Range,
  options: CompareOptions,
): Generator<Sweeping, Sweep> {
  const names = designs.map(({ label }) => label);
  const points: SweepPoint[] = [];
  const sweep = () => ({ file: program.sources[0]!.uri, scenario: options.scenario, param, designs: names, points: [...points] });
  for (const value of values) {
    const sofar = sweep();
    const runs = comparing(program, designs, { ...options, params: { ...options.params, [param]: value }, parting: false });
    for (;;) {
      const step = runs.next();
      if (step.done) {
        points.push({ value: Number(value), comparison: step.value });
        break;
      }
      yield { sweep: sofar, value, design: step.value.label };
    }
  }
  return sweep();
}

/** The value of a metric at each point, one list a design. */
export function curves({ designs, points }: Sweep, metric: Metric): (number | undefined)[][] {
  return designs.map((_, i) => points.map(({ comparison }) => comparison.designs[i]!.values[metric.name as MetricName]));
}

/** Metrics that are not 0 everywhere, in the order of tables. */
export function metricsSeen(comparisons: readonly Comparison[]): Metric[] {
  return METRICS.filter(({ name }) => comparisons.some(({ designs }) => designs.some(({ values }) => (values[name] ?? 0) !== 0)));
}

/** Metrics that were counted, and are 0 everywhere. */
export function metricsZero(comparisons: readonly Comparison[]): Metric[] {
  const seen = metricsSeen(comparisons);
  const counted = ({ name }: { readonly name: MetricName }) =>
    comparisons.some(({ designs }) => designs.some(({ values }) => values[name] !== undefined));
  return METRICS.filter((metric) => counted(metric) && !seen.includes(metric));
}
