import { record, type Calls } from '../calls';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';
import { ebadf, fget_raw, file_inode } from './file';
import { extents_end, mapped } from './extents';
import { user_path_at } from './lookup';
import { is_pipe_inode } from './pipe';
import { cached_inode, real_inode } from './overlayfs/inode';

/** Unit of st_blocks, bytes. */
const SECTOR = 512;

export const calls = {
  stat(k, task, path) {
    const to = user_path_at(k, task, path);
    return 'kind' in to ? to : record('stat', vfs_getattr(k, to.inode));
  },

  fstat(k, task, fd) {
    const file = fget_raw(k, task, fd);
    return file === 0 ? ebadf(fd) : record('fstat', vfs_getattr(k, file_inode(k, file)));
  },
} satisfies Calls;

/** What an inode says about itself; an overlay's takes size and blocks from the file that has the data, the rest from the topmost. */
export function vfs_getattr(k: Kernel, inode: number) {
  const data = cached_inode(k, inode);
  const real = real_inode(k, inode);
  return {
    size: k.inode.size.get(data),
    blocks: (inode_blocks(k, data) * PAGE_SIZE) / SECTOR,
    nlink: is_anon(k, inode) ? 1 : k.inode.nlink.get(real),
    ino: ino_of(k, inode),
    mode: k.inode.mode.get(real),
    uid: k.inode.uid.get(real),
  };
}

/** Pipes, userfaultfds, pidfds and rings: their inodes count as named once. */
const is_anon = (k: Kernel, inode: number): boolean =>
  is_pipe_inode(k, inode) || k.userfaultfd.mm.get(inode) !== 0 || k.pidfd.pid.get(inode) !== 0 || k.ring.entries.get(inode) !== 0;

/** An overlay's file keeps the number of the lower one that it is a copy of, if that has one name. */
function ino_of(k: Kernel, inode: number): number {
  const lower = k.ovlInode.lower.get(inode);
  const kept = lower !== 0 && k.inode.nlink.get(lower) === 1 ? lower : real_inode(k, inode);
  return k.inode.ino.get(kept) || kept;
}

/** Pages of space that a file takes: its blocks, what is dirty over a hole and will get a block (delayed allocation); on tmpfs the pages it has, in memory and in swap. */
export function inode_blocks(k: Kernel, inode: number): number {
  const mapping = k.inode.mapping.get(inode);
  if (k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem) return k.mapping.nrpages.get(mapping) + k.mapping.swapped.get(mapping);
  const { blocks } = k.extents.of(inode);
  const inline = k.inode.inline.get(inode) === 0 ? 0 : 1;
  let pages = mapped(k, inode, 0, extents_end(k, inode)).reduce((sum, run) => sum + run.count, inline);
  const { dirty } = k.space.of(mapping);
  dirty.runs(inline, Math.max(0, dirty.runStart(Number.MAX_SAFE_INTEGER, 0) - inline), (at, n, tagged) => {
    if (tagged === 0) return;
    blocks.runs(at, n, (_from, length, block) => {
      if (block === 0) pages += length;
    });
  });
  return pages;
}
