import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Content } from '../state/content';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { with_iocb_lock } from '../kernel/locks';
import { filemap_end_dropbehind } from '../mm/end_dropbehind';
import { once } from '../kernel/sleep';
import { alloc_blocks, bmap, convert_unwritten, device_of, extents_end, map_blocks } from './extents';
import {
  buffered_write_iter,
  dio_whole_blocks,
  direct_write_iter,
  disk_read_iter,
  disk_write_iter,
  populate_blocks,
  type WritePath,
} from './disk_file';
import { MOUNT, mount_has, type Filesystem, type Target } from './filesystem';
import { disk_size } from './disk_size';
import { clear_flush_on_close, flush_on_close, mark_flush_on_close } from './flush_on_close';
import { filemap_write_and_wait_range } from './writeback';
import { iomap_read_folio } from './read_folio';
import { free_behind, truncate_setsize } from './truncate';
import { xfs_file_remap_range } from './xfs_reflink';
import { xfs_fallocate_prepare, xfs_file_fallocate } from './xfs_space';
import { xfs_zero_tail } from './xfs_zero';

/** XFS with reflinks: unshared blocks are overwritten in place, shared ones move at writeback; references are counted by block. */
export const xfs: Filesystem = {
  name: 'xfs',
  device: true,
  mmap_sync: true,
  full_directory: 'EEXIST',
  options: ['reflink', 'device', 'size', 'sharedext'],
  mount(k, mount, options) {
    if (options.reflink === false) k.mount.options.set(mount, MOUNT.noreflink);
    return undefined;
  },
  populate: populate_blocks,
  f_op: {
    read_iter: (k, file, position, length, iocb) =>
      with_iocb_lock(k, k.file.inode.get(file), true, iocb, () => disk_read_iter(k, file, position, length, iocb)),
    writes_shared: xfs_dio_writes_shared,
    write_iter: (k, file, position, content, iocb) => disk_write_iter(k, file, position, content, xfs_writes, iocb),
    nowait: true,
    dontcache: true,
    write_nowait: xfs_write_nowait,
    fallocate: xfs_file_fallocate,
    fallocate_prepare: xfs_fallocate_prepare,
    release: (k, inode) => flush_on_close(k, inode, true),
    remap: { supported: xfs_has_reflink, remap_file_range: xfs_file_remap_range },
  },
  a_ops: {
    kind: AddressSpaceKind.Disk,
    large_folios: 'in an extent',
    end_dropbehind: filemap_end_dropbehind,
    read_folio: iomap_read_folio,
    writeback: { begins: clear_flush_on_close, map_blocks: xfs_map_blocks, needs_block, end_io: xfs_end_io },
  },
  i_op: {
    setattr_size: xfs_setattr_size,
    truncated(k, inode, size) {
      if (size === k.inode.size.get(inode) && extents_end(k, inode) + size > 0) mark_flush_on_close(k, inode);
    },
  },
};

/** Made with `-m reflink=1`, as by default. */
function xfs_has_reflink(k: Kernel, mount: number): boolean {
  return !mount_has(k, mount, MOUNT.noreflink);
}

const BUFFERED = 'iomap_file_buffered_write';

/** `xfs_file_dio_write_aligned()`: shared, unless what lies between the end and the write has to be zeroed. */
function xfs_dio_writes_shared(k: Kernel, file: number, position: number, length: number): boolean {
  return dio_whole_blocks(k, file, position, length) && position <= k.inode.size.get(k.file.inode.get(file));
}

/** `kiocb_modified()`: the time of the last change has to be set, which may wait. Simulator choice: with each write; a live kernel's clock ticks every few ms. */
function xfs_write_nowait(): Outcome {
  return fail('EAGAIN', 'the time of the last change has to be logged, and the call does not wait for that');
}

const xfs_writes: WritePath = {
  buffered: BUFFERED,
  zero_old_tail: (k, inode) => void xfs_zero_tail(k, inode, k.inode.size.get(inode)),
  direct: xfs_file_dio_write,
};

/** `xfs_setattr_size()`: the tail is zeroed; that, and what else lies between the size that the disk knows and the new one, is written before the new size is. */
function xfs_setattr_size(k: Kernel, inode: number, size: number): void {
  const old = k.inode.size.get(inode);
  const known = disk_size(k, inode);
  const zeroed = xfs_zero_tail(k, inode, Math.min(size, old));
  truncate_setsize(k, inode, size);
  const first = Math.floor(known / PAGE_SIZE);
  if (size > known && (zeroed || old !== known)) filemap_write_and_wait_range(k, inode, first, pagesOf(size) - first);
  if (size > old) return;
  mark_flush_on_close(k, inode);
  free_behind(k, inode, size);
  if (extents_end(k, inode) === 0) k.inode.reflink.set(inode, 0);
}

/** What is not whole blocks goes through the cache where the file shares blocks, or has shared some (`xfs_reflink_bounce_dio_write`). */
function xfs_file_dio_write(k: Kernel, inode: number, position: number, content: Content): Outcome {
  const whole = position % PAGE_SIZE === 0 && content.length % PAGE_SIZE === 0;
  const bounces = once(k, () => {
    if (whole || k.inode.reflink.get(inode) === 0) return false;
    k.trace.effect('only a part of a block, in a file with the reflink flag: written through the cache', 1);
    return true;
  });
  if (!bounces) return direct_write_iter(k, inode, position, content);
  return buffered_write_iter(k, BUFFERED, inode, position, content);
}

/** xfs overwrites blocks that are the file's alone, and takes new ones for holes and shared blocks. */
function xfs_map_blocks(k: Kernel, inode: number, index: number, count: number): Target {
  const device = device_of(k, inode);
  const { block, unwritten, count: run } = bmap(k, inode, index, count);
  if (unwritten !== undefined) return { block: unwritten, count: run, fresh: 'unwritten' };
  if (block === undefined) return { ...alloc_blocks(k, device, run), fresh: 'hole' };
  const { refcount } = k.device.of(device);
  const same = refcount.runEnd(block, block + run) - block;
  if (refcount.get(block) > 1) return { ...alloc_blocks(k, device, same), fresh: 'shared' };
  return { block, count: same, fresh: undefined };
}

/** Holes and shared blocks need new ones. */
function needs_block(k: Kernel, inode: number, index: number, count: number): { needed: boolean; count: number } {
  const { block, unwritten, count: run } = bmap(k, inode, index, count);
  if (block === undefined) return { needed: unwritten === undefined, count: run };
  const { refcount } = k.device.of(device_of(k, inode));
  return { needed: refcount.get(block) > 1, count: refcount.runEnd(block, block + run) - block };
}

/** What was written becomes the file's: new blocks are mapped, and old ones lose a reference. */
function xfs_end_io(k: Kernel, inode: number, index: number, to: Target): void {
  if (to.fresh === undefined) return;
  if (to.fresh === 'unwritten') {
    k.in('xfs_iomap_write_unwritten', to.count, () => {
      convert_unwritten(k, inode, index, to.count);
      k.trace.effect('{blocks:0} of {file:1} hold data now', to.count, to.block, inode);
    });
    return;
  }
  const shared = to.fresh === 'shared';
  k.in(shared ? 'xfs_reflink_end_cow' : 'xfs_bmapi_convert_delalloc', to.count, () => {
    map_blocks(k, inode, index, to.block, to.count);
    k.trace.effect(
      shared ? '{indexes:0} of {file:2} was shared on disk: now in {blocks:1} of its own' : '{indexes:0} of {file:2} gets {blocks:1}',
      to.count,
      index,
      to.block,
      inode,
    );
  });
}
