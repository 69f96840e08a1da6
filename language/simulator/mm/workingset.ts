import type { Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';
import { shmem_swapped_end } from './shmem_swap';
import { LRU, lruvec_lru_size } from './swap';

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

/** What was evicted of `count` pages from `index`; recently: within as many evictions and activations as there are active pages (`workingset_test_recent()`). */
export function evicted(k: Kernel, mapping: number, index: number, count: number): { nr_evicted: number; nr_recently_evicted: number } {
  const found = { nr_evicted: 0, nr_recently_evicted: 0 };
  const oldest = k.workingset.nonresident_age.get(0) - lruvec_lru_size(k, LRU.ACTIVE_FILE);
  k.space.of(mapping).shadow.runs(index, count, (at, n, value) => {
    if (value === NONE) return;
    found.nr_evicted += n;
    found.nr_recently_evicted += Math.min(n, Math.max(0, target(at, value) + n - oldest));
  });
  return found;
}
