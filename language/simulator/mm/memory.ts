/* eslint-disable no-bitwise -- flags of entries are words of few bits. */
import { any, clear, MARKER, PG, PTE, set, VM } from '../state/flags';
import { common_run_end } from '../state/column';
import type { Kernel } from '../state/kernel';
import type { Content } from '../state/content';
import { refer, target } from '../state/shift';
import { copy_pages } from '../fs/read_folio';
import { ksm_might_unmap_zero_page } from './ksm_zero';
import { do_fault, wp_page_shared } from './memory_file';
import { folio_head, folio_nr_pages, is_large } from './folio';
import { huge_fault, is_folio_of, small_stretch } from './huge_memory';
import { hugetlb_access } from './hugetlb';
import { whole_entries } from './huge_pmd';
import { mlock_vma_folio } from './mlock';
import { expand_stack } from './mmap';
import { flush_tlb, mshare_access } from './mshare';
import { alloc_pages, type Frames, folio_put, is_tight, with_reference } from './page_alloc';
import { pte_alloc } from './pagetable';
import { clear_pte_markers, is_pte_marker, marker_says } from './pte_marker';
import { add_mm_counter, folio_remove_rmap_ptes, pte_clear, set_ptes } from './rmap';
import { lruvec_add_folio } from './swap';
import { do_swap_page } from './swap_fault';
import { folio_free_swap, free_swap_cache } from './swapfile';
import { get_mem_cgroup_from_mm } from './memcontrol';
import { handle_userfault, has_feature, userfaultfd_missing, userfaultfd_pte_wp, userfaultfd_wp } from './userfaultfd_wait';
import { with_marker } from './userfaultfd_wp';

/** How an access or fault ends that does not go through. */
export type Signal = 'SIGSEGV' | 'SIGBUS';

/** A signal, with the page number of the access that raised it. */
export interface BadAccess {
  readonly signal: Signal;
  readonly vpn: number;
  readonly why: string;
}

export const READ = PTE.PRESENT + PTE.USER + PTE.ACCESSED;
export const WRITTEN = READ + PTE.RW + PTE.DIRTY + PTE.SOFT_DIRTY;

/**
 * The CPU touches `count` pages from page number `vpn`, one access each: present and permitted pages get their accessed (and dirty) bit,
 * the others fault first. Work goes in batches of pages that take the same path; `then` is called for each batch as soon as it can be
 * accessed (a later fault may reclaim what an earlier one brought in). `parts`: what `then` gathers, kept where the call sleeps.
 */
export function access(
  k: Kernel,
  mm: number,
  vpn: number,
  count: number,
  write: boolean,
  then?: (vpn: number, count: number) => void,
  parts?: Content[],
): BadAccess | undefined {
  const { vma: vmas, pte, pfn } = k.space4.of(mm);
  const end = vpn + count;
  const { nap } = k;
  for (let at = nap === undefined ? vpn : nap.gathering(vpn, parts); at < end; nap?.gathered(at, parts)) {
    if (nap !== undefined) nap.at(at);
    const vma = vmas.get(at) || expand_stack(k, mm, at);
    if (vma === 0) return { signal: 'SIGSEGV', vpn: at, why: 'nothing is mapped there' };
    const vm = k.vma.flags.get(vma);
    if (any(vm, VM.MSHARE)) {
      const done = mshare_access(k, mm, vma, at, Math.min(end, k.vma.end.get(vma)) - at, write, then, parts);
      if (typeof done !== 'number') return done;
      at += done;
      continue;
    }
    if (!any(vm, write ? VM.WRITE : VM.READ + VM.WRITE + VM.EXEC))
      return {
        signal: 'SIGSEGV',
        vpn: at,
        why: write ? 'the mapping may not be written (no PROT_WRITE)' : 'the mapping may not be accessed (PROT_NONE)',
      };
    if (any(vm, VM.HUGETLB)) {
      const faults = k.counter('minflt') + k.counter('majflt');
      const done = hugetlb_access(k, mm, vma, at, Math.min(end, k.vma.end.get(vma)) - at, write);
      if (nap?.resolved === true && faults === k.counter('minflt') + k.counter('majflt')) mm_account_fault(k, 1, false);
      if (typeof done === 'string') return { signal: done, vpn: at, why: 'the file ends before, or the pool of huge pages is empty' };
      if (done > 0) then?.(at, done);
      at += done;
      continue;
    }
    const flags = pte.get(at);
    const permitted = any(flags, PTE.PRESENT) && (!write || any(flags, PTE.RW));
    const alike = flags === 0 || permitted ? [pte] : [pte, pfn];
    let stop = count === 1 ? at + 1 : common_run_end(alike, at, Math.min(end, k.vma.end.get(vma)));
    if (permitted && nap?.resolved === true) {
      stop = at + 1;
      mm_account_fault(k, 1, false);
    }
    if (permitted) {
      const wanted = write ? set(flags, PTE.ACCESSED + PTE.DIRTY + PTE.SOFT_DIRTY) : set(flags, PTE.ACCESSED);
      if (wanted !== flags) {
        const entries = whole_entries(k, mm, at, stop - at);
        pte.fill(entries.vpn, entries.count, wanted);
        k.trace.effect(
          write ? 'the CPU sets accessed and dirty in PTE {addresses:0}' : 'the CPU sets accessed in PTE {addresses:0}',
          stop - at,
          at,
        );
      }
    } else {
      const done = exc_page_fault(k, mm, vma, at, stop - at, write);
      if (typeof done === 'string') return { signal: done, vpn: at, why: why_faulted(k, mm, at) };
      stop = write && userfaultfd_pte_wp(k, vma, pte.get(at)) ? at : at + done;
    }
    if (then !== undefined && stop > at) then(at, stop - at);
    at = stop;
  }
  nap?.end();
  return undefined;
}

