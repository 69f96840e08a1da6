import { folio_runs, is_large, whole_folios } from './folio';
import { leaf_of } from './huge_pmd';
import { hugetlb_access } from './hugetlb';
import { is_vm_hugetlb_page } from './hugetlb_share';
import { present_ptes, type PteRun } from './rmap';
import { common_run_end } from '../state/column';
import { any, clear, PG, PTE, set, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel, Leaf } from '../state/kernel';
import { target } from '../state/shift';
import { filemap_dirty_folio } from './filemap_dirty';
import { type BadAccess, handle_mm_fault, is_cow_mapping, why_faulted } from './memory';
import { folio_mark_accessed } from './swap';
import { in_host, linked_end, mshare_link, vma_is_mshare } from './mshare';
import { policy } from './mshare_policy';
import { unshare_fault } from './unshare';
import { userfaultfd_pte_wp } from './userfaultfd_wait';
import { find_vma, vmas_in } from './vma';
import { once } from '../kernel/sleep';
import type { Content } from '../state/content';

/** After so many accesses further ones change nothing: referenced, active, active and referenced. */
const ENOUGH = 3;

/** FOLL_WRITE, FOLL_FORCE, FOLL_PIN, FOLL_LONGTERM. */
export interface Gup {
  readonly write: boolean;
  readonly force?: boolean;
  readonly pin?: boolean;
  readonly longterm?: boolean;
  /** The pages have been got, and marked accessed, before: no FOLL_TOUCH. */
  readonly touched?: boolean;
  /** `gup_fast()`: up to the first page that has to be faulted in they are taken as they are mapped, and only marked referenced. */
  readonly fast?: boolean;
}

/**
 * `__get_user_pages()`: `count` pages from page number `vpn` as the kernel itself gets at them: faulted in, in whichever process's memory, and
 * marked accessed (FOLL_TOUCH); `visit` gets frames (0: the zero page) as soon as they are there. Gives what kept it from going on. `parts` as in `access()`.
 */
export function get_user_pages(
  k: Kernel,
  mm: number,
  vpn: number,
  count: number,
  how: Gup,
  visit?: (vpn: number, pfn: number, count: number) => void,
  parts?: Content[],
): BadAccess | undefined {
  return k.in('__get_user_pages', count, () => {
    const { vma: vmas, pte, pfn: frames } = k.space4.of(mm);
    const end = vpn + count;
    let locking: Locking | undefined;
    let fast = how.fast === true;
    const { nap } = k;
    for (let at = nap === undefined ? vpn : nap.gathering(vpn, parts); at < end; nap?.gathered(at, parts)) {
      nap?.at(at);
      const vma = vmas.get(at);
      if (vma_is_mshare(k, vma)) {
        const done = get_pages_of_region(k, mm, vma, at, Math.min(end, k.vma.end.get(vma)) - at, how, visit, parts);
        if (typeof done !== 'number') return done;
        at += done;
        continue;
      }
      const why = check_vma_flags(k, vma, how);
      if (why !== undefined) return { signal: 'SIGSEGV', vpn: at, why };
      const limit = Math.min(end, k.vma.end.get(vma));
      if (k.populating && any(k.vma.flags.get(vma), VM.LOCKED) && locking?.vma !== vma)
        locking = { vma, mapped: present_ptes(k, mm, at, limit - at), active: active_pages(k, vma, at, limit - at) };
      if (is_vm_hugetlb_page(k, vma)) {
        const done = hugetlb_access(k, mm, vma, at, limit - at, how.write);
        if (typeof done === 'string') return { signal: done, vpn: at, why: 'the pool of huge pages is empty' };
        if (done > 0) for (const run of present_ptes(k, mm, at, done)) visit?.(run.vpn, run.pfn, run.count);
        at += done;
        continue;
      }
      const flags = pte.get(at);
      let n = common_run_end(flags === 0 ? [pte] : [pte, frames], at, limit) - at;
      const pfn = any(flags, PTE.SPECIAL) || !any(flags, PTE.PRESENT) ? 0 : target(at, frames.get(at));
      if (pfn !== 0) n = k.page.flags.runEnd(pfn, pfn + n) - pfn;
      if (!any(flags, PTE.PRESENT) || (how.write && !may_write(k, vma, flags, pfn))) {
        fast = false;
        const done = handle_mm_fault(k, mm, vma, at, n, how.write);
        if (typeof done === 'string') return { signal: done, vpn: at, why: why_faulted(k, mm, at) };
      } else if (gup_must_unshare(k, vma, pfn, how)) {
        fast = false;
        unshare_fault(k, mm, vma, at, n);
      } else {
        const fresh = locking?.vma === vma ? newly_mapped(locking, at, n) : 0;
        if (fresh > 0) n = fresh;
        else if (fresh < 0) n = -fresh;
        const active = fresh > 0 ? was_active(locking!, at, n) : 0;
        if (active !== 0) n = Math.abs(active);
        if (pfn !== 0 && fast) folio_set_referenced(k, pfn, n);
        else if (pfn !== 0 && how.touched !== true)
          touch(k, pfn, n, {
            dirty: how.write && !any(flags, PTE.DIRTY),
            locking: fresh > 0 && active <= 0,
            huge: leaf_of(k, mm, at) !== Leaf.None,
          });
        visit?.(at, pfn, n);
        at += n;
      }
    }
    nap?.end();
    return undefined;
  });
}

