import { constants } from '../../catalogue/constants';
import { Sleep } from '../kernel/sleep';
import { any, PTE, VM } from '../state/flags';
import { Impossible } from '../state/impossible';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';
import { hex } from './mmap';
import { all_vmas } from './vma';

/** Faults that wait until whoever reads a userfaultfd resolves them. */

const feature = (name: string): number => Number(constants[`UFFD_FEATURE_${name}` as keyof typeof constants].value);
export const FEATURE = {
  SIGBUS: feature('SIGBUS'),
  THREAD_ID: feature('THREAD_ID'),
  EXACT_ADDRESS: feature('EXACT_ADDRESS'),
  WP_UNPOPULATED: feature('WP_UNPOPULATED'),
  WP_ASYNC: feature('WP_ASYNC'),
} as const;

/** `VM_UFFD_*`: what a mapping is registered for. */
export const VM_UFFD = VM.UFFD_MISSING + VM.UFFD_WP + VM.UFFD_MINOR;

const PAGEFAULT_FLAG = { WRITE: 1, WP: 2, MINOR: 4 } as const;

export type Reason = 'missing' | 'write-protected' | 'minor';

/** How far a fault has come that waits. */
const enum Waits {
  /** It has been woken, or its task is dead. */
  No = 0,
  /** Nobody has read of it yet (`fault_pending_wqh`). */
  Pending = 1,
  /** It has been read of (`fault_wqh`). */
  Read = 2,
}

export const userfaultfd_missing = (k: Kernel, vma: number): boolean => any(k.vma.flags.get(vma), VM.UFFD_MISSING);
export const userfaultfd_wp = (k: Kernel, vma: number): boolean => any(k.vma.flags.get(vma), VM.UFFD_WP);
export const userfaultfd_minor = (k: Kernel, vma: number): boolean => any(k.vma.flags.get(vma), VM.UFFD_MINOR);
export const userfaultfd_armed = (k: Kernel, vma: number): boolean => any(k.vma.flags.get(vma), VM_UFFD);

/** Whether the userfaultfd that a mapping is registered with has a feature. */
export const has_feature = (k: Kernel, vma: number, name: keyof typeof FEATURE): boolean =>
  any(k.userfaultfd.features.get(k.vma.uffd.get(vma)), FEATURE[name]);

/** Whether a store through a PTE with these flags is userfaultfd's to decide (`userfaultfd_pte_wp()`). */
export const userfaultfd_pte_wp = (k: Kernel, vma: number, flags: number): boolean => userfaultfd_wp(k, vma) && any(flags, PTE.UFFD_WP);

/**
 * `handle_userfault()`: the fault at page number `vpn` of `mm` is told to whoever reads the userfaultfd of its mapping, and waits: thrown as `Sleep`. SIGBUS
 * where nobody is to be asked. When it is woken, the fault is begun anew.
 */
export function handle_userfault(k: Kernel, mm: number, vma: number, vpn: number, reason: Reason, write: boolean): 'SIGBUS' {
  const ctx = k.vma.uffd.get(vma);
  const user = k.userAccess !== undefined;
  if (has_feature(k, vma, 'SIGBUS') || (k.userfaultfd.user_only.get(ctx) === 1 && !user)) return 'SIGBUS';
  const addr = address_of(k, ctx, mm, vpn);
  const why = `the fault at ${hex(addr)} (${reason}) waits for whoever reads the userfaultfd`;
  if (k.nap === undefined) throw new Impossible('would-wait', why);
  const id = k.uffdWaits.next();
  k.in('handle_userfault', 1, () => {
    k.uffdWait.ctx.set(id, ctx);
    k.uffdWait.task.set(id, k.current);
    k.uffdWait.addr.set(id, addr);
    const kind = reason === 'write-protected' ? PAGEFAULT_FLAG.WP : reason === 'minor' ? PAGEFAULT_FLAG.MINOR : 0;
    k.uffdWait.flags.set(id, (write ? PAGEFAULT_FLAG.WRITE : 0) + kind);
    k.uffdWait.state.set(id, Waits.Pending);
    k.trace.effect(`{addresses:0} is ${reason}: the fault is told to the userfaultfd, and {task:1} waits`, 1, vpn, k.current);
  });
  throw new Sleep({ kind: 'userfault', wait: id, minor: user && !k.swappedIn }, why);
}