/** Why the fault on a page has come to nothing, as the end of a sentence. */
export const why_faulted = (k: Kernel, mm: number, vpn: number): string =>
  marker_says(k.space4.of(mm).pte.get(vpn)) ??
  (k.vma.uffd.get(k.space4.of(mm).vma.get(vpn)) === 0
    ? 'the page lies beyond the end of the file, or its filesystem is full'
    : 'the fault is the userfaultfd’s, which is not asked (UFFD_FEATURE_SIGBUS, or UFFD_USER_MODE_ONLY)');

/** Page faults on up to `count` pages that take the same path; gives how many it was done for. */
function exc_page_fault(k: Kernel, mm: number, vma: number, vpn: number, count: number, write: boolean): number | Signal {
  return k.batch(
    'exc_page_fault',
    () => {
      const mark = k.trace.effect(write ? 'store to {addresses:0}: page fault' : 'load from {addresses:0}: page fault', 1, vpn);
      const done = handle_mm_fault(k, mm, vma, vpn, count, write);
      if (pages_done(done) > 1) k.trace.setPages(mark, pages_done(done));
      return done;
    },
    pages_done,
  );
}

const pages_done = (done: number | Signal): number => (typeof done === 'string' ? 1 : done);

/** A fault on up to `count` pages of one VMA that take the same path, for whoever needs them; gives how many it was done for. */
export function handle_mm_fault(k: Kernel, mm: number, vma: number, vpn: number, count: number, write: boolean): number | Signal {
  const handle = (): number | Signal => {
    const huge = huge_fault(k, mm, vma, vpn, count, write);
    if (huge !== 0) return huge;
    const n = small_stretch(k, mm, vma, vpn, count);
    return k.batch('handle_pte_fault', () => handle_pte_fault(k, mm, vma, vpn, n, write), pages_done);
  };
  return k.batch('handle_mm_fault', handle, pages_done);
}

function handle_pte_fault(k: Kernel, mm: number, vma: number, vpn: number, count: number, write: boolean): number | Signal {
  const flags = k.space4.of(mm).pte.get(vpn);
  if (is_pte_marker(flags) && any(flags, MARKER.POISONED)) return 'SIGBUS';
  if (is_pte_marker(flags) && any(flags, MARKER.GUARD)) return 'SIGSEGV';
  if (is_pte_marker(flags) && !userfaultfd_wp(k, vma)) {
    clear_pte_markers(k, mm, vpn, count, MARKER.UFFD_WP);
    return 0;
  }
  if (any(flags, PTE.PRESENT)) return k.batch('do_wp_page', () => do_wp_page(k, mm, vma, vpn, count), pages_done);
  if (any(flags, PTE.SWAP)) return k.batch('do_swap_page', () => do_swap_page(k, mm, vma, vpn, count, write), pages_done);
  if (k.vma.mapping.get(vma) !== 0) return do_fault(k, mm, vma, vpn, count, write);
  return k.batch('do_anonymous_page', () => do_anonymous_page(k, mm, vma, vpn, count, write), pages_done);
}

