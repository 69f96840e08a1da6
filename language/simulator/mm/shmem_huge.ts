import { PG, any, set, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { pagesOf } from '../state/units';
import { filemap_add_folio, filemap_get_entry } from './filemap';
import { head_of, HPAGE_PMD_NR, HPAGE_PMD_ORDER } from './folio';
import { folio_alloc } from './folio_alloc';
import { active_memcg } from './memcontrol';
import { shmem_swapped } from './shmem_swap';

/** `shmem_allowable_huge_orders()`: whether a fault on `index` through a VMA may make a huge page. A tmpfs mount would have an option of its own for it. */
export function shmem_allowable_huge(k: Kernel, vma: number, index: number): boolean {
  if (k.options.shmemThp === 'never') return false;
  const mapping = k.vma.mapping.get(vma);
  const inode = k.mapping.host.get(mapping);
  if (k.mapping.aops.get(mapping) !== AddressSpaceKind.Shmem) return false;
  const flags = k.vma.flags.get(vma);
  if (k.inode.mount.get(inode) !== 0 || any(flags, VM.NOHUGEPAGE)) return false;
  if (k.options.shmemThp === 'always' || any(flags, VM.HUGEPAGE)) return true;
  return k.options.shmemThp === 'within_size' && head_of(index, HPAGE_PMD_NR) + HPAGE_PMD_NR <= pagesOf(k.inode.size.get(inode));
}

/** `shmem_alloc_and_add_folio()`: 2 MiB of shared memory around page `index` at once, if nothing of them is there yet and memory permits. */
export function shmem_alloc_huge(k: Kernel, vma: number, mapping: number, index: number): void {
  if (!shmem_allowable_huge(k, vma, index)) return;
  const start = head_of(index, HPAGE_PMD_NR);
  const there = filemap_get_entry(k, mapping, start, HPAGE_PMD_NR);
  if (there.pfn !== 0 || there.count < HPAGE_PMD_NR || shmem_swapped(k, mapping, start, HPAGE_PMD_NR).length > 0) return;
  const { pfn, count } = folio_alloc(k, HPAGE_PMD_ORDER, 1, active_memcg(k));
  if (count === 0) return;
  k.in('shmem_alloc_and_add_folio', 1, () => {
    filemap_add_folio(k, mapping, start, pfn, HPAGE_PMD_NR);
    k.page.flags.update(pfn, HPAGE_PMD_NR, (flags) => set(flags, PG.uptodate));
    k.trace.effect('{frames:0} filled with zeros', HPAGE_PMD_NR, pfn);
  });
}
