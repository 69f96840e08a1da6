import type { Kernel } from '../state/kernel';
import { fail } from '../calls';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { write_page } from './buffered_write';
import { inline_content, set_inline } from './btrfs_inode';
import { btrfs_wait_ordered_range } from './btrfs_ordered';
import { btrfs_cont_expand } from './btrfs_size';
import { free_extents } from './extents';
import type { Pair, RemapOps } from './filesystem';
import { truncate_inode_pages } from './inode';
import { generic_remap_file_range_prep } from './remap_range';
import { share_range } from './shared_extents';
import { filemap_write_and_wait_range } from './writeback';

export const btrfs_remap: RemapOps = {
  supported: () => true,
  refused(k, { source, target }) {
    if (k.inode.nocow.get(source) === k.inode.nocow.get(target)) return undefined;
    return fail('EINVAL', 'one of the two files is NODATACOW and has no checksums, the other has');
  },
  prepare: btrfs_remap_file_range_prep,
  remap_file_range: btrfs_remap_file_range,
};

/** What is dirty of the source, and of the range of the target, goes to disk before anything is checked. `length` 0: to the end of the source. */
function btrfs_remap_file_range_prep(k: Kernel, { source, target }: Pair, from: number, to: number, length: number): void {
  const count = length === 0 ? pagesOf(k.inode.size.get(source)) - Math.floor(from / PAGE_SIZE) : pagesOf(length);
  k.in('btrfs_remap_file_range_prep', 1, () => {
    filemap_write_and_wait_range(k, source, 0, 2 ** 52);
    if (count > 0) btrfs_wait_ordered_range(k, target, Math.floor(to / PAGE_SIZE), count);
  });
}

/** `btrfs_remap_file_range()`: a clone drops what the target caches of the range; dedupe changes no content and keeps both caches. */
function btrfs_remap_file_range(k: Kernel, pair: Pair, from: number, to: number, length: number, dedupe: boolean): number {
  const { source, target } = pair;
  const count = pagesOf(length);
  const size = k.inode.size.get(target);
  if (to > size) {
    btrfs_cont_expand(k, target);
    const first = Math.floor(size / PAGE_SIZE);
    filemap_write_and_wait_range(k, target, first, to / PAGE_SIZE - first);
  }
  if (!generic_remap_file_range_prep(k, pair, from, to, length, dedupe)) return 0;
  k.in('btrfs_clone', count, () => {
    share_range(k, pair, from / PAGE_SIZE, to / PAGE_SIZE, count, { unwritten: true, dedupe });
    if (from === 0) clone_copy_inline_extent(k, source, target, to, length);
  });
  if (!dedupe) truncate_inode_pages(k, target, to / PAGE_SIZE, count, false);
  if (to + length > k.inode.size.get(target)) {
    k.inode.size.set(target, to + length);
    k.trace.effect('{file:0} is now {1} bytes long', 1, target, to + length);
  }
  return length;
}

/** What the source keeps in its metadata: copied into the target's, or where that can't be, written through the target's cache. */
function clone_copy_inline_extent(k: Kernel, source: number, target: number, to: number, length: number): void {
  const kept = inline_content(k, source);
  if (kept === undefined) {
    if (to === 0) k.inode.inline.set(target, 0);
  } else if (to === 0 && k.inode.size.get(target) <= length) {
    free_extents(k, target, 0, 1);
    set_inline(k, target, kept.slice(0, length));
    k.trace.effect('the inline content of {file:0} is copied to {file:1}', 1, source, target);
  } else {
    if (to + length > k.inode.size.get(target)) k.inode.size.set(target, to + length);
    write_page(k, target, to / PAGE_SIZE, 0, kept.slice(0, length));
    filemap_write_and_wait_range(k, target, to / PAGE_SIZE, 1);
  }
}