/**
 * Counts `count` faults of the current task and, as /proc/PID/stat does, of its thread group. One that had to wait is a major one, too
 * (FAULT_FLAG_TRIED); not when a mapping is populated: what then fails for having to wait is not counted, and begun anew.
 */
export function mm_account_fault(k: Kernel, count: number, major: boolean): void {
  const tried = (major || k.nap?.retry !== undefined) && !k.populating;
  const counter = tried || k.swappedIn ? 'majflt' : 'minflt';
  k.count(counter, count);
  if (k.current === 0) return;
  const leader = k.task.tgid.get(k.current);
  k.task[counter].set(leader, k.task[counter].get(leader) + count);
  if (leader !== k.current) k.task[counter].set(k.current, k.task[counter].get(k.current) + count);
}

/** Whether nothing may map the zero page: a read fault takes a page then. */
export const mm_forbids_zeropage = (k: Kernel): boolean => !k.options.zeroPage;

function do_anonymous_page(k: Kernel, mm: number, vma: number, vpn: number, count: number, write: boolean): number | Signal {
  const zero = !write && !mm_forbids_zeropage(k);
  if (userfaultfd_missing(k, vma)) {
    pte_alloc(k, mm, vpn, 1);
    if (!zero) anon_vma_prepare(k, vma);
    return handle_userfault(k, mm, vma, vpn, 'missing', write);
  }
  if (zero) {
    pte_alloc(k, mm, vpn, count);
    k.space4.of(mm).pte.fill(vpn, count, with_marker(k, mm, vpn, PTE.PRESENT + PTE.USER + PTE.ACCESSED + PTE.SPECIAL));
    k.trace.effect('PTE {addresses:0} maps the zero page, read-only', count, vpn);
    mm_account_fault(k, count, false);
    return count;
  }
  anon_vma_prepare(k, vma);
  const { pfn, count: got } = alloc_pages(k, fault_batch(k, mm, vpn, count), get_mem_cgroup_from_mm(k, mm));
  pte_alloc(k, mm, vpn, got);
  const allowed = any(k.vma.flags.get(vma), VM.WRITE) ? WRITTEN : clear(WRITTEN, PTE.RW + PTE.DIRTY);
  const entry = with_marker(k, mm, vpn, allowed);
  const writable = any(entry, PTE.RW);
  new_anon_folio(k, mm, vma, vpn, pfn, got, entry);
  k.trace.effect(
    `{frames:0} allocated, filled with zeros and mapped ${writable ? 'writable' : 'read-only'} by PTE {addresses:1}`,
    got,
    pfn,
    vpn,
  );
  mm_account_fault(k, got, false);
  return got;
}

/**
 * How many of `count` pages a fault does at once, if `pages` pages are allocated for them: the table for the first one is made, and where
 * memory is tight the fault ends with that table.
 */
export function fault_batch(k: Kernel, mm: number, vpn: number, count: number, pages = count): number {
  pte_alloc(k, mm, vpn, 1);
  return count > 1 && is_tight(k, mm, pages, count) ? Math.min(count, 512 - (vpn % 512)) : count;
}

/** `anon_vma_prepare()`: the VMA gets its anon_vma with its first anonymous page. */
export function anon_vma_prepare(k: Kernel, vma: number): void {
  if (k.vma.anon_vma.get(vma) !== 0) return;
  const id = k.anonVmas.next();
  k.vma.anon_vma.set(vma, id);
  k.anonVma.of(id).vmas.set(vma, 1);
  k.anonVmaRoot.mm.set(id, k.vma.mm.get(vma));
}

/** The flags of a PTE that is written through, as far as the VMA permits: `maybe_mkwrite(pte_mkdirty())`. */
const maybe_mkwrite = (k: Kernel, vma: number): number => (any(k.vma.flags.get(vma), VM.WRITE) ? WRITTEN : clear(WRITTEN, PTE.RW));