/** The same for pages of a region, at most to the end of what one PGD entry maps; gives how many. */
function get_pages_of_region(
  k: Kernel,
  mm: number,
  vma: number,
  vpn: number,
  count: number,
  how: Gup,
  visit?: (vpn: number, pfn: number, count: number) => void,
  parts?: Content[],
): number | BadAccess {
  if (policy(k, k.vma.mshare.get(vma), 'gup') === 'efault')
    return { signal: 'SIGSEGV', vpn, why: 'it lies in a region, where get_user_pages() is refused (gup = efault)' };
  const n = Math.min(count, linked_end(vpn) - vpn);
  mshare_link(k, mm, vma, vpn, 'faultin_page');
  return in_host(k, vma, (host, shift) => {
    const shifted = visit && ((at: number, pfn: number, pages: number) => visit(at + shift, pfn, pages));
    const bad = get_user_pages(k, host, vpn - shift, n, how, shifted, parts);
    return bad === undefined ? n : { ...bad, vpn: bad.vpn + shift };
  });
}

/** A locked VMA that is populated, what it mapped before, and where it has active pages of its file. */
interface Locking {
  readonly vma: number;
  readonly mapped: readonly PteRun[];
  readonly active: { readonly vpn: number; readonly count: number }[];
}

/** Where `count` pages from `vpn` of a VMA have active pages of its file. */
function active_pages(k: Kernel, vma: number, vpn: number, count: number): Locking['active'] {
  const mapping = k.vma.mapping.get(vma);
  const found: Locking['active'] = [];
  if (mapping === 0) return found;
  const shift = k.vma.start.get(vma) - k.vma.pgoff.get(vma);
  for (let at = vpn; at < vpn + count;) {
    const cached = k.design.lookup(k, mapping, at - shift, vpn + count - at);
    if (cached.pfn !== 0)
      k.page.flags.runs(cached.pfn, cached.count, (pfn, n, flags) => {
        if (any(flags, PG.active)) found.push({ vpn: at + pfn - cached.pfn, count: n });
      });
    at += cached.count;
  }
  return found;
}

/** How many of `count` pages from `at` were active when the VMA began to be populated; negative: how many were not. What lies before is forgotten. */
function was_active({ active }: Locking, at: number, count: number): number {
  while (active.length > 0 && active[0]!.vpn + active[0]!.count <= at) active.shift();
  const next = active[0];
  if (next === undefined) return -count;
  return next.vpn <= at ? Math.min(count, next.vpn + next.count - at) : -Math.min(count, next.vpn - at);
}

/** How many of `count` pages from `at` are mapped only since the VMA is populated; negative: how many were mapped before. */
function newly_mapped({ mapped }: Locking, at: number, count: number): number {
  for (const run of mapped) {
    if (at >= run.vpn + run.count) continue;
    return at < run.vpn ? Math.min(count, run.vpn - at) : -Math.min(count, run.vpn + run.count - at);
  }
  return count;
}

/** `check_vma_flags()`: why the pages of a VMA can't be had. */
function check_vma_flags(k: Kernel, vma: number, { write, force, pin, longterm }: Gup): string | undefined {
  if (vma === 0) return 'nothing is mapped there';
  const vm = k.vma.flags.get(vma);
  if (write && pin && longterm && any(vm, VM.SHARED) && k.mapping.aops.get(k.vma.mapping.get(vma)) === AddressSpaceKind.Disk)
    return 'a long-term pin for writing would escape the dirty tracking of the file';
  if (any(vm, write ? VM.WRITE : VM.READ)) return undefined;
  if (!force) return write ? 'the mapping may not be written (no PROT_WRITE)' : 'the mapping may not be read (no PROT_READ)';
  if (write) return is_cow_mapping(vm) ? undefined : 'the mapping is shared and may not be written';
  return any(vm, VM.WRITE + VM.EXEC) ? undefined : 'the mapping may not be accessed (PROT_NONE)';
}

/** `can_follow_write_pte()`: writable, or a forced write to a page that has been copied for this process. */
function may_write(k: Kernel, vma: number, flags: number, pfn: number): boolean {
  if (any(flags, PTE.RW)) return true;
  if (pfn === 0 || userfaultfd_pte_wp(k, vma, flags)) return false;
  return !any(k.vma.flags.get(vma), VM.WRITE) && any(k.page.flags.get(pfn), PG.anon_exclusive);
}

