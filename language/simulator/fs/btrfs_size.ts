import type { Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';
import { inline_content, set_inline } from './btrfs_inode';
import { btrfs_flush_ordered_range, btrfs_wait_ordered_range } from './btrfs_ordered';
import { free_behind, truncate_setsize, zero_tail } from './truncate';

/** `btrfs_setsize()`: a smaller file writes its last page back and zeroes nothing on disk, a larger one zeroes the page that it ended in. */
export function btrfs_setattr_size(k: Kernel, inode: number, size: number): void {
  const old = k.inode.size.get(inode);
  if (size > old) {
    btrfs_cont_expand(k, inode);
    truncate_setsize(k, inode, size);
    return;
  }
  truncate_setsize(k, inode, size);
  const first = Math.floor(size / PAGE_SIZE);
  btrfs_wait_ordered_range(k, inode, first, 2 ** 52 - first);
  free_behind(k, inode, size);
  const kept = inline_content(k, inode);
  if (size === 0) k.inode.inline.set(inode, 0);
  else if (kept !== undefined && size < PAGE_SIZE) set_inline(k, inode, kept.slice(0, size));
}

/** `btrfs_cont_expand()`: the file is about to grow; the rest of the page in which it ends becomes zeros, through the cache. */
export function btrfs_cont_expand(k: Kernel, inode: number): void {
  const size = k.inode.size.get(inode);
  if (size % PAGE_SIZE === 0) return;
  btrfs_flush_ordered_range(k, inode, Math.floor(size / PAGE_SIZE), 1);
  zero_tail(k, 'btrfs_truncate_block', inode, size);
}
