import { CHART, chartOf, DASHES } from '../../language/export/comparison/chart';
import { amount } from '../../language/runtime/compare/amount';
import { curves, metricsSeen, metricsZero, type Sweep } from '../../language/runtime/compare/sweep';
import type { SweepState } from '../../webview/protocol/comparison';
import { problemOf } from './state';

/** A sweep as the page shows it: a chart and a table for each metric that is not 0 everywhere. `total`: values that were asked for. */
export function sweepState(sweep: Sweep, total: number): SweepState {
  const comparisons = sweep.points.map(({ comparison }) => comparison);
  const { width, height, left, right, bottom } = CHART;
  return {
    scenario: sweep.scenario,
    file: sweep.file,
    param: sweep.param,
    values: sweep.points.map(({ value }) => String(value)),
    total,
    designs: sweep.designs,
    dashes: sweep.designs.map((_, i) => DASHES[i % DASHES.length]!),
    size: { width, height, left, right, bottom },
    charts: metricsSeen(comparisons).map((metric) => {
      const lists = curves(sweep, metric);
      const { title, across, up, curves: drawn } = chartOf(sweep, metric);
      return {
        ...{ title, across, up, doc: metric.doc },
        curves: drawn.map(({ path, dots }) => ({ path, dots: dots.map(([x, y]) => ({ x, y })) })),
        rows: sweep.points.map((_, i) => lists.map((list) => amount(metric, list[i]))),
      };
    }),
    zero: metricsZero(comparisons).map(({ title }) => title),
    problems: sweep.designs.flatMap((design, i) => {
      const first = sweep.points.find(({ comparison }) => !comparison.designs[i]!.ok);
      return first ? [`${design}, at ${sweep.param} = ${first.value}: ${problemOf(first.comparison.designs[i]!)}`] : [];
    }),
  };
}
