import { summarised } from '../history';
import type { Run } from '../run';
import { METRICS, type Metric } from './metrics';
import { observed } from './track';

/** A metric of which two runs have counted differently, where they stand. */
export interface Differing {
  readonly metric: Metric;
  /** What the run has that the other is held against. */
  readonly reference: number;
  readonly here: number;
}

/** In the order of tables. Neither peaks nor expectations met: a run that is stepped knows no peak, and not every expectation is for every design. */
export function differingMetrics(reference: Run, here: Run): Differing[] {
  return METRICS.flatMap((metric: Metric) => {
    const [then, now] = [counted(reference, metric), counted(here, metric)];
    return then === undefined || now === undefined || then === now ? [] : [{ metric: standing(metric), reference: then, here: now }];
  });
}

function counted(run: Run, { name, of }: Metric): number | undefined {
  if (of) return observed(run.machine, ...of);
  if (name === 'violations') return run.violations.reduce((sum, { times }) => sum + (times ?? 1), 0);
  if (name === 'expectations.failed') return summarised(run.expectations).filter(({ ok }) => !ok).length;
  return undefined;
}

function standing({ now, ...metric }: Metric): Metric {
  return now === undefined ? metric : { ...metric, title: now };
}
