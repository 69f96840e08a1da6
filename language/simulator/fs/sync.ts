/* eslint-disable no-bitwise -- sync_file_range's flags are a word of few bits. */
import { beyond } from '../arguments';
import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { ebadf, fget, file_inode } from './file';
import { filesystem_of } from './filesystem';
import { kern_path, why_not_found } from './namei';
import { filemap_write_and_wait_range, writeback_all } from './writeback';
import { constants } from '../../catalogue/constants';

const WRITE = Number(constants.SYNC_FILE_RANGE_WRITE.value);
const WAIT = Number(constants.SYNC_FILE_RANGE_WAIT_BEFORE.value) | Number(constants.SYNC_FILE_RANGE_WAIT_AFTER.value);

export const calls = {
  fsync: (k, task, fd) => vfs_fsync(k, task, fd),
  fdatasync: (k, task, fd) => vfs_fsync(k, task, fd),

  sync_file_range(k, task, fd, offset, len, flags) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if ((flags & ~(WRITE | WAIT)) !== 0) return fail('EINVAL', 'unknown flags');
    if (offset < 0 || len < 0 || beyond(offset, len)) return fail('EINVAL', 'neither the offset nor the length may be negative');
    const inode = k.file.inode.get(file);
    if ((flags & WRITE) === 0) return ok();
    const first = Math.floor(offset / PAGE_SIZE);
    const last = len === 0 ? 2 ** 52 : pagesOf(offset + len);
    k.in('sync_file_range', 1, () => filemap_write_and_wait_range(k, inode, first, last - first));
    return ok();
  },

  writeback(k, _task, path) {
    const inode = path === undefined ? 0 : kern_path(k, path);
    if (path !== undefined && inode === 0) return fail('ENOENT', why_not_found(k, path));
    k.in('wb_writeback', 1, () => (inode === 0 ? writeback_all(k) : filemap_write_and_wait_range(k, inode, 0, 2 ** 52)));
    return ok();
  },
} satisfies Calls;

function vfs_fsync(k: Kernel, task: number, fd: number): Outcome {
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  const { fsync } = filesystem_of(k, file_inode(k, file)).f_op;
  return k.in('vfs_fsync_range', 1, () => {
    if (fsync !== undefined) return fsync(k, file);
    k.in('file_write_and_wait_range', 1, () => filemap_write_and_wait_range(k, k.file.inode.get(file), 0, 2 ** 52));
    return ok();
  });
}
