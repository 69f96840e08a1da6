/* eslint-disable no-bitwise -- f_mode is a word of few bits. */
import { constants } from '../../catalogue/constants';
import type { Outcome } from '../api';
import { fail, ok, type Calls } from '../calls';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { force_page_cache_ra } from '../mm/readahead';
import { invalidate_mapping_pages } from '../mm/truncate';
import { bdi_ra_pages, ebadf, fget, FMODE, readable, set_mode } from './file';
import { is_pipe } from './pipe';
import { is_pidfd } from './anon_inodes';
import { is_stream } from './userfaultfd_file';
import { filemap_fdatawrite_range } from './writeback';

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
    if (is_pipe(k, file)) return fail('ESPIPE', `descriptor ${fd} is a pipe`);
    return vfs_fadvise(k, file, offset, len, advice);
  },

  readahead(k, task, fd, offset, count) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (!readable(k, file)) return fail('EBADF', `descriptor ${fd} is not open for reading`);
    if (is_stream(k, file) || is_pidfd(k, file) || k.inode.directory.get(k.file.inode.get(file)) !== 0)
      return fail('EINVAL', `descriptor ${fd} is no file`);
    return vfs_fadvise(k, file, offset, count, ADVICE.WILLNEED);
  },
} satisfies Calls;

/** `vfs_fadvise()`: tmpfs takes all advice and heeds none; a negative offset lies behind the end of every file. */
function vfs_fadvise(k: Kernel, file: number, offset: number, len: number, advice: number): Outcome {
  if (len < 0) return fail('EINVAL', 'the length may not be negative');
  if (!Object.values(ADVICE).includes(advice)) return fail('EINVAL', `${advice} is no advice`);
  const inode = k.file.inode.get(file);
  if (k.mapping.aops.get(k.inode.mapping.get(inode)) === AddressSpaceKind.Shmem) return ok();
  const end = len === 0 ? Infinity : offset + len;
  k.in('generic_fadvise', 1, () => {
    if (advice !== ADVICE.WILLNEED && advice !== ADVICE.DONTNEED) advise_reading(k, file, advice);
    else if (offset >= 0) (advice === ADVICE.WILLNEED ? willneed : dontneed)(k, file, offset, end);
  });
  return ok();
}

/** The other advice is about this open file's reads to come, NOREUSE about what mappings of it say of use. */
function advise_reading(k: Kernel, file: number, advice: number): void {
  const window = bdi_ra_pages(k, k.file.inode.get(file));
  if (advice === ADVICE.NORMAL) {
    k.file.ra_pages.set(file, window);
    set_mode(k, file, 0, FMODE.RANDOM | FMODE.NOREUSE);
  } else if (advice === ADVICE.SEQUENTIAL) {
    k.file.ra_pages.set(file, 2 * window);
    set_mode(k, file, 0, FMODE.RANDOM);
  } else set_mode(k, file, advice === ADVICE.RANDOM ? FMODE.RANDOM : FMODE.NOREUSE, 0);
  k.trace.effect('kept with the open file, for reads to come', 1);
}

/** A page number is unsigned: a negative offset lies behind every file. */
const UNSIGNED = 2 ** 52;

/** POSIX_FADV_WILLNEED, and MADV_WILLNEED of a mapping: reads what is not cached of `length` bytes at `offset`. */
export function willneed(k: Kernel, file: number, offset: number, end: number): void {
  const inode = k.file.inode.get(file);
  const first = offset < 0 ? UNSIGNED + Math.floor(offset / PAGE_SIZE) : Math.floor(offset / PAGE_SIZE);
  const last = Math.min(pagesOf(end), pagesOf(k.inode.size.get(inode)));
  if (last > first) force_page_cache_ra(k, { file, mapping: k.inode.mapping.get(inode), index: first }, last - first);
}

/**
 * POSIX_FADV_DONTNEED: starts writing, then drops the whole pages of the range that are clean and unmapped. Simulator choice: what was
 * dirty is still under writeback then and stays (a live kernel drops it if the device was quick enough).
 */
function dontneed(k: Kernel, file: number, offset: number, end: number): void {
  const inode = k.file.inode.get(file);
  const mapping = k.inode.mapping.get(inode);
  const size = k.inode.size.get(inode);
  const start = Math.floor(offset / PAGE_SIZE);
  const first = pagesOf(offset);
  const last = end >= size ? pagesOf(size) : Math.floor(end / PAGE_SIZE);
  const clean: { at: number; n: number }[] = [];
  k.space.of(mapping).dirty.runs(first, Math.max(0, last - first), (at, n, dirty) => {
    if (dirty === 0) clean.push({ at, n });
  });
  k.in('filemap_flush_range', 1, () => filemap_fdatawrite_range(k, inode, start, pagesOf(Math.min(end, size)) - start, false));
  for (const { at, n } of clean) {
    invalidate_mapping_pages(k, mapping, at, n);
    k.design.beneath(k, mapping, at, n, (below, index, count) => {
      invalidate_mapping_pages(k, below, index, count);
    });
  }
}
