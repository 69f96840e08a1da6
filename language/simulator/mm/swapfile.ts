import { common_run_end } from '../state/column';
import { any, clear, PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';
import { folio_mapped, head_of, whole_folios } from './folio';
import { mem_cgroup_get_nr_swap_pages, mem_cgroup_try_charge_swap, mem_cgroup_uncharge_swap } from './memcontrol';
import { folio_put } from './page_alloc';

/** Slots of the one swap area: who takes them, who names them (`swap_map`), and the swap cache, by slot. */

/** `get_nr_swap_pages()`: free slots; none once swap is off. */
export const get_nr_swap_pages = (k: Kernel): number => (k.swapArea.off.get(0) === 1 ? 0 : k.options.swap.pages - k.counter('nr_swap'));

/** `vm_swap_full()`: more than half of the slots are taken: pages in the swap cache should let go of theirs. */
export const vm_swap_full = (k: Kernel): boolean => get_nr_swap_pages(k) * 2 < k.options.swap.pages;

/** `can_reclaim_anon_pages()`: whether pages of `cgroup` (0: of anyone) have anywhere to go. */
export const can_reclaim_anon_pages = (k: Kernel, cgroup: number): boolean =>
  k.options.swap.pages > 0 && get_nr_swap_pages(k) > 0 && mem_cgroup_get_nr_swap_pages(k, cgroup) > 0;

/** The slot of a frame that is in the swap cache. */
export const slot_of = (k: Kernel, pfn: number): number => target(pfn, k.page.swap.get(pfn));

/** The frame in which a slot is in the swap cache, 0: none. */
export function swap_cache_get_folio(k: Kernel, slot: number): number {
  const value = k.swapSlot.cache.get(slot);
  return value === NONE ? 0 : target(slot, value);
}

/**
 * `folio_alloc_swap()`: slots for a folio of `count` frames, one behind the other and aligned to their number, charged to the group that pays for the pages;
 * the folio is in the swap cache then, and dirty. False where no such slots are free or the group may have no more.
 */
export function folio_alloc_swap(k: Kernel, pfn: number, count: number): boolean {
  return k.in('folio_alloc_swap', count, () => {
    const memcg = k.page.memcg.get(pfn);
    if (!mem_cgroup_try_charge_swap(k, memcg, count)) {
      k.trace.effect('{frames:0}: the group may have no more in swap', count, pfn);
      return false;
    }
    const slot = get_swap_pages(k, count);
    if (slot === 0) {
      mem_cgroup_uncharge_swap(k, memcg, count);
      k.trace.effect('{frames:0}: no free slots in swap', count, pfn);
      return false;
    }
    k.swapSlot.memcg.fill(slot, count, memcg);
    add_to_swap_cache(k, pfn, slot, count);
    k.page.flags.update(pfn, count, (flags) => set(flags, PG.dirty));
    k.trace.effect('{frames:0} get {slots:1} of swap and are in the swap cache', count, pfn, slot);
    return true;
  });
}

/** The next `count` free slots, aligned to that, from where the last ones were found, and round; 0 where there are none. Slots that only the swap cache still has are taken back first where none are free. */
function get_swap_pages(k: Kernel, count: number): number {
  if (get_nr_swap_pages(k) < count) swap_reclaim_full_clusters(k);
  if (get_nr_swap_pages(k) < count) return 0;
  const next = Math.max(1, k.swapArea.next.get(0));
  const end = k.options.swap.pages + 1;
  const first = free_slots(k, next, end, count) || free_slots(k, 1, end, count);
  if (first === 0) return 0;
  k.swapSlot.used.fill(first, count, 1);
  k.count('nr_swap', count);
  k.swapArea.next.set(0, first + count);
  return first;
}

/** The first `count` free slots between two, aligned to their number; 0: there are none. */
function free_slots(k: Kernel, from: number, to: number, count: number): number {
  const { used } = k.swapSlot;
  for (let at = from; at < to; at = used.runEnd(at, to)) {
    const first = head_of(at + count - 1, count);
    if (used.get(at) === 0 && first + count <= used.runEnd(at, to)) return first;
  }
  return 0;
}

/** `swap_reclaim_full_clusters()`: slots that nobody names any more, only the swap cache has, are freed. */
export function swap_reclaim_full_clusters(k: Kernel): void {
  const idle: number[] = [];
  k.swapSlot.cache.runs(1, k.options.swap.pages, (at, n, value) => {
    if (value === NONE) return;
    k.swapSlot.count.runs(at, n, (slot, length, count) => {
      if (count === 0) for (let i = 0; i < length; i++) idle.push(slot + i);
    });
  });
  for (const slot of idle) if (swap_cache_get_folio(k, slot) !== 0) folio_free_swap(k, swap_cache_get_folio(k, slot));
}

/** `add_to_swap_cache()`: a reference of the cache to each of `count` frames, for consecutive slots. */
export function add_to_swap_cache(k: Kernel, pfn: number, slot: number, count: number): void {
  k.swapSlot.cache.fill(slot, count, refer(slot, pfn));
  k.page.swap.fill(pfn, count, refer(pfn, slot));
  k.page.flags.update(pfn, count, (flags) => set(flags, PG.swapcache + PG.swapbacked));
  k.page.refcount.add(pfn, count, 1);
  k.count('nr_swapcached', count);
}

/** `delete_from_swap_cache()`: `count` frames are not in the swap cache any more; slots that nobody names are free, and so are frames that nobody else holds. */
export function delete_from_swap_cache(k: Kernel, pfn: number, count: number): void {
  const slot = slot_of(k, pfn);
  k.swapSlot.cache.fill(slot, count, NONE);
  k.page.swap.fill(pfn, count, NONE);
  k.page.flags.update(pfn, count, (flags) => clear(flags, PG.swapcache));
  k.count('nr_swapcached', -count);
  free_unnamed(k, slot, count);
  folio_put(k, pfn, count);
}

/** `swap_duplicate()`: one more entry for each of `count` slots. */
export const swap_duplicate = (k: Kernel, slot: number, count: number): void => k.swapSlot.count.add(slot, count, 1);

/** `swap_free_nr()`: one entry less for each of `count` slots; those are free that nobody names and that are not in the swap cache. */
export function swap_free(k: Kernel, slot: number, count: number): void {
  k.swapSlot.count.add(slot, count, -1);
  free_unnamed(k, slot, count);
}

/** `free_swap_and_cache_nr()`: the same where the entries are given up with what they named: its page in the swap cache goes too if nobody maps it. */
export function free_swap_and_cache(k: Kernel, slot: number, count: number): void {
  swap_free(k, slot, count);
  for (let at = slot; at < slot + count;) {
    const stop = k.swapSlot.cache.runEnd(at, slot + count);
    const pfn = swap_cache_get_folio(k, at);
    if (pfn === 0) at = stop;
    else {
      if (!folio_mapped(k, pfn) || vm_swap_full(k)) folio_free_swap(k, pfn);
      at++;
    }
  }
}

/** Slots of `count` from `slot` that nobody names and the swap cache does not have are free. */
function free_unnamed(k: Kernel, slot: number, count: number): void {
  const { used, count: users, cache, content, memcg, shadow } = k.swapSlot;
  const end = slot + count;
  for (let at = slot; at < end;) {
    const stop = count === 1 ? end : common_run_end([users, cache, memcg], at, end);
    if (users.get(at) === 0 && cache.get(at) === NONE) {
      mem_cgroup_uncharge_swap(k, memcg.get(at), stop - at);
      for (const column of [used, content, memcg, shadow]) column.fill(at, stop - at, 0);
      k.count('nr_swap', at - stop);
      k.trace.effect('{slots:0} of swap are free', stop - at, at);
    }
    at = stop;
  }
}

/** `free_swap_cache()`: what of `count` frames is in the swap cache and mapped no more leaves it, unless entries name it. */
export function free_swap_cache(k: Kernel, pfn: number, count: number): void {
  for (let at = pfn; at < pfn + count; at++) if (!folio_mapped(k, at)) folio_free_swap(k, at);
}

/**
 * `folio_free_swap()`: a folio in the swap cache lets go of its slots if no entry names them any more; only the folio has its content then. False, and nothing
 * done, where one does.
 */
export function folio_free_swap(k: Kernel, page: number): boolean {
  if (!any(k.page.flags.get(page), PG.swapcache)) return false;
  const { pfn, count } = whole_folios(k, page, 1);
  const slot = slot_of(k, pfn);
  const users = k.swapSlot.count;
  if (users.get(slot) !== 0 || users.runEnd(slot, slot + count) < slot + count) return false;
  k.page.flags.update(pfn, count, (flags) => set(flags, PG.dirty));
  k.trace.effect('no entry names the slots of {frames:0} any more: they leave the swap cache', count, pfn);
  delete_from_swap_cache(k, pfn, count);
  return true;
}
