import { any, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { pagesOf } from '../state/units';
import { shmem_inode_acct_blocks } from '../fs/shmem_space';
import { folio_clear_dropbehind } from './dropbehind';
import { filemap_get_pages } from './filemap';
import { shmem_alloc_huge } from './shmem_huge';
import { shmem_swapin, shmem_swapped } from './shmem_swap';
import { with_reference } from './page_alloc';
import { folio_test_readahead, up_to_mark } from './ra_mark';
import { open_window, page_cache_async_ra, page_cache_sync_ra } from './readahead';

/** As many misses more than hits end read-around for an open file (`MMAP_LOTSAMISS`), and it counts to ten times that. */
const MMAP_LOTSAMISS = 100;

/** What a fault on a file page ends with: frames, or SIGBUS beyond the end of the file or where tmpfs is full. `retry`: the fault starts again, as it let go of its lock to read. */
export type FaultPages = { readonly pfn: number; readonly count: number; readonly major: boolean; readonly retry: boolean } | 'SIGBUS';

/** `filemap_fault()`: the frames for `count` pages from `index` of what the VMA maps. */
export function filemap_fault(k: Kernel, vma: number, index: number, count: number): FaultPages {
  const mapping = k.vma.mapping.get(vma);
  const shmem = k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem;
  const fault = (): FaultPages => {
    const limit = pagesOf(k.inode.size.get(k.mapping.host.get(mapping)));
    if (index >= limit) return 'SIGBUS';
    const file = k.vma.file.get(vma);
    let wanted = shmem ? room_for(k, mapping, index, Math.min(count, limit - index)) : Math.min(count, limit - index);
    if (wanted === 0) return 'SIGBUS';
    if (shmem) wanted = (shmem_swapped(k, mapping, index + 1, wanted - 1)[0]?.index ?? index + wanted) - index;
    if (!shmem && k.file.ra_pages.get(file) > 0) return fault_with_readahead(k, vma, file, index, wanted);
    if (shmem && shmem_swapped(k, mapping, index, 1).length > 0) return shmem_swapin_fault(k, mapping, index, wanted);
    if (shmem) shmem_alloc_huge(k, vma, mapping, index);
    const { pfn, count: got, missed, updated } = filemap_get_pages(k, mapping, index, wanted);
    if (shmem) return { pfn, count: got, major: false, retry: false };
    return { pfn, count: got, major: missed || (updated && is_tried(k)), retry: missed || updated };
  };
  const found = k.batch(shmem ? 'shmem_fault' : 'filemap_fault', fault, (result) => (result === 'SIGBUS' ? 1 : result.count));
  if (found !== 'SIGBUS') folio_clear_dropbehind(k, found.pfn, found.count);
  return found;
}

/** A fault on a page of tmpfs that is in swap: a major one if it is read. */
function shmem_swapin_fault(k: Kernel, mapping: number, index: number, count: number): FaultPages {
  const major = shmem_swapin(k, mapping, index, 1);
  return { ...filemap_get_pages(k, mapping, index, Math.min(1, count)), major, retry: false };
}

/** How many of `count` pages from `index` are there or can be; a fault on one of tmpfs for which its size has no room left is a SIGBUS. */
export function room_for(k: Kernel, mapping: number, index: number, count: number): number {
  const { pfn, count: found } = k.design.lookup(k, mapping, index, count);
  return pfn === 0 ? shmem_inode_acct_blocks(k, k.mapping.host.get(mapping), index, found) : found;
}

/** Hits take back what misses said against read-around. */
export function count_mmap_hits(k: Kernel, file: number, hits: number): void {
  const misses = k.file.mmap_miss.get(file);
  if (misses > 0 && hits > 0) k.file.mmap_miss.set(file, Math.max(0, misses - hits));
}

/**
 * Whether a fault that begins again without having read anything counts as a major one (FAULT_FLAG_TRIED): not a user's own access, which holds the lock of its
 * VMA alone at first (FAULT_FLAG_VMA_LOCK).
 */
const is_tried = (k: Kernel): boolean => k.userAccess === undefined;

function fault_with_readahead(k: Kernel, vma: number, file: number, index: number, wanted: number): FaultPages {
  const mapping = k.vma.mapping.get(vma);
  const random = any(k.vma.flags.get(vma), VM.RAND_READ);
  const found = k.design.lookup(k, mapping, index, wanted);
  if (found.pfn === 0) {
    const ahead = do_sync_mmap_readahead(k, vma, file, index);
    const { pfn, count, missed } = filemap_get_pages(k, mapping, index, ahead ? 1 : found.count);
    return { pfn, count, major: ahead || missed, retry: ahead || missed };
  }
  if (random || k.nap?.retry === 'missed') {
    const { pfn, count, updated } = filemap_get_pages(k, mapping, index, found.count);
    return { pfn, count, major: updated && is_tried(k), retry: updated };
  }
  const marked = folio_test_readahead(k, mapping, index, found.pfn);
  const before = marked === undefined ? up_to_mark(k, found.pfn, found.count) : 1;
  const stops = before > 1 && folio_test_readahead(k, mapping, index + before - 1, found.pfn + before - 1) !== undefined;
  const { pfn, count, updated } = filemap_get_pages(k, mapping, index, stops ? before - 1 : before);
  count_mmap_hits(k, file, count);
  if (marked !== undefined)
    with_reference(k, pfn, 1, () => {
      page_cache_async_ra(k, { file, mapping, index }, marked, k.file.ra_pages.get(file));
    });
  return { pfn, count, major: updated && is_tried(k), retry: updated || marked !== undefined };
}

/** `do_sync_mmap_readahead()`: reads around a page that is not cached, as the VMA's advice says. Gives whether it did. */
function do_sync_mmap_readahead(k: Kernel, vma: number, file: number, index: number): boolean {
  const flags = k.vma.flags.get(vma);
  const ra = { file, mapping: k.vma.mapping.get(vma), index };
  const size = k.file.ra_pages.get(file);
  const exec = any(flags, VM.EXEC);
  if (any(flags, VM.RAND_READ) && !exec) return false;
  return k.in('do_sync_mmap_readahead', 1, () => {
    if (any(flags, VM.SEQ_READ)) {
      page_cache_sync_ra(k, ra, size);
      return true;
    }
    const misses = Math.min(k.file.mmap_miss.get(file) + 1, 10 * MMAP_LOTSAMISS);
    k.file.mmap_miss.set(file, misses);
    if (misses > MMAP_LOTSAMISS) {
      k.trace.effect('{1} misses more than hits: no read-around', 1, index, misses);
      return false;
    }
    if (exec) {
      const end = k.vma.pgoff.get(vma) + k.vma.end.get(vma) - k.vma.start.get(vma);
      open_window(k, ra, { start: index, size: Math.min(size, end - index), async_size: 0, order: 0 });
    } else {
      const start = Math.max(0, index - Math.floor(size / 2));
      open_window(k, ra, { start, size, async_size: Math.floor(size / 4), order: 0 });
    }
    return true;
  });
}
