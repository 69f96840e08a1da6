/* eslint-disable no-bitwise -- the flags of mlock2 and mlockall are words of few bits. */
import { constants } from '../../catalogue/constants';
import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { any, clear, PG, set, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf, TASK_PAGES } from '../state/units';
import { folio_nr_pages, folio_runs, whole_folios } from './folio';
import { mm_populate } from './gup';
import { ALL_PAGES, covered, hex } from './mmap';
import { in_host, vma_is_mshare } from './mshare';
import { may_walk } from './mshare_change';
import { present_ptes } from './rmap';
import { lruvec_add_folio, lruvec_del_folio } from './swap';
import { once } from '../kernel/sleep';
import { all_vmas, vma_modify_flags, vmas_in } from './vma';

const MLOCK_ONFAULT = Number(constants.MLOCK_ONFAULT.value);
const MCL = {
  CURRENT: Number(constants.MCL_CURRENT.value),
  FUTURE: Number(constants.MCL_FUTURE.value),
  ONFAULT: Number(constants.MCL_ONFAULT.value),
} as const;
const LOCKED_MASK = VM.LOCKED | VM.LOCKONFAULT;
/** RLIMIT_MEMLOCK of those who are not root: 8 MiB, in pages. */
export const RLIMIT_MEMLOCK = 2048;

export const calls = {
  mlock: (k, task, addr, len) => do_mlock(k, task, addr, len, VM.LOCKED),

  mlock2(k, task, addr, len, flags) {
    if ((flags & ~MLOCK_ONFAULT) !== 0) return fail('EINVAL', `mlock2 knows MLOCK_ONFAULT, not 0x${flags.toString(16)}`);
    return do_mlock(k, task, addr, len, flags === 0 ? VM.LOCKED : LOCKED_MASK);
  },

  munlock(k, task, addr, len) {
    const range = whole_pages(addr, len);
    if (typeof range === 'string') return fail('EINVAL', range);
    return apply_vma_lock_flags(k, k.task.mm.get(task), range.start, range.end, 0) ?? ok();
  },

  mlockall(k, task, flags) {
    if (flags === 0 || flags === MCL.ONFAULT || (flags & ~(MCL.CURRENT | MCL.FUTURE | MCL.ONFAULT)) !== 0)
      return fail('EINVAL', 'mlockall takes MCL_CURRENT, MCL_FUTURE or both, and MCL_ONFAULT with them');
    const mm = k.task.mm.get(task);
    if ((flags & MCL.CURRENT) !== 0 && !once(k, () => may_lock(k, task, k.mm.total_vm.get(mm)))) return fail('ENOMEM', over_limit(k, task));
    const lock = (flags & MCL.ONFAULT) !== 0 ? LOCKED_MASK : VM.LOCKED;
    once(k, () =>
      k.in('apply_mlockall_flags', 1, () => {
        k.mm.def_flags.set(mm, set(clear(k.mm.def_flags.get(mm), LOCKED_MASK), (flags & MCL.FUTURE) !== 0 ? lock : 0));
        if ((flags & MCL.CURRENT) === 0) return;
        for (const vma of all_vmas(k, mm)) mlock_fixup(k, mm, vma, k.vma.start.get(vma), k.vma.end.get(vma), lock);
      }),
    );
    if ((flags & MCL.CURRENT) !== 0) mm_populate(k, mm, 0, TASK_PAGES);
    return ok();
  },

  munlockall(k, task) {
    const mm = k.task.mm.get(task);
    k.in('apply_mlockall_flags', 1, () => {
      k.mm.def_flags.set(mm, clear(k.mm.def_flags.get(mm), LOCKED_MASK));
      for (const vma of all_vmas(k, mm)) mlock_fixup(k, mm, vma, k.vma.start.get(vma), k.vma.end.get(vma), 0);
    });
    return ok();
  },
} satisfies Calls;

