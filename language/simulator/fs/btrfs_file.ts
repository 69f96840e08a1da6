import type { Outcome } from '../api';
import type { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_read } from '../mm/filemap';
import { invalidate_mapping_pages } from '../mm/truncate';
import { btrfs_cont_expand } from './btrfs_inode';
import { verify_checksums } from './btrfs_read';
import { direct_read } from './direct_io';
import { buffered_write_iter, direct_write_iter, generic_write_sync, is_direct } from './disk_file';
import { device_of, extent_at, mapped } from './extents';
import { has_flag, O } from './file';
import { filemap_write_and_wait_range } from './writeback';

const BUFFERED = 'btrfs_buffered_write';

const whole_blocks = (position: number, length: number): boolean => position % PAGE_SIZE === 0 && length % PAGE_SIZE === 0;

/** `btrfs_file_read_iter()`: O_DIRECT goes past the cache only for whole blocks that are neither compressed nor inline. */
export function btrfs_file_read_iter(k: Kernel, file: number, position: number, length: number): Content | Outcome {
  if (!is_direct(k, file) || !whole_blocks(position, length)) return filemap_read(k, file, position, length);
  const inode = k.file.inode.get(file);
  const end = Math.min(position + length, k.inode.size.get(inode));
  const first = position / PAGE_SIZE;
  const runs = mapped(k, inode, first, pagesOf(end) - first);
  const device = device_of(k, inode);
  const encoded = runs.some(({ block }) => (extent_at(k, device, block)?.compressed ?? 0) > 0);
  if (encoded || k.inode.inline.get(inode) !== 0) return filemap_read(k, file, position, length);
  const content = direct_read(k, file, position, length);
  for (const run of mapped(k, inode, first, pagesOf(end) - first)) if (!run.unwritten) verify_checksums(k, inode, run.count);
  return content;
}

/** `btrfs_file_write_iter()`. */
export function btrfs_file_write_iter(k: Kernel, file: number, position: number, content: Content): Outcome {
  const inode = k.file.inode.get(file);
  if (position > k.inode.size.get(inode)) btrfs_cont_expand(k, inode);
  const outcome = is_direct(k, file)
    ? btrfs_direct_write(k, inode, position, content)
    : buffered_write_iter(k, BUFFERED, inode, position, content);
  if (has_flag(k.file.flags.get(file), O.DSYNC)) generic_write_sync(k, inode, position, content.length);
  return outcome;
}

/**
 * `btrfs_direct_write()`: a file with checksums, or a part of a block, is written through the cache, so that the bytes can't change under the
 * checksum; then it is written back and what is clean and unmapped is dropped.
 */
function btrfs_direct_write(k: Kernel, inode: number, position: number, content: Content): Outcome {
  if (k.inode.nocow.get(inode) !== 0 && whole_blocks(position, content.length))
    return k.in('btrfs_dio_write', 1, () => direct_write_iter(k, inode, position, content));
  k.trace.effect('O_DIRECT is not possible here: written through the cache', 1);
  const outcome = buffered_write_iter(k, BUFFERED, inode, position, content);
  const first = Math.floor(position / PAGE_SIZE);
  const count = pagesOf(position + content.length) - first;
  filemap_write_and_wait_range(k, inode, first, count);
  invalidate_mapping_pages(k, k.inode.mapping.get(inode), first, count);
  return outcome;
}
