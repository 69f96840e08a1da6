/* eslint-disable no-bitwise -- sync_file_range's flags are a word of few bits. */
import { beyond } from '../arguments';
import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { ebadf, fget, file_inode } from './file';
import { filesystem_of } from './filesystem';
import { kern_path, why_not_found } from './namei';
import { filemap_fdatawrite_range, filemap_write_and_wait_range, writeback_all } from './writeback';
import { once } from '../kernel/sleep';
import { wait_for_io } from '../mm/folio_wait';
import { is_pidfd } from './anon_inodes';
import { is_stream } from './userfaultfd_file';
import { constants } from '../../catalogue/constants';

const WRITE = Number(constants.SYNC_FILE_RANGE_WRITE.value);
const WAIT_BEFORE = Number(constants.SYNC_FILE_RANGE_WAIT_BEFORE.value);
const WAIT_AFTER = Number(constants.SYNC_FILE_RANGE_WAIT_AFTER.value);
const ALL = WAIT_BEFORE | WRITE | WAIT_AFTER;

export const calls = {
  fsync: (k, task, fd) => vfs_fsync(k, task, fd),
  fdatasync: (k, task, fd) => vfs_fsync(k, task, fd),

  sync_file_range(k, task, fd, offset, len, flags) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if ((flags & ~ALL) !== 0) return fail('EINVAL', 'unknown flags');
    if (offset < 0 || len < 0 || beyond(offset, len)) return fail('EINVAL', 'neither the offset nor the length may be negative');
    if (is_stream(k, file)) return fail('ESPIPE', `descriptor ${fd} has no positions`);
    const inode = k.file.inode.get(file);
    const mapping = k.inode.mapping.get(inode);
    const first = Math.floor(offset / PAGE_SIZE);
    const last = len === 0 ? 2 ** 52 : pagesOf(offset + len);
    once(k, () => (flags & WAIT_BEFORE) !== 0 && wait_for_io(k, mapping, first, last - first, false));
    if ((flags & WRITE) !== 0)
      once(k, () => k.in('sync_file_range', 1, () => filemap_fdatawrite_range(k, inode, first, last - first, (flags & ALL) === ALL)));
    if ((flags & WAIT_AFTER) !== 0) wait_for_io(k, mapping, first, last - first, false);
    return ok();
  },

  writeback(k, _task, path) {
    const inode = path === undefined ? 0 : kern_path(k, path);
    if (path !== undefined && inode === 0) return fail('ENOENT', why_not_found(k, path));
    k.in('wb_writeback', 1, () => (inode === 0 ? writeback_all(k) : filemap_fdatawrite_range(k, inode, 0, 2 ** 52, false)));
    return ok();
  },
} satisfies Calls;

function vfs_fsync(k: Kernel, task: number, fd: number): Outcome {
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  if (is_stream(k, file) || is_pidfd(k, file)) return fail('EINVAL', `descriptor ${fd} is no file: it cannot be synchronised`);
  const { fsync } = filesystem_of(k, file_inode(k, file)).f_op;
  return k.in('vfs_fsync_range', 1, () => {
    if (fsync !== undefined) return fsync(k, file);
    k.in('file_write_and_wait_range', 1, () => filemap_write_and_wait_range(k, k.file.inode.get(file), 0, 2 ** 52));
    return ok();
  });
}
