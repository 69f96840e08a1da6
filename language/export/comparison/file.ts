import type { Comparison } from '../../runtime/compare/compare';
import { METRICS } from '../../runtime/compare/metrics';
import { metricsSeen, metricsZero, type Sweep } from '../../runtime/compare/sweep';
import { csvHead, csvLines } from './csv';
import { comparisonReport, sweepReport } from './report';
import { sweepSvg } from './svg';

/** What a comparison can be kept as, by the ending of the file's name. */
export const COMPARISON_FILES = { md: 'Markdown', csv: 'CSV', json: 'JSON', txt: 'Text' } as const;
export const SWEEP_FILES = { svg: 'SVG', csv: 'CSV', md: 'Markdown', json: 'JSON', txt: 'Text' } as const;

export type ComparisonFile = keyof typeof COMPARISON_FILES;
export type SweepFile = keyof typeof SWEEP_FILES;

export function comparisonFile(comparison: Comparison, ending: ComparisonFile): string {
  switch (ending) {
    case 'csv':
      return lines([csvHead(Object.keys(comparison.params)), ...csvLines(comparison, Object.keys(comparison.params), METRICS)]);
    case 'json':
      return lines([JSON.stringify(comparison)]);
    case 'md':
    case 'txt':
      return comparisonReport(comparison, metricsSeen([comparison]), ending === 'md' ? 'markdown' : 'text', metricsZero([comparison]));
  }
}

export function sweepFile(sweep: Sweep, ending: SweepFile): string {
  const comparisons = sweep.points.map(({ comparison }) => comparison);
  switch (ending) {
    case 'svg':
      return sweepSvg(sweep, metricsSeen(comparisons));
    case 'csv':
      return lines([csvHead([sweep.param]), ...comparisons.flatMap((each) => csvLines(each, [sweep.param], METRICS))]);
    case 'json':
      return lines([JSON.stringify(sweep)]);
    case 'md':
    case 'txt':
      return sweepReport(sweep, metricsSeen(comparisons), ending === 'md' ? 'markdown' : 'text', metricsZero(comparisons));
  }
}

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join('');
}
