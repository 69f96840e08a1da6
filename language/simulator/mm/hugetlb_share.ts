import { any, clear, PG, PTE, set, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { NONE, refer, referDown, targetDown } from '../state/shift';
import { head_of } from './folio';
import { restore_reserve } from './hugetlb_pool';
import { folio_put, pagetable_alloc, pagetable_free } from './page_alloc';
import { pmd_alloc, pud_alloc } from './pagetable';
import { flush_tlb } from './mshare';
import { zap_pte_markers } from './pte_marker';
import { pte_install_uffd_wp_if_needed } from './userfaultfd_wp';
import { present_ptes, pte_clear, vma_interval_tree_foreach } from './rmap';

/**
 * The entries of hugetlb pages: 512 equal ones for each, in the PMD table of the process, or in one that several processes share. That can be for a
 * shared mapping that covers an aligned 1 GiB; the table is an mm of its own then, whose entries count once, and processes refer to it.
 */

export const PUD_PAGES = 2 ** 18;

export const pud_index = (vpn: number): number => Math.floor(vpn / PUD_PAGES);

export const is_vm_hugetlb_page = (k: Kernel, vma: number): boolean => any(k.vma.flags.get(vma), VM.HUGETLB);

/** Where the entries of a process from a page number on lie: `mm` is the one whose columns hold them, at the page number less `offset`. */
export interface EntryPlace {
  readonly mm: number;
  readonly offset: number;
}

export function entry_place(k: Kernel, mm: number, vpn: number): EntryPlace {
  const table = k.space4.of(mm).shared.get(pud_index(vpn));
  return table === 0 ? { mm, offset: 0 } : { mm: table, offset: head_of(vpn, PUD_PAGES) };
}

/** `want_pmd_share()`: the VMA is shared and covers the aligned 1 GiB around `vpn`. */
export function want_pmd_share(k: Kernel, vma: number, vpn: number): boolean {
  const start = head_of(vpn, PUD_PAGES);
  const vm = k.vma.flags.get(vma);
  if (any(vm, VM.UFFD_WP + VM.UFFD_MINOR)) return false;
  return any(vm, VM.SHARED) && start >= k.vma.start.get(vma) && start + PUD_PAGES <= k.vma.end.get(vma);
}

/** `hugetlb_pmd_shared()`: another process uses the same PMD table. */
export const hugetlb_pmd_shared = (k: Kernel, mm: number, vpn: number): boolean => {
  const { mm: table } = entry_place(k, mm, vpn);
  return table !== mm && k.mm.sharers.get(table) > 1;
};

/** `huge_pte_alloc()`: the tables for `count` pages from `vpn`, none below the PMD. Where they may be shared, at most to the end of the 1 GiB. */
export function huge_pte_alloc(k: Kernel, mm: number, vma: number, vpn: number, count: number): void {
  if (want_pmd_share(k, vma, vpn)) {
    if (k.space4.of(mm).shared.get(pud_index(vpn)) === 0) k.in('huge_pmd_share', 1, () => huge_pmd_share(k, mm, vma, vpn));
  } else pmd_alloc(k, mm, vpn, count);
}

/** `huge_pmd_share()`: the PMD table that another mapping of the same part of the file has, or a new one. */
function huge_pmd_share(k: Kernel, mm: number, vma: number, vpn: number): void {
  pud_alloc(k, mm, vpn);
  const start = head_of(vpn, PUD_PAGES);
  const index = start - k.vma.start.get(vma) + k.vma.pgoff.get(vma);
  const flags = clear(k.vma.flags.get(vma), VM.LOCKED);
  let table = 0;
  vma_interval_tree_foreach(k, k.vma.mapping.get(vma), index, PUD_PAGES, (other, at, n) => {
    if (n < PUD_PAGES || at % PUD_PAGES !== 0 || clear(k.vma.flags.get(other), VM.LOCKED) !== flags) return;
    table ||= k.space4.of(k.vma.mm.get(other)).shared.get(pud_index(at));
  });
  if (table === 0) {
    const { pfn } = pagetable_alloc(k, 1, mm);
    table = k.mms.next();
    k.space4.of(table).pmd.set(0, referDown(0, pfn));
    k.trace.effect('a PMD table is needed: {frames:0}', 1, pfn);
  } else k.trace.effect('the PMD table of another process serves {addresses:0}', PUD_PAGES, start);
  k.mm.sharers.set(table, k.mm.sharers.get(table) + 1);
  k.space4.of(mm).shared.set(pud_index(vpn), table);
  k.mm.pgtables.set(mm, k.mm.pgtables.get(mm) + 1);
}

/** `huge_pmd_unshare()`: the process does without a PMD table that others use too; false where nobody else does. */
function huge_pmd_unshare(k: Kernel, mm: number, pud: number): boolean {
  const { shared } = k.space4.of(mm);
  const table = shared.get(pud);
  if (table === 0 || k.mm.sharers.get(table) < 2) return false;
  k.in('huge_pmd_unshare', 1, () => {
    shared.set(pud, 0);
    k.mm.sharers.set(table, k.mm.sharers.get(table) - 1);
    k.mm.pgtables.set(mm, k.mm.pgtables.get(mm) - 1);
    k.trace.effect('the shared PMD table at {addresses:0} is left to the others', PUD_PAGES, pud * PUD_PAGES);
  });
  return true;
}

/** The shared PMD tables of a range, by PUD index. */
function shared_puds(k: Kernel, mm: number, start: number, end: number): number[] {
  const found: number[] = [];
  k.space4.of(mm).shared.runs(pud_index(start), pud_index(end - 1) + 1 - pud_index(start), (at, _n, table) => {
    if (table !== 0) found.push(at);
  });
  return found;
}

/** `hugetlb_unshare_pmds()`: no PMD table of the range is shared any more; one that nobody else uses becomes the process's own. */
export function hugetlb_unshare_pmds(k: Kernel, mm: number, start: number, end: number): void {
  for (const pud of shared_puds(k, mm, start, end)) {
    if (huge_pmd_unshare(k, mm, pud)) continue;
    const { shared, pmd } = k.space4.of(mm);
    const table = shared.get(pud);
    const entries = present_ptes(k, table, 0, PUD_PAGES);
    pte_clear(k, table, 0, PUD_PAGES);
    shared.set(pud, 0);
    const own = k.space4.of(mm);
    for (const run of entries) {
      own.pte.fill(run.vpn + pud * PUD_PAGES, run.count, run.flags);
      own.pfn.fill(run.vpn + pud * PUD_PAGES, run.count, refer(run.vpn + pud * PUD_PAGES, run.pfn));
    }
    pmd.set(pud, referDown(pud, targetDown(0, k.space4.of(table).pmd.get(0))));
    k.space4.of(table).pmd.set(0, NONE);
    k.mm.sharers.set(table, 0);
  }
}

/** `hugetlb_split()`: a VMA is cut at `at`; within an aligned 1 GiB that ends the sharing of its PMD table. */
export function hugetlb_split(k: Kernel, mm: number, at: number): void {
  if (at % PUD_PAGES !== 0) hugetlb_unshare_pmds(k, mm, at, at + 1);
}

/** `hugetlb_free_pgd_range()` for tables that can be shared: those of the range, which nothing is in any more, go. */
export function free_shared_pmds(k: Kernel, mm: number, start: number, end: number): void {
  for (const pud of shared_puds(k, mm, start, end)) {
    const { shared } = k.space4.of(mm);
    const { pmd } = k.space4.of(shared.get(pud));
    pagetable_free(k, targetDown(0, pmd.get(0)), 1);
    pmd.set(0, NONE);
    k.mm.sharers.set(shared.get(pud), 0);
    shared.set(pud, 0);
    k.mm.pgtables.set(mm, k.mm.pgtables.get(mm) - 1);
    k.trace.effect('an empty PMD table is freed', 1);
  }
}

/** `__unmap_hugepage_range()`: a shared PMD table is only let go of, other entries are cleared; `keepAnon`: private copies stay. */
export function unmap_hugepage_range(k: Kernel, mm: number, vpn: number, count: number, keepAnon: boolean, drop = false): void {
  k.in('__unmap_hugepage_range', 1, () => {
    for (const pud of shared_puds(k, mm, vpn, vpn + count)) huge_pmd_unshare(k, mm, pud);
    const vma = k.space4.of(mm).vma.get(vpn);
    zap_pte_markers(k, mm, vpn, count, keepAnon, drop);
    for (const run of present_ptes(k, mm, vpn, count)) {
      const anon = k.page.mapping.get(run.pfn) < 0;
      if (anon && keepAnon) continue;
      const { mm: table, offset } = entry_place(k, mm, run.vpn);
      pte_clear(k, table, run.vpn - offset, run.count);
      if (!drop) pte_install_uffd_wp_if_needed(k, mm, vma, run.vpn, run.count, run.flags);
      if (any(run.flags, PTE.DIRTY)) k.page.flags.update(run.pfn, run.count, (old) => set(old, PG.dirty));
      k.page.mapcount.add(run.pfn, run.count, -1);
      k.trace.effect('the entries for {addresses:0} cleared; {frames:1} mapped once less', run.count, run.vpn, run.pfn);
      const last = anon && k.page.refcount.get(run.pfn) === 1;
      folio_put(k, run.pfn, run.count);
      if (last) restore_reserve(k, vma, run.vpn - k.vma.start.get(vma) + k.vma.pgoff.get(vma), run.count);
    }
    flush_tlb(k, mm);
  });
}

/** `move_hugetlb_page_tables()`: the entries of `count` pages go from `from` to `to`; shared ones are left behind. */
export function move_hugetlb_page_tables(k: Kernel, mm: number, from: number, to: number, count: number): void {
  hugetlb_unshare_pmds(k, mm, from, from + count);
  const { pte, pfn } = k.space4.of(mm);
  for (const run of present_ptes(k, mm, from, count)) {
    const there = run.vpn - from + to;
    pmd_alloc(k, mm, there, run.count);
    pte_clear(k, mm, run.vpn, run.count);
    pte.fill(there, run.count, clear(run.flags, PTE.UFFD_WP));
    pfn.fill(there, run.count, refer(there, run.pfn));
    k.trace.effect('the entries for {addresses:0} moved to {addresses:1}', run.count, run.vpn, there);
  }
}

/** `hugetlb_change_protection()`: shared PMD tables are let go of; entries lose the right to write, and get it back at the next store. */
export function hugetlb_change_protection(k: Kernel, mm: number, start: number, count: number, write: boolean): void {
  k.in('hugetlb_change_protection', 1, () => {
    for (const pud of shared_puds(k, mm, start, start + count)) huge_pmd_unshare(k, mm, pud);
    if (write) return;
    for (const run of present_ptes(k, mm, start, count)) {
      const { mm: table, offset } = entry_place(k, mm, run.vpn);
      k.space4.of(table).pte.fill(run.vpn - offset, run.count, clear(run.flags, PTE.RW));
    }
    flush_tlb(k, mm);
  });
}
