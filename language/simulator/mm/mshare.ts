import { any, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { access, type BadAccess, mm_account_fault } from './memory';

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
export function host_place(k: Kernel, vma: number): HostPlace {
  const region = k.vma.mshare.get(vma);
  return { mm: k.mshare.mm.get(region), shift: k.vma.start.get(vma) - k.mshare.start.get(region) };
}

/** Where the page tables go on behind the PGD entry for `vpn` of `mm`: in a host, where it is linked to one, else in `mm` itself. */
export function mshare_place(k: Kernel, mm: number, vpn: number): HostPlace {
  const { linked, vma } = k.space4.of(mm);
  return linked.get(pgd_index(vpn)) === 0 ? { mm, shift: 0 } : host_place(k, vma.get(vpn));
}

/** The processes that map a region, leaders only, in order of birth. */
export function attachers(k: Kernel, region: number): number[] {
  const inode = k.mshare.inode.get(region);
  const mms = new Set<number>();
  k.space.of(k.inode.mapping.get(inode)).vmas.runs(0, k.vmas.count + 1, (at, n, value) => {
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
    k.space4.of(mm).linked.set(pgd_index(vpn), region);
    k.trace.effect('the PGD entry for {addresses:0} points to the PUD table of {file:1} from now on', 1, vpn, k.mshare.inode.get(region));
    k.count('link_faults', 1);
    mm_account_fault(k, 1, false);
  });
}

/** Links the PGD entry for `vpn` to the host's, if it is not: a fault of its own. */
export function mshare_link(k: Kernel, mm: number, vma: number, vpn: number): void {
  if (k.space4.of(mm).linked.get(pgd_index(vpn)) !== 0) return;
  k.in('exc_page_fault', 1, () => {
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
): number | BadAccess {
  const n = Math.min(count, (pgd_index(vpn) + 1) * PGDIR_PAGES - vpn);
  mshare_link(k, mm, vma, vpn);
  const host = host_place(k, vma);
  const shifted = then && ((at: number, pages: number) => then(at + host.shift, pages));
  const bad = in_host(k, host, () => access(k, host.mm, vpn - host.shift, n, write, shifted));
  return bad === undefined ? n : { ...bad, vpn: bad.vpn + host.shift };
}

/** Runs `body` with the places of a sleeping call as the host counts them. */
function in_host<T>(k: Kernel, { shift }: HostPlace, body: () => T): T {
  shift_nap(k, -shift);
  try {
    return body();
  } finally {
    shift_nap(k, shift);
  }
}

function shift_nap({ nap }: Kernel, by: number): void {
  if (nap?.at === undefined || by === 0) return;
  nap.at += by;
  if (nap.tried !== undefined) nap.tried = { ...nap.tried, until: nap.tried.until + by };
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
