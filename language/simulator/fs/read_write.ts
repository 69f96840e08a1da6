import { fail, number, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Content } from '../state/content';
import { Impossible } from '../state/impossible';
import type { Kernel } from '../state/kernel';
import { ebadf, fget, has_flag, O, readable, writable } from './file';
import { filesystem_of } from './filesystem';
import { do_truncate } from './truncate';

/** Largest file and offset of xfs and tmpfs, bytes. */
const MAX_BYTES = 2 ** 63;
/** Positions up to here are exact; a file may be longer. */
const EXACT = Number.MAX_SAFE_INTEGER;

/** Refuses what would be computed with rounded positions. */
function exact(position: number, length: number): void {
  if (position + length > EXACT)
    throw new Impossible(
      'out-of-range',
      `bytes beyond ${EXACT} of a file can't be read or written one by one (position ${position}, length ${length})`,
    );
}

export const calls = {
  read: (k, task, fd, len) => read_at(k, task, fd, len),
  pread: (k, task, fd, len, offset) => read_at(k, task, fd, len, offset),
  write: (k, task, fd, content) => write_at(k, task, fd, content),
  pwrite: (k, task, fd, content, offset) => write_at(k, task, fd, content, offset),

  ftruncate(k, task, fd, size) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (!writable(k, file)) return fail('EINVAL', `descriptor ${fd} is not open for writing`);
    if (size < 0) return fail('EINVAL', 'a size cannot be negative');
    if (size >= MAX_BYTES) return fail('EFBIG', 'no file can be that large');
    do_truncate(k, k.file.inode.get(file), size);
    return ok();
  },
} satisfies Calls;

/** read(2) and pread(2); without `offset` at the position, which moves. */
function read_at(k: Kernel, task: number, fd: number, len: number, offset?: number): Outcome {
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  if (!readable(k, file)) return fail('EBADF', `descriptor ${fd} is open for writing only`);
  if (k.inode.directory.get(k.file.inode.get(file)) !== 0) return fail('EISDIR', `descriptor ${fd} is a directory`);
  if (len < 0 || (offset ?? 0) < 0) return fail('EINVAL', 'neither the length nor the offset may be negative');
  const position = offset ?? k.file.position.get(file);
  exact(position, Math.min(len, k.inode.size.get(k.file.inode.get(file))));
  const content = k.in('vfs_read', 1, () => filesystem_of(k, k.file.inode.get(file)).f_op.read_iter(k, file, position, len));
  if ('kind' in content) return content;
  if (offset === undefined) k.file.position.set(file, position + content.length);
  return ok(content);
}

/** write(2) and pwrite(2); without `offset` at the position, which moves; with O_APPEND at the end. */
function write_at(k: Kernel, task: number, fd: number, content: Content, offset?: number): Outcome {
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  if (!writable(k, file)) return fail('EBADF', `descriptor ${fd} is open for reading only`);
  if ((offset ?? 0) < 0) return fail('EINVAL', 'the offset may not be negative');
  const inode = k.file.inode.get(file);
  const position = has_flag(k.file.flags.get(file), O.APPEND) ? k.inode.size.get(inode) : (offset ?? k.file.position.get(file));
  if (position + content.length >= MAX_BYTES) return fail('EFBIG', 'no file can be that large');
  exact(position, content.length);
  if (content.length === 0) return number(0);
  const outcome = k.in('vfs_write', 1, () => filesystem_of(k, inode).f_op.write_iter(k, file, position, content));
  const written = bytes_written(outcome);
  if (written === 0) return outcome;
  if (offset === undefined) k.file.position.set(file, position + written);
  return outcome;
}

/** What a `write_iter()` has written, bytes; 0 where it failed. */
const bytes_written = (outcome: Outcome): number => (outcome.kind === 'ok' ? Number(outcome.value) : 0);
