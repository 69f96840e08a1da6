import { any, has, PG, PTE, set, VM } from '../state/flags';
import { common_run_end } from '../state/column';
import type { Kernel } from '../state/kernel';
import { refer, target } from '../state/shift';
import { copy_pages } from '../fs/read_folio';
import { whole_folios } from './folio';
import { mem_cgroup_swap_full, get_mem_cgroup_from_mm } from './memcontrol';
import { add_new_anon_folio, do_wp_page, fault_batch, mm_account_fault, new_anon_folio, READ, type Signal } from './memory';
import { mlock_vma_folio } from './mlock';
import { alloc_pages, folio_put } from './page_alloc';
import { add_mm_counter, set_ptes } from './rmap';
import { swap_read_folio } from './page_io';
import { clear_swap_ptes, swap_pte_batch, swp_slot } from './swap_pte';
import { swap_update_readahead, swapin_readahead } from './swap_state';
import { folio_free_swap, swap_cache_get_folio, swap_free, vm_swap_full } from './swapfile';
import { recent_in_swap, workingset_refault } from './workingset';

/** A fault on up to `count` swap entries from page number `vpn`; gives how many it was done for. */
export function do_swap_page(k: Kernel, mm: number, vma: number, vpn: number, count: number, write: boolean): number | Signal {
  const slot = swp_slot(k, mm, vpn);
  const cached = swap_cache_get_folio(k, slot);
  if (cached === 0 && k.options.swap.synchronous && k.swapSlot.count.get(slot) === 1) return swap_in_alone(k, mm, vma, vpn, count, write);
  if (cached !== 0) {
    k.page.refcount.add(cached, 1, 1);
    swap_update_readahead(k, vma, vpn, cached);
    k.trace.effect('{slots:0}: {frames:1} in the swap cache, nothing is read', 1, slot, cached);
    return map_cached(k, mm, vma, vpn, cached, write, false);
  }
  const pfn = swapin_readahead(k, mm, vma, vpn, slot);
  k.page.refcount.add(pfn, 1, 1);
  return map_cached(k, mm, vma, vpn, pfn, write, true);
}

/** Entries that nobody else has, on a device that answers at once: read past the swap cache, their slots are free then. */
function swap_in_alone(k: Kernel, mm: number, vma: number, vpn: number, count: number, write: boolean): number | Signal {
  const slot = swp_slot(k, mm, vpn);
  const { count: users, cache, memcg } = k.swapSlot;
  const asked = write && any(k.space4.of(mm).pte.get(vpn), PTE.UFFD_WP);
  const alike = count === 1 || asked ? 1 : swap_pte_batch(k, mm, vpn, vpn + count) - vpn;
  const alone = alike === 1 ? 1 : common_run_end([users, cache, memcg], slot, slot + alike) - slot;
  const { pfn, count: n } = alloc_pages(k, fault_batch(k, mm, vpn, alone), memcg.get(slot));
  swap_read_folio(k, slot, pfn, n);
  const entry = swapped_entry(k, vma, mm, vpn, true, write);
  const recent = recent_in_swap(k, slot, n);
  clear_swap_ptes(k, mm, vpn, n);
  add_new_anon_folio(k, mm, vma, vpn, pfn, n, entry);
  workingset_refault(k, pfn, recent);
  swap_free(k, slot, n);
  k.trace.effect('PTE {addresses:0} maps {frames:1}, which nobody else has', n, vpn, pfn);
  if (asked) return write_after(k, mm, vma, vpn, true);
  account(k, n, true);
  return n;
}

/** A store to a page that has just been brought in and may not be written: a part of the same fault. */
function write_after(k: Kernel, mm: number, vma: number, vpn: number, major: boolean): number | Signal {
  k.swappedIn = major;
  try {
    return k.batch<number | Signal>(
      'do_wp_page',
      () => do_wp_page(k, mm, vma, vpn, 1),
      (n) => (typeof n === 'string' ? 1 : n),
    );
  } finally {
    k.swappedIn = false;
  }
}

/** The PTE that takes a swap entry's place: writable where the page is this process's alone and userfaultfd has not protected it, dirty if it is written now. */
function swapped_entry(k: Kernel, vma: number, mm: number, vpn: number, exclusive: boolean, write: boolean): number {
  const before = k.space4.of(mm).pte.get(vpn);
  const soft_dirty = any(before, PTE.SOFT_DIRTY) ? PTE.SOFT_DIRTY : 0;
  if (any(before, PTE.UFFD_WP)) return set(READ, soft_dirty + PTE.UFFD_WP);
  if (!exclusive || !any(k.vma.flags.get(vma), VM.WRITE)) return set(READ, soft_dirty);
  return set(READ, write ? PTE.RW + PTE.DIRTY + PTE.SOFT_DIRTY : PTE.RW + soft_dirty);
}

/** Counts a fault, a major one if a page was read for it, populated or not: nobody waited, so nothing began anew. */
function account(k: Kernel, count: number, major: boolean): void {
  k.swappedIn = major;
  mm_account_fault(k, count, false);
  k.swappedIn = false;
}

