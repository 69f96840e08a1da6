import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_read } from '../mm/filemap_read';
import { invalidate_mapping_pages } from '../mm/truncate';
import { btrfs_flush_ordered_range, btrfs_wait_ordered_range, in_ordered_extent } from './btrfs_ordered';
import { btrfs_cont_expand } from './btrfs_size';
import { verify_checksums } from './btrfs_read';
import { dio_write_nowait, direct_read } from './direct_io';
import type { Kiocb } from './filesystem';
import { with_iocb_lock } from '../kernel/locks';
import { in_one_go, once } from '../kernel/sleep';
import { buffered_write_iter, dio_whole_blocks, direct_write_iter, is_direct } from './disk_file';
import { device_of, extent_at, mapped } from './extents';
import { filemap_write_and_wait_range } from './writeback';

const whole_blocks = (position: number, length: number): boolean => position % PAGE_SIZE === 0 && length % PAGE_SIZE === 0;

/** `btrfs_file_read_iter()`: O_DIRECT goes past the cache only for whole blocks that are neither compressed nor inline, nor wait for others to be written with them. */
export function btrfs_file_read_iter(k: Kernel, file: number, position: number, length: number, iocb?: Kiocb): Content | Outcome {
  if (!is_direct(k, file) || !whole_blocks(position, length)) return filemap_read(k, file, position, length, iocb);
  const inode = k.file.inode.get(file);
  const first = position / PAGE_SIZE;
  const end = Math.min(position + length, k.inode.size.get(inode));
  const runs = (): ReturnType<typeof mapped> => mapped(k, inode, first, pagesOf(end) - first);
  const through = once(k, () => {
    const device = device_of(k, inode);
    const encoded = runs().some(({ block }) => (extent_at(k, device, block)?.compressed ?? 0) > 0);
    if (encoded || k.inode.inline.get(inode) !== 0) return true;
    return end > position && written_with_others(k, inode, first, pagesOf(end) - first);
  });
  if (through) return filemap_read(k, file, position, length, iocb);
  const content = with_iocb_lock(k, inode, true, iocb, () => direct_read(k, file, position, length, iocb));
  for (const run of runs()) if (!run.unwritten) verify_checksums(k, inode, run.count);
  return content;
}

/** Whether pages of a range are still waited for when all of it has been written (`btrfs_dio_iomap_begin()`: ENOTBLK). */
function written_with_others(k: Kernel, inode: number, index: number, count: number): boolean {
  const { dirty } = k.space.of(k.inode.mapping.get(inode));
  const last = index + count - 1;
  if (!in_ordered_extent(k, inode, index, count) && (dirty.get(last) === 0 || dirty.get(last + 1) === 0)) return false;
  in_one_go(k, () => filemap_write_and_wait_range(k, inode, index, count));
  return in_ordered_extent(k, inode, index, count);
}

/** `btrfs_direct_write()` shares the inode's lock where it does not make the file longer, nor has to go through the cache. */
export function btrfs_dio_writes_shared(k: Kernel, file: number, position: number, length: number): boolean {
  const inode = k.file.inode.get(file);
  const inside = position + length <= k.inode.size.get(inode);
  return inside && k.inode.nocow.get(inode) !== 0 && dio_whole_blocks(k, file, position, length);
}

/**
 * `btrfs_write_check()` with IOCB_NOWAIT: a file whose blocks are never overwritten needs new ones, and for these it would wait; a direct write also
 * where it makes the file longer or anything of its range is cached.
 */
export function btrfs_write_nowait(k: Kernel, file: number, position: number, length: number): Outcome | undefined {
  const inode = k.file.inode.get(file);
  if (k.inode.nocow.get(inode) === 0) return fail('EAGAIN', 'a write takes new blocks, and the call does not wait for them');
  if (!is_direct(k, file)) return undefined;
  if (!btrfs_dio_writes_shared(k, file, position, length)) return fail('EAGAIN', 'the write needs the lock of the inode for itself');
  return dio_write_nowait(k, inode, position, length);
}

/** `btrfs_file_write_iter()`. */
export function btrfs_file_write_iter(k: Kernel, file: number, position: number, content: Content): Outcome {
  const inode = k.file.inode.get(file);
  return is_direct(k, file) ? btrfs_direct_write(k, inode, position, content) : btrfs_buffered_write(k, inode, position, content);
}

/** `btrfs_write_check()`: before a write behind the end what lies between becomes zeros. */
function btrfs_write_check(k: Kernel, inode: number, position: number): void {
  once(k, () => position > k.inode.size.get(inode) && in_one_go(k, () => btrfs_cont_expand(k, inode)));
}

function btrfs_buffered_write(k: Kernel, inode: number, position: number, content: Content): Outcome {
  btrfs_write_check(k, inode, position);
  const first = Math.floor(position / PAGE_SIZE);
  once(k, () => in_one_go(k, () => btrfs_flush_ordered_range(k, inode, first, pagesOf(position + content.length) - first)));
  return buffered_write_iter(k, 'btrfs_buffered_write', inode, position, content);
}

/**
 * `btrfs_direct_write()`: a file with checksums, or a part of a block, is written through the cache, so that the bytes can't change under the
 * checksum; then it is written back and what is clean and unmapped is dropped.
 */
function btrfs_direct_write(k: Kernel, inode: number, position: number, content: Content): Outcome {
  btrfs_write_check(k, inode, position);
  if (k.inode.nocow.get(inode) !== 0 && whole_blocks(position, content.length))
    return k.in('btrfs_dio_write', 1, () => {
      once(k, () => btrfs_wait_ordered_range(k, inode, position / PAGE_SIZE, content.length / PAGE_SIZE));
      return direct_write_iter(k, inode, position, content);
    });
  once(k, () => k.trace.effect('O_DIRECT is not possible here: written through the cache', 1));
  const outcome = once(k, () => btrfs_buffered_write(k, inode, position, content));
  const first = Math.floor(position / PAGE_SIZE);
  const count = pagesOf(position + content.length) - first;
  filemap_write_and_wait_range(k, inode, first, count);
  invalidate_mapping_pages(k, k.inode.mapping.get(inode), first, count);
  return outcome;
}
