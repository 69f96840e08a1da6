import type { Outcome } from '../api';
import { fail } from '../calls';
import { is_held, with_inode_lock } from '../kernel/locks';
import { LockKind, once } from '../kernel/sleep';
import type { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { generic_write_sync } from './disk_file';
import { has_flag, O } from './file';
import { filesystem_of, type Kiocb } from './filesystem';
import { bytes_written, changing, check_read, wrote } from './newest';
import { filemap_fdatawrite_range } from './writeback';

/**
 * `vfs_iter_read()`: `->read_iter()` of an open file; what it returns is held against the newest write: at the end, or of a read that slept each part when it
 * was read.
 */
export function vfs_iter_read(k: Kernel, file: number, position: number, length: number, iocb?: Kiocb): Content | Outcome {
  const inode = k.file.inode.get(file);
  const content = filesystem_of(k, inode).f_op.read_iter(k, file, position, length, iocb);
  if (!('kind' in content) && k.nap?.slept !== true) check_read(k, inode, position, content, 'a read');
  return content;
}

/** What a write came to, and where it began, bytes. */
export interface Written {
  readonly outcome: Outcome;
  readonly position: number;
}

/** How much of `content` may be written at a position, or why nothing. */
export type WriteChecks = (position: number, content: Content) => Content | Outcome;

const anything: WriteChecks = (_position, content) => content;

/**
 * `vfs_iter_write()`: `->write_iter()` of an open file, at a position or at the `end` (O_APPEND), under the inode's lock; what it has written is the newest
 * content from now on, of a write that may sleep each part when it is written. What O_DSYNC wants is waited for without the lock, what is to be dropped after
 use is given to the disk.
 */
export function vfs_iter_write(
  k: Kernel,
  file: number,
  where: number | 'end',
  content: Content,
  checks = anything,
  iocb: Kiocb = {},
): Written {
  const inode = k.file.inode.get(file);
  const { f_op, device } = filesystem_of(k, inode);
  if (iocb.nowait === true) {
    const position = where === 'end' ? k.inode.size.get(inode) : where;
    const outcome = once(k, () => would_wait(k, file, position, content.length));
    if (outcome !== undefined) return { outcome, position };
  }
  const written = once(k, (): Written => {
    const shared = once(k, () => where !== 'end' && f_op.writes_shared?.(k, file, where, content.length) === true);
    return with_inode_lock(k, inode, shared, () => {
      const position = once(k, () => (where === 'end' ? k.inode.size.get(inode) : where));
      const taken = once(k, () => checks(position, content));
      if ('kind' in taken) return { outcome: taken, position };
      const outcome = changing(k, inode, () => f_op.write_iter(k, file, position, taken, iocb));
      const bytes = bytes_written(outcome);
      if (bytes > 0 && k.nap === undefined) wrote(k, inode, position, taken.slice(0, bytes));
      return { outcome, position };
    });
  });
  const bytes = bytes_written(written.outcome);
  if (bytes === 0 || !device) return written;
  if (iocb.dsync === true || has_flag(k.file.flags.get(file), O.DSYNC)) generic_write_sync(k, inode, written.position, bytes);
  else if (iocb.dontcache === true) {
    const first = Math.floor(written.position / PAGE_SIZE);
    const count = pagesOf(written.position + bytes) - first;
    once(k, () => k.in('filemap_flush_range', 1, () => filemap_fdatawrite_range(k, inode, first, count, false)));
  }
  return written;
}

/** Why a write with IOCB_NOWAIT ends before it has begun; undefined: it goes on. */
function would_wait(k: Kernel, file: number, position: number, length: number): Outcome | undefined {
  const inode = k.file.inode.get(file);
  const { f_op } = filesystem_of(k, inode);
  const refused = f_op.write_nowait?.(k, file, position, length);
  if (refused !== undefined) return refused;
  const shared = f_op.writes_shared?.(k, file, position, length) === true;
  const held = is_held(k, { kind: LockKind.i_rwsem, of: inode, shared });
  return held === undefined ? undefined : fail('EAGAIN', held);
}
