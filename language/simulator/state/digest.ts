import { Column } from './column';
import type { Journal } from './journal';

/** As far as any index goes. */
const ALL = 2 ** 53;

/**
 * Everything in the journaled columns as one text: two states of the same run are equal exactly if their digests are.
 * For tests and the audit; takes time in proportion to the runs of equal values.
 */
export function digest(journal: Journal): string {
  const lines: string[] = [];
  for (const column of journal.registered) {
    if (!(column instanceof Column)) continue;
    const runs: string[] = [];
    column.runs(0, ALL, (start, count, value) => {
      if (value !== 0) runs.push(`${start}+${count}=${value}`);
    });
    if (runs.length > 0) lines.push(`${column.name}#${column.id}: ${runs.join(' ')}`);
  }
  return lines.join('\n');
}
