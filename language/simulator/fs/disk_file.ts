import { fail, number } from '../calls';
import type { Outcome } from '../api';
import type { Content } from '../state/content';
import { in_one_go, once } from '../kernel/sleep';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { as_dropbehind } from '../mm/dropbehind';
import { filemap_read } from '../mm/filemap_read';
import { buffered_write } from './buffered_write';
import { aligned, direct_read, direct_write, UNALIGNED } from './direct_io';
import { alloc_blocks, device_of, map_blocks } from './extents';
import { has_flag, O } from './file';
import type { Kiocb } from './filesystem';
import { space_for } from './space';
import { filemap_write_and_wait_range } from './writeback';

export const is_direct = (k: Kernel, file: number): boolean => has_flag(k.file.flags.get(file), O.DIRECT);

/** `generic_file_read_iter()`: through the page cache, or with O_DIRECT past it. */
export const disk_read_iter = (k: Kernel, file: number, position: number, length: number, iocb?: Kiocb): Content | Outcome =>
  is_direct(k, file) ? direct_read(k, file, position, length, iocb) : filemap_read(k, file, position, length, iocb);

/** How a disk filesystem writes. */
export interface WritePath {
  /** The function that writes through the page cache. */
  readonly buffered: string;
  /** A write beyond the end comes next: the page in which the file ended is zeroed to its end. */
  zero_old_tail?(k: Kernel, inode: number): void;
  /** A write through the cache from `position` on has begun behind the old end: what lies between them is zeros. */
  zero_between?(k: Kernel, inode: number, size: number, position: number): void;
  /** O_DIRECT, whole sectors. */
  direct(k: Kernel, inode: number, position: number, content: Content): Outcome;
}

/** write(2) of a filesystem whose direct I/O needs whole sectors. */
export function disk_write_iter(k: Kernel, file: number, position: number, content: Content, path: WritePath, iocb: Kiocb = {}): Outcome {
  const inode = k.file.inode.get(file);
  const direct = is_direct(k, file);
  if (direct && !aligned(position, content.length)) return fail('EINVAL', UNALIGNED);
  const size = once(k, () => {
    const end = k.inode.size.get(inode);
    if (position > end && end % PAGE_SIZE !== 0) in_one_go(k, () => path.zero_old_tail?.(k, inode));
    return end;
  });
  if (direct) return path.direct(k, inode, position, content);
  return as_dropbehind(k, iocb.dontcache === true, () => {
    const outcome = buffered_write_iter(k, path.buffered, inode, position, content);
    if (position > size && outcome.kind === 'ok') in_one_go(k, () => path.zero_between?.(k, inode, size, position));
    return outcome;
  });
}

export function direct_write_iter(k: Kernel, inode: number, position: number, content: Content): Outcome {
  return within_space(k, inode, position, content, (part) => {
    direct_write(k, inode, position, part);
  });
}

export function buffered_write_iter(k: Kernel, name: string, inode: number, position: number, content: Content): Outcome {
  return within_space(k, inode, position, content, (part) => {
    buffered_write(k, name, inode, position, part);
  });
}

/** Whether O_DIRECT writes whole blocks: only such a write may share the inode's lock. */
export const dio_whole_blocks = (k: Kernel, file: number, position: number, length: number): boolean =>
  is_direct(k, file) && position % PAGE_SIZE === 0 && length % PAGE_SIZE === 0;

/** Writes as much as there is space for; a write that ends early is short, and only the next one fails. */
function within_space(k: Kernel, inode: number, position: number, content: Content, write: (part: Content) => void): Outcome {
  const length = once(k, () => space_for(k, inode, position, content.length));
  if (length === 0) return fail('ENOSPC', 'no block is free');
  write(length === content.length ? content : content.slice(0, length));
  return number(length);
}

/** `generic_write_sync()`: an O_DSYNC or O_SYNC descriptor's write has reached the disk when it returns. */
export function generic_write_sync(k: Kernel, inode: number, position: number, length: number): void {
  const first = Math.floor(position / PAGE_SIZE);
  k.in('generic_write_sync', 1, () => filemap_write_and_wait_range(k, inode, first, pagesOf(position + length) - first));
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
