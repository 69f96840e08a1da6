/* eslint-disable no-bitwise -- fallocate's mode is a word of fewer than 32 bits. */
import type { Outcome } from '../api';
import { LOFF_END } from '../arguments';
import { fail, ok } from '../calls';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_add_folio, filemap_get_entry } from '../mm/filemap';
import { filemap_dirty_folio } from '../mm/filemap_dirty';
import { alloc_pages } from '../mm/page_alloc';
import { zero_page } from './buffered_write';
import { bmap, device_of, free_extents, mapped } from './extents';
import { FL, pieces } from './fallocate';
import { read_folio } from './read_folio';
import { shift_extents } from './shift_extents';
import { do_truncate } from './truncate';
import { alloc_file_space } from './unwritten';
import { filemap_write_and_wait_range } from './writeback';
import { flush_unmap_range } from './remap_range';
import { active_memcg } from '../mm/memcontrol';

/** `xfs_falloc_zero_range()` rounds the range up to whole blocks, whose length has to be positive still. */
export const xfs_fallocate_prepare = (mode: number, offset: number, len: number): Outcome | undefined =>
  (mode & FL.ZERO_RANGE) !== 0 && pagesOf(offset + len) * PAGE_SIZE >= LOFF_END
    ? fail('EINVAL', 'rounded up to whole blocks the range ends behind the largest offset')
    : undefined;

/** `xfs_file_fallocate()`. */
export function xfs_file_fallocate(k: Kernel, inode: number, mode: number, offset: number, len: number): Outcome {
  switch (mode & ~FL.KEEP_SIZE) {
    case FL.PUNCH_HOLE:
      k.in('xfs_free_file_space', 1, () => xfs_free_file_space(k, inode, offset, len));
      return ok();
    case FL.ZERO_RANGE:
      k.in('xfs_falloc_zero_range', 1, () => xfs_free_file_space(k, inode, offset, len));
      alloc_file_space(k, 'xfs_alloc_file_space', inode, offset, len);
      break;
    case FL.UNSHARE_RANGE:
      k.in('xfs_falloc_unshare_range', 1, () => {
        xfs_reflink_unshare(k, inode, offset, len);
        alloc_file_space(k, 'xfs_alloc_file_space', inode, offset, len);
      });
      break;
    case 0:
      k.in('xfs_falloc_allocate_range', 1, () => alloc_file_space(k, 'xfs_alloc_file_space', inode, offset, len));
      break;
    default:
      return shift_extents(k, inode, (mode & FL.INSERT_RANGE) !== 0, offset, len, true);
  }
  if ((mode & FL.KEEP_SIZE) === 0 && offset + len > k.inode.size.get(inode)) do_truncate(k, inode, offset + len);
  return ok();
}

function xfs_free_file_space(k: Kernel, inode: number, offset: number, len: number): void {
  const start = Math.floor(offset / PAGE_SIZE);
  flush_unmap_range(k, 'xfs_flush_unmap_range', inode, start, pagesOf(offset + len) - start);
  const { first, count } = pieces(offset, len);
  if (count > 0) free_extents(k, inode, first, count);
  const inside = Math.min(len, k.inode.size.get(inode) - offset);
  if (inside <= 0) return;
  for (const { index, from, to } of pieces(offset, inside).edges)
    if (bmap(k, inode, index, 1).block !== undefined)
      k.in('iomap_zero_range', 1, () => {
        zero_page(k, inode, index, from, to);
      });
  const end = offset + inside;
  if (end === k.inode.size.get(inode) && end % PAGE_SIZE !== 0) filemap_write_and_wait_range(k, inode, Math.floor(end / PAGE_SIZE), 1);
}

/** Shared blocks of the range are read into the cache, made dirty and written back, which gives the file blocks of its own. */
function xfs_reflink_unshare(k: Kernel, inode: number, offset: number, len: number): void {
  const start = Math.floor(offset / PAGE_SIZE);
  const count = pagesOf(Math.min(offset + len, k.inode.size.get(inode))) - start;
  const { refcount } = k.device.of(device_of(k, inode));
  k.in('xfs_reflink_unshare', 1, () => {
    for (const run of mapped(k, inode, start, count)) {
      if (run.unwritten) continue;
      const shared: { index: number; count: number }[] = [];
      refcount.runs(run.block, run.count, (block, n, references) => {
        if (references > 1) shared.push({ index: run.index + block - run.block, count: n });
      });
      for (const part of shared) iomap_file_unshare(k, inode, part.index, part.count);
    }
    filemap_write_and_wait_range(k, inode, start, count);
  });
}

function iomap_file_unshare(k: Kernel, inode: number, index: number, count: number): void {
  const mapping = k.inode.mapping.get(inode);
  k.in('iomap_file_unshare', count, () => {
    k.design.own(k, mapping, index, count, true);
    for (let at = index; at < index + count;) {
      let { pfn, count: n } = filemap_get_entry(k, mapping, at, index + count - at);
      if (pfn === 0) {
        ({ pfn, count: n } = alloc_pages(k, n, active_memcg(k)));
        filemap_add_folio(k, mapping, at, pfn, n);
        read_folio(k, mapping, at, pfn, n);
      }
      filemap_dirty_folio(k, pfn, n);
      at += n;
    }
  });
}
