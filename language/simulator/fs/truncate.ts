import type { Outcome } from '../api';
import { fail, ok } from '../calls';
import { Impossible } from '../state/impossible';
import { folio_zero_segment } from '../mm/folio_zero';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_get_entry } from '../mm/filemap';
import { with_inode_lock } from '../kernel/locks';
import { in_one_go, once } from '../kernel/sleep';
import { wait_for_io } from '../mm/folio_wait';
import { shmem_get_entry } from '../mm/shmem_swap';
import { mapping_end } from '../mm/workingset';
import { settle_disk_size } from './disk_size';
import { free_extents, extents_end } from './extents';
import { filesystem_of, too_long } from './filesystem';
import { truncate_inode_pages } from './inode';
import { resizing } from './newest';
import { zero_page } from './buffered_write';

/** `inode_newsize_ok()`, what the filesystem says, and then `do_truncate()`. */
export function truncate_checked(k: Kernel, inode: number, size: number): Outcome {
  if (too_long(k, inode, size)) return fail('EFBIG', `no file of ${filesystem_of(k, inode).name} is that long`);
  if (!Number.isSafeInteger(size) && size % PAGE_SIZE !== 0)
    throw new Impossible('out-of-range', `a size beyond ${Number.MAX_SAFE_INTEGER} has to be a multiple of a page`);
  const problem = filesystem_of(k, inode).i_op.setattr_prepare?.(k, inode, size);
  if (problem !== undefined) return problem;
  do_truncate(k, inode, size);
  return ok();
}

/** `do_truncate()`: sets the size of a file in bytes. It sleeps for what the disk does with the pages behind it first, and then goes through in one go. */
export function do_truncate(k: Kernel, inode: number, size: number): void {
  once(k, () => filesystem_of(k, inode).i_op.truncated?.(k, inode, size));
  if (size === k.inode.size.get(inode)) return;
  k.in('do_truncate', 1, () =>
    with_inode_lock(k, inode, false, () => {
      const first = Math.floor(Math.min(size, k.inode.size.get(inode)) / PAGE_SIZE);
      wait_for_io(k, k.inode.mapping.get(inode), first, 2 ** 52 - first, true);
      in_one_go(k, () =>
        resizing(k, inode, () => {
          k.design.changing(k, inode);
          filesystem_of(k, inode).i_op.setattr_size(k, inode, size);
        }),
      );
    }),
  );
}

/** The file is longer now; what lies behind its old end has been seen to. */
export const extend = (k: Kernel, inode: number, size: number): void => resizing(k, inode, () => truncate_setsize(k, inode, size));

/** `truncate_setsize()`: the size, and where it shrinks what is cached behind it. */
export function truncate_setsize(k: Kernel, inode: number, size: number): void {
  const old = k.inode.size.get(inode);
  k.inode.size.set(inode, size);
  settle_disk_size(k, inode);
  k.trace.effect('{file:0} is now {1} bytes long', 1, inode, size);
  if (size > old) return;
  const first = pagesOf(size);
  const last = Math.max(pagesOf(old), cached_end(k, inode));
  k.in('truncate_pagecache', 1, () => {
    truncate_inode_pages(k, inode, first, last - first, true, Math.floor(size / PAGE_SIZE));
    truncate_inode_partial_folio(k, inode, size);
  });
}

/** First index behind all that the file's own address_space holds or had evicted: pages can lie behind the end (FALLOC_FL_KEEP_SIZE). */
const cached_end = (k: Kernel, inode: number): number => mapping_end(k, k.inode.mapping.get(inode));

/** `truncate_inode_partial_folio()`: what lies behind the new end, in the cached page that holds it, is zeroed; a clean page stays clean. */
function truncate_inode_partial_folio(k: Kernel, inode: number, end: number): void {
  const offset = end % PAGE_SIZE;
  const index = Math.floor(end / PAGE_SIZE);
  const { pfn } = shmem_get_entry(k, k.inode.mapping.get(inode), index, offset === 0 ? 0 : 1);
  if (offset === 0 || pfn === 0) return;
  folio_zero_segment(k, pfn, offset);
}

/** Zeroes the rest of the page in which `end` lies, through the cache; it becomes dirty. */
export function zero_tail(k: Kernel, name: string, inode: number, end: number): void {
  const offset = end % PAGE_SIZE;
  k.in(name, 1, () => {
    zero_page(k, inode, Math.floor(end / PAGE_SIZE), offset, PAGE_SIZE);
  });
}

/** Frees the blocks behind a new, smaller size. */
export function free_behind(k: Kernel, inode: number, size: number): void {
  const first = pagesOf(size);
  free_extents(k, inode, first, extents_end(k, inode) - first);
}

/** What lies behind the end in the cached page that holds it becomes zeros; nothing else hears of it. */
export function zero_cached_tail(k: Kernel, inode: number, end: number): void {
  const offset = end % PAGE_SIZE;
  const index = Math.floor(end / PAGE_SIZE);
  const { pfn } = filemap_get_entry(k, k.inode.mapping.get(inode), index, 1);
  if (offset === 0 || pfn === 0) return;
  folio_zero_segment(k, pfn, offset);
}
