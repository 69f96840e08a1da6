import type { Options } from '../api';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { btrfs_fallocate } from './btrfs_fallocate';
import { btrfs_file_read_iter, btrfs_dio_writes_shared, btrfs_file_write_iter, btrfs_write_nowait } from './btrfs_file';
import { btrfs_end_io, btrfs_map_blocks, btrfs_needs_block, btrfs_populate, cow_file_range_inline } from './btrfs_inode';
import { btrfs_flush_ordered_range, btrfs_run_delalloc_range } from './btrfs_ordered';
import { btrfs_read_folio } from './btrfs_read';
import { btrfs_remap } from './btrfs_reflink';
import { btrfs_setattr_size } from './btrfs_size';
import { MOUNT, type Filesystem } from './filesystem';
import { filemap_flush, flush_on_close, mark_flush_on_close } from './flush_on_close';

/** Btrfs: every write moves the block, except with NODATACOW; references are counted by extent; checksums, compression, inline files, snapshots. */
export const btrfs: Filesystem = {
  name: 'btrfs',
  device: true,
  hole_negative: true,
  ra_pages: 1024,
  options: ['nodatacow', 'compress', 'copies', 'device', 'size', 'sharedext'],
  mount: btrfs_get_tree,
  populate: btrfs_populate,
  f_op: {
    read_iter: btrfs_file_read_iter,
    write_iter: btrfs_file_write_iter,
    nowait: true,
    write_nowait: btrfs_write_nowait,
    writes_shared: btrfs_dio_writes_shared,
    unaligned_dio: true,
    fallocate: btrfs_fallocate,
    release: (k, inode) => flush_on_close(k, inode, false),
    remap: btrfs_remap,
  },
  a_ops: {
    kind: AddressSpaceKind.Disk,
    stable_writes: true,
    read_folio: btrfs_read_folio,
    page_mkwrite: btrfs_flush_ordered_range,
    writeback: {
      begins: btrfs_run_delalloc_range,
      inline: cow_file_range_inline,
      map_blocks: btrfs_map_blocks,
      needs_block: btrfs_needs_block,
      end_io: btrfs_end_io,
    },
  },
  i_op: {
    setattr_size: btrfs_setattr_size,
    truncated: (k, inode, size) => void (size === 0 && mark_flush_on_close(k, inode)),
    renamed_over: (k, inode, replaced) => void (k.inode.size.get(replaced) > 0 && filemap_flush(k, inode)),
    init(k, inode) {
      if (Math.floor(k.mount.options.get(k.inode.mount.get(inode)) / MOUNT.nodatacow) % 2 === 1) k.inode.nocow.set(inode, 1);
    },
  },
  snapshots: true,
};

function btrfs_get_tree(k: Kernel, mount: number, options: Options): string | undefined {
  const copies = typeof options.copies === 'bigint' ? Number(options.copies) : 1;
  if (copies < 1 || copies > 4) return `copies = ${copies}: btrfs keeps one to four copies of an extent`;
  const flags = (options.nodatacow === true ? MOUNT.nodatacow : 0) + (options.compress === true ? MOUNT.compress : 0);
  k.mount.options.set(mount, flags);
  k.device.of(k.mount.device.get(mount)).copies.set(0, copies - 1);
  return undefined;
}
