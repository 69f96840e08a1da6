import { beyond, LOFF_END } from '../arguments';
import { fail, number, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { Content } from '../state/content';
import { Impossible } from '../state/impossible';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, TASK_PAGES } from '../state/units';
import { with_lock } from '../kernel/locks';
import { LockKind } from '../kernel/sleep';
import { ebadf, fget, readable, writable } from './file';
import { has_no_bytes, is_pidfd } from './anon_inodes';
import { is_pipe, pipe_read, pipe_write } from './pipe';
import { is_stream } from './userfaultfd_file';
import { userfaultfd_read } from '../mm/userfaultfd';
import { filesystem_of, max_bytes } from './filesystem';
import { is_file_hugepages } from './hugetlbfs';
import { vfs_iter_read, vfs_iter_write } from './iter';
import { bytes_written } from './newest';
import { type Iocb, kiocb_set_rw_flags } from './rw_flags';
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
      `bytes beyond ${EXACT} of a file can't be read or written one by one (position ${BigInt(position)}, length ${BigInt(length)})`,
    );
}

export const calls = {
  read: (k, task, fd, len) => read_at(k, task, fd, len),
  pread: (k, task, fd, len, offset) => read_at(k, task, fd, len, offset),
  preadv2: (k, task, fd, len, offset, flags) => read_at(k, task, fd, len, offset === -1 ? undefined : offset, flags),
  write: (k, task, fd, content) => write_at(k, task, fd, content),
  pwrite: (k, task, fd, content, offset) => write_at(k, task, fd, content, offset),
  pwritev2: (k, task, fd, content, offset, flags) => write_at(k, task, fd, content, offset === -1 ? undefined : offset, flags),

  ftruncate(k, task, fd, size) {
    if (size < 0) return fail('EINVAL', 'a size cannot be negative');
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (!writable(k, file)) return fail('EINVAL', `descriptor ${fd} is not open for writing`);
    if (is_stream(k, file)) return fail('EINVAL', `descriptor ${fd} is no file`);
    if (is_pidfd(k, file)) return fail('EOPNOTSUPP', `descriptor ${fd} is a pidfd`);
    return truncate_checked(k, k.file.inode.get(file), size);
  },
} satisfies Calls;

/** `rw_verify_area()`, and `access_ok()` for the caller's buffer, which a scenario does not name. */
function rw_verify_area(position: number, length: number): Outcome | undefined {
  if (length >= USER_BYTES) return fail('EFAULT', 'no buffer in user space is that long');
  return beyond(position, length) ? fail('EINVAL', 'the range reaches beyond the largest offset') : undefined;
}

/** read(2) and pread(2); without `offset` at the position, which moves. With `flags` preadv2(2), which takes less of a length that is too long. */
function read_at(k: Kernel, task: number, fd: number, len: number, offset?: number, flags?: number): Outcome {
  if ((offset ?? 0) < 0) return fail('EINVAL', 'the offset may not be negative');
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  if (offset !== undefined && is_stream(k, file)) return fail('ESPIPE', `descriptor ${fd} has no positions`);
  if (!readable(k, file)) return fail('EBADF', `descriptor ${fd} is open for writing only`);
  if (has_no_bytes(k, file)) return fail('EINVAL', `descriptor ${fd} has no bytes`);
  if (flags !== undefined && len >= LOFF_END) return fail('EINVAL', 'a length is a signed number here, and this one is negative');
  if (flags !== undefined && len === 0) return ok(Content.empty);
  const most = flags === undefined ? len : Math.min(len, MAX_RW_COUNT);
  const iocb = (): Iocb | Outcome => kiocb_set_rw_flags(k, file, flags ?? 0);
  if (is_stream(k, file)) {
    const refused = rw_verify_area(0, most);
    if (refused !== undefined) return refused;
    const how = iocb();
    if ('kind' in how) return how;
    return is_pipe(k, file) ? pipe_read(k, file, most, how) : userfaultfd_read(k, file, most, how);
  }
  return at_position(k, file, offset, (position) => {
    const refused = rw_verify_area(position, most);
    if (refused !== undefined) return refused;
    const how = iocb();
    if ('kind' in how) return how;
    const inode = k.file.inode.get(file);
    if (k.inode.directory.get(inode) !== 0) return fail('EISDIR', `descriptor ${fd} is a directory`);
    const count = Math.min(len, MAX_RW_COUNT);
    if (position < k.inode.size.get(inode)) exact(position, Math.min(count, k.inode.size.get(inode) - position));
    const content = k.in('vfs_read', 1, () => vfs_iter_read(k, file, position, count, how));
    if ('kind' in content) return content;
    if (offset === undefined) k.file.position.set(file, position + content.length);
    return ok(content);
  });
}

/** `fdget_pos()`: whoever reads or writes at the position of an open file has it to itself meanwhile. */
function at_position(k: Kernel, file: number, offset: number | undefined, body: (position: number) => Outcome): Outcome {
  if (offset !== undefined) return body(offset);
  return with_lock(k, { kind: LockKind.f_pos_lock, of: file, shared: false }, () => body(k.file.position.get(file)));
}

/** write(2) and pwrite(2); without `offset` at the position, which moves; with O_APPEND at the end. With `flags` pwritev2(2). */
function write_at(k: Kernel, task: number, fd: number, content: Content, offset?: number, flags?: number): Outcome {
  if ((offset ?? 0) < 0) return fail('EINVAL', 'the offset may not be negative');
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  if (offset !== undefined && is_stream(k, file)) return fail('ESPIPE', `descriptor ${fd} has no positions`);
  if (!writable(k, file)) return fail('EBADF', `descriptor ${fd} is open for reading only`);
  if (has_no_bytes(k, file)) return fail('EINVAL', `descriptor ${fd} has no bytes`);
  if (is_file_hugepages(k, k.file.inode.get(file))) return fail('EINVAL', 'a file of huge pages is only written through a mapping');
  if (flags !== undefined && content.length === 0) return number(0);
  if (is_pipe(k, file)) {
    const how = kiocb_set_rw_flags(k, file, flags ?? 0);
    return 'kind' in how ? how : pipe_write(k, file, content, how);
  }
  return at_position(k, file, offset, (at) => {
    const refused = rw_verify_area(at, content.length);
    if (refused !== undefined) return refused;
    if (content.length === 0) return number(0);
    const how = kiocb_set_rw_flags(k, file, flags ?? 0);
    if ('kind' in how) return how;
    const where = how.append ? 'end' : at;
    const { outcome, position } = k.in('vfs_write', 1, () =>
      vfs_iter_write(k, file, where, content, (from, all) => generic_write_checks(k, file, from, all), how),
    );
    const written = bytes_written(outcome);
    if (written > 0 && offset === undefined) k.file.position.set(file, position + written);
    return outcome;
  });
}

/** `generic_write_checks()`: as much of `content` as the file may hold. */
export function generic_write_checks(k: Kernel, file: number, position: number, content: Content): Content | Outcome {
  const inode = k.file.inode.get(file);
  const room = max_bytes(k, inode) - position;
  if (room <= 0) return fail('EFBIG', `no file of ${filesystem_of(k, inode).name} is that long`);
  const most = Math.min(room, MAX_RW_COUNT);
  const taken = content.length > most ? content.slice(0, most) : content;
  exact(position, taken.length);
  return taken;
}
