import { any, clear, PG, PTE, set, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { folio_mapped, is_large } from './folio';
import { split_huge_pmd } from './huge_pmd';
import { mem_cgroup_swap_full } from './memcontrol';
import { mlock_missed } from './mlock';
import { flush_tlb } from './mshare';
import { folio_put } from './page_alloc';
import { swap_writeout } from './page_io';
import { is_pinned } from './pin';
import { folio_remove_rmap_ptes, pte_clear, rmap_walk } from './rmap';
import { split_folio } from './split_folio';
import { set_swap_ptes } from './swap_pte';
import {
  can_reclaim_anon_pages,
  delete_from_swap_cache,
  folio_alloc_swap,
  folio_free_swap,
  slot_of,
  swap_duplicate,
  vm_swap_full,
} from './swapfile';
import { workingset_eviction_swap } from './workingset';

/** What reclaim does with a folio that it looked at. */
export type Fate = 'freed' | 'keep' | 'activate' | 'split';

/**
 * Reclaim of `count` anonymous frames: one page, or a large folio. It gets slots, its PTEs become swap entries, it is written if it is dirty, and freed
 * unless somebody holds a reference. `split`: it was a large folio that no slots were free for, and is single pages now.
 */
export function swap_out(k: Kernel, pfn: number, count: number, group: number): Fate {
  const { page } = k;
  if (!any(page.flags.get(pfn), PG.swapcache)) {
    if (!can_reclaim_anon_pages(k, page.memcg.get(pfn))) {
      const why = k.options.swap.pages === 0 ? 'would need swap, and there is none' : 'would need swap, and none is free';
      k.trace.effect(`{frames:0} ${why}: onto the active list`, count, pfn);
      return 'activate';
    }
    if (is_pinned(k, pfn, count)) return 'keep';
    if (!folio_alloc_swap(k, pfn, count)) return is_large(k, pfn) && split_folio(k, pfn) ? 'split' : 'activate';
  }
  if (folio_mapped(k, pfn)) try_to_unmap_anon(k, pfn, count);
  if (folio_mapped(k, pfn) || is_pinned(k, pfn, count)) return activated(k, pfn);
  const held = page.refcount.get(pfn) !== 1 || page.refcount.runEnd(pfn, pfn + count) < pfn + count;
  if (held) {
    k.trace.effect('{frames:0} cannot go: somebody else holds a reference', count, pfn);
    return 'keep';
  }
  if (any(page.flags.get(pfn), PG.dirty) && !k.in('pageout', 1, () => swap_writeout(k, pfn, count))) return 'freed';
  k.in('__remove_mapping', count, () => {
    workingset_eviction_swap(k, slot_of(k, pfn), count, group);
    delete_from_swap_cache(k, pfn, count);
  });
  return 'freed';
}

/** A page that stays gives its slot back where swap is more than half full. */
function activated(k: Kernel, pfn: number): Fate {
  if (vm_swap_full(k) || mem_cgroup_swap_full(k, k.page.memcg.get(pfn))) folio_free_swap(k, pfn);
  return 'activate';
}

/** `try_to_unmap()` of an anonymous folio in the swap cache: every PTE becomes a swap entry, those of locked mappings excepted. */
function try_to_unmap_anon(k: Kernel, pfn: number, count: number): void {
  const slot = slot_of(k, pfn);
  k.in('try_to_unmap', 1, () => {
    for (let page = pfn; page < pfn + count; page++) {
      if (k.page.mapcount.get(page) === 0) continue;
      rmap_walk(k, page, (mm, vpn, vma) => {
        if (any(k.vma.flags.get(vma), VM.LOCKED)) {
          mlock_missed(k, vma, page);
          return;
        }
        split_huge_pmd(k, mm, vpn);
        const pte = k.space4.of(mm).pte.get(vpn);
        const flags = k.page.flags.get(page);
        pte_clear(k, mm, vpn, 1);
        if (any(pte, PTE.DIRTY) && !any(flags, PG.dirty)) k.page.flags.update(pfn, count, (old) => set(old, PG.dirty));
        k.page.flags.set(page, clear(k.page.flags.get(page), PG.anon_exclusive));
        swap_duplicate(k, slot + page - pfn, 1);
        const exclusive = any(flags, PG.anon_exclusive) ? PTE.SWP_EXCLUSIVE : 0;
        const soft_dirty = any(pte, PTE.SOFT_DIRTY) ? PTE.SOFT_DIRTY : 0;
        const uffd_wp = any(pte, PTE.UFFD_WP) ? PTE.UFFD_WP : 0;
        set_swap_ptes(k, mm, { vpn, count: 1, flags: PTE.SWAP + exclusive + soft_dirty + uffd_wp, slot: slot + page - pfn });
        folio_remove_rmap_ptes(k, mm, vma, page, 1, flags);
        folio_put(k, page, 1);
        k.trace.effect('PTE {addresses:0} is a swap entry for slot {1} now', 1, vpn, slot + page - pfn);
        flush_tlb(k, mm);
      });
    }
  });
}