/** Maps a page of the swap cache, to which the fault holds a reference. A store to one that others have, too, copies it then. */
function map_cached(k: Kernel, mm: number, vma: number, vpn: number, cached: number, write: boolean, major: boolean): number | Signal {
  const slot = swp_slot(k, mm, vpn);
  const pfn = ksm_might_need_to_copy(k, mm, vma, vpn, cached);
  const ksm = any(k.page.flags.get(pfn), PG.ksm);
  let exclusive = pfn !== cached || (!ksm && any(k.space4.of(mm).pte.get(vpn), PTE.SWP_EXCLUSIVE));
  swap_free(k, slot, 1);
  if (pfn === cached && should_try_to_free_swap(k, vma, pfn, write)) folio_free_swap(k, pfn);
  exclusive ||= !ksm && k.page.refcount.get(pfn) === 1;
  const entry = swapped_entry(k, vma, mm, vpn, exclusive, write);
  clear_swap_ptes(k, mm, vpn, 1);
  if (pfn !== cached) {
    new_anon_folio(k, mm, vma, vpn, pfn, 1, entry);
    folio_put(k, cached, 1);
  } else folio_add_anon_rmap_pte(k, mm, vma, vpn, pfn, entry, exclusive);
  k.trace.effect(
    exclusive ? 'PTE {addresses:0} maps {frames:1}, which nobody else has' : 'PTE {addresses:0} maps {frames:1}, read-only',
    1,
    vpn,
    pfn,
  );
  if (!write || has(entry, PTE.RW)) {
    account(k, 1, major);
    return 1;
  }
  return write_after(k, mm, vma, vpn, major);
}

/** `should_try_to_free_swap()`: swap is more than half full, the page is locked, or it is to be written and nobody but the cache and the fault has it. */
function should_try_to_free_swap(k: Kernel, vma: number, pfn: number, write: boolean): boolean {
  const flags = k.page.flags.get(pfn);
  if (vm_swap_full(k) || mem_cgroup_swap_full(k, k.page.memcg.get(pfn))) return true;
  if (any(k.vma.flags.get(vma), VM.LOCKED) || any(flags, PG.mlocked)) return true;
  const folio = whole_folios(k, pfn, 1);
  let references = 0;
  k.page.refcount.runs(folio.pfn, folio.count, (_at, n, each) => (references += n * each) < 0);
  return write && !any(flags, PG.ksm) && references === 1 + folio.count;
}

/** `ksm_might_need_to_copy()`: a page of the swap cache that belongs to another anon_vma, as it can where KSM had merged pages, is copied. Gives the frame to map. */
export function ksm_might_need_to_copy(k: Kernel, mm: number, vma: number, vpn: number, pfn: number): number {
  const flags = k.page.flags.get(pfn);
  if (any(flags, PG.ksm) || !any(flags, PG.anon)) return pfn;
  const index = vpn - k.vma.start.get(vma) + k.vma.pgoff.get(vma);
  if (-k.page.mapping.get(pfn) === k.vma.anon_vma.get(vma) && target(pfn, k.page.index.get(pfn)) === index) return pfn;
  const copy = copy_of(k, mm, pfn);
  copy_pages(k, pfn, copy, 1);
  k.count('copies', 1);
  k.trace.effect('{frames:0} belongs to another mapping: copied to {frames:1}', 1, pfn, copy);
  return copy;
}

/** A frame for the copy; the fault lets go of `pfn` where its process is killed for it. */
function copy_of(k: Kernel, mm: number, pfn: number): number {
  try {
    return alloc_pages(k, 1, get_mem_cgroup_from_mm(k, mm)).pfn;
  } catch (problem) {
    folio_put(k, pfn, 1);
    throw problem;
  }
}

/** `folio_add_anon_rmap_ptes()`, and a PTE, for a page that is on an LRU list already; the reference is the PTE's from now on. */
export function folio_add_anon_rmap_pte(
  k: Kernel,
  mm: number,
  vma: number,
  vpn: number,
  pfn: number,
  entry: number,
  exclusive: boolean,
): void {
  const flags = k.page.flags.get(pfn);
  k.page.flags.set(pfn, set(flags, PG.anon + PG.swapbacked + (exclusive ? PG.anon_exclusive : 0)));
  if (!any(flags, PG.anon)) {
    k.page.mapping.set(pfn, -k.vma.anon_vma.get(vma));
    k.page.index.set(pfn, refer(pfn, vpn - k.vma.start.get(vma) + k.vma.pgoff.get(vma)));
  }
  if (k.page.mapcount.get(pfn) === 0) k.count('nr_anon_pages', 1);
  k.page.mapcount.add(pfn, 1, 1);
  add_mm_counter(k, mm, 'rss_anon', 1);
  set_ptes(k, mm, vpn, 1, pfn, entry);
  if (any(flags, PG.anon)) mlock_vma_folio(k, vma, pfn, 1);
}
