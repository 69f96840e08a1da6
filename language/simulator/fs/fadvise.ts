import { constants } from '../../catalogue/constants';
import { fail, ok, type Calls } from '../calls';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_get_pages } from '../mm/filemap';
import { invalidate_mapping_pages } from '../mm/truncate';
import { ebadf, fget } from './file';
import { filemap_write_and_wait_range } from './writeback';

const ADVICE = {
  NORMAL: Number(constants.POSIX_FADV_NORMAL.value),
  RANDOM: Number(constants.POSIX_FADV_RANDOM.value),
  SEQUENTIAL: Number(constants.POSIX_FADV_SEQUENTIAL.value),
  WILLNEED: Number(constants.POSIX_FADV_WILLNEED.value),
  DONTNEED: Number(constants.POSIX_FADV_DONTNEED.value),
  NOREUSE: Number(constants.POSIX_FADV_NOREUSE.value),
} as const;

export const calls = {
  posix_fadvise(k, task, fd, offset, len, advice) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (len < 0) return fail('EINVAL', 'the length may not be negative');
    if (!Object.values(ADVICE).includes(advice)) return fail('EINVAL', `${advice} is no advice`);
    const inode = k.file.inode.get(file);
    const mapping = k.inode.mapping.get(inode);
    if (k.mapping.aops.get(mapping) !== AddressSpaceKind.Disk) return ok();
    const end = len === 0 ? Infinity : offset + len;
    k.in('generic_fadvise', 1, () => {
      if (advice === ADVICE.WILLNEED) willneed(k, inode, offset, end);
      else if (advice === ADVICE.DONTNEED) dontneed(k, inode, offset, end);
      else advise_reading(k, file, advice);
    });
    return ok();
  },
} satisfies Calls;

/** The other advice is about this descriptor's reads to come; NOREUSE leaves what was said about readahead. */
function advise_reading(k: Kernel, file: number, advice: number): void {
  if (advice !== ADVICE.NOREUSE) k.file.advice.set(file, advice);
  k.trace.effect('kept with the descriptor, for reads to come', 1);
}

function willneed(k: Kernel, inode: number, offset: number, end: number): void {
  const first = Math.floor(offset / PAGE_SIZE);
  const last = Math.min(pagesOf(end), pagesOf(k.inode.size.get(inode)));
  force_page_cache_readahead(k, k.inode.mapping.get(inode), first, last - first);
}

/** `force_page_cache_readahead()`: reads what is not cached of `count` pages from `index`, no further than the end of the file. */
export function force_page_cache_readahead(k: Kernel, mapping: number, index: number, count: number): void {
  const end = Math.min(index + count, pagesOf(k.inode.size.get(k.mapping.host.get(mapping))));
  k.in('force_page_cache_ra', 1, () => {
    for (let at = index; at < end;) {
      const found = k.design.lookup(k, mapping, at, end - at);
      at += found.pfn !== 0 ? found.count : filemap_get_pages(k, mapping, at, found.count).count;
    }
  });
}

/**
 * POSIX_FADV_DONTNEED: starts writing, then drops the whole pages of the range that are clean and unmapped. Simulator choice: what was
 * dirty is still under writeback then and stays (a live kernel drops it if the device was quick enough).
 */
function dontneed(k: Kernel, inode: number, offset: number, end: number): void {
  const mapping = k.inode.mapping.get(inode);
  const size = k.inode.size.get(inode);
  const start = Math.floor(offset / PAGE_SIZE);
  const first = pagesOf(offset);
  const last = end >= size ? pagesOf(size) : Math.floor(end / PAGE_SIZE);
  const clean: { at: number; n: number }[] = [];
  k.space.of(mapping).dirty.runs(first, Math.max(0, last - first), (at, n, dirty) => {
    if (dirty === 0) clean.push({ at, n });
  });
  k.in('filemap_flush_range', 1, () => filemap_write_and_wait_range(k, inode, start, pagesOf(Math.min(end, size)) - start));
  for (const { at, n } of clean) {
    invalidate_mapping_pages(k, mapping, at, n);
    k.design.beneath(k, mapping, at, n, (below, index, count) => {
      invalidate_mapping_pages(k, below, index, count);
    });
  }
}
