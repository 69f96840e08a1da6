import { fail, number, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { refer } from '../state/shift';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_get_pages, folio_content } from '../mm/filemap';
import { folio_mark_accessed } from '../mm/swap';
import { ebadf, fget, readable, writable } from './file';
import { device_of, extents_end, free_extents, mapped } from './extents';
import { truncate_inode_pages } from './inode';
import { FILESYSTEMS, filesystem_of } from './namei';
import { fill_gap } from './read_write';
import { filemap_write_and_wait_range } from './writeback';

/** The two inodes of a call that makes blocks shared. */
export interface Pair {
  readonly source: number;
  readonly target: number;
}

export const calls = {
  ficlone(k, task, fd, src_fd) {
    const pair = remap_pair(k, task, fd, src_fd);
    if ('kind' in pair) return pair;
    const { source, target } = pair;
    if (source === target)
      return k.inode.size.get(source) === 0 ? ok() : fail('EINVAL', 'a file cannot be cloned over itself: the ranges overlap');
    k.in('vfs_clone_file_range', 1, () => {
      filemap_write_and_wait_range(k, source, 0, 2 ** 52);
      filemap_write_and_wait_range(k, target, 0, 2 ** 52);
      k.in('xfs_reflink_remap_blocks', 1, () => {
        truncate_inode_pages(k, target, 0, pagesOf(k.inode.size.get(target)), false);
        share_extents(k, source, target);
      });
    });
    return ok();
  },

  ficlonerange(k, task, fd, src_fd, src_offset, src_length, dest_offset) {
    const pair = remap_pair(k, task, fd, src_fd);
    if ('kind' in pair) return pair;
    const size = k.inode.size.get(pair.source);
    if (src_offset < 0 || src_length < 0 || dest_offset < 0) return fail('EINVAL', 'neither the offsets nor the length may be negative');
    const length = src_length === 0 ? size - src_offset : src_length;
    if (length === 0) return ok();
    if (length < 0 || src_offset + length > size) return fail('EINVAL', `the source ends at ${size}`);
    const ends = src_offset + length === size && dest_offset + length >= k.inode.size.get(pair.target);
    if (!whole_blocks(src_offset, dest_offset) || (!ends && length % PAGE_SIZE !== 0))
      return fail('EINVAL', 'the range is not made of whole blocks');
    if (overlap(pair, src_offset, dest_offset, length)) return fail('EINVAL', 'the two ranges of the file overlap');
    k.in('vfs_clone_file_range', 1, () => remap_blocks(k, pair, src_offset, dest_offset, length));
    return ok();
  },

  dedupe(k, task, src_fd, src_offset, src_length, dest_fd, dest_offset) {
    const from = fget(k, task, src_fd);
    const to = fget(k, task, dest_fd);
    if (from === 0) return ebadf(src_fd);
    if (to === 0) return ebadf(dest_fd);
    if (!readable(k, from)) return fail('EBADF', `descriptor ${src_fd} is not open for reading`);
    const pair = { source: k.file.inode.get(from), target: k.file.inode.get(to) };
    if (!writable(k, to) && k.task.uid.get(task) !== 0 && k.task.uid.get(task) !== k.inode.uid.get(pair.target))
      return fail('EPERM', `descriptor ${dest_fd} is not open for writing, and the file belongs to somebody else`);
    const problem = remappable(k, pair);
    if (problem !== undefined) return problem;
    if (src_offset < 0 || src_length < 0 || dest_offset < 0) return fail('EINVAL', 'neither the offsets nor the length may be negative');
    const sizes = { source: k.inode.size.get(pair.source), target: k.inode.size.get(pair.target) };
    if (src_offset + src_length > sizes.source || dest_offset + src_length > sizes.target)
      return fail('EINVAL', 'the range reaches beyond the end of a file');
    const ends = src_offset + src_length === sizes.source && dest_offset + src_length === sizes.target;
    const length = ends ? src_length : src_length - (src_length % PAGE_SIZE);
    if (!whole_blocks(src_offset, dest_offset)) return fail('EINVAL', 'the range is not made of whole blocks');
    if (overlap(pair, src_offset, dest_offset, length)) return fail('EINVAL', 'the two ranges of the file overlap');
    if (length === 0) return number(0);
    return number(k.in('vfs_dedupe_file_range', 1, () => dedupe(k, pair, src_offset, dest_offset, length)));
  },
} satisfies Calls;

const whole_blocks = (...offsets: number[]): boolean => offsets.every((offset) => offset % PAGE_SIZE === 0);

export const overlap = ({ source, target }: Pair, from: number, to: number, length: number): boolean =>
  source === target && from < to + length && to < from + length;

function remap_pair(k: Kernel, task: number, fd: number, src_fd: number): Pair | Outcome {
  const to = fget(k, task, fd);
  const from = fget(k, task, src_fd);
  if (to === 0) return ebadf(fd);
  if (from === 0) return ebadf(src_fd);
  if (!writable(k, to)) return fail('EBADF', `descriptor ${fd} is not open for writing`);
  if (!readable(k, from)) return fail('EBADF', `descriptor ${src_fd} is not open for reading`);
  const pair = { source: k.file.inode.get(from), target: k.file.inode.get(to) };
  return remappable(k, pair) ?? pair;
}

