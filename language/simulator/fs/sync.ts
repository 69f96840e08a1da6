import { ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { ebadf, fget } from './file';
import { filemap_write_and_wait_range, writeback_all } from './writeback';

export const calls = {
  fsync: (k, task, fd) => vfs_fsync(k, task, fd),
  fdatasync: (k, task, fd) => vfs_fsync(k, task, fd),
  writeback(k) {
    k.in('wb_writeback', 1, () => writeback_all(k));
    return ok();
  },
} satisfies Calls;

function vfs_fsync(k: Kernel, task: number, fd: number): Outcome {
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  k.in('vfs_fsync_range', 1, () =>
    k.in('file_write_and_wait_range', 1, () => filemap_write_and_wait_range(k, k.file.inode.get(file), 0, 2 ** 52)),
  );
  return ok();
}
