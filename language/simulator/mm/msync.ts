/* eslint-disable no-bitwise -- msync's flags are a word of few bits. */
import { constants } from '../../catalogue/constants';
import type { Outcome } from '../api';
import { fail, ok, type Calls } from '../calls';
import { any, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_write_and_wait_range } from '../fs/writeback';
import { covered, hex, wraps } from './mmap';
import { in_host, vma_is_mshare } from './mshare';
import { vmas_in } from './vma';

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
  const vmas = vmas_in(k, mm, first, last);
  const hole = covered(k, vmas, first, last) < last;
  for (const vma of vmas) {
    const start = k.vma.start.get(vma);
    const from = Math.max(first, start);
    const to = Math.min(last, k.vma.end.get(vma));
    if (vma_is_mshare(k, vma)) {
      const done = in_host(k, vma, (host, shift) => sync_range(k, host, from - shift, to - shift, flags));
      if (done.kind !== 'ok') return done;
      continue;
    }
    const vm = k.vma.flags.get(vma);
    if ((flags & MS.INVALIDATE) !== 0 && any(vm, VM.LOCKED)) return fail('EBUSY', 'a part of the range is locked');
    const mapping = k.vma.mapping.get(vma);
    if ((flags & MS.SYNC) === 0 || !any(vm, VM.SHARED) || k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem) continue;
    k.in('vfs_fsync_range', 1, () =>
      filemap_write_and_wait_range(k, k.mapping.host.get(mapping), from - start + k.vma.pgoff.get(vma), to - from),
    );
  }
  return hole ? fail('ENOMEM', 'a part of the range is not mapped') : ok();
}
