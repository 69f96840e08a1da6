/* eslint-disable no-bitwise -- fallocate's mode is a word of fewer than 32 bits. */
import { constants } from '../../catalogue/constants';
import { beyond } from '../arguments';
import { fail, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { ebadf, fget, writable } from './file';
import { filesystem_of, too_long } from './filesystem';
import { allocated, type Allocation, changing } from './newest';
import { with_inode_lock } from '../kernel/locks';
import { in_one_go, once } from '../kernel/sleep';
import { wait_for_io } from '../mm/folio_wait';
import { is_io_uring, is_pidfd } from './anon_inodes';
import { is_pipe } from './pipe';
import { has_space } from './space';

export const FL = {
  KEEP_SIZE: Number(constants.FALLOC_FL_KEEP_SIZE.value),
  PUNCH_HOLE: Number(constants.FALLOC_FL_PUNCH_HOLE.value),
  COLLAPSE_RANGE: Number(constants.FALLOC_FL_COLLAPSE_RANGE.value),
  ZERO_RANGE: Number(constants.FALLOC_FL_ZERO_RANGE.value),
  INSERT_RANGE: Number(constants.FALLOC_FL_INSERT_RANGE.value),
  UNSHARE_RANGE: Number(constants.FALLOC_FL_UNSHARE_RANGE.value),
} as const;

/** FALLOC_FL_WRITE_ZEROES, which no filesystem has here. */
const WRITE_ZEROES = 0x80;

/** Modes of which a call takes one at most. */
const EXCLUSIVE: readonly number[] = Object.values(FL).filter((flag) => flag !== FL.KEEP_SIZE);

/** Modes that allocate no blocks. */
const TAKES_NO_SPACE: readonly number[] = [FL.PUNCH_HOLE, FL.COLLAPSE_RANGE, FL.INSERT_RANGE];

/** Modes after which a file reads differently. */
const CHANGES: Readonly<Record<number, Allocation>> = {
  [FL.PUNCH_HOLE]: 'zero',
  [FL.ZERO_RANGE]: 'zero',
  [FL.COLLAPSE_RANGE]: 'collapse',
  [FL.INSERT_RANGE]: 'insert',
};

export const calls = {
  fallocate(k, task, fd, mode, offset, len) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (offset < 0 || len <= 0) return fail('EINVAL', 'the offset is negative, or the length not positive');
    const what = mode & ~FL.KEEP_SIZE;
    if (![0, WRITE_ZEROES, ...EXCLUSIVE].includes(what)) return fail('EOPNOTSUPP', 'these modes do not go together');
    if (what === FL.PUNCH_HOLE && (mode & FL.KEEP_SIZE) === 0)
      return fail('EOPNOTSUPP', 'a hole keeps the size: FALLOC_FL_KEEP_SIZE is missing');
    if ((what === FL.COLLAPSE_RANGE || what === FL.INSERT_RANGE || what === WRITE_ZEROES) && (mode & FL.KEEP_SIZE) !== 0)
      return fail('EOPNOTSUPP', 'the size changes: FALLOC_FL_KEEP_SIZE does not go with it');
    if (!writable(k, file)) return fail('EBADF', `descriptor ${fd} is not open for writing`);
    const inode = k.file.inode.get(file);
    if (is_pipe(k, file)) return fail('ESPIPE', `descriptor ${fd} is a pipe`);
    if (is_io_uring(k, file)) return fail('ENODEV', `descriptor ${fd} is a ring`);
    if (k.inode.directory.get(inode) !== 0) return fail('EISDIR', `descriptor ${fd} is a directory`);
    if (beyond(offset, len)) return fail('EFBIG', 'no file can be that large');
    if (too_long(k, inode, offset + len)) return fail('EFBIG', `no file of ${filesystem_of(k, inode).name} is that long`);
    if (is_pidfd(k, file)) return fail('EOPNOTSUPP', `descriptor ${fd} is a pidfd`);
    if (what === WRITE_ZEROES) return fail('EOPNOTSUPP', 'FALLOC_FL_WRITE_ZEROES is for devices that can write zeroes by themselves');
    const refused = filesystem_of(k, inode).f_op.fallocate_prepare?.(mode, offset, len);
    if (refused !== undefined) return refused;
    if (!TAKES_NO_SPACE.includes(what) && !once(k, () => has_space(k, inode, offset, len)))
      return fail('ENOSPC', 'there are not as many free blocks');
    return k.in('vfs_fallocate', 1, () => do_fallocate(k, inode, mode, offset, len));
  },
} satisfies Calls;

/** FALLOC_FL_PUNCH_HOLE: whole pages of the range go from the cache, from shared mappings and from disk; private copies stay. */
export const punch_hole = (k: Kernel, inode: number, offset: number, len: number): Outcome =>
  do_fallocate(k, inode, FL.PUNCH_HOLE | FL.KEEP_SIZE, offset, len);

function do_fallocate(k: Kernel, inode: number, mode: number, offset: number, len: number): Outcome {
  return with_inode_lock(k, inode, false, () => {
    const what = mode & ~FL.KEEP_SIZE;
    const first = Math.floor(offset / PAGE_SIZE);
    const end = what === FL.COLLAPSE_RANGE || what === FL.INSERT_RANGE ? 2 ** 52 : pagesOf(offset + len);
    if (what !== 0) wait_for_io(k, k.inode.mapping.get(inode), first, end - first, true);
    return in_one_go(k, () => {
      const outcome = changing(k, inode, () => {
        k.design.changing(k, inode);
        return filesystem_of(k, inode).f_op.fallocate(k, inode, mode, offset, len);
      });
      if (outcome.kind === 'ok') allocated(k, inode, CHANGES[what], offset, len);
      return outcome;
    });
  });
}

/** A part of a page, bytes. */
export interface Edge {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

/** The whole pages within `len` bytes from `offset`, and the parts of pages at its edges. */
export function pieces(offset: number, len: number): { first: number; count: number; edges: Edge[] } {
  const end = offset + len;
  const first = pagesOf(offset);
  const last = Math.floor(end / PAGE_SIZE);
  const edges: Edge[] = [];
  const head = Math.floor(offset / PAGE_SIZE);
  if (offset % PAGE_SIZE !== 0) edges.push({ index: head, from: offset % PAGE_SIZE, to: Math.min(PAGE_SIZE, end - head * PAGE_SIZE) });
  if (end % PAGE_SIZE !== 0 && (last > head || offset % PAGE_SIZE === 0)) edges.push({ index: last, from: 0, to: end % PAGE_SIZE });
  return { first, count: Math.max(0, last - first), edges };
}
