import { fail, number } from '../calls';
import type { Outcome } from '../api';
import type { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_read } from '../mm/filemap';
import { buffered_write } from './buffered_write';
import { aligned, direct_read, direct_write, UNALIGNED } from './direct_io';
import { alloc_blocks, device_of, map_blocks } from './extents';
import { has_flag, O } from './file';
import { do_truncate } from './truncate';
import { filemap_write_and_wait_range } from './writeback';

export const is_direct = (k: Kernel, file: number): boolean => has_flag(k.file.flags.get(file), O.DIRECT);

/** `generic_file_read_iter()`: through the page cache, or with O_DIRECT past it. */
export const disk_read_iter = (k: Kernel, file: number, position: number, length: number): Content | Outcome =>
  (is_direct(k, file) ? direct_read : filemap_read)(k, file, position, length);

/** write(2) of a filesystem that overwrites blocks in place: O_DIRECT needs whole sectors; `direct` then does the writing. */
export function disk_write_iter(k: Kernel, file: number, position: number, content: Content, direct = direct_write_iter): Outcome {
  const inode = k.file.inode.get(file);
  const past = is_direct(k, file);
  if (past && !aligned(position, content.length)) return fail('EINVAL', UNALIGNED);
  fill_gap(k, inode, position);
  const outcome = (past ? direct : buffered_write_iter)(k, inode, position, content);
  if (has_flag(k.file.flags.get(file), O.DSYNC)) generic_write_sync(k, inode, position, content.length);
  return outcome;
}

export function direct_write_iter(k: Kernel, inode: number, position: number, content: Content): Outcome {
  direct_write(k, inode, position, content);
  return number(content.length);
}

export function buffered_write_iter(k: Kernel, inode: number, position: number, content: Content): Outcome {
  buffered_write(k, 'iomap_file_buffered_write', inode, position, content);
  return number(content.length);
}

/** `generic_write_sync()`: an O_DSYNC or O_SYNC descriptor's write has reached the disk when it returns. */
export function generic_write_sync(k: Kernel, inode: number, position: number, length: number): void {
  const first = Math.floor(position / PAGE_SIZE);
  k.in('generic_write_sync', 1, () => filemap_write_and_wait_range(k, inode, first, pagesOf(position + length) - first));
}

/** A write beyond the end of the file zeroes the rest of the page in which the file ended. */
export function fill_gap(k: Kernel, inode: number, position: number): void {
  if (position > k.inode.size.get(inode) && k.inode.size.get(inode) % PAGE_SIZE !== 0) do_truncate(k, inode, position);
}

/** A file that lies on disk before the first step: nothing of it is cached. */
export function populate_blocks(k: Kernel, inode: number, content: Content): void {
  const device = device_of(k, inode);
  const pages = pagesOf(content.length);
  for (let at = 0; at < pages;) {
    const { block, count } = alloc_blocks(k, device, pages - at);
    k.device.of(device).content.fill(block, count, k.contents.layout(content.slice(at * PAGE_SIZE, (at + count) * PAGE_SIZE), block));
    map_blocks(k, inode, at, block, count);
    at += count;
  }
}