/** `gup_must_unshare()`: a pin for reading wants a page that stays this process's: of anonymous pages always, of others if it is for long. */
function gup_must_unshare(k: Kernel, vma: number, pfn: number, { write, pin, longterm }: Gup): boolean {
  if (write || !pin) return false;
  const flags = k.page.flags.get(pfn);
  if (pfn !== 0 && any(flags, PG.anon)) return !any(flags, PG.anon_exclusive);
  return longterm === true && is_cow_mapping(k.vma.flags.get(vma));
}

/** `folio_set_referenced()`: of a large folio with a page among these it holds for all pages. */
function folio_set_referenced(k: Kernel, pfn: number, count: number): void {
  const whole = whole_folios(k, pfn, count);
  k.page.flags.update(whole.pfn, whole.count, (old) => set(old, PG.referenced));
}

interface Touch {
  /** It was to be written, and the entry is not dirty. */
  readonly dirty: boolean;
  /**
   * The pages are being locked, and were not active. That is done in batches: those that nobody had locked before still count as evictable, and the second
   * access activates them. Large folios are locked at once.
   */
  readonly locking: boolean;
  /** One entry maps all of the folio. */
  readonly huge: boolean;
}

/** FOLL_TOUCH: an access for each entry, also where several map the pages of one large folio. */
function touch(k: Kernel, pfn: number, count: number, { dirty, locking, huge }: Touch): void {
  if (dirty) set_page_dirty(k, pfn, count);
  if (!locking || is_large(k, pfn)) {
    folio_runs(k, pfn, count, [], (first, n) => {
      const times = huge || !is_large(k, first) ? 1 : Math.min(n, ENOUGH);
      for (let i = 0; i < times; i++) folio_mark_accessed(k, first, n);
    });
    return;
  }
  k.page.mlock_count.runs(pfn, count, (at, n, locks) => {
    if (locks > 1) return folio_mark_accessed(k, at, n);
    k.page.flags.update(at, n, (old) => (any(old, PG.referenced) ? clear(old, PG.referenced) : set(old, PG.referenced)));
  });
}

/** `set_page_dirty()`: the kernel itself has written these frames, past any PTE. */
export function set_page_dirty(k: Kernel, pfn: number, count: number): void {
  k.page.flags.runs(pfn, count, (at, n, flags) => {
    if (any(flags, PG.anon)) k.page.flags.fill(at, n, set(flags, PG.dirty));
    else filemap_dirty_folio(k, at, n);
  });
}

/**
 * `populate_vma_page_range()`: writes where a private mapping may be written, so that its pages are its own at once. Nothing where pages are
 * locked as they come (MLOCK_ONFAULT).
 */
export function populate_vma_page_range(k: Kernel, mm: number, vma: number, start: number, end: number): BadAccess | undefined {
  const flags = k.vma.flags.get(vma);
  if (any(flags, VM.LOCKONFAULT)) return undefined;
  const from = Math.max(start, k.vma.start.get(vma));
  const to = Math.min(end, k.vma.end.get(vma));
  if (vma_is_mshare(k, vma)) return populate_region(k, mm, vma, from, to);
  return get_user_pages(k, mm, from, to - from, { write: any(flags, VM.WRITE) && !any(flags, VM.SHARED), force: true });
}

/** The same for a part of a region: whatever the host has mapped there. */
function populate_region(k: Kernel, mm: number, vma: number, start: number, end: number): BadAccess | undefined {
  for (let at = start; at < end; at = linked_end(at)) mshare_link(k, mm, vma, at, 'faultin_page');
  return in_host(k, vma, (host, shift) => {
    for (const each of vmas_in(k, host, start - shift, end - shift)) {
      const bad = populate_vma_page_range(k, host, each, start - shift, end - shift);
      if (bad !== undefined) return { ...bad, vpn: bad.vpn + shift };
    }
    return undefined;
  });
}

/** `mm_populate()`: faults `count` pages from `start` in. A VMA that can't be is passed over, unless `strict`: then that ends it and is returned. */
export function mm_populate(k: Kernel, mm: number, start: number, count: number, strict = false): BadAccess | undefined {
  const end = start + count;
  return k.in('__mm_populate', 1, () => {
    const { nap } = k;
    k.populating = true;
    try {
      for (let at = nap === undefined ? start : nap.loop(start); at < end; nap?.reached(at)) {
        const vma = find_vma(k, mm, at, end);
        if (vma === 0) break;
        const bad = once(k, () => populate_vma_page_range(k, mm, vma, at, end));
        if (strict && bad !== undefined) return bad;
        at = k.vma.end.get(vma);
      }
    } finally {
      k.populating = false;
    }
    nap?.end();
    return undefined;
  });
}
