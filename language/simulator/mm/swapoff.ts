import { fail, ok, type Calls } from '../calls';
import { any, PG, PTE, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { TASK_PAGES } from '../state/units';
import { end_io } from './folio_wait';
import { new_anon_folio, READ } from './memory';
import { folio_put } from './page_alloc';
import { shmem_unuse } from './shmem_swap';
import { folio_add_anon_rmap_pte, ksm_might_need_to_copy } from './swap_fault';
import { clear_swap_ptes, swap_ptes, swp_slot } from './swap_pte';
import { read_swap_cache } from './swap_state';
import { folio_free_swap, swap_cache_get_folio, swap_free, swap_reclaim_full_clusters } from './swapfile';

export const calls = {
  swapoff(k) {
    if (k.options.swap.pages === 0 || k.swapArea.off.get(0) === 1) return fail('EINVAL', 'there is no swap to turn off');
    end_io(k);
    k.swapArea.off.set(0, 1);
    if (k.in('try_to_unuse', 1, () => shmem_unuse(k) && unuse_processes(k))) {
      swap_reclaim_full_clusters(k);
      return ok();
    }
    k.swapArea.off.set(0, 0);
    return fail('ENOMEM', 'there is no memory for all that is in swap');
  },
} satisfies Calls;

/** Brings in what every address space has in swap; false where memory is too short. */
function unuse_processes(k: Kernel): boolean {
  for (let mm = 1; mm <= k.mms.count; mm++)
    for (const run of swap_ptes(k, mm, 0, TASK_PAGES))
      for (let at = run.vpn; at < run.vpn + run.count; at++) if (!unuse_pte(k, mm, at)) return false;
  return true;
}

/** `unuse_pte()`: the page of one swap entry is mapped, old and read-only. */
function unuse_pte(k: Kernel, mm: number, vpn: number): boolean {
  const slot = swp_slot(k, mm, vpn);
  const vma = k.space4.of(mm).vma.get(vpn);
  const cached = swap_cache_get_folio(k, slot) || read_swap_cache(k, slot, true);
  if (cached === 0) return false;
  k.in('unuse_pte', 1, () => {
    k.page.refcount.add(cached, 1, 1);
    const pfn = ksm_might_need_to_copy(k, mm, vma, vpn, cached);
    const old = k.space4.of(mm).pte.get(vpn);
    const exclusive = pfn !== cached || (!any(k.page.flags.get(pfn), PG.ksm) && any(old, PTE.SWP_EXCLUSIVE));
    const entry = set(READ - PTE.ACCESSED, any(old, PTE.SOFT_DIRTY) ? PTE.SOFT_DIRTY : 0);
    clear_swap_ptes(k, mm, vpn, 1);
    swap_free(k, slot, 1);
    if (pfn === cached) folio_add_anon_rmap_pte(k, mm, vma, vpn, pfn, entry, exclusive);
    else {
      new_anon_folio(k, mm, vma, vpn, pfn, 1, entry);
      folio_put(k, cached, 1);
    }
    k.trace.effect('PTE {addresses:0} maps {frames:1} again, read-only', 1, vpn, pfn);
    folio_free_swap(k, pfn);
  });
  return true;
}