/** The address of a fault as whoever registered sees it: of a region where that is mapped there. */
function address_of(k: Kernel, ctx: number, mm: number, vpn: number): number {
  const region = k.mm.mshare.get(mm);
  if (region !== 0) {
    const own = all_vmas(k, k.userfaultfd.mm.get(ctx)).find((vma) => k.vma.mshare.get(vma) === region);
    return (own === undefined ? vpn : vpn - k.mshare.start.get(region) + k.vma.start.get(own)) * PAGE_SIZE;
  }
  const access = k.userAccess ?? -1;
  const exact = any(k.userfaultfd.features.get(ctx), FEATURE.EXACT_ADDRESS) && Math.floor(access / PAGE_SIZE) === vpn;
  return exact ? access : vpn * PAGE_SIZE;
}

/** Ids of the faults that wait for a userfaultfd, oldest first. */
function waiting_for(k: Kernel, ctx: number): number[] {
  const found: number[] = [];
  for (let id = k.uffdWaitList.first.get(0) + 1; id <= k.uffdWaits.count; id++)
    if (k.uffdWait.ctx.get(id) === ctx && (k.uffdWait.state.get(id) as Waits) !== Waits.No) found.push(id);
  return found;
}

/** Why a fault that waits can't go on; undefined once it is woken. */
export const is_unresolved = (k: Kernel, wait: number): string | undefined =>
  (k.uffdWait.state.get(wait) as Waits) === Waits.No
    ? undefined
    : `nobody has resolved the fault at ${hex(k.uffdWait.addr.get(wait))} through the userfaultfd`;

function woken(k: Kernel, ids: readonly number[]): void {
  for (const id of ids) k.uffdWait.state.set(id, Waits.No);
  const { first } = k.uffdWaitList;
  while (first.get(0) < k.uffdWaits.count && (k.uffdWait.state.get(first.get(0) + 1) as Waits) === Waits.No) first.set(0, first.get(0) + 1);
}

/** `wake_userfault()`: the faults in `len` bytes from `addr` are begun anew, those that nobody has read of as well. */
export function wake_userfault(k: Kernel, ctx: number, addr: number, len: number): void {
  const ids = waiting_for(k, ctx).filter((id) => k.uffdWait.addr.get(id) >= addr && k.uffdWait.addr.get(id) < addr + len);
  if (ids.length === 0) return;
  k.in('wake_userfault', ids.length, () => {
    for (const id of ids) k.trace.effect('{task:0} is woken: its fault is begun anew', 1, k.uffdWait.task.get(id));
    woken(k, ids);
  });
}

/** A task that is dead waits no longer. */
export function forget_userfaults(k: Kernel, task: number): void {
  const ids: number[] = [];
  for (let id = k.uffdWaitList.first.get(0) + 1; id <= k.uffdWaits.count; id++) if (k.uffdWait.task.get(id) === task) ids.push(id);
  if (ids.length > 0) woken(k, ids);
}

/** `struct uffd_msg` of a page fault. */
export interface UffdMessage {
  readonly event: number;
  readonly flags: number;
  readonly address: number;
  readonly ptid: number;
}

const UFFD_EVENT_PAGEFAULT = 0x12;

/** `userfaultfd_ctx_read()`: the oldest fault that nobody has read of yet; it goes on waiting. */
export function userfaultfd_ctx_read(k: Kernel, ctx: number): UffdMessage | undefined {
  const id = waiting_for(k, ctx).find((each) => (k.uffdWait.state.get(each) as Waits) === Waits.Pending);
  if (id === undefined) return undefined;
  return k.in('userfaultfd_ctx_read', 1, () => {
    k.uffdWait.state.set(id, Waits.Read);
    const thread = any(k.userfaultfd.features.get(ctx), FEATURE.THREAD_ID);
    const task = k.uffdWait.task.get(id);
    k.trace.effect('the fault of {task:0} is read of', 1, task);
    const { flags, addr } = k.uffdWait;
    return { event: UFFD_EVENT_PAGEFAULT, flags: flags.get(id), address: addr.get(id), ptid: thread ? task : 0 };
  });
}