/** `folio_add_new_anon_rmap()`, the LRU and a PTE for `count` fresh frames, exclusive to this mm; written through unless `entry` says otherwise. */
export function new_anon_folio(k: Kernel, mm: number, vma: number, vpn: number, pfn: number, count: number, entry?: number): void {
  add_new_anon_folio(k, mm, vma, vpn, pfn, count, entry);
  mlock_vma_folio(k, vma, pfn, count);
}

/** The same without `mlock_vma_folio()`: a page that comes from swap into a locked mapping is not locked before reclaim finds it. */
export function add_new_anon_folio(k: Kernel, mm: number, vma: number, vpn: number, pfn: number, count: number, entry?: number): void {
  const index = vpn - k.vma.start.get(vma) + k.vma.pgoff.get(vma);
  k.page.flags.fill(pfn, count, PG.uptodate + PG.swapbacked + PG.anon + PG.anon_exclusive);
  k.page.mapping.fill(pfn, count, -k.vma.anon_vma.get(vma));
  k.page.index.fill(pfn, count, refer(pfn, index));
  k.page.mapcount.fill(pfn, count, 1);
  lruvec_add_folio(k, pfn, count);
  k.count('nr_anon_pages', count);
  add_mm_counter(k, mm, 'rss_anon', count);
  set_ptes(k, mm, vpn, count, pfn, entry ?? maybe_mkwrite(k, vma));
}

/** A store to a present, write-protected page. The PTEs of the stretch agree and map consecutive frames. */
export function do_wp_page(k: Kernel, mm: number, vma: number, vpn: number, count: number): number | Signal {
  const { pte, pfn: frame } = k.space4.of(mm);
  if (userfaultfd_pte_wp(k, vma, pte.get(vpn))) {
    if (!has_feature(k, vma, 'WP_ASYNC')) return handle_userfault(k, mm, vma, vpn, 'write-protected', true);
    pte.update(vpn, count, (old) => clear(old, PTE.UFFD_WP));
  }
  const flags = pte.get(vpn);
  if (any(flags, PTE.SPECIAL)) return wp_page_copy(k, mm, vma, vpn, 0, count);
  const pfn = target(vpn, frame.get(vpn));
  if (any(k.vma.flags.get(vma), VM.SHARED)) return wp_page_shared(k, mm, vma, vpn, pfn, count);
  const alike = count === 1 ? pfn + 1 : common_run_end([k.page.flags, k.page.refcount, k.page.mapcount], pfn, pfn + count);
  const n = is_large(k, pfn) ? Math.min(alike, folio_head(k, pfn) + folio_nr_pages(k, pfn)) - pfn : alike - pfn;
  const page = k.page.flags.get(pfn);
  if (!any(page, PG.anon)) return wp_page_copy(k, mm, vma, vpn, pfn, n);
  if (any(page, PG.anon_exclusive)) return wp_page_reuse(k, mm, vpn, pfn, n, 'exclusive to this process');
  if (wp_can_reuse_anon_folio(k, mm, vpn, pfn)) {
    const own = any(page, PG.swapcache) ? 1 : n;
    k.page.flags.update(pfn, own, (old) => set(old, PG.anon_exclusive));
    return wp_page_reuse(k, mm, vpn, pfn, own, 'nobody else holds a reference');
  }
  return wp_page_copy(k, mm, vma, vpn, pfn, n);
}

/** `wp_can_reuse_anon_folio()`: whether nobody but the PTE at `vpn` holds the page; the swap cache lets go of it first if no entry needs it any more. */
export function wp_can_reuse_anon_folio(k: Kernel, mm: number, vpn: number, pfn: number): boolean {
  const flags = k.page.flags.get(pfn);
  if (any(flags, PG.ksm)) return false;
  if (any(flags, PG.swapcache) && !is_large(k, pfn) && k.page.refcount.get(pfn) === 2) folio_free_swap(k, pfn);
  return k.page.refcount.get(pfn) === 1 && is_folio_of(k, mm, vpn, pfn);
}

