import { LOFF_END } from '../arguments';
import type { Outcome } from '../api';
import { fail, number, type Calls } from '../calls';
import { Impossible } from '../state/impossible';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_get_entry } from '../mm/filemap';
import { not_uptodate_pages, uptodate_pages } from '../mm/folio_wait';
import { shmem_swapped } from '../mm/shmem_swap';
import { bmap } from './extents';
import { ebadf, fget } from './file';
import { filesystem_of, too_long } from './filesystem';
import { has_no_bytes } from './anon_inodes';
import { is_pipe } from './pipe';
import { is_userfaultfd } from './userfaultfd_file';

const SEEK = { SET: 0, CUR: 1, END: 2, DATA: 3, HOLE: 4 } as const;

export const calls = {
  lseek(k, task, fd, offset, whence) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (whence < SEEK.SET || whence > SEEK.HOLE) return fail('EINVAL', `${whence} is no whence`);
    if (is_pipe(k, file)) return fail('ESPIPE', `descriptor ${fd} is a pipe`);
    if (has_no_bytes(k, file)) return fail('ESPIPE', `descriptor ${fd} has no positions`);
    if (is_userfaultfd(k, file)) return number(0);
    const inode = k.file.inode.get(file);
    if (whence >= SEEK.DATA) return seek_hole_data(k, file, inode, offset, whence === SEEK.DATA);
    const base = whence === SEEK.SET ? 0 : whence === SEEK.CUR ? k.file.position.get(file) : k.inode.size.get(inode);
    return vfs_setpos(k, file, inode, base + offset);
  },
} satisfies Calls;

function vfs_setpos(k: Kernel, file: number, inode: number, position: number): Outcome {
  if (position < 0) return fail('EINVAL', 'that lies before the start of the file');
  if (position >= LOFF_END || too_long(k, inode, position)) return fail('EINVAL', 'that lies beyond what the filesystem can hold');
  if (!Number.isSafeInteger(position) && position % PAGE_SIZE !== 0)
    throw new Impossible('out-of-range', `a position beyond ${Number.MAX_SAFE_INTEGER} has to be a multiple of a page`);
  k.file.position.set(file, position);
  return number(position);
}

/** SEEK_DATA and SEEK_HOLE; the end of the file is a hole. */
function seek_hole_data(k: Kernel, file: number, inode: number, from: number, data: boolean): Outcome {
  const size = k.inode.size.get(inode);
  const offset = !data && filesystem_of(k, inode).hole_negative === true ? Math.max(0, from) : from;
  if (offset < 0 || offset >= size) return fail('ENXIO', `the offset lies outside of the file, which has ${size} bytes`);
  const end = pagesOf(size);
  for (let at = Math.floor(offset / PAGE_SIZE); at < end;) {
    const stretch = holds_data(k, inode, at, end - at);
    if (stretch.data === data) return vfs_setpos(k, file, inode, Math.max(offset, at * PAGE_SIZE));
    at += stretch.count;
  }
  return data ? fail('ENXIO', 'there is no data behind the offset') : vfs_setpos(k, file, inode, size);
}

/** Whether the file's pages from `index` hold data: written blocks, pages that are dirty, and what is cached of blocks that were only allocated. */
function holds_data(k: Kernel, inode: number, index: number, count: number): { data: boolean; count: number } {
  const mapping = k.inode.mapping.get(inode);
  const { dirty } = k.space.of(mapping);
  const [swapped] = shmem_swapped(k, mapping, index, count);
  if (swapped?.index === index) return { data: true, count: swapped.count };
  if (swapped !== undefined) return holds_data(k, inode, index, swapped.index - index);
  if (k.mapping.aops.get(mapping) !== AddressSpaceKind.Disk) return mapping_seek_hole_data(k, mapping, index, count);
  const { block, unwritten, count: alike } = bmap(k, inode, index, count);
  if (block !== undefined) return { data: true, count: alike };
  if (unwritten !== undefined) return mapping_seek_hole_data(k, mapping, index, alike);
  return { data: dirty.get(index) !== 0, count: dirty.runEnd(index, index + alike) - index };
}

/** `mapping_seek_hole_data()`: what is cached and uptodate is data. */
function mapping_seek_hole_data(k: Kernel, mapping: number, index: number, count: number): { data: boolean; count: number } {
  const { pfn, count: found } = filemap_get_entry(k, mapping, index, count);
  if (pfn === 0) return { data: false, count: found };
  const ready = uptodate_pages(k, pfn, found);
  return ready > 0 ? { data: true, count: ready } : { data: false, count: not_uptodate_pages(k, pfn, found) };
}
