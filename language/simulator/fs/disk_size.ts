import type { Kernel } from '../state/kernel';

/** The size of a file in bytes that its disk knows (XFS `i_disk_size`): behind the file's own while what made it longer was not written back. */
export function disk_size(k: Kernel, inode: number): number {
  const behind = k.inode.disk_size.get(inode);
  return behind === 0 ? k.inode.size.get(inode) : behind - 1;
}

/** A write through the page cache is about to make the file longer. */
export function grows_in_cache(k: Kernel, inode: number): void {
  if (k.inode.disk_size.get(inode) === 0) k.inode.disk_size.set(inode, k.inode.size.get(inode) + 1);
}

/** `xfs_setfilesize()`: what lies before `end` (bytes) has been written back. */
export function set_disk_size(k: Kernel, inode: number, end: number): void {
  const behind = k.inode.disk_size.get(inode);
  if (behind === 0 || end < behind) return;
  k.inode.disk_size.set(inode, end >= k.inode.size.get(inode) ? 0 : end + 1);
}

/** The disk learns of the file's size at once: it was set, or written past the cache. */
export function settle_disk_size(k: Kernel, inode: number): void {
  k.inode.disk_size.set(inode, 0);
}
