import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { settle_disk_size } from './disk_size';
import type { Pair } from './filesystem';
import { flush_unmap_range, generic_remap_file_range_prep } from './remap_range';
import { share_range } from './shared_extents';
import { xfs_zero_tail } from './xfs_zero';

/** `xfs_file_remap_range()`: the target's pages go from the cache, and every block counts one reference more. */
export function xfs_file_remap_range(k: Kernel, pair: Pair, from: number, to: number, length: number, dedupe: boolean): number {
  const count = pagesOf(length);
  const same = k.in('xfs_reflink_remap_prep', 1, () => {
    const size = k.inode.size.get(pair.target);
    if (to > size) xfs_zero_tail(k, pair.target, size);
    if (!generic_remap_file_range_prep(k, pair, from, to, length, dedupe)) return false;
    const first = Math.floor(Math.min(to, size) / PAGE_SIZE);
    flush_unmap_range(k, 'xfs_flush_unmap_range', pair.target, first, to / PAGE_SIZE + count - first);
    return true;
  });
  if (!same) return 0;
  k.in('xfs_reflink_remap_blocks', 1, () => share_range(k, pair, from / PAGE_SIZE, to / PAGE_SIZE, count, { dedupe }));
  if (!dedupe && to + length > k.inode.size.get(pair.target)) {
    k.inode.size.set(pair.target, to + length);
    settle_disk_size(k, pair.target);
    k.trace.effect('{file:0} is now {1} bytes long', 1, pair.target, to + length);
  }
  return length;
}
