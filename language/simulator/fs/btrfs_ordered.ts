import type { Kernel } from '../state/kernel';
import { filemap_write_and_wait_range } from './writeback';
import { btrfs_needs_block } from './btrfs_inode';
import { compresses, CLUSTER } from './btrfs_compression';

/**
 * Ordered extents of btrfs: blocks are allocated for a whole stretch of dirty pages, also where only the first of them are to be written (delayed allocation).
 * The others stay dirty. Who wants a page of such an extent waits for it as a whole, and so has the others written.
 */

/** Most pages that are allocated together (BTRFS_MAX_EXTENT_SIZE). */
const MAX_EXTENT = 2 ** 15;

/** `btrfs_run_delalloc_range()`: `count` pages from `index` are about to be written, and the last of them are allocated together with those behind. */
export function btrfs_run_delalloc_range(k: Kernel, inode: number, index: number, count: number): void {
  const { dirty, ordered } = k.space.of(k.inode.mapping.get(inode));
  const end = index + count;
  const is_delalloc = (at: number): boolean => dirty.get(at) !== 0 && ordered.get(at) === 0;
  if (!is_delalloc(end - 1) || !is_delalloc(end)) return;
  const start = Math.max(index, dirty.runStart(end - 1, index), ordered.runStart(end - 1, index));
  const stop = Math.min(dirty.runEnd(end, start + MAX_EXTENT), ordered.runEnd(end, start + MAX_EXTENT));
  for (let at = start; at < stop;) {
    const { needed, count: alike } = btrfs_needs_block(k, inode, at, stop - at);
    const n = needed && compresses(k, inode) ? Math.min(alike, CLUSTER) : alike;
    if (at + n > end) {
      ordered.fill(at, n, at + 1);
      k.trace.effect('{indexes:0} of {file:1} are allocated together, and not all of them written', n, at, inode);
    }
    at += n;
  }
}

/** The ordered extents with any of `count` pages from `index` that are not done yet. */
function ordered_extents(k: Kernel, inode: number, index: number, count: number): { index: number; count: number }[] {
  const { ordered } = k.space.of(k.inode.mapping.get(inode));
  const found: { index: number; count: number }[] = [];
  ordered.runs(index, count, (_at, _n, first) => {
    if (first !== 0) found.push({ index: first - 1, count: ordered.runEnd(first - 1, first + MAX_EXTENT) - first + 1 });
  });
  return found;
}

/** `btrfs_lock_and_flush_ordered_range()`: ordered extents with any page of a range are done before anybody goes on. */
export function btrfs_flush_ordered_range(k: Kernel, inode: number, index: number, count: number): void {
  for (const extent of ordered_extents(k, inode, index, count))
    k.in('btrfs_start_ordered_extent', extent.count, () => {
      filemap_write_and_wait_range(k, inode, extent.index, extent.count);
      k.space.of(k.inode.mapping.get(inode)).ordered.fill(extent.index, extent.count, 0);
    });
}

/** Whether a page of a range belongs to an ordered extent of which something has still to be written. */
export function in_ordered_extent(k: Kernel, inode: number, index: number, count: number): boolean {
  const { dirty } = k.space.of(k.inode.mapping.get(inode));
  return ordered_extents(k, inode, index, count).some(
    (extent) => dirty.get(extent.index) !== 0 || dirty.runEnd(extent.index, extent.index + extent.count) < extent.index + extent.count,
  );
}

/** `btrfs_wait_ordered_range()`: what is dirty of a range is written, and what is written with it. */
export function btrfs_wait_ordered_range(k: Kernel, inode: number, index: number, count: number): void {
  filemap_write_and_wait_range(k, inode, index, count);
  btrfs_flush_ordered_range(k, inode, index, count);
}