/** Why blocks of the one can't become the other's; undefined if they can. */
function remappable(k: Kernel, { source, target }: Pair): Outcome | undefined {
  if (k.inode.directory.get(source) !== 0 || k.inode.directory.get(target) !== 0) return fail('EISDIR', 'one of the two is a directory');
  const mount = k.inode.mount.get(source);
  if (mount !== k.inode.mount.get(target)) return fail('EXDEV', 'the two files are on different filesystems');
  if (mount === 0 || !FILESYSTEMS[filesystem_of(k, mount)].reflink)
    return fail('EOPNOTSUPP', `${mount === 0 ? 'shmem' : filesystem_of(k, mount)} has no reflink`);
  return undefined;
}

/** `xfs_flush_unmap_range()`: writes the pages back and takes them out of the cache and of every mapping; private copies stay. */
export function xfs_flush_unmap_range(k: Kernel, inode: number, index: number, count: number): void {
  k.in('xfs_flush_unmap_range', 1, () => {
    filemap_write_and_wait_range(k, inode, index, count);
    truncate_inode_pages(k, inode, index, count, false);
  });
}

/** `xfs_file_remap_range()`: `length` bytes of the source from `from` become the target's from `to`; both start at a block. */
export function remap_blocks(k: Kernel, { source, target }: Pair, from: number, to: number, length: number): void {
  const first = { source: from / PAGE_SIZE, target: to / PAGE_SIZE };
  const count = pagesOf(length);
  fill_gap(k, target, to);
  filemap_write_and_wait_range(k, source, first.source, count);
  xfs_flush_unmap_range(k, target, first.target, count);
  k.in('xfs_reflink_remap_blocks', 1, () => {
    share_range(k, { source, target }, first.source, first.target, count);
    if (to + length > k.inode.size.get(target)) {
      k.inode.size.set(target, to + length);
      k.trace.effect('{file:0} is now {1} bytes long', 1, target, to + length);
    }
  });
}

/** FIDEDUPERANGE: compares through the cache, shares if equal. Gives the bytes that are shared now. */
function dedupe(k: Kernel, pair: Pair, from: number, to: number, length: number): number {
  const count = pagesOf(length);
  filemap_write_and_wait_range(k, pair.source, from / PAGE_SIZE, count);
  filemap_write_and_wait_range(k, pair.target, to / PAGE_SIZE, count);
  const same = k.in('vfs_dedupe_file_range_compare', count, () =>
    cached_content(k, pair.source, from / PAGE_SIZE, count)
      .slice(0, length)
      .equals(cached_content(k, pair.target, to / PAGE_SIZE, count).slice(0, length)),
  );
  k.trace.effect(
    same ? 'the {pages} pages of {file:0} and {file:1} are equal' : 'the {pages} pages of {file:0} and {file:1} differ: nothing is shared',
    count,
    pair.source,
    pair.target,
  );
  if (!same) return 0;
  xfs_flush_unmap_range(k, pair.target, to / PAGE_SIZE, count);
  k.in('xfs_reflink_remap_blocks', 1, () => share_range(k, pair, from / PAGE_SIZE, to / PAGE_SIZE, count));
  return length;
}

/** `read_mapping_folio()` for `count` pages from `index`: read in if need be, and marked accessed. */
function cached_content(k: Kernel, inode: number, index: number, count: number): Content {
  const parts: Content[] = [];
  for (let at = index; at < index + count;) {
    const { pfn, count: n } = k.in('read_mapping_folio', 1, () => filemap_get_pages(k, k.inode.mapping.get(inode), at, index + count - at));
    folio_mark_accessed(k, pfn, n);
    parts.push(folio_content(k, pfn, n));
    at += n;
  }
  return Content.join(parts);
}

/** The whole of `source` also becomes the content of `target`: same blocks, each with one reference more. No page moves. */
export function share_extents(k: Kernel, source: number, target: number): void {
  if (source === target) return;
  share_range(k, { source, target }, 0, 0, Math.max(extents_end(k, source), extents_end(k, target)));
  k.inode.size.set(target, k.inode.size.get(source));
}

/** `count` blocks of `source` from `from` also become `target`'s from `to`, in place of what it had there. Blocks not written yet become holes. */
function share_range(k: Kernel, { source, target }: Pair, from: number, to: number, count: number): void {
  const runs = mapped(k, source, from, count).filter((run) => !run.unwritten);
  const { refcount } = k.device.of(device_of(k, source));
  for (const run of runs) refcount.add(run.block, run.count, 1);
  free_extents(k, target, to, count);
  for (const run of runs) {
    const index = run.index - from + to;
    k.extents.of(target).blocks.fill(index, run.count, refer(index, run.block));
    k.trace.effect('{blocks:0} now also belong to {file:1}', run.count, run.block, target);
  }
}
