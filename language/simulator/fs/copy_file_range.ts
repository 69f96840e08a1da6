import type { Outcome } from '../api';
import { beyond, LOFF_END } from '../arguments';
import { fail, number, type Calls } from '../calls';
import { PAGE_SIZE } from '../state/units';
import type { Kernel } from '../state/kernel';
import { ebadf, fget } from './file';
import { filesystem_of, max_bytes, type Pair } from './filesystem';
import { once } from '../kernel/sleep';
import { vfs_iter_read, vfs_iter_write } from './iter';
import { do_clone_file_range, generic_file_rw_checks, overlap, same_superblock, write_back } from './remap_range';

export const calls = {
  copy_file_range(k, task, fd_in, off_in, fd_out, off_out, len) {
    const from = fget(k, task, fd_in);
    const to = fget(k, task, fd_out);
    if (from === 0) return ebadf(fd_in);
    if (to === 0) return ebadf(fd_out);
    const pair = { source: k.file.inode.get(from), target: k.file.inode.get(to) };
    const refused = generic_file_rw_checks(k, from, to);
    if (refused !== undefined) return refused;
    const apart = same_superblock(k, from, to);
    if (apart !== undefined) return apart;
    for (const offset of [off_in, off_out])
      if (len > 0 && unsigned(offset) + len >= 2 ** 64) return fail('EOVERFLOW', 'an offset and the length together leave 64 bits');
    const length = once(k, () => Math.min(len, Math.max(0, k.inode.size.get(pair.source) - off_in)));
    const room = max_bytes(k, pair.target) - off_out;
    if (off_out >= 0 && (room <= 0 || off_out > LOFF_END - PAGE_SIZE))
      return fail('EFBIG', `no file of ${filesystem_of(k, pair.target).name} is that long`);
    if (overlap(pair, off_in, off_out, length)) return fail('EINVAL', 'the two ranges of the file overlap');
    if (off_in < 0 || off_out < 0 || beyond(off_out, length)) return fail('EINVAL', 'the offsets may not be negative');
    if (length === 0) return number(0);
    return k.in('vfs_copy_file_range', 1, () => copy(k, from, to, pair, off_in, off_out, length));
  },
} satisfies Calls;

const unsigned = (offset: number): number => (offset < 0 ? offset + 2 ** 64 : offset);

function copy(k: Kernel, file: number, out: number, pair: Pair, from: number, to: number, length: number): Outcome {
  const shared = once(k, () => shareable(k, pair, from, to, length));
  if (shared > 0) return number(do_clone_file_range(k, pair, from, to, shared));
  return k.in('splice_file_range', 1, () => {
    const content = once(k, () => vfs_iter_read(k, file, from, length, { splice: true }));
    if ('kind' in content) return content;
    return content.length === 0 ? number(0) : vfs_iter_write(k, out, to, content).outcome;
  });
}

/** Bytes that a reflink serves (REMAP_FILE_CAN_SHORTEN): whole blocks, and the last part of the source if it becomes the end of the target. */
function shareable(k: Kernel, { source, target }: Pair, from: number, to: number, length: number): number {
  const mount = k.inode.mount.get(source);
  const { remap } = filesystem_of(k, target).f_op;
  if (mount !== k.inode.mount.get(target) || remap?.supported(k, mount) !== true) return 0;
  if (remap.refused?.(k, { source, target }) !== undefined) return 0;
  remap.prepare?.(k, { source, target }, from, to, length);
  if (from % PAGE_SIZE !== 0 || to % PAGE_SIZE !== 0) return 0;
  if (length % PAGE_SIZE === 0 || from + length < k.inode.size.get(source)) return length - (length % PAGE_SIZE);
  if (to + length >= k.inode.size.get(target)) return length;
  write_back(k, { source, target }, from, to, length);
  return length - (length % PAGE_SIZE);
}