/** Bytes behind the last border of a page: of a number that is not exact, the most that it can be. */
const rest_of = (value: number): number => (value % PAGE_SIZE === 0 || Number.isSafeInteger(value) ? value % PAGE_SIZE : PAGE_SIZE - 1);

/** The pages that hold [addr, addr + len), or why there are none. A length that rounds up to 2^64 is one of 0, as in the kernel. */
function whole_pages(addr: number, len: number): { start: number; end: number } | string {
  const start = Math.floor(addr / PAGE_SIZE);
  const count = (Math.floor(len / PAGE_SIZE) + pagesOf(rest_of(len) + rest_of(addr))) % ALL_PAGES;
  return start + count < ALL_PAGES || count === 0 ? { start, end: start + count } : `${len} bytes from ${hex(addr)} wrap around`;
}

function do_mlock(k: Kernel, task: number, addr: number, len: number, lock: number): Outcome {
  const range = whole_pages(addr, len);
  if (typeof range === 'string') return fail('EINVAL', range);
  const mm = k.task.mm.get(task);
  const { start, end } = range;
  if (!once(k, () => may_lock(k, task, locked_vm(k, mm) + unlocked(k, mm, start, end)))) return fail('ENOMEM', over_limit(k, task));
  return k.in('do_mlock', 1, () => {
    const hole = once(k, () => apply_vma_lock_flags(k, mm, start, end, lock));
    if (hole !== undefined) return hole;
    const bad = mm_populate(k, mm, start, end - start, true);
    return bad === undefined ? ok() : fail('ENOMEM', `the page at ${hex(bad.vpn * PAGE_SIZE)} cannot be faulted in: ${bad.why}`);
  });
}

/** Pages of the locked VMAs of an mm (`mm->locked_vm`). */
export function locked_vm(k: Kernel, mm: number): number {
  let pages = 0;
  for (const vma of all_vmas(k, mm)) if (any(k.vma.flags.get(vma), VM.LOCKED)) pages += k.vma.end.get(vma) - k.vma.start.get(vma);
  return pages;
}

function unlocked(k: Kernel, mm: number, start: number, end: number): number {
  let pages = 0;
  for (const vma of vmas_in(k, mm, Math.min(start, TASK_PAGES), Math.min(end, TASK_PAGES)))
    if (!any(k.vma.flags.get(vma), VM.LOCKED)) pages += Math.min(end, k.vma.end.get(vma)) - Math.max(start, k.vma.start.get(vma));
  return pages;
}

/** Whether the task's user may have `pages` pages locked: CAP_IPC_LOCK, or RLIMIT_MEMLOCK. */
export const may_lock = (k: Kernel, task: number, pages: number): boolean => k.task.uid.get(task) === 0 || pages <= RLIMIT_MEMLOCK;

const over_limit = (k: Kernel, task: number): string => `uid ${k.task.uid.get(task)} may lock ${RLIMIT_MEMLOCK} pages (RLIMIT_MEMLOCK)`;

/** Gives the VMAs of a range these lock flags, up to the first hole, which is an error. */
function apply_vma_lock_flags(k: Kernel, mm: number, start: number, end: number, lock: number): Outcome | undefined {
  const vmas = vmas_in(k, mm, Math.min(start, TASK_PAGES), Math.min(end, TASK_PAGES));
  const stop = covered(k, vmas, start, end);
  for (const vma of vmas) {
    const refused = vma_is_mshare(k, vma) ? may_walk(k, vma) : undefined;
    if (refused !== undefined) return refused;
  }
  k.in('apply_vma_lock_flags', 1, () => {
    for (const vma of vmas)
      if (k.vma.start.get(vma) < stop)
        mlock_fixup(k, mm, vma, Math.max(start, k.vma.start.get(vma)), Math.min(stop, k.vma.end.get(vma)), lock);
  });
  return stop < end ? fail('ENOMEM', `nothing is mapped at ${hex(stop * PAGE_SIZE)}`) : undefined;
}

