import { any, clear, PG, set } from '../state/flags';
import type { Column } from '../state/column';
import type { Kernel } from '../state/kernel';
import { LRU, type LruList } from '../state/lru';
import { NONE, refer, target } from '../state/shift';
import { shmem_swapped, shmem_swapped_end } from './shmem_swap';
import { lruvec_add_folio, lruvec_del_folio, lruvec_lru_size } from './swap';
import { get_nr_swap_pages } from './swapfile';

/** `workingset_age_nonresident()`: pages of a group left the inactive list for good, or became active: what was evicted of it and of those above it grew older. */
export function workingset_age_nonresident(k: Kernel, group: number, count: number): void {
  for (let at = group; at !== 0; at = k.cgroup.parent.get(at)) k.workingset.nonresident_age.add(at, 1, count);
  k.workingset.nonresident_age.add(0, 1, count);
}

/** `workingset_activation()`: `count` frames become active. */
export function workingset_activation(k: Kernel, pfn: number, count: number): void {
  k.page.memcg.runs(pfn, count, (_at, n, group) => workingset_age_nonresident(k, group, n));
}

/**
 * `workingset_eviction()`: reclaim leaves a shadow entry where each of `count` pages from `index` was cached, which says when it was evicted, and for which
 * group (0: memory as a whole was short).
 */
export function workingset_eviction(k: Kernel, mapping: number, index: number, count: number, group: number): void {
  const { shadow, shadow_memcg } = k.space.of(mapping);
  shadow.fill(index, count, refer(index, k.workingset.nonresident_age.get(group)));
  shadow_memcg.fill(index, count, group);
  workingset_age_nonresident(k, group, count);
}

/** The same for pages that went to `count` slots of swap: the swap cache keeps their shadows. */
export function workingset_eviction_swap(k: Kernel, slot: number, count: number, group: number): void {
  k.swapSlot.shadow.fill(slot, count, refer(slot, k.workingset.nonresident_age.get(group)));
  k.swapSlot.shadow_memcg.fill(slot, count, group);
  workingset_age_nonresident(k, group, count);
}

/** Evicted pages that were evicted so recently that they belong to the working set, as distances from the first one asked about. */
export type Recent = readonly { readonly from: number; readonly count: number }[];

/** The oldest age of a page evicted for `group` that still counts as recent: as many evictions and activations ago as there are pages that would have had to make room for it. */
function oldest_recent(k: Kernel, group: number, file: boolean): number {
  const lists: LruList[] = file ? [LRU.ACTIVE_FILE] : [LRU.ACTIVE_FILE, LRU.INACTIVE_FILE];
  if (get_nr_swap_pages(k) > 0) lists.push(LRU.ACTIVE_ANON, ...(file ? [LRU.INACTIVE_ANON] : []));
  const size = lists.reduce((sum, list) => sum + lruvec_lru_size(k, list, group), 0);
  return k.workingset.nonresident_age.get(group) - size - (group === 0 ? k.options.swap.hostCache : 0);
}

/**
 * `workingset_test_recent()` for `count` shadows from `first`. Each page that comes back grows the active list and ages the others by one, so of pages
 * that were evicted one after the other all behind the first recent one are recent.
 */
function workingset_test_recent(k: Kernel, shadow: Column, memcg: Column, first: number, count: number, file: boolean): Recent {
  const found: { from: number; count: number }[] = [];
  memcg.runs(first, count, (start, length, group) => {
    let oldest: number | undefined;
    shadow.runs(start, length, (at, n, value) => {
      if (value === NONE) return;
      oldest ??= oldest_recent(k, group, file);
      const old = Math.max(0, oldest - target(at, value));
      if (old < n) found.push({ from: at + old - first, count: n - old });
    });
  });
  return found;
}

/** The same for anonymous pages and tmpfs, which were in swap. */
export const recent_in_swap = (k: Kernel, slot: number, count: number): Recent =>
  workingset_test_recent(k, k.swapSlot.shadow, k.swapSlot.shadow_memcg, slot, count, false);

/** The same for pages of a file from `index`, or a large folio there: its last shadow counts for all of it. */
export function recent_in_file(k: Kernel, mapping: number, index: number, count: number, large = false): Recent {
  const { shadow, shadow_memcg } = k.space.of(mapping);
  const recent = workingset_test_recent(k, shadow, shadow_memcg, index, count, true);
  if (!large) return recent;
  let last = 0;
  shadow.runs(index, count, (at, n, value) => {
    if (value !== NONE) last = at + n - index;
  });
  return last > 0 && recent.some(({ from, count: n }) => from + n === last) ? [{ from: 0, count }] : [];
}

/** `workingset_refault()`: those of the pages that came back into frames from `pfn` go onto the active list. */
export function workingset_refault(k: Kernel, pfn: number, recent: Recent): void {
  for (const { from, count } of recent)
    k.page.flags.runs(pfn + from, count, (at, n, flags) => {
      if (!any(flags, PG.lru) || any(flags, PG.active + PG.unevictable)) return;
      workingset_activation(k, at, n);
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

/** What was evicted of `count` pages from `index`, or went to swap, and how much of it recently. */
export function evicted(k: Kernel, mapping: number, index: number, count: number): { nr_evicted: number; nr_recently_evicted: number } {
  const found = { nr_evicted: 0, nr_recently_evicted: 0 };
  const { shadow } = k.space.of(mapping);
  shadow.runs(index, count, (_at, n, value) => {
    if (value !== NONE) found.nr_evicted += n;
  });
  const recent = [...recent_in_file(k, mapping, index, count)];
  for (const run of shmem_swapped(k, mapping, index, count)) {
    found.nr_evicted += run.count;
    recent.push(...workingset_test_recent(k, k.swapSlot.shadow, k.swapSlot.shadow_memcg, run.slot, run.count, true));
  }
  found.nr_recently_evicted = recent.reduce((sum, { count: n }) => sum + n, 0);
  return found;
}
