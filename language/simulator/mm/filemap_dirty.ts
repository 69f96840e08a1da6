import { any, PG, set } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { target } from '../state/shift';
import { whole_folios } from './folio';
import { frame_runs } from './rmap';

/**
 * `filemap_dirty_folio()`: marks page-cache frames dirty. The flag is the whole folio's, the mapping's tag says which of its pages are to be written
 * (iomap keeps that for each block of a large folio). tmpfs pages have no tag: there is nowhere to write them.
 */
export function filemap_dirty_folio(k: Kernel, pfn: number, count: number): void {
  frame_runs(k, pfn, count, ['flags', 'mapping', 'index'], (at, n) => {
    const flags = k.page.flags.get(at);
    const mapping = k.page.mapping.get(at);
    const shmem = k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem;
    if (!shmem) k.space.of(mapping).dirty.fill(target(at, k.page.index.get(at)), n, 1);
    if (any(flags, PG.dirty)) return;
    const folios = whole_folios(k, at, n);
    k.page.flags.update(folios.pfn, folios.count, (old) => set(old, PG.dirty));
    if (shmem) return;
    k.mapping.nrdirty.set(mapping, k.mapping.nrdirty.get(mapping) + folios.count);
    k.count('nr_dirty', folios.count);
    k.trace.effect('{frames:0} dirty', folios.count, folios.pfn);
  });
}
