import { beyond } from '../arguments';
import { fail, number, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Content } from '../state/content';
import { Impossible } from '../state/impossible';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, TASK_PAGES } from '../state/units';
import type { Nap } from '../mm/folio_wait';
import { ebadf, f_pos_lock, fget, fput, get_file, has_flag, O, readable, writable } from './file';
import { is_pipe, pipe_read, pipe_write } from './pipe';
import { filesystem_of, max_bytes } from './filesystem';
import { vfs_iter_read, vfs_iter_write } from './iter';
import { bytes_written } from './newest';
import { truncate_checked } from './truncate';

/** MAX_RW_COUNT: what one call moves at most, bytes. */
const MAX_RW_COUNT = 0x7ffff000;
/** User space, where a buffer would have to be, bytes. */
const USER_BYTES = (TASK_PAGES - 1) * PAGE_SIZE;
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
    if (size < 0) return fail('EINVAL', 'a size cannot be negative');
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (!writable(k, file)) return fail('EINVAL', `descriptor ${fd} is not open for writing`);
    return truncate_checked(k, k.file.inode.get(file), size);
  },
} satisfies Calls;

/** `rw_verify_area()`, and `access_ok()` for the caller's buffer, which a scenario does not name. */
function rw_verify_area(position: number, length: number): Outcome | undefined {
  if (length >= USER_BYTES) return fail('EFAULT', 'no buffer in user space is that long');
  return beyond(position, length) ? fail('EINVAL', 'the range reaches beyond the largest offset') : undefined;
}

/** read(2) and pread(2); without `offset` at the position, which moves. */
function read_at(k: Kernel, task: number, fd: number, len: number, offset?: number): Outcome {
  if ((offset ?? 0) < 0) return fail('EINVAL', 'the offset may not be negative');
  const { nap } = k;
  const file = nap?.file || fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  if (!readable(k, file)) return fail('EBADF', `descriptor ${fd} is open for writing only`);
  if (is_pipe(k, file)) return offset === undefined ? pipe_read(k, file, len) : fail('ESPIPE', `descriptor ${fd} is a pipe`);
  if (offset === undefined) f_pos_lock(k, task, file);
  const position = offset ?? k.file.position.get(file);
  const refused = rw_verify_area(position, len);
  if (refused !== undefined) return refused;
  const inode = k.file.inode.get(file);
  if (k.inode.directory.get(inode) !== 0) return fail('EISDIR', `descriptor ${fd} is a directory`);
  const count = Math.min(len, MAX_RW_COUNT);
  if (position < k.inode.size.get(inode)) exact(position, Math.min(count, k.inode.size.get(inode) - position));
  if (nap?.file === 0) hold(k, task, nap, file, offset === undefined);
  const content = k.in('vfs_read', 1, () => vfs_iter_read(k, file, position, count));
  if (offset === undefined && !('kind' in content)) k.file.position.set(file, position + content.length);
  if (nap) let_go(k, task, file);
  return 'kind' in content ? content : ok(content);
}

/** A read that may sleep holds the open file, and where it reads at the position, that too. */
function hold(k: Kernel, task: number, nap: Nap, file: number, position: boolean): void {
  nap.file = file;
  get_file(k, file);
  if (position) k.file.pos_lock.set(file, task);
}

function let_go(k: Kernel, task: number, file: number): void {
  if (k.file.pos_lock.get(file) === task) k.file.pos_lock.set(file, 0);
  fput(k, file);
}

/** write(2) and pwrite(2); without `offset` at the position, which moves; with O_APPEND at the end. */
function write_at(k: Kernel, task: number, fd: number, content: Content, offset?: number): Outcome {
  if ((offset ?? 0) < 0) return fail('EINVAL', 'the offset may not be negative');
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  if (!writable(k, file)) return fail('EBADF', `descriptor ${fd} is open for reading only`);
  if (is_pipe(k, file)) return offset === undefined ? pipe_write(k, file, content) : fail('ESPIPE', `descriptor ${fd} is a pipe`);
  if (offset === undefined) f_pos_lock(k, task, file);
  const refused = rw_verify_area(offset ?? k.file.position.get(file), content.length);
  if (refused !== undefined) return refused;
  const inode = k.file.inode.get(file);
  const position = has_flag(k.file.flags.get(file), O.APPEND) ? k.inode.size.get(inode) : (offset ?? k.file.position.get(file));
  if (content.length === 0) return number(0);
  const room = max_bytes(k, inode) - position;
  if (room <= 0) return fail('EFBIG', `no file of ${filesystem_of(k, inode).name} is that long`);
  const taken = content.length > Math.min(room, MAX_RW_COUNT) ? content.slice(0, Math.min(room, MAX_RW_COUNT)) : content;
  exact(position, taken.length);
  const outcome = k.in('vfs_write', 1, () => vfs_iter_write(k, file, position, taken));
  const written = bytes_written(outcome);
  if (written === 0) return outcome;
  if (offset === undefined) k.file.position.set(file, position + written);
  return outcome;
}
