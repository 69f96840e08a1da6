import { METRICS, type Metric } from './metrics';

const PAGE = 4096;

/** A count as tables show it: in the metric's unit, thousands apart; a dash where there is none. */
export function amount(metric: Metric, value: number | undefined): string {
  if (value === undefined) return '—';
  return String(scaled(metric, value)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** In the metric's unit. */
export function scaled(metric: Metric, value: number): number {
  return metric.unit === 'pages' ? Math.ceil(value / PAGE) : value;
}

/** `disk reads (pages)` */
export function titled({ title, unit }: Metric): string {
  return unit === 'count' ? title : `${title} (${unit})`;
}

/** What differs at a step: `disk reads 8 → 4 pages`. */
export function difference({ what, reference, here }: { what: string; reference: number | string; here: number | string }): string {
  const metric: Metric | undefined = METRICS.find(({ name }) => name === what);
  if (metric === undefined || typeof reference === 'string' || typeof here === 'string') return `${what} ${reference} → ${here}`;
  return moved(metric, reference, here);
}

/** What a metric is there, and here. */
export function moved(metric: Metric, reference: number, here: number): string {
  return `${metric.title} ${amount(metric, reference)} → ${amount(metric, here)}${metric.unit === 'count' ? '' : ` ${metric.unit}`}`;
}
