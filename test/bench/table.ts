/** A row of what a benchmark measured: what, how much, and against what. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly beside?: string;
}

export function print(title: string, rows: readonly Row[]): void {
  const wide = Math.max(...rows.map((row) => row.what.length));
  console.log(`\n${title}`);
  for (const { what, figure, beside } of rows)
    console.log(`  ${what.padEnd(wide)}  ${figure.padStart(18)}${beside === undefined ? '' : `   ${beside}`}`);
}

export const grouped = (value: number | bigint): string => value.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** Milliseconds that `work` takes. */
export function timed(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`;
