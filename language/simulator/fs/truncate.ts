import type { Outcome } from '../api';
import { fail, ok } from '../calls';
import { Impossible } from '../state/impossible';
import type { Kernel } from '../state/kernel';
import { Content } from '../state/content';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_get_entry } from '../mm/filemap';
import { mapping_end } from '../mm/workingset';
import { free_extents, bmap, extents_end } from './extents';
import { filesystem_of, too_long } from './filesystem';
import { truncate_inode_pages } from './inode';
import { write_page } from './buffered_write';

/** `inode_newsize_ok()` and then `do_truncate()`. */
export function truncate_checked(k: Kernel, inode: number, size: number): Outcome {
  if (too_long(k, inode, size)) return fail('EFBIG', `no file of ${filesystem_of(k, inode).name} is that long`);
  if (!Number.isSafeInteger(size) && size % PAGE_SIZE !== 0)
    throw new Impossible('out-of-range', `a size beyond ${Number.MAX_SAFE_INTEGER} has to be a multiple of a page`);
  do_truncate(k, inode, size);
  return ok();
}

/** `do_truncate()`: sets the size of a file in bytes. */
export function do_truncate(k: Kernel, inode: number, size: number): void {
  if (size === k.inode.size.get(inode)) return;
  k.in('do_truncate', 1, () => filesystem_of(k, inode).i_op.setattr_size(k, inode, size));
}

/** A disk filesystem's `->setattr()`: the tail is zeroed, pages and blocks behind the new end go. */
export function disk_setattr_size(k: Kernel, inode: number, size: number): void {
  const old = k.inode.size.get(inode);
  zero_tail(k, inode, Math.min(size, old));
  truncate_setsize(k, inode, size);
  if (size < old) free_extents(k, inode, pagesOf(size), extents_end(k, inode) - pagesOf(size));
}

/** `truncate_setsize()`: the size, and where it shrinks the pages behind it. */
export function truncate_setsize(k: Kernel, inode: number, size: number): void {
  const old = k.inode.size.get(inode);
  k.inode.size.set(inode, size);
  k.trace.effect('{file:0} is now {1} bytes long', 1, inode, size);
  if (size > old) return;
  const first = pagesOf(size);
  const last = Math.max(pagesOf(old), cached_end(k, inode));
  k.in('truncate_pagecache', 1, () => truncate_inode_pages(k, inode, first, last - first, true));
}

/** First index behind all that the file's own address_space holds or had evicted: pages can lie behind the end (FALLOC_FL_KEEP_SIZE). */
const cached_end = (k: Kernel, inode: number): number => mapping_end(k, k.inode.mapping.get(inode));

/** Disk filesystems zero the rest of the page that holds the end of the file through the page cache, which makes it dirty. */
function zero_tail(k: Kernel, inode: number, end: number): void {
  const offset = end % PAGE_SIZE;
  const index = Math.floor(end / PAGE_SIZE);
  const mapping = k.inode.mapping.get(inode);
  if (offset === 0) return;
  if (filemap_get_entry(k, mapping, index, 1).pfn === 0 && bmap(k, inode, index, 1).block === undefined) return;
  k.in('iomap_truncate_page', 1, () => write_page(k, inode, index, offset, Content.zeros(PAGE_SIZE - offset)));
}
