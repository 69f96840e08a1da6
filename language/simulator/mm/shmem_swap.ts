import { any, PG, set, VM } from '../state/flags';
import { common_run_end } from '../state/column';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';
import type { Lookup } from '../designs/design';
import { filemap_add_folio, filemap_get_entry, filemap_remove_folio } from './filemap';
import { filemap_dirty_folio } from './filemap_dirty';
import { not_uptodate_pages, uptodate_pages } from './folio_wait';
import { alloc_pages, alloc_pages_noretry } from './page_alloc';
import { swap_read_folio, swap_writeout } from './page_io';
import { lruvec_add_folio, lruvec_del_folio } from './swap';
import {
  delete_from_swap_cache,
  folio_alloc_swap,
  free_swap_and_cache,
  slot_of,
  swap_cache_get_folio,
  swap_duplicate,
  swap_free,
} from './swapfile';
import { workingset_eviction_swap, recent_in_swap, workingset_refault } from './workingset';

/** Pages of tmpfs, memfd and shared anonymous memory in swap: the file's address space has an entry for the slot where the page was. */

/** A stretch of a file's pages that are in consecutive slots. */
export interface Swapped {
  readonly index: number;
  readonly count: number;
  readonly slot: number;
}

/** What of `count` pages from `index` is in swap, in runs. */
export function shmem_swapped(k: Kernel, mapping: number, index: number, count: number): Swapped[] {
  const found: Swapped[] = [];
  if (k.mapping.swapped.get(mapping) === 0) return found;
  k.shmemSwap.of(mapping).slot.runs(index, count, (at, n, value) => {
    if (value !== NONE) found.push({ index: at, count: n, slot: target(at, value) });
  });
  return found;
}

/** End (exclusive) of what a file has in swap. */
export const shmem_swapped_end = (k: Kernel, mapping: number): number =>
  k.mapping.swapped.get(mapping) === 0 ? 0 : k.shmemSwap.of(mapping).slot.runStart(Number.MAX_SAFE_INTEGER, 0);

/**
 * `shmem_writeout()`: `count` unmapped, dirty frames of a file (one page, or a large folio) go to swap: the file keeps entries for their slots, the pages are
 * written and freed. False where there are no slots for them.
 */
export function shmem_writeout(k: Kernel, pfn: number, count: number, group: number): boolean {
  return k.in('shmem_writeout', 1, () => {
    const mapping = k.page.mapping.get(pfn);
    const index = target(pfn, k.page.index.get(pfn));
    if (!folio_alloc_swap(k, pfn, count)) return false;
    const slot = slot_of(k, pfn);
    k.shmemSwap.of(mapping).slot.fill(index, count, refer(index, slot));
    k.mapping.swapped.set(mapping, k.mapping.swapped.get(mapping) + count);
    swap_duplicate(k, slot, count);
    k.in('shmem_delete_from_page_cache', 1, () => filemap_remove_folio(k, mapping, index, count));
    swap_writeout(k, pfn, count);
    k.in('__remove_mapping', count, () => {
      workingset_eviction_swap(k, slot, count, group);
      delete_from_swap_cache(k, pfn, count);
    });
    return true;
  });
}

/** What a file has from `index`, at most `count` pages; a page that is in swap is brought in first. */
export function shmem_get_entry(k: Kernel, mapping: number, index: number, count: number): Lookup {
  const [swapped] = shmem_swapped(k, mapping, index, count);
  if (swapped === undefined) return filemap_get_entry(k, mapping, index, count);
  if (swapped.index > index) return filemap_get_entry(k, mapping, index, swapped.index - index);
  shmem_swapin(k, mapping, index, 1);
  return filemap_get_entry(k, mapping, index, 1);
}

/** `shmem_get_folio(SGP_READ)`: what was allocated and never used is a hole for who reads. */
export function shmem_get_folio_read(k: Kernel, mapping: number, index: number, count: number): Lookup {
  const found = shmem_get_entry(k, mapping, index, count);
  if (found.pfn === 0) return found;
  const ready = uptodate_pages(k, found.pfn, found.count);
  return ready > 0 ? { pfn: found.pfn, count: ready } : { pfn: 0, count: not_uptodate_pages(k, found.pfn, found.count) };
}

function forget(k: Kernel, mapping: number, index: number, count: number): void {
  k.shmemSwap.of(mapping).slot.fill(index, count, NONE);
  k.mapping.swapped.set(mapping, k.mapping.swapped.get(mapping) - count);
}

