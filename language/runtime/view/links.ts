import { PGDIR_PAGES } from '../../simulator/mm/mshare';
import type { Kernel } from '../../simulator/state/kernel';
import type { Unfinished } from './band';
import { hex } from './slots';
import { type AddressSpace, regionSpace } from './spaces';
import type { Touched } from './touched';
import type { ChangeRow } from './types';
import { vmaId } from './ptes';

const target = (k: Kernel, region: number): string => (region === 0 ? 'none' : `PUD table of the ${regionSpace(k, region).name}`);

/** PGD entries that the step linked to a region's tables, or unlinked. */
export function links(k: Kernel, touched: Touched, spaces: ReadonlyMap<number, AddressSpace>): Unfinished<ChangeRow[]> {
  const now = touched.ids('pgd').flatMap((mm) => {
    const space = spaces.get(mm);
    if (space === undefined) return [];
    return touched.of(`pgd:${mm}`).flatMap(({ from, count }) => {
      const runs: { from: number; count: number; region: number }[] = [];
      k.space4.of(mm).linked.runs(from, count, (at, n, region) => void runs.push({ from: at, count: n, region }));
      return runs.map((run) => ({ mm, space, ...run }));
    });
  });
  return () =>
    now.flatMap(({ mm, space, from, count, region }): ChangeRow[] => {
      const before = k.space4.of(mm).linked.get(from);
      if (before === region) return [];
      const start = from * PGDIR_PAGES;
      const place = { band: vmaId(space, start), at: start };
      const what = `${space.name}, ${count === 1 ? 'PGD entry' : `${count} PGD entries`} for ${hex(start)}`;
      const change = { name: '', from: target(k, before), to: target(k, region) };
      return [{ mark: before === 0 ? 'A' : region === 0 ? 'D' : 'M', what, changes: [change], ...place }];
    });
}
