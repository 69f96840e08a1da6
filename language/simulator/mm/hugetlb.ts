import { copy_pages } from '../fs/read_folio';
import { any, clear, MARKER, PG, PTE, set, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { refer, target } from '../state/shift';
import { pagesOf } from '../state/units';
import { head_of, HPAGE_PMD_NR } from './folio';
import { filemap_get_entry } from './filemap';
import { alloc_hugetlb_folio } from './hugetlb_pool';
import { entry_place, huge_pte_alloc, PUD_PAGES, unmap_hugepage_range } from './hugetlb_share';
import { anon_vma_prepare, mm_account_fault, type Signal } from './memory';
import { folio_put, type Frames } from './page_alloc';
import { pmd_alloc } from './pagetable';
import { is_pte_marker } from './pte_marker';
import { present_ptes, vma_interval_tree_foreach } from './rmap';
import {
  handle_userfault,
  has_feature,
  userfaultfd_minor,
  userfaultfd_missing,
  userfaultfd_pte_wp,
  userfaultfd_wp,
} from './userfaultfd_wait';
import { with_marker } from './userfaultfd_wp';

const BASE = PTE.PRESENT + PTE.USER + PTE.ACCESSED;

/** Faults on hugetlb pages: whole ones, without LRU, RSS or memory control group. Ranges of pages begin and end with a huge page. */
interface Fault {
  readonly mm: number;
  readonly vma: number;
  readonly vpn: number;
  readonly count: number;
  readonly write: boolean;
}

/** The CPU touches up to `count` pages from `vpn` of a hugetlb mapping; gives how many are done (0: try again), or the signal. */
export function hugetlb_access(k: Kernel, mm: number, vma: number, vpn: number, count: number, write: boolean): number | Signal {
  const start = head_of(vpn, HPAGE_PMD_NR);
  let end = head_of(vpn + count - 1, HPAGE_PMD_NR) + HPAGE_PMD_NR;
  if (any(k.vma.flags.get(vma), VM.SHARED)) end = Math.min(end, head_of(vpn, PUD_PAGES) + PUD_PAGES);
  const { mm: table, offset } = entry_place(k, mm, start);
  const { pte, pfn } = k.space4.of(table);
  end = pte.runEnd(start - offset, end - offset) + offset;
  const flags = pte.get(start - offset);
  const present = any(flags, PTE.PRESENT);
  if (present) end = pfn.runEnd(start - offset, end - offset) + offset;
  const fault: Fault = { mm, vma, vpn: start, count: end - start, write };
  if (present && (!write || any(flags, PTE.RW))) {
    const wanted = set(flags, write ? PTE.ACCESSED + PTE.DIRTY : PTE.ACCESSED);
    if (wanted !== flags) pte.fill(start - offset, end - start, wanted);
    return Math.min(count, end - vpn);
  }
  const done = k.batch(
    'exc_page_fault',
    () => {
      k.trace.effect(write ? 'store to {addresses:0}: page fault' : 'load from {addresses:0}: page fault', end - start, start);
      return k.batch('hugetlb_fault', () => hugetlb_fault(k, fault), folios_of);
    },
    folios_of,
  );
  if (typeof done === 'string') return done;
  const again = write && userfaultfd_wp(k, vma) && any(k.space4.of(mm).pte.get(start), PTE.UFFD_WP);
  return again ? 0 : Math.max(0, Math.min(count, start + done - vpn));
}

const folios_of = (pages: number | Signal): number => (typeof pages === 'string' || pages === 0 ? 1 : pages / HPAGE_PMD_NR);

/** `hugetlb_fault()`; gives the pages that it was done for, 0 where only tables were found or made for them. */
function hugetlb_fault(k: Kernel, fault: Fault): number | Signal {
  const { mm, vma, vpn, count, write } = fault;
  const before = entry_place(k, mm, vpn).mm;
  huge_pte_alloc(k, mm, vma, vpn, count);
  const { mm: table, offset } = entry_place(k, mm, vpn);
  const flags = k.space4.of(table).pte.get(vpn - offset);
  if (is_pte_marker(flags) && any(flags, MARKER.POISONED)) return 'SIGBUS';
  if (!any(flags, PTE.PRESENT)) {
    const free = table === before ? count : k.space4.of(table).pte.runEnd(vpn - offset, vpn - offset + count) - (vpn - offset);
    return k.batch('hugetlb_no_page', () => hugetlb_no_page(k, { ...fault, count: free }), folios_of);
  }
  if (write && userfaultfd_pte_wp(k, vma, flags)) {
    if (!has_feature(k, vma, 'WP_ASYNC')) return handle_userfault(k, mm, vma, vpn, 'write-protected', true);
    k.space4.of(table).pte.update(vpn - offset, count, (old) => clear(old, PTE.UFFD_WP));
  }
  if (write && !any(flags, PTE.RW)) return k.batch('hugetlb_wp', () => hugetlb_wp(k, fault), folios_of);
  mm_account_fault(k, 1, false);
  return 0;
}

const index_of = (k: Kernel, vma: number, vpn: number): number => vpn - k.vma.start.get(vma) + k.vma.pgoff.get(vma);

/** Nothing is mapped yet: the page of the file, or a new one, which a shared mapping adds to the file and a private one keeps. */
function hugetlb_no_page(k: Kernel, { mm, vma, vpn, count, write }: Fault): number | Signal {
  const mapping = k.vma.mapping.get(vma);
  const index = index_of(k, vma, vpn);
  const limit = pagesOf(k.inode.size.get(k.mapping.host.get(mapping)));
  if (index >= limit) return 'SIGBUS';
  const shared = any(k.vma.flags.get(vma), VM.SHARED);
  const cached = filemap_get_entry(k, mapping, index, Math.min(count, limit - index));
  const armed = cached.pfn !== 0 ? userfaultfd_minor(k, vma) : userfaultfd_missing(k, vma);
  if (armed) return handle_userfault(k, mm, vma, vpn, cached.pfn !== 0 ? 'minor' : 'missing', write);
  if (cached.pfn !== 0) {
    map_huge(k, mm, vma, vpn, cached.pfn, cached.count);
    k.page.refcount.add(cached.pfn, cached.count, 1);
    if (write && !shared) return hugetlb_wp(k, { mm, vma, vpn, count: cached.count, write });
    mm_account_fault(k, cached.count / HPAGE_PMD_NR, false);
    return cached.count;
  }
  if (!shared) anon_vma_prepare(k, vma);
  const { pfn, count: got } = alloc_hugetlb_folio(k, vma, mapping, index, cached.count);
  if (got === 0) return 'SIGBUS';
  const pages = got * HPAGE_PMD_NR;
  if (shared) {
    hugetlb_add_to_page_cache(k, mapping, index, pfn, pages);
    k.page.refcount.add(pfn, pages, 1);
  } else new_anon_huge(k, vma, vpn, pfn, pages);
  map_huge(k, mm, vma, vpn, pfn, pages);
  mm_account_fault(k, got, false);
  return pages;
}

/** `hugetlb_add_to_page_cache()`: new pages of zeros become the file's. They are dirty, so that nothing drops them. */
export function hugetlb_add_to_page_cache(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  k.space.of(mapping).pages.fill(index, count, refer(index, pfn));
  k.mapping.nrpages.set(mapping, k.mapping.nrpages.get(mapping) + count);
  k.page.mapping.fill(pfn, count, mapping);
  k.page.index.fill(pfn, count, refer(pfn, index));
  k.page.flags.fill(pfn, count, PG.uptodate + PG.dirty);
  k.trace.effect('{frames:0} out of the pool, filled with zeros, for {indexes:1} of {mapping:2}', count, pfn, index, mapping);
}

/** `hugetlb_add_new_anon_rmap()`. */
export function new_anon_huge(k: Kernel, vma: number, vpn: number, pfn: number, count: number): void {
  k.page.flags.update(pfn, count, (old) => (any(old, PG.dirty) ? PG.dirty : 0) + PG.uptodate + PG.anon + PG.anon_exclusive);
  k.page.mapping.fill(pfn, count, -k.vma.anon_vma.get(vma));
  k.page.index.fill(pfn, count, refer(pfn, index_of(k, vma, vpn)));
  k.trace.effect('{frames:0} out of the pool for {addresses:1}', count, pfn, vpn);
}

/** `make_huge_pte()`, `set_huge_pte_at()`: pages of a file are writable through a shared mapping, anonymous ones that are exclusive through theirs. */
export function map_huge(k: Kernel, mm: number, vma: number, vpn: number, pfn: number, count: number): void {
  const vm = k.vma.flags.get(vma);
  const own = any(vm, VM.SHARED) || any(k.page.flags.get(pfn), PG.anon_exclusive);
  const flags = own && any(vm, VM.WRITE) ? set(BASE, PTE.RW + PTE.DIRTY + PTE.SOFT_DIRTY) : BASE;
  const { mm: table, offset } = entry_place(k, mm, vpn);
  k.space4.of(table).pte.fill(vpn - offset, count, with_marker(k, table, vpn - offset, flags));
  k.space4.of(table).pfn.fill(vpn - offset, count, refer(vpn - offset, pfn));
  k.page.mapcount.add(pfn, count, 1);
  k.trace.effect('one entry for each 512 pages at {addresses:0} maps {frames:1}', count, vpn, pfn);
}

/** `hugetlb_wp()`: a store to write-protected entries. A private copy is 2 MiB. */
function hugetlb_wp(k: Kernel, { mm, vma, vpn, count }: Fault): number | Signal {
  const { mm: table, offset } = entry_place(k, mm, vpn);
  const { pte, pfn: frames } = k.space4.of(table);
  const pfn = target(vpn - offset, frames.get(vpn - offset));
  const writable = (pages: number): number => {
    pte.update(vpn - offset, pages, (old) => set(old, PTE.RW + PTE.DIRTY + PTE.SOFT_DIRTY + PTE.ACCESSED));
    k.trace.effect('the entries at {addresses:0} made writable', pages, vpn);
    mm_account_fault(k, pages / HPAGE_PMD_NR, false);
    return pages;
  };
  if (any(k.vma.flags.get(vma), VM.SHARED)) return writable(count);
  if (is_own(k, pfn)) {
    k.page.flags.update(pfn, HPAGE_PMD_NR, (old) => set(old, PG.anon_exclusive));
    return writable(HPAGE_PMD_NR);
  }
  anon_vma_prepare(k, vma);
  const index = index_of(k, vma, vpn);
  let copy = alloc_hugetlb_folio(k, vma, k.vma.mapping.get(vma), index, HPAGE_PMD_NR);
  if (copy.count === 0 && k.vma.resv_map.get(vma) !== 0 && any(k.page.flags.get(pfn), PG.anon)) {
    unmap_ref_private(k, vma, pfn, index);
    if (is_own(k, pfn)) return writable(HPAGE_PMD_NR);
    copy = alloc_hugetlb_folio(k, vma, k.vma.mapping.get(vma), index, HPAGE_PMD_NR);
  }
  if (copy.count === 0) return 'SIGBUS';
  return replace(k, mm, vma, vpn, pfn, copy);
}

const is_own = (k: Kernel, pfn: number): boolean => any(k.page.flags.get(pfn), PG.anon) && k.page.mapcount.get(pfn) === 1;

function replace(k: Kernel, mm: number, vma: number, vpn: number, pfn: number, { pfn: copy }: Frames): number {
  copy_pages(k, pfn, copy, HPAGE_PMD_NR);
  k.count('copies', HPAGE_PMD_NR);
  k.trace.effect('{frames:0} copied to {frames:1}', HPAGE_PMD_NR, pfn, copy);
  k.page.mapcount.add(pfn, HPAGE_PMD_NR, -1);
  new_anon_huge(k, vma, vpn, copy, HPAGE_PMD_NR);
  map_huge(k, mm, vma, vpn, copy, HPAGE_PMD_NR);
  folio_put(k, pfn, HPAGE_PMD_NR);
  mm_account_fault(k, 1, false);
  return HPAGE_PMD_NR;
}

/** `unmap_ref_private()`: the pool is empty, and the process that reserved the page takes it from the others that map it. */
function unmap_ref_private(k: Kernel, owner: number, pfn: number, index: number): void {
  k.in('unmap_ref_private', 1, () => {
    vma_interval_tree_foreach(k, k.vma.mapping.get(owner), index, HPAGE_PMD_NR, (vma, vpn) => {
      const mm = k.vma.mm.get(vma);
      if (vma === owner || k.vma.resv_map.get(vma) !== 0 || any(k.vma.flags.get(vma), VM.SHARED)) return;
      if (present_ptes(k, mm, vpn, 1)[0]?.pfn === pfn) unmap_hugepage_range(k, mm, vpn, HPAGE_PMD_NR, false);
    });
  });
}

/** `copy_hugetlb_page_range()`: what a private mapping has is shared with the child, write-protected in both. */
export function copy_hugetlb_page_range(k: Kernel, parent: number, child: number, vma: number): void {
  const start = k.vma.start.get(vma);
  k.in('copy_hugetlb_page_range', 1, () => {
    for (const run of present_ptes(k, parent, start, k.vma.end.get(vma) - start)) {
      pmd_alloc(k, child, run.vpn, run.count);
      const flags = clear(run.flags, PTE.RW);
      k.space4.of(parent).pte.fill(run.vpn, run.count, flags);
      k.space4.of(child).pte.fill(run.vpn, run.count, clear(flags, PTE.UFFD_WP));
      k.space4.of(child).pfn.fill(run.vpn, run.count, refer(run.vpn, run.pfn));
      k.page.flags.update(run.pfn, run.count, (old) => clear(old, PG.anon_exclusive));
      k.page.mapcount.add(run.pfn, run.count, 1);
      k.page.refcount.add(run.pfn, run.count, 1);
      k.trace.effect('{frames:0} shared with the child: both entries at {addresses:1} are write-protected', run.count, run.pfn, run.vpn);
    }
  });
}
