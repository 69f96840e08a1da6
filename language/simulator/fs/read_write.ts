import { fail, number, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { Content } from '../state/content';
import { Impossible } from '../state/impossible';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE } from '../state/shift';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_get_entry, filemap_read, folio_content, mark_accessed_by_read } from '../mm/filemap';
import { buffered_write } from './buffered_write';
import { aligned, direct_read, direct_write, UNALIGNED } from './direct_io';
import { ebadf, fget, has_flag, O, readable, writable } from './file';
import { do_truncate } from './truncate';
import { filemap_write_and_wait_range } from './writeback';

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
  const shmem = k.mapping.aops.get(k.inode.mapping.get(k.file.inode.get(file))) === AddressSpaceKind.Shmem;
  const direct = !shmem && has_flag(k.file.flags.get(file), O.DIRECT);
  if (direct && !aligned(position, len) && position < k.inode.size.get(k.file.inode.get(file))) return fail('EINVAL', UNALIGNED);
  const read = direct ? direct_read : shmem ? shmem_file_read : filemap_read;
  const content = k.in('vfs_read', 1, () => read(k, file, position, len));
  if (offset === undefined) k.file.position.set(file, position + content.length);
  return ok(content);
}

/** `shmem_file_read_iter()`: as `filemap_read()`, but holes are read as zeros and nothing is allocated for them. */
export function shmem_file_read(k: Kernel, file: number, position: number, length: number): Content {
  const inode = k.file.inode.get(file);
  const mapping = k.inode.mapping.get(inode);
  const end = Math.min(position + length, k.inode.size.get(inode));
  const parts: Content[] = [];
  k.in('shmem_file_read_iter', 1, () => {
    for (let at = position; at < end;) {
      const index = Math.floor(at / PAGE_SIZE);
      const { pfn, count } = filemap_get_entry(k, mapping, index, pagesOf(end) - index);
      const from = at - index * PAGE_SIZE;
      const to = Math.min(end - index * PAGE_SIZE, count * PAGE_SIZE);
      if (pfn === NONE) {
        parts.push(Content.zeros(to - from));
        k.trace.effect('{indexes:0} is a hole: zeros, nothing allocated', count, index);
      } else {
        mark_accessed_by_read(k, file, index, pfn, count);
        parts.push(folio_content(k, pfn, count).slice(from, to));
        k.trace.effect('{indexes:0}: copied to the reader from {frames:1}', count, index, pfn);
      }
      at = index * PAGE_SIZE + to;
    }
  });
  return Content.join(parts);
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
  const direct = has_flag(k.file.flags.get(file), O.DIRECT) && k.mapping.aops.get(k.inode.mapping.get(inode)) === AddressSpaceKind.Disk;
  if (direct && !aligned(position, content.length)) return fail('EINVAL', UNALIGNED);
  if (content.length > 0) {
    k.in('vfs_write', 1, () => {
      fill_gap(k, inode, position);
      (direct ? direct_write : buffered_write)(k, inode, position, content);
      if (has_flag(k.file.flags.get(file), O.DSYNC)) generic_write_sync(k, inode, position, content.length);
    });
  }
  if (offset === undefined) k.file.position.set(file, position + content.length);
  return number(content.length);
}

/** `generic_write_sync()`: an O_DSYNC or O_SYNC descriptor's write has reached the disk when it returns. */
function generic_write_sync(k: Kernel, inode: number, position: number, length: number): void {
  const first = Math.floor(position / PAGE_SIZE);
  k.in('generic_write_sync', 1, () => filemap_write_and_wait_range(k, inode, first, pagesOf(position + length) - first));
}

/** A write beyond the end of the file zeroes the rest of the page in which the file ended. */
export function fill_gap(k: Kernel, inode: number, position: number): void {
  if (position > k.inode.size.get(inode) && k.inode.size.get(inode) % PAGE_SIZE !== 0) do_truncate(k, inode, position);
}
