import { fail, ok, type Calls } from '../calls';
import type { Kernel } from '../state/kernel';
import { pagesOf } from '../state/units';
import { ebadf, fget, readable, writable } from './file';
import { device_of, free_extents, mapped } from './extents';
import { truncate_inode_pages } from './inode';
import { FILESYSTEMS, filesystem_of } from './namei';
import { refer } from '../state/shift';
import { filemap_write_and_wait_range } from './writeback';

export const calls = {
  ficlone(k, task, fd, src_fd) {
    const to = fget(k, task, fd);
    const from = fget(k, task, src_fd);
    if (to === 0) return ebadf(fd);
    if (from === 0) return ebadf(src_fd);
    if (!writable(k, to)) return fail('EBADF', `descriptor ${fd} is not open for writing`);
    if (!readable(k, from)) return fail('EBADF', `descriptor ${src_fd} is not open for reading`);
    const source = k.file.inode.get(from);
    const target = k.file.inode.get(to);
    const mount = k.inode.mount.get(source);
    if (mount !== k.inode.mount.get(target)) return fail('EXDEV', 'the two files are on different filesystems');
    if (mount === 0 || !FILESYSTEMS[filesystem_of(k, mount)].reflink)
      return fail('EOPNOTSUPP', `${mount === 0 ? 'shmem' : filesystem_of(k, mount)} has no reflink`);
    if (source === target) return ok();
    k.in('vfs_clone_file_range', 1, () => {
      filemap_write_and_wait_range(k, source, 0, 2 ** 52);
      filemap_write_and_wait_range(k, target, 0, 2 ** 52);
      k.in('xfs_reflink_remap_blocks', 1, () => {
        truncate_inode_pages(k, target, 0, pagesOf(k.inode.size.get(target)), false);
        share_extents(k, source, target);
      });
    });
    return ok();
  },
} satisfies Calls;

/** The whole of `source` also becomes the content of `target`: same blocks, each with one reference more. No page moves. */
export function share_extents(k: Kernel, source: number, target: number): void {
  const pages = pagesOf(k.inode.size.get(source));
  const old = pagesOf(k.inode.size.get(target));
  const runs = pages > 0 ? mapped(k, source, 0, pages) : [];
  const { refcount } = k.device.of(device_of(k, source));
  for (const run of runs) refcount.add(run.block, run.count, 1);
  if (old > 0) free_extents(k, target, 0, old);
  for (const run of runs) {
    k.extents.of(target).blocks.fill(run.index, run.count, refer(run.index, run.block));
    k.trace.effect('{blocks:0} now also belong to {file:1}', run.count, run.block, target);
  }
  k.inode.size.set(target, k.inode.size.get(source));
}
