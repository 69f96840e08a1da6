import { Content } from '../../state/content';
import type { Kernel } from '../../state/kernel';
import { PAGE_SIZE } from '../../state/units';
import { extents_end, mapped } from '../extents';
import { alloc_file, fput, O } from '../file';
import { filesystem_of } from '../filesystem';
import { vfs_iter_read, vfs_iter_write } from '../iter';
import { parent_of, path_lookup } from '../namei';
import { vfs_create } from '../names';
import { do_clone_file_range } from '../remap_range';
import { do_truncate } from '../truncate';
import { filemap_write_and_wait_range } from '../writeback';
import { cached_inode, has_option, Ovl, Xattr } from './inode';
import { set_upper, upper_name } from './lookup';

/** How much of a file a copy-up needs: its data, its metadata only, or an empty file because it is truncated anyway. */
export type CopyUp = 'data' | 'metadata' | 'empty';

/** `ovl_copy_up_flags()`: from now on the inode, and all directories above it, have real ones in the upper layer. */
export function ovl_copy_up(k: Kernel, inode: number, how: CopyUp): void {
  const mount = k.inode.mount.get(inode);
  const upper = k.ovlInode.upper.get(inode);
  const metacopy = how === 'metadata' && has_option(k, mount, Ovl.Metacopy) && k.inode.directory.get(inode) === 0;
  if (upper === 0) k.in('ovl_copy_up_one', 1, () => ovl_copy_up_one(k, inode, mount, how, metacopy));
  else if (k.ovlInode.metacopy.get(inode) !== 0 && how !== 'metadata')
    k.in('ovl_copy_up_meta_inode_data', 1, () => copy_up_data(k, inode, upper, how));
}

function ovl_copy_up_one(k: Kernel, inode: number, mount: number, how: CopyUp, metacopy: boolean): void {
  const name = k.names.text(k.inode.path.get(inode));
  const lower = k.ovlInode.lower.get(inode);
  const directory = k.inode.directory.get(inode) !== 0;
  ovl_copy_up(k, path_lookup(k, parent_of(name)), 'metadata');
  const upper = vfs_create(k, upper_name(k, mount, name), { mode: k.inode.mode.get(lower), uid: k.inode.uid.get(lower), directory });
  k.trace.effect('{file:0} of the lower layer gets {file:1} in the upper one', 1, lower, upper);
  if (metacopy) {
    k.inode.size.set(upper, k.inode.size.get(lower));
    k.inode.xattr.set(upper, Xattr.Metacopy);
    k.trace.effect('only its metadata is copied', 1);
  } else if (!directory && how !== 'empty') ovl_copy_up_data(k, lower, upper);
  set_upper(k, inode, upper);
  k.ovlInode.metacopy.set(inode, metacopy ? 1 : 0);
}

/** A file of which only the metadata was copied gets its data. */
function copy_up_data(k: Kernel, inode: number, upper: number, how: CopyUp): void {
  const lower = k.ovlInode.lower.get(inode);
  k.inode.size.set(upper, 0);
  if (how === 'data') ovl_copy_up_data(k, lower, upper);
  k.inode.xattr.set(upper, Xattr.None);
  k.ovlInode.metacopy.set(inode, 0);
}

/** `ovl_copy_up_file()`: shares the blocks where both lie on one filesystem that can (a layer that is itself an overlay is another one), else copies through both page caches and syncs. */
function ovl_copy_up_data(k: Kernel, lower: number, upper: number): void {
  const source = cached_inode(k, lower);
  const size = k.inode.size.get(source);
  if (size === 0) return;
  k.in('ovl_copy_up_data', 1, () => {
    const { remap } = filesystem_of(k, upper).f_op;
    const mount = k.inode.mount.get(upper);
    if (mount === k.inode.mount.get(lower) && remap?.supported(k, mount) === true) {
      k.in('vfs_clone_file_range', 1, () => do_clone_file_range(k, { source, target: upper }, 0, 0, size));
      k.design.copied_up(k, source, upper, true);
      return;
    }
    const from = alloc_file(k, source, 0);
    const to = alloc_file(k, upper, O.WRONLY);
    for (const { start, end } of data_of(k, source, size)) copy(k, from, to, start, end);
    fput(k, from);
    if (k.inode.size.get(upper) < size) do_truncate(k, upper, size);
    fput(k, to);
    if (filesystem_of(k, upper).device) k.in('vfs_fsync', 1, () => filemap_write_and_wait_range(k, upper, 0, 2 ** 52));
    k.design.copied_up(k, source, upper, false);
  });
}

/** Stretches of a file that are no holes (SEEK_DATA), bytes; in memory everything counts as data. */
function data_of(k: Kernel, inode: number, size: number): { start: number; end: number }[] {
  if (!filesystem_of(k, inode).device) return [{ start: 0, end: size }];
  return mapped(k, inode, 0, extents_end(k, inode))
    .filter((run) => run.index * PAGE_SIZE < size)
    .map((run) => ({ start: run.index * PAGE_SIZE, end: Math.min(size, (run.index + run.count) * PAGE_SIZE) }));
}

/** `do_splice_direct()` piece by piece. Simulator choice: 1 MiB as the kernel does, more at once on large machines, and what is written goes to disk before the next piece. */
function copy(k: Kernel, from: number, to: number, start: number, end: number): void {
  const piece = Math.max(256, Math.floor(k.options.memory / 16)) * PAGE_SIZE;
  const target = k.file.inode.get(to);
  for (let at = start; at < end; at += piece) {
    k.in('do_splice_direct', 1, () => {
      const read = vfs_iter_read(k, from, at, Math.min(piece, end - at), { splice: true });
      if (read instanceof Content) vfs_iter_write(k, to, at, read);
    });
    if (at + piece < end && filesystem_of(k, target).device) filemap_write_and_wait_range(k, target, 0, 2 ** 52);
  }
}
