/* eslint-disable no-bitwise -- msync's flags are a word of few bits. */
import { constants } from '../../catalogue/constants';
import type { Outcome } from '../api';
import { fail, ok, type Calls } from '../calls';
import { any, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { once } from '../kernel/sleep';
import { filemap_write_and_wait_range } from '../fs/writeback';
import { covered, hex, wraps } from './mmap';
import { in_host, vma_is_mshare } from './mshare';
import { find_vma, vmas_in } from './vma';

const MS = {
  ASYNC: Number(constants.MS_ASYNC.value),
  INVALIDATE: Number(constants.MS_INVALIDATE.value),
  SYNC: Number(constants.MS_SYNC.value),
} as const;

export const calls = {
  msync(k, task, addr, len, flags) {
    if ((flags & ~(MS.ASYNC | MS.INVALIDATE | MS.SYNC)) !== 0) return fail('EINVAL', 'unknown flags');
    if (addr % PAGE_SIZE !== 0) return fail('EINVAL', `${hex(addr)} is not a multiple of the page size`);
    if ((flags & MS.ASYNC) !== 0 && (flags & MS.SYNC) !== 0) return fail('EINVAL', 'MS_SYNC and MS_ASYNC exclude each other');
    if (wraps(addr, len)) return len > 2 ** 64 - PAGE_SIZE ? ok() : fail('ENOMEM', 'the range wraps around');
    return sync_range(k, k.task.mm.get(task), addr / PAGE_SIZE, addr / PAGE_SIZE + pagesOf(len), flags);
  },
} satisfies Calls;

/** VMA after VMA of page numbers `first` to `last`; what is not mapped is passed over and makes the call fail at the end. */
function sync_range(k: Kernel, mm: number, first: number, last: number, flags: number): Outcome {
  const hole = once(k, () => covered(k, vmas_in(k, mm, first, last), first, last) < last);
  const { nap } = k;
  for (let at = nap === undefined ? first : nap.loop(first); at < last; nap?.reached(at)) {
    const part = once(k, () => next_part(k, mm, at, last));
    if (part === undefined) break;
    const done = part.region === 0 ? sync_part(k, part, flags) : sync_region(k, part, flags);
    if (done.kind !== 'ok') return done;
    at = part.end;
  }
  nap?.end();
  return hole ? fail('ENOMEM', 'a part of the range is not mapped') : ok();
}

function sync_part(k: Kernel, { locked, inode, index, count }: Part, flags: number): Outcome {
  if ((flags & MS.INVALIDATE) !== 0 && locked) return fail('EBUSY', 'a part of the range is locked');
  if ((flags & MS.SYNC) !== 0 && inode !== 0) k.in('vfs_fsync_range', 1, () => filemap_write_and_wait_range(k, inode, index, count));
  return ok();
}

const sync_region = (k: Kernel, { region, start, end }: Part, flags: number): Outcome =>
  in_host(k, region, (host, shift) => sync_range(k, host, start - shift, end - shift, flags));

/** The first VMA that holds pages from `start` to `end`: what of it lies there, and what of a file that can be written back it shares (`inode` 0: nothing). */
function next_part(k: Kernel, mm: number, start: number, end: number): Part | undefined {
  const vma = find_vma(k, mm, start, end);
  if (vma === 0) return undefined;
  const vm = k.vma.flags.get(vma);
  const mapping = k.vma.mapping.get(vma);
  const shared = any(vm, VM.SHARED) && k.mapping.aops.get(mapping) !== AddressSpaceKind.Shmem;
  const from = Math.max(start, k.vma.start.get(vma));
  const stop = Math.min(end, k.vma.end.get(vma));
  return {
    start: from,
    end: stop,
    region: vma_is_mshare(k, vma) ? vma : 0,
    locked: any(vm, VM.LOCKED),
    inode: shared ? k.mapping.host.get(mapping) : 0,
    index: from - k.vma.start.get(vma) + k.vma.pgoff.get(vma),
    count: stop - from,
  };
}

interface Part {
  readonly start: number;
  readonly end: number;
  /** The VMA, where it is one of a region. */
  readonly region: number;
  readonly locked: boolean;
  readonly inode: number;
  readonly index: number;
  readonly count: number;
}
