import { beyond, LOFF_END } from '../arguments';
import { fail, number, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { is_pidfd } from './anon_inodes';
import { is_stream } from './userfaultfd_file';
import { filemap_get_pages } from '../mm/filemap';
import { folio_mark_accessed } from '../mm/swap';
import { file_content } from '../observables/file';
import { ebadf, fget, file_inode, has_flag, O, readable, writable } from './file';
import { filesystem_of, remap_ops, type Pair } from './filesystem';
import { is_upper_file } from './overlayfs/inode';
import { truncate_inode_pages } from './inode';
import { with_two_inodes } from '../kernel/locks';
import { in_one_go, once } from '../kernel/sleep';
import { wait_for_io } from '../mm/folio_wait';
import { changing, cloned } from './newest';
import { filemap_write_and_wait_range } from './writeback';

export const calls = {
  ficlone: (k, task, fd, src_fd) => vfs_clone_file_range(k, task, fd, src_fd, 0, 0, 0),

  ficlonerange: (k, task, fd, src_fd, src_offset, src_length, dest_offset) =>
    vfs_clone_file_range(k, task, fd, src_fd, src_offset, src_length, dest_offset),

  dedupe(k, task, src_fd, src_offset, src_length, dest_fd, dest_offset) {
    const from = fget(k, task, src_fd);
    const to = fget(k, task, dest_fd);
    if (from === 0) return ebadf(src_fd);
    if (!readable(k, from)) return fail('EINVAL', `descriptor ${src_fd} is not open for reading`);
    const source = k.file.inode.get(from);
    if (k.inode.directory.get(source) !== 0) return fail('EISDIR', `descriptor ${src_fd} is a directory`);
    if (filesystem_of(k, source).f_op.remap === undefined) return no_reflink(k, source);
    if (bad_range(src_offset, src_length)) return fail('EINVAL', BAD_RANGE);
    if (src_offset + src_length > k.inode.size.get(source)) return fail('EINVAL', 'the range reaches beyond the end of the source');
    if (to === 0) return ebadf(dest_fd);
    if (bad_range(dest_offset, src_length)) return fail('EINVAL', BAD_RANGE);
    const pair = { source, target: k.file.inode.get(to) };
    if (!writable(k, to) && k.task.uid.get(task) !== 0 && k.task.uid.get(task) !== k.inode.uid.get(pair.target))
      return fail('EPERM', `descriptor ${dest_fd} is not open for writing, and the file belongs to somebody else`);
    const apart = same_superblock(k, from, to);
    if (apart !== undefined) return apart;
    if (k.inode.directory.get(pair.target) !== 0) return fail('EISDIR', `descriptor ${dest_fd} is a directory`);
    if (src_length === 0) return number(0);
    const problem = remappable(k, pair);
    if (problem !== undefined) return problem;
    remap_ops(k, pair.target).prepare?.(k, pair, src_offset, dest_offset, src_length);
    const sizes = { source: k.inode.size.get(pair.source), target: k.inode.size.get(pair.target) };
    if (src_offset + src_length > sizes.source || dest_offset + src_length > sizes.target)
      return fail('EINVAL', 'the range reaches beyond the end of a file');
    const ends = src_offset + src_length === sizes.source && dest_offset + src_length === sizes.target;
    const length = ends ? src_length : src_length - (src_length % PAGE_SIZE);
    if (!whole_blocks(src_offset, dest_offset)) return fail('EINVAL', 'the range is not made of whole blocks');
    if (overlap(pair, src_offset, dest_offset, length)) return fail('EINVAL', 'the two ranges of the file overlap');
    if (length === 0) return number(src_length);
    if (!is_upper_file(k, from) || !is_upper_file(k, to)) return fail('EPERM', 'a file of a lower layer is not copied up for dedupe');
    const shared = k.in('vfs_dedupe_file_range', 1, () =>
      locked_and_settled(k, pair, src_offset, dest_offset, length, () => {
        if (k.nap !== undefined) read_ahead_of_compare(k, pair, src_offset, dest_offset, length);
        return in_one_go(k, () => remap_ops(k, pair.target).remap_file_range(k, pair, src_offset, dest_offset, length, true));
      }),
    );
    return number(shared === 0 ? 0 : src_length);
  },
} satisfies Calls;

/** FICLONE and FICLONERANGE; a length of 0 reaches to the end of the source. */
function vfs_clone_file_range(k: Kernel, task: number, fd: number, src_fd: number, from: number, len: number, to: number): Outcome {
  const pair = remap_pair(k, task, fd, src_fd);
  if ('kind' in pair) return pair;
  if (bad_range(from, len) || bad_range(to, len)) return fail('EINVAL', BAD_RANGE);
  remap_ops(k, pair.target).prepare?.(k, pair, from, to, len);
  const sizes = { source: k.inode.size.get(pair.source), target: k.inode.size.get(pair.target) };
  const length = len === 0 ? sizes.source - from : len;
  if (length === 0) return ok();
  if (bad_range(to, length)) return fail('EINVAL', BAD_RANGE);
  if (length < 0 || from + length > sizes.source) return fail('EINVAL', `the source ends at ${sizes.source}`);
  const whole = length % PAGE_SIZE === 0;
  if (!whole_blocks(from, to) || (!whole && from + length < sizes.source)) return fail('EINVAL', 'the range is not made of whole blocks');
  if (overlap(pair, from, to, length)) return fail('EINVAL', 'the two ranges of the file overlap');
  if (!whole && to + length < sizes.target) {
    write_back(k, pair, from, to, length);
    return fail('EINVAL', 'the source ends within a block, which would lie in the middle of the target');
  }
  k.in('vfs_clone_file_range', 1, () => do_clone_file_range(k, pair, from, to, length));
  return ok();
}

/** `length` bytes of the source from `from` also become the target's from `to`; gives how many. */
export function do_clone_file_range(k: Kernel, pair: Pair, from: number, to: number, length: number): number {
  return locked_and_settled(k, pair, from, to, length, () =>
    in_one_go(k, () => {
      const shared = changing(k, pair.target, () => {
        k.design.changing(k, pair.target);
        return remap_ops(k, pair.target).remap_file_range(k, pair, from, to, length, false);
      });
      cloned(k, pair.source, pair.target, from, to, shared);
      return shared;
    }),
  );
}

/** Does `body` with both inodes locked, and nothing of the two ranges dirty or under way. */
function locked_and_settled<T>(k: Kernel, { source, target }: Pair, from: number, to: number, length: number, body: () => T): T {
  return with_two_inodes(k, source, target, () => {
    settle(k, source, from, length);
    settle(k, target, to, length);
    return body();
  });
}

/**
 * A call that may sleep does here what the filesystem begins with: `length` bytes from `offset` are written back, and nothing of them is under way any
 * more. What comes then, by the filesystem and at once, has nothing to wait for but what was stored meanwhile.
 */
function settle(k: Kernel, inode: number, offset: number, length: number): void {
  if (k.nap === undefined) return;
  const first = offset / PAGE_SIZE;
  const count = pagesOf(length);
  once(k, () => filemap_write_and_wait_range(k, inode, first, count));
  wait_for_io(k, k.inode.mapping.get(inode), first, count, true);
}

/** What a dedupe that may sleep is going to compare is read. */
function read_ahead_of_compare(k: Kernel, { source, target }: Pair, from: number, to: number, length: number): void {
  const same = once(k, () => common_pages(k, source, target, from, to, length));
  for (const [inode, offset] of [
    [source, from],
    [target, to],
  ] as const)
    once(k, () => {
      const first = offset / PAGE_SIZE;
      const end = first + Math.min(pagesOf(length), same + 1);
      for (let at = k.nap!.loop(first); at < end; k.nap!.reached(at)) {
        k.nap!.at(at);
        at += filemap_get_pages(k, k.inode.mapping.get(inode), at, end - at).count;
      }
    });
}

const BAD_RANGE = 'the offsets and the length may not be negative, nor reach beyond the largest offset';

/** `remap_verify_area()`; the length is a `u64` that is taken for a signed one. */
const bad_range = (offset: number, length: number): boolean => offset < 0 || length >= LOFF_END || beyond(offset, length);

const whole_blocks = (...offsets: number[]): boolean => offsets.every((offset) => offset % PAGE_SIZE === 0);

export const overlap = ({ source, target }: Pair, from: number, to: number, length: number): boolean =>
  source === target && from < to + length && to < from + length;

function remap_pair(k: Kernel, task: number, fd: number, src_fd: number): Pair | Outcome {
  const to = fget(k, task, fd);
  const from = fget(k, task, src_fd);
  if (to === 0) return ebadf(fd);
  if (from === 0) return ebadf(src_fd);
  const pair = { source: k.file.inode.get(from), target: k.file.inode.get(to) };
  const found = streams_apart(k, from, to) ?? same_mount(k, file_inode(k, from), file_inode(k, to));
  const refused = found ?? generic_file_rw_checks(k, from, to) ?? same_mount(k, pair.source, pair.target);
  return refused ?? remappable(k, pair) ?? pair;
}

/** Both files must have been found on one filesystem, an overlay for instance, and then lie on one. */
export const same_superblock = (k: Kernel, from: number, to: number): Outcome | undefined =>
  both_files(k, from, to) ??
  same_mount(k, file_inode(k, from), file_inode(k, to)) ??
  same_mount(k, k.file.inode.get(from), k.file.inode.get(to));

/** A pidfd has a filesystem of its own. */
const both_files = (k: Kernel, from: number, to: number): Outcome | undefined =>
  is_pidfd(k, from) || is_pidfd(k, to) ? fail('EXDEV', 'one of them is a pidfd') : undefined;

/** What has no name and no positions lies on no filesystem that files are on. */
const streams_apart = (k: Kernel, from: number, to: number): Outcome | undefined =>
  is_stream(k, from) === is_stream(k, to) ? undefined : fail('EXDEV', 'only one of them is a file');

const same_mount = (k: Kernel, from: number, to: number): Outcome | undefined =>
  k.inode.mount.get(from) === k.inode.mount.get(to) ? undefined : fail('EXDEV', 'the two files are on different filesystems');

/** What every copy or clone needs of its two descriptors. */
export function generic_file_rw_checks(k: Kernel, from: number, to: number): Outcome | undefined {
  for (const file of [from, to])
    if (k.inode.directory.get(k.file.inode.get(file)) !== 0) return fail('EISDIR', 'one of the two is a directory');
  if (is_stream(k, from) || is_stream(k, to)) return fail('EINVAL', 'one of the two is no file');
  if (!readable(k, from)) return fail('EBADF', 'the source is not open for reading');
  if (!writable(k, to)) return fail('EBADF', 'the destination is not open for writing');
  return has_flag(k.file.flags.get(to), O.APPEND) ? fail('EBADF', 'the destination is open for appending') : undefined;
}

/** Why blocks of the one can't become the other's; undefined if they can. */
function remappable(k: Kernel, { source, target }: Pair): Outcome | undefined {
  const remap = filesystem_of(k, target).f_op.remap;
  if (remap?.supported(k, k.inode.mount.get(source)) !== true) return no_reflink(k, target);
  return remap.refused?.(k, { source, target });
}

const no_reflink = (k: Kernel, inode: number): Outcome => fail('EOPNOTSUPP', `this ${filesystem_of(k, inode).name} has no reflink`);

/** Writes the pages back and takes them out of the cache and of every mapping; private copies stay. `name`: what the filesystem calls it. */
export function flush_unmap_range(k: Kernel, name: string, inode: number, index: number, count: number): void {
  k.in(name, 1, () => {
    filemap_write_and_wait_range(k, inode, index, count);
    truncate_inode_pages(k, inode, index, count, false);
  });
}

/** `generic_remap_file_range_prep()`: both ranges are written back, and for dedupe compared through the cache. Whether there is something to share. */
export function generic_remap_file_range_prep(k: Kernel, pair: Pair, from: number, to: number, length: number, dedupe: boolean): boolean {
  return k.in('generic_remap_file_range_prep', 1, () => {
    write_back(k, pair, from, to, length);
    return !dedupe || vfs_dedupe_file_range_compare(k, pair, from, to, length);
  });
}

/** Both ranges go to disk; so they do, too, where it is only afterwards that the length turns out not to fit (`generic_remap_check_len()`). */
export function write_back(k: Kernel, pair: Pair, from: number, to: number, length: number): void {
  filemap_write_and_wait_range(k, pair.source, from / PAGE_SIZE, pagesOf(length));
  filemap_write_and_wait_range(k, pair.target, to / PAGE_SIZE, pagesOf(length));
}

/** Page by page, both read in if need be; the first two that differ end it. */
function vfs_dedupe_file_range_compare(k: Kernel, pair: Pair, from: number, to: number, length: number): boolean {
  const same = common_pages(k, pair.source, pair.target, from, to, length);
  const compared = Math.min(pagesOf(length), same + 1);
  k.in('vfs_dedupe_file_range_compare', compared, () => {
    read_mapping_folios(k, pair.source, from / PAGE_SIZE, compared);
    read_mapping_folios(k, pair.target, to / PAGE_SIZE, compared);
  });
  k.trace.effect(
    same === pagesOf(length)
      ? 'the {pages} pages of {file:0} and {file:1} are equal'
      : 'the last of {pages} pages of {file:0} and {file:1} differs: nothing is shared',
    compared,
    pair.source,
    pair.target,
  );
  return same === pagesOf(length);
}

/** How many pages two ranges have in common from their beginning. */
function common_pages(k: Kernel, source: number, target: number, from: number, to: number, length: number): number {
  const one = file_content(k, source).slice(from, from + length);
  return equal_pages(one, file_content(k, target).slice(to, to + length), pagesOf(length));
}

/** How many pages the two have in common from their beginning, of `count`. */
function equal_pages(a: Content, b: Content, count: number): number {
  const equal = (pages: number): boolean => a.slice(0, pages * PAGE_SIZE).equals(b.slice(0, pages * PAGE_SIZE));
  let low = 0;
  for (let high = count; low < high;) {
    const middle = Math.ceil((low + high) / 2);
    if (equal(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** `read_mapping_folio()` for `count` pages from `index`: read in if need be, and marked accessed. */
function read_mapping_folios(k: Kernel, inode: number, index: number, count: number): void {
  for (let at = index; at < index + count;) {
    const { pfn, count: n } = k.in('read_mapping_folio', 1, () => filemap_get_pages(k, k.inode.mapping.get(inode), at, index + count - at));
    folio_mark_accessed(k, pfn, n);
    at += n;
  }
}
