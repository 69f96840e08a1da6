import type { Outcome } from '../api';
import { with_inode_lock } from '../kernel/locks';
import { once } from '../kernel/sleep';
import type { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { generic_write_sync } from './disk_file';
import { has_flag, O } from './file';
import { filesystem_of } from './filesystem';
import { bytes_written, changing, check_read, wrote } from './newest';

/**
 * `vfs_iter_read()`: `->read_iter()` of an open file; what it returns is held against the newest write: at the end, or of a read that slept each part when it
 * was read. `splice`: for `splice_direct_to_actor()`.
 */
export function vfs_iter_read(k: Kernel, file: number, position: number, length: number, splice = false): Content | Outcome {
  const inode = k.file.inode.get(file);
  const content = filesystem_of(k, inode).f_op.read_iter(k, file, position, length, splice);
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
 * content from now on, of a write that may sleep each part when it is written. What O_DSYNC wants is waited for without the lock.
 */
export function vfs_iter_write(k: Kernel, file: number, where: number | 'end', content: Content, checks = anything): Written {
  const inode = k.file.inode.get(file);
  const { f_op, device } = filesystem_of(k, inode);
  const written = once(k, (): Written => {
    const shared = once(k, () => where !== 'end' && f_op.writes_shared?.(k, file, where, content.length) === true);
    return with_inode_lock(k, inode, shared, () => {
      const position = once(k, () => (where === 'end' ? k.inode.size.get(inode) : where));
      const taken = once(k, () => checks(position, content));
      if ('kind' in taken) return { outcome: taken, position };
      const outcome = changing(k, inode, () => f_op.write_iter(k, file, position, taken));
      const bytes = bytes_written(outcome);
      if (bytes > 0 && k.nap === undefined) wrote(k, inode, position, taken.slice(0, bytes));
      return { outcome, position };
    });
  });
  const bytes = bytes_written(written.outcome);
  if (bytes > 0 && device && has_flag(k.file.flags.get(file), O.DSYNC)) generic_write_sync(k, inode, written.position, bytes);
  return written;
}
