import type { Kernel } from '../state/kernel';
import { NONE } from '../state/shift';

/** Pages of a file, in memory and in swap. */
const pages_of = (k: Kernel, mapping: number): number => k.mapping.nrpages.get(mapping) + k.mapping.swapped.get(mapping);

/** Pages that a tmpfs mount has left of its size (`sbinfo->max_blocks - used_blocks`). */
function shmem_blocks_left(k: Kernel, mount: number, limit: number): number {
  let used = 0;
  for (let inode = 1; inode <= k.inodes.count; inode++)
    if (k.inode.mount.get(inode) === mount) used += pages_of(k, k.inode.mapping.get(inode));
  return Math.max(0, limit - used);
}

/**
 * `shmem_inode_acct_blocks()`: how many of `count` pages from `index` of a file of tmpfs can be there, with the room that its mount has left. The kernel's
 * own mount, for memfd, has no limit.
 */
export function shmem_inode_acct_blocks(k: Kernel, inode: number, index: number, count: number): number {
  const mount = k.inode.mount.get(inode);
  const limit = k.mount.limit.get(mount);
  if (limit === 0 || k.counter('nr_shmem') + k.counter('nr_swap') + count <= limit) return count;
  let left = shmem_blocks_left(k, mount, limit);
  let fits = count;
  const mapping = k.inode.mapping.get(inode);
  const swap = k.shmemSwap.of(mapping).slot;
  k.space.of(mapping).pages.runs(index, count, (start, length, value) => {
    if (value !== NONE) return false;
    swap.runs(start, length, (at, n, slot) => {
      if (slot !== NONE || left < 0) return;
      if (n > left) fits = at + left - index;
      left -= n;
    });
    return left < 0;
  });
  return fits;
}