/** `mlock_fixup()`: the part of a VMA from page number `start` to `end` is locked or not; what is mapped there already follows. */
function mlock_fixup(k: Kernel, mm: number, vma: number, start: number, end: number, lock: number): void {
  if (vma_is_mshare(k, vma)) return mlock_region(k, vma, start, end, lock);
  const old = k.vma.flags.get(vma);
  const flags = set(clear(old, LOCKED_MASK), lock);
  if (flags === old) return;
  vma_modify_flags(k, vma, start, end, flags);
  if (any(old, VM.LOCKED) === any(flags, VM.LOCKED)) return;
  k.in('mlock_pte_range', 1, () => {
    for (const { pfn, count } of present_ptes(k, mm, start, end - start))
      if (pfn !== 0) (lock !== 0 ? mlock_folio : munlock_folio)(k, pfn, count);
  });
}

/** The same for a part of a region: what the host has mapped there is locked or not, for all who map it. */
function mlock_region(k: Kernel, vma: number, start: number, end: number, lock: number): void {
  if (may_walk(k, vma) !== undefined) return;
  in_host(k, vma, (host, shift) => {
    for (const each of vmas_in(k, host, start - shift, end - shift))
      mlock_fixup(k, host, each, Math.max(start - shift, k.vma.start.get(each)), Math.min(end - shift, k.vma.end.get(each)), lock);
  });
}

/** `mlock_vma_folio()`: frames that a VMA starts to map; they are locked if it is. */
export function mlock_vma_folio(k: Kernel, vma: number, pfn: number, count: number): void {
  if (any(k.vma.flags.get(vma), VM.LOCKED)) mlock_folio(k, pfn, count);
}

/** A locked VMA maps a page that is not locked, as it can for one that came from swap: reclaim sees to it (`folio_referenced_one()`). */
export function mlock_missed(k: Kernel, vma: number, pfn: number): void {
  if (!any(k.page.flags.get(pfn), PG.mlocked)) mlock_vma_folio(k, vma, pfn, 1);
}

/** `munlock_vma_folio()`: frames that a VMA does not map any more. */
export function munlock_vma_folio(k: Kernel, vma: number, pfn: number, count: number): void {
  if (any(k.vma.flags.get(vma), VM.LOCKED)) munlock_folio(k, pfn, count);
}

/** One more locked VMA maps these frames: reclaim does not see them any more. Large folios only as a whole (`allow_mlock_munlock()`). */
function mlock_folio(k: Kernel, pfn: number, count: number): void {
  folio_runs(k, pfn, count, ['flags'], (at, n) => {
    if (n < folio_nr_pages(k, at)) return;
    k.page.mlock_count.add(at, n, 1);
    const flags = k.page.flags.get(at);
    if (any(flags, PG.mlocked)) return;
    relist(k, at, n, flags, set(clear(flags, PG.active), PG.mlocked + PG.unevictable));
    k.trace.effect('{frames:0} locked: off the lists that reclaim looks at', n, at);
  });
}

/** One less; without any they can be reclaimed again. A large folio is let go when a part of it is. */
function munlock_folio(k: Kernel, pfn: number, count: number): void {
  const whole = whole_folios(k, pfn, count);
  folio_runs(k, whole.pfn, whole.count, ['flags', 'mlock_count'], (at, n) => {
    const locks = k.page.mlock_count.get(at);
    if (locks > 0) k.page.mlock_count.fill(at, n, locks - 1);
    if (locks !== 1) return;
    const flags = k.page.flags.get(at);
    relist(k, at, n, flags, clear(flags, PG.mlocked + PG.unevictable));
    k.trace.effect('{frames:0} no longer locked', n, at);
  });
}

function relist(k: Kernel, pfn: number, count: number, old: number, flags: number): void {
  const listed = any(old, PG.lru);
  if (listed) lruvec_del_folio(k, pfn, count, old);
  k.page.flags.fill(pfn, count, clear(flags, PG.lru));
  if (listed) lruvec_add_folio(k, pfn, count);
}
