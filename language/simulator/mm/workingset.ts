import { any, clear, PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';
import { shmem_swapped, shmem_swapped_end } from './shmem_swap';
import { LRU, lruvec_add_folio, lruvec_del_folio, lruvec_lru_size } from './swap';
import { get_nr_swap_pages } from './swapfile';

/** `workingset_age_nonresident()`: pages left the inactive list for good, or became active: what was evicted before grew older. */
export function workingset_age_nonresident(k: Kernel, count: number): void {
  k.workingset.nonresident_age.set(0, k.workingset.nonresident_age.get(0) + count);
}

/**
 * `workingset_eviction()`: reclaim leaves a shadow entry where each of `count` pages from `index` was cached, which says when it was evicted.
 * A page that comes back is not activated for it (simulator choice).
 */
export function workingset_eviction(k: Kernel, mapping: number, index: number, count: number): void {
  k.space.of(mapping).shadow.fill(index, count, refer(index, k.workingset.nonresident_age.get(0)));
  workingset_age_nonresident(k, count);
}

/** The same for pages that went to `count` slots of swap: the swap cache keeps their shadows. */
export function workingset_eviction_swap(k: Kernel, slot: number, count: number): void {
  k.swapSlot.shadow.fill(slot, count, refer(slot, k.workingset.nonresident_age.get(0)));
  workingset_age_nonresident(k, count);
}

/** Pages of swap that were evicted so recently that they belong to the working set, as distances from the first slot. */
export type Recent = readonly { readonly from: number; readonly count: number }[];

/** `workingset_test_recent()` for anonymous pages and tmpfs: within as many evictions and activations as pages of their group that would be reclaimed before them. The slots are charged to one group. */
export function workingset_test_recent(k: Kernel, slot: number, count: number): Recent {
  const found: { from: number; count: number }[] = [];
  const group = k.swapSlot.memcg.get(slot);
  const size = [LRU.ACTIVE_FILE, LRU.INACTIVE_FILE, LRU.ACTIVE_ANON].reduce((sum, list) => sum + lruvec_lru_size(k, list, group), 0);
  const oldest = k.workingset.nonresident_age.get(0) - size - (group === 0 ? k.options.swap.hostCache : 0);
  k.swapSlot.shadow.runs(slot, count, (at, n, value) => {
    if (value === NONE) return;
    const old = Math.max(0, oldest - target(at, value));
    if (old < n) found.push({ from: at + old - slot, count: n - old });
  });
  return found;
}

/** `workingset_refault()`: those of the pages that came back from swap into frames from `pfn` go onto the active list. */
export function workingset_refault(k: Kernel, pfn: number, recent: Recent): void {
  for (const { from, count } of recent)
    k.page.flags.runs(pfn + from, count, (at, n, flags) => {
      if (!any(flags, PG.lru) || any(flags, PG.active + PG.unevictable)) return;
      workingset_age_nonresident(k, n);
      lruvec_del_folio(k, at, n, flags);
      k.page.flags.fill(at, n, set(clear(flags, PG.lru), PG.active));
      lruvec_add_folio(k, at, n);
      k.trace.effect('{frames:0} back soon after their eviction: onto the active list', n, at);
    });
}

/** `clear_shadow_entries()`: what was evicted of `count` pages from `index` is forgotten: truncation, invalidation, or they are cached again. */
export function clear_shadow_entries(k: Kernel, mapping: number, index: number, count: number): void {
  if (count > 0) k.space.of(mapping).shadow.fill(index, count, NONE);
}

/** First index behind all that an address space caches, has in swap or had evicted. */
export function mapping_end(k: Kernel, mapping: number): number {
  const { pages, shadow } = k.space.of(mapping);
  const swapped = shmem_swapped_end(k, mapping);
  return Math.max(pages.runStart(Number.MAX_SAFE_INTEGER, 0), shadow.runStart(Number.MAX_SAFE_INTEGER, 0), swapped);
}

/** What was evicted of `count` pages from `index`, or went to swap; recently: within as many evictions and activations as there are active pages, with swap also anonymous ones (`workingset_test_recent()`). */
export function evicted(k: Kernel, mapping: number, index: number, count: number): { nr_evicted: number; nr_recently_evicted: number } {
  const found = { nr_evicted: 0, nr_recently_evicted: 0 };
  const anon = get_nr_swap_pages(k) > 0 ? lruvec_lru_size(k, LRU.ACTIVE_ANON) + lruvec_lru_size(k, LRU.INACTIVE_ANON) : 0;
  const oldest = k.workingset.nonresident_age.get(0) - lruvec_lru_size(k, LRU.ACTIVE_FILE) - anon;
  const add = (at: number, n: number, value: number): void => {
    if (value !== NONE) found.nr_recently_evicted += Math.min(n, Math.max(0, target(at, value) + n - oldest));
  };
  k.space.of(mapping).shadow.runs(index, count, (at, n, value) => {
    if (value !== NONE) found.nr_evicted += n;
    add(at, n, value);
  });
  for (const run of shmem_swapped(k, mapping, index, count)) {
    found.nr_evicted += run.count;
    k.swapSlot.shadow.runs(run.slot, run.count, add);
  }
  return found;
}
