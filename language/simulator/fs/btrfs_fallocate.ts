/* eslint-disable no-bitwise -- fallocate's mode is a word of fewer than 32 bits. */
import type { Outcome } from '../api';
import { fail, ok } from '../calls';
import { btrfs_flush_ordered_range, btrfs_wait_ordered_range } from './btrfs_ordered';
import { btrfs_cont_expand } from './btrfs_size';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { zero_page } from './buffered_write';
import { bmap, free_extents, mapped } from './extents';
import { FL, pieces } from './fallocate';
import { truncate_inode_pages } from './inode';
import { extend } from './truncate';
import { alloc_file_space } from './unwritten';

/** `btrfs_fallocate()`. */
export function btrfs_fallocate(k: Kernel, inode: number, mode: number, offset: number, len: number): Outcome {
  const what = mode & ~FL.KEEP_SIZE;
  if (what !== 0 && what !== FL.PUNCH_HOLE && what !== FL.ZERO_RANGE)
    return fail('EOPNOTSUPP', 'btrfs knows allocation, holes and zero ranges only');
  const start = Math.floor(offset / PAGE_SIZE);
  if (what !== FL.PUNCH_HOLE && offset + len > k.inode.size.get(inode)) btrfs_cont_expand(k, inode);
  btrfs_wait_ordered_range(k, inode, start, pagesOf(offset + len) - start);
  if (what === FL.PUNCH_HOLE) k.in('btrfs_punch_hole', 1, () => punch_hole(k, inode, offset, len));
  else if (what === FL.ZERO_RANGE) k.in('btrfs_zero_range', 1, () => zero_range(k, inode, offset, len));
  else prealloc(k, inode, offset, len);
  if ((mode & FL.KEEP_SIZE) === 0 && offset + len > k.inode.size.get(inode)) extend(k, inode, offset + len);
  return ok();
}

/** Holes get blocks; what is kept in the inode is none. */
function prealloc(k: Kernel, inode: number, offset: number, len: number): void {
  const start = k.inode.inline.get(inode) === 0 ? offset : Math.max(offset, PAGE_SIZE);
  if (start >= offset + len) return;
  k.in('btrfs_prealloc_file_range', 1, () => alloc_file_space(k, 'btrfs_reserve_extent', inode, start, offset + len - start, true));
}

/** The whole pages of the range lose their blocks and leave the cache; its edges are zeroed through the cache where they are no holes. */
function punch_hole(k: Kernel, inode: number, offset: number, len: number): void {
  const { first, count } = pieces(offset, len);
  drop(k, inode, first, count);
  const inside = Math.min(len, pagesOf(k.inode.size.get(inode)) * PAGE_SIZE - offset);
  if (inside <= 0) return;
  for (const edge of pieces(offset, inside).edges) if (kind_of(k, inode, edge.index) !== 'hole') truncate_block(k, inode, edge);
}

/**
 * Whole pages lose their blocks and get new ones that are unwritten; of the edges what is written is zeroed through the cache, holes are taken whole.
 * Nothing is done as far as the range begins with unwritten blocks that lie together on disk.
 */
function zero_range(k: Kernel, inode: number, from: number, len: number): void {
  const end = from + len;
  const fresh = mapped(k, inode, Math.floor(from / PAGE_SIZE), pagesOf(end) - Math.floor(from / PAGE_SIZE))[0];
  const starts = fresh?.unwritten === true && fresh.index === Math.floor(from / PAGE_SIZE);
  const offset = starts ? (fresh.index + fresh.count) * PAGE_SIZE : from;
  if (offset >= end) return;
  const { first, count, edges } = pieces(offset, end - offset);
  if (pagesOf(end) - Math.floor(offset / PAGE_SIZE) === 1) {
    const index = Math.floor(offset / PAGE_SIZE);
    const kind = kind_of(k, inode, index);
    if (kind === 'unwritten') return;
    if (count === 0 && kind === 'written') return truncate_block(k, inode, edges[0]!);
    drop(k, inode, index, 1);
    return prealloc(k, inode, index * PAGE_SIZE, PAGE_SIZE);
  }
  let [start, stop] = [first, first + count];
  for (const edge of edges) {
    const kind = kind_of(k, inode, edge.index);
    if (kind === 'written') truncate_block(k, inode, edge);
    else if (kind === 'hole') [start, stop] = [Math.min(start, edge.index), Math.max(stop, edge.index + 1)];
  }
  if (start >= stop) return;
  drop(k, inode, start, stop - start);
  prealloc(k, inode, start * PAGE_SIZE, (stop - start) * PAGE_SIZE);
}

function drop(k: Kernel, inode: number, first: number, count: number): void {
  truncate_inode_pages(k, inode, first, count, false);
  free_extents(k, inode, first, count);
  if (first === 0 && count > 0) k.inode.inline.set(inode, 0);
}

function kind_of(k: Kernel, inode: number, index: number): 'hole' | 'unwritten' | 'written' {
  if (index === 0 && k.inode.inline.get(inode) !== 0) return 'written';
  const { block, unwritten } = bmap(k, inode, index, 1);
  return block !== undefined ? 'written' : unwritten !== undefined ? 'unwritten' : 'hole';
}

function truncate_block(k: Kernel, inode: number, { index, from, to }: { index: number; from: number; to: number }): void {
  k.in('btrfs_truncate_block', 1, () => {
    btrfs_flush_ordered_range(k, inode, index, 1);
    zero_page(k, inode, index, from, to);
  });
}
