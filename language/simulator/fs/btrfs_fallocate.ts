/* eslint-disable no-bitwise -- fallocate's mode is a word of fewer than 32 bits. */
import type { Outcome } from '../api';
import { fail, ok } from '../calls';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { zero_page } from './buffered_write';
import { bmap, free_extents } from './extents';
import { FL, pieces } from './fallocate';
import { truncate_inode_pages } from './inode';
import { do_truncate } from './truncate';
import { alloc_file_space } from './unwritten';
import { filemap_write_and_wait_range } from './writeback';

/** `btrfs_fallocate()`. */
export function btrfs_fallocate(k: Kernel, inode: number, mode: number, offset: number, len: number): Outcome {
  const what = mode & ~FL.KEEP_SIZE;
  if (what !== 0 && what !== FL.PUNCH_HOLE && what !== FL.ZERO_RANGE)
    return fail('EOPNOTSUPP', 'btrfs knows allocation, holes and zero ranges only');
  const start = Math.floor(offset / PAGE_SIZE);
  filemap_write_and_wait_range(k, inode, start, pagesOf(offset + len) - start);
  if (what !== 0) k.in(what === FL.PUNCH_HOLE ? 'btrfs_punch_hole' : 'btrfs_zero_range', 1, () => clear_range(k, inode, offset, len));
  if (what !== FL.PUNCH_HOLE)
    k.in('btrfs_prealloc_file_range', 1, () => alloc_file_space(k, 'btrfs_reserve_extent', inode, offset, len, true));
  if ((mode & FL.KEEP_SIZE) === 0 && offset + len > k.inode.size.get(inode)) do_truncate(k, inode, offset + len);
  return ok();
}

/** The whole pages of the range lose their blocks and leave the cache; its edges are zeroed through the cache. */
function clear_range(k: Kernel, inode: number, offset: number, len: number): void {
  const { first, count } = pieces(offset, len);
  truncate_inode_pages(k, inode, first, count, false);
  free_extents(k, inode, first, count);
  const inside = Math.min(len, k.inode.size.get(inode) - offset);
  if (inside <= 0) return;
  for (const { index, from, to } of pieces(offset, inside).edges)
    if (bmap(k, inode, index, 1).block !== undefined || k.inode.inline.get(inode) !== 0)
      k.in('btrfs_truncate_block', 1, () => {
        zero_page(k, inode, index, from, to);
      });
}
