import type { Owner } from '../../catalogue/types';
import type { Kernel } from '../../simulator/state/kernel';
import { amounts, finishAmounts } from './amounts';
import type { Unfinished } from './band';
import type { Amount } from './types';

const SUMS: readonly (readonly [Owner, readonly string[]])[] = [
  ['memory', ['used', 'free', 'cached', 'anon', 'page_tables', 'dirty']],
  ['disk', ['reads', 'writes']],
  ['faults', ['minor', 'major']],
];

/** The machine's sums, under the names by which a scenario asks for them; faults that link tables where there are regions. */
export function sums(k: Kernel, prefix = ''): Unfinished<Amount[]> {
  const shown: typeof SUMS = k.mshares.count === 0 ? SUMS : [...SUMS, ['faults', ['link']]];
  const pending = shown.flatMap(([of, names]) => amounts(k, of, names, { kind: 'host', id: 0 }, `${prefix}${of}.`));
  return () => finishAmounts(pending);
}