/** The page stays and its PTE becomes writable. */
export function wp_page_reuse(k: Kernel, mm: number, vpn: number, pfn: number, count: number, why: string): number {
  k.in('wp_page_reuse', count, () => {
    const { pte, vma } = k.space4.of(mm);
    const entry = maybe_mkwrite(k, vma.get(vpn));
    pte.update(vpn, count, (old) => set(old, entry));
    k.trace.effect(`{frames:0} kept in place, ${why}: PTE {addresses:1} made writable`, count, pfn, vpn);
    mm_account_fault(k, count, false);
  });
  return count;
}

/**
 * Copy on write into new anonymous frames; `pfn` 0 is the zero page. With `unshare` (`FAULT_FLAG_UNSHARE`) nothing is written: the copies are
 * clean and write-protected. Gives how many pages it was done for.
 */
export function wp_page_copy(k: Kernel, mm: number, vma: number, vpn: number, pfn: number, count: number, unshare = false): number {
  return k.batch(
    'wp_page_copy',
    () => {
      anon_vma_prepare(k, vma);
      const allocate = (): Frames => alloc_pages(k, count, get_mem_cgroup_from_mm(k, mm));
      const { pfn: copy, count: n } = pfn === 0 ? allocate() : with_reference(k, pfn, count, allocate);
      const old = k.space4.of(mm).pte.get(vpn);
      if (!any(old, PTE.PRESENT)) {
        k.trace.effect('PTE {addresses:0} changed meanwhile (`pte_same()`): the access faults again', 1, vpn);
        folio_put(k, copy, n);
        return 0;
      }
      if (pfn !== 0) {
        copy_pages(k, pfn, copy, n);
        k.count('copies', n);
        k.trace.effect('{frames:0} copied to {frames:1}, because others use it', n, pfn, copy);
      } else k.trace.effect('{frames:1}, filled with zeros, takes the place of the zero page', n, 0, copy);
      pte_clear(k, mm, vpn, n);
      flush_tlb(k, mm);
      new_anon_folio(k, mm, vma, vpn, copy, n, unshare ? set(READ, old & (PTE.SOFT_DIRTY | PTE.UFFD_WP)) : undefined);
      k.trace.effect(
        unshare ? 'PTE {addresses:0} maps {frames:1}, read-only' : 'PTE {addresses:0} maps {frames:1}, writable',
        n,
        vpn,
        copy,
      );
      if (pfn === 0) ksm_might_unmap_zero_page(k, old, n);
      else {
        if (any(k.page.flags.get(pfn), PG.ksm)) k.trace.event('cow_ksm', n);
        folio_remove_rmap_ptes(k, mm, vma, pfn, n, k.page.flags.get(pfn));
        k.trace.effect('{frames:0} mapped once less', n, pfn);
        if (any(k.page.flags.get(pfn), PG.swapcache)) free_swap_cache(k, pfn, n);
        folio_put(k, pfn, n);
      }
      mm_account_fault(k, n, false);
      return n;
    },
    (n) => n,
  );
}

/** Whether a present PTE of a private, writable VMA must be write-protected when it is shared. */
export const is_cow_mapping = (vm: number): boolean => any(vm, VM.MAYWRITE) && !any(vm, VM.SHARED);

/** The flags without the right to write. */
export const pte_wrprotect = (flags: number): number => clear(flags, PTE.RW);

/** Copies for a write fault on a page that is not mapped yet: `do_cow_fault()`. `pfn` is the page cache's. */
export function cow_file_pages(k: Kernel, mm: number, vma: number, vpn: number, pfn: number, count: number): number {
  anon_vma_prepare(k, vma);
  const { pfn: copy, count: n } = with_reference(k, pfn, count, () => alloc_pages(k, count, get_mem_cgroup_from_mm(k, mm)));
  copy_pages(k, pfn, copy, n);
  k.count('copies', n);
  k.trace.effect('{frames:0} of the page cache copied to {frames:1}', n, pfn, copy);
  pte_alloc(k, mm, vpn, n);
  new_anon_folio(k, mm, vma, vpn, copy, n, with_marker(k, mm, vpn, maybe_mkwrite(k, vma)));
  k.trace.effect('PTE {addresses:0} maps {frames:1}, writable', n, vpn, copy);
  return n;
}
