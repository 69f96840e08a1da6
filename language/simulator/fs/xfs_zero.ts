import type { Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';
import { bmap } from './extents';
import { zero_tail } from './truncate';

/** `xfs_zero_range()` from `end` to the end of its page: nothing where no data lies on disk or is dirty. Whether it did something. */
export function xfs_zero_tail(k: Kernel, inode: number, end: number): boolean {
  const index = Math.floor(end / PAGE_SIZE);
  if (end % PAGE_SIZE === 0) return false;
  if (bmap(k, inode, index, 1).block === undefined && k.space.of(k.inode.mapping.get(inode)).dirty.get(index) === 0) return false;
  zero_tail(k, 'iomap_zero_range', inode, end);
  return true;
}
