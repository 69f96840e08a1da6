import { any, PG, set } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { target } from '../state/shift';
import { frame_runs } from './rmap';

/** `filemap_dirty_folio()`: marks page-cache frames dirty, in their flags and in their mapping's tag. tmpfs pages have no tag: there is nowhere to write them. */
export function filemap_dirty_folio(k: Kernel, pfn: number, count: number): void {
  frame_runs(k, pfn, count, ['flags', 'mapping', 'index'], (at, n) => {
    const flags = k.page.flags.get(at);
    if (any(flags, PG.dirty)) return;
    k.page.flags.fill(at, n, set(flags, PG.dirty));
    const mapping = k.page.mapping.get(at);
    if (k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem) return;
    k.space.of(mapping).dirty.fill(target(at, k.page.index.get(at)), n, 1);
    k.mapping.nrdirty.set(mapping, k.mapping.nrdirty.get(mapping) + n);
    k.count('nr_dirty', n);
    k.trace.effect('{frames:0} dirty', n, at);
  });
}