/** `shmem_swapin_folio()` for all that is in swap of `count` pages from `index`; whether anything was read for it. */
export function shmem_swapin(k: Kernel, mapping: number, index: number, count: number): boolean {
  let read = false;
  for (const run of shmem_swapped(k, mapping, index, count))
    for (let at = run.index; at < run.index + run.count;) {
      const done = k.batch(
        'shmem_swapin_folio',
        () => swapin_folios(k, mapping, at, run.slot + at - run.index, run.index + run.count - at),
        (pages) => pages.count,
      );
      read ||= done.read;
      at += done.count;
    }
  return read;
}

/** `shmem_unuse()`: brings in all that files have in swap; false where memory is too short for it. */
export function shmem_unuse(k: Kernel): boolean {
  for (let mapping = 1; mapping <= k.mappings.count; mapping++)
    for (const run of shmem_swapped(k, mapping, 0, 2 ** 52))
      for (let i = 0; i < run.count; i++)
        if (swapin_folios(k, mapping, run.index + i, run.slot + i, 1, alloc_pages_noretry).count === 0) return false;
  return true;
}

/** Pages of consecutive slots that take the same path; none where `allocate` has no memory for them. */
function swapin_folios(
  k: Kernel,
  mapping: number,
  index: number,
  slot: number,
  count: number,
  allocate = alloc_pages,
): { count: number; read: boolean } {
  const cached = swap_cache_get_folio(k, slot);
  if (cached !== 0) {
    k.page.refcount.add(cached, 1, 1);
    k.trace.effect('{slots:0}: {frames:1} in the swap cache, nothing is read', 1, slot, cached);
    forget(k, mapping, index, 1);
    swap_free(k, slot, 1);
    delete_from_swap_cache(k, cached, 1);
    const flags = k.page.flags.get(cached);
    lruvec_del_folio(k, cached, 1, flags);
    add(k, mapping, index, cached, 1, any(flags, PG.active));
    return { count: 1, read: false };
  }
  const { cache, memcg } = k.swapSlot;
  const alike = common_run_end([cache, memcg], slot, slot + count) - slot;
  const { pfn, count: n } = allocate(k, alike, memcg.get(slot));
  if (n === 0) return { count: 0, read: false };
  swap_read_folio(k, slot, pfn, n);
  const recent = recent_in_swap(k, slot, n);
  forget(k, mapping, index, n);
  swap_free(k, slot, n);
  add(k, mapping, index, pfn, n);
  workingset_refault(k, pfn, recent);
  return { count: n, read: true };
}

/** `active`: the pages have been on the active list, and stay there. */
function add(k: Kernel, mapping: number, index: number, pfn: number, count: number, active = false): void {
  filemap_add_folio(k, mapping, index, pfn, count);
  if (active) {
    const flags = k.page.flags.get(pfn);
    lruvec_del_folio(k, pfn, count, flags);
    k.page.flags.fill(pfn, count, set(flags, PG.active));
    lruvec_add_folio(k, pfn, count);
  }
  k.page.flags.update(pfn, count, (flags) => set(flags, PG.uptodate));
  filemap_dirty_folio(k, pfn, count);
}

/** `shmem_free_swap()`: what is in swap of `count` pages from `index` is the file's no more. */
export function shmem_free_swap(k: Kernel, mapping: number, index: number, count: number): void {
  for (const run of shmem_swapped(k, mapping, index, count)) {
    forget(k, mapping, run.index, run.count);
    k.trace.effect('{indexes:0} of {mapping:1} leave swap', run.count, run.index, mapping);
    free_swap_and_cache(k, run.slot, run.count);
  }
}

/** Pages of a VMA's file that are in swap: of a private, writable mapping only where it has no entry of its own (`shmem_swap_usage()`, `smaps_pte_hole()`). */
export function shmem_swap_usage(k: Kernel, vma: number): number {
  const mapping = k.vma.mapping.get(vma);
  if (mapping === 0 || k.mapping.aops.get(mapping) !== AddressSpaceKind.Shmem) return 0;
  const start = k.vma.start.get(vma);
  const flags = k.vma.flags.get(vma);
  const shift = k.vma.pgoff.get(vma) - start;
  const own = any(flags, VM.WRITE) && !any(flags, VM.SHARED);
  let pages = 0;
  for (const run of shmem_swapped(k, mapping, start + shift, k.vma.end.get(vma) - start)) {
    if (!own) pages += run.count;
    else
      k.space4.of(k.vma.mm.get(vma)).pte.runs(run.index - shift, run.count, (_at, n, pte) => {
        if (pte === 0) pages += n;
      });
  }
  return pages;
}
