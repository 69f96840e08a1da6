import type { Content } from '../state/content';
import { any, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { lock_acquire, LockClass } from './lockdep';
import { access, type BadAccess, mm_account_fault } from './memory';
import { charged, policy } from './mshare_policy';

/**
 * Regions whose page tables are shared (mshare, proposed). A region's VMAs and tables belong to its host, an address space without a task. A process that
 * maps the region has one VMA (VM_MSHARE) for it, and PGD entries that point to the host's PUD tables: one for each 512 GiB that it has touched.
 */

/** What one PGD entry maps, in pages: 512 GiB. */
export const PGDIR_PAGES = 2 ** 27;

export const pgd_index = (vpn: number): number => Math.floor(vpn / PGDIR_PAGES);

export const vma_is_mshare = (k: Kernel, vma: number): boolean => any(k.vma.flags.get(vma), VM.MSHARE);

/** Where page number `vpn` of a process's VMA of a region lies in the host: there it is `vpn - shift`. */
export interface HostPlace {
  readonly mm: number;
  readonly shift: number;
}

/** The host behind a VMA of a region. */
function host_place(k: Kernel, vma: number): HostPlace {
  const region = k.vma.mshare.get(vma);
  return { mm: k.mshare.mm.get(region), shift: k.vma.start.get(vma) - k.mshare.start.get(region) };
}

/**
 * The one way from a process's VMA of a region to its host: `body` works there, under the host's mmap_lock within the process's, and what it allocates is
 * paid for as the mount says.
 */
export function in_host<T>(k: Kernel, vma: number, body: (host: number, shift: number) => T): T {
  const region = k.vma.mshare.get(vma);
  const { mm, shift } = host_place(k, vma);
  lock_acquire(k, LockClass.Process, LockClass.Host);
  return charge_to(k, charged(k, region), () => body(mm, shift));
}

/** `set_active_memcg()` for a while. */
export function charge_to<T>(k: Kernel, cgroup: number, body: () => T): T {
  const before = k.activeMemcg;
  k.activeMemcg = cgroup;
  try {
    return body();
  } finally {
    k.activeMemcg = before;
  }
}

/** Where the page tables go on behind the PGD entry for `vpn` of `mm`: in a host, where it is linked to one, else in `mm` itself. */
export function mshare_place(k: Kernel, mm: number, vpn: number): HostPlace {
  const { linked, vma } = k.space4.of(mm);
  return linked.get(pgd_index(vpn)) === 0 ? { mm, shift: 0 } : host_place(k, vma.get(vpn));
}

/** The processes that map a region, leaders only, in order of birth. */
export function attachers(k: Kernel, region: number): number[] {
  const mms = new Set<number>();
  k.space.of(k.inode.mapping.get(k.mshare.inode.get(region))).vmas.runs(0, k.vmas.count + 1, (at, n, value) => {
    if (value !== 0) for (let vma = at; vma < at + n; vma++) mms.add(k.vma.mm.get(vma));
  });
  const found: number[] = [];
  for (let task = 1; task <= k.tasks.count; task++) if (mms.has(k.task.mm.get(task)) && k.task.tgid.get(task) === task) found.push(task);
  return found;
}

/**
 * `find_shared_vma()`: the host's address space and lock for a fault at `vpn` in a process's VMA of a region. Where the process's PGD entry is not the host's
 * yet, it is linked, and that is all this fault does.
 */
function find_shared_vma(k: Kernel, mm: number, vma: number, vpn: number): void {
  k.in('find_shared_vma', 1, () => {
    const region = k.vma.mshare.get(vma);
    lock_acquire(k, LockClass.Process, LockClass.Host);
    k.space4.of(mm).linked.set(pgd_index(vpn), region);
    k.trace.effect('the PGD entry for {addresses:0} points to the PUD table of {file:1} from now on', 1, vpn, k.mshare.inode.get(region));
    k.count('link_faults', 1);
    mm_account_fault(k, 1, false);
  });
}

/** The first page number behind what the PGD entry for `vpn` maps. */
export const linked_end = (vpn: number): number => (pgd_index(vpn) + 1) * PGDIR_PAGES;

/** Links the PGD entry for `vpn` to the host's, if it is not: a fault of its own, the CPU's or one that the kernel makes. */
export function mshare_link(
  k: Kernel,
  mm: number,
  vma: number,
  vpn: number,
  by: 'exc_page_fault' | 'faultin_page' = 'exc_page_fault',
): void {
  if (k.space4.of(mm).linked.get(pgd_index(vpn)) !== 0) return;
  k.in(by, 1, () => {
    k.trace.effect('{addresses:0}: nothing is linked there yet: page fault', 1, vpn);
    find_shared_vma(k, mm, vma, vpn);
  });
}

/**
 * The CPU touches up to `count` pages from `vpn` of a process's VMA of a region, at most to the end of what one PGD entry maps: a link fault, if it is the
 * first time, then whatever the host's VMAs say. Gives how many pages are done.
 */
export function mshare_access(
  k: Kernel,
  mm: number,
  vma: number,
  vpn: number,
  count: number,
  write: boolean,
  then?: (vpn: number, count: number) => void,
  parts?: Content[],
): number | BadAccess {
  const n = Math.min(count, linked_end(vpn) - vpn);
  mshare_link(k, mm, vma, vpn);
  return in_host(k, vma, (host, shift) => {
    const shifted = then && ((at: number, pages: number) => then(at + shift, pages));
    const bad = access(k, host, vpn - shift, n, write, shifted, parts);
    return bad === undefined ? n : bad_access(k, vma, { ...bad, vpn: bad.vpn + shift });
  });
}

/** What an access to a region raises: in 2022 an address without an object behind it was to be a SIGBUS. */
function bad_access(k: Kernel, vma: number, bad: BadAccess): BadAccess {
  const { mm, shift } = host_place(k, vma);
  if (k.space4.of(mm).vma.get(bad.vpn - shift) !== 0) return bad;
  const signal = policy(k, k.vma.mshare.get(vma), 'interface') === 'syscall_2022' ? 'SIGBUS' : bad.signal;
  return { ...bad, signal, why: 'nothing is mapped there in the region' };
}

/**
 * Entries of `mm` lost a right or went: if it is a region's host, whoever maps the region may have them in a TLB. `locks = host_to_process`: each of these
 * processes is visited under its mmap_lock.
 */
export function flush_tlb(k: Kernel, mm: number): void {
  const region = k.mm.mshare.get(mm);
  if (region === 0) return;
  const processes = k.mshare.attached.get(region);
  if (processes === 0) return;
  k.trace.event('flush_tlb_all');
  k.mshare.flushes.set(region, k.mshare.flushes.get(region) + processes);
  k.trace.effect('all TLBs are flushed: {0} processes map the region', 1, processes);
  if (policy(k, region, 'locks') === 'host_to_process')
    k.in('flush_attachers', 1, () => lock_acquire(k, LockClass.Host, LockClass.Process));
}

/** `exit_mshare()`: the process's PGD entries for a range no longer point to the host's tables. In the zap phase, while the reverse map still finds the process. */
export function exit_mshare(k: Kernel, mm: number, vpn: number, count: number): void {
  const { linked } = k.space4.of(mm);
  const first = pgd_index(vpn);
  const entries = pgd_index(vpn + count - 1) + 1 - first;
  let unlinked = 0;
  linked.runs(first, entries, (_at, n, region) => {
    if (region !== 0) unlinked += n;
  });
  if (unlinked === 0) return;
  k.in('exit_mshare', 1, () => {
    linked.fill(first, entries, 0);
    k.trace.effect(
      unlinked === 1
        ? 'its PGD entry no longer points to the host’s table'
        : 'its {pages} PGD entries no longer point to the host’s tables',
      unlinked,
    );
  });
}
