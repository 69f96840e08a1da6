import { FMODE, has_mode } from '../fs/file';
import { any, clear, has, PG, PTE, VM } from '../state/flags';
import { common_run_end } from '../state/column';
import type { Kernel } from '../state/kernel';
import { refer, target } from '../state/shift';
import { filemap_dirty_folio } from './filemap_dirty';
import { head_of } from './folio';
import { FolioBatches } from './folio_batch';
import { is_vm_hugetlb_page, PUD_PAGES, pud_index, unmap_hugepage_range } from './hugetlb_share';
import { split_huge_pmd_edges, zap_huge_pmds } from './huge_pmd';
import { mlock_vma_folio, munlock_vma_folio } from './mlock';
import { exit_mshare, flush_tlb, vma_is_mshare } from './mshare';
import { rmap_walk_ksm } from './ksm_rmap';
import { ksm_might_unmap_zero_page } from './ksm_zero';
import { folio_put } from './page_alloc';
import { zap_pte_markers } from './pte_marker';
import { pte_install_uffd_wp_if_needed } from './userfaultfd_wp';
import { swap_ptes, zap_nonpresent_ptes } from './swap_pte';
import { free_swap_cache } from './swapfile';

/** `set_pte_at()`: `count` PTEs from page number `vpn` get these flags and map consecutive frames from `pfn`. */
export function set_ptes(k: Kernel, mm: number, vpn: number, count: number, pfn: number, flags: number): void {
  const { pte, pfn: frame } = k.space4.of(mm);
  frame.fill(vpn, count, refer(vpn, pfn));
  pte.fill(vpn, count, flags);
}

/** `pte_clear()` for `count` PTEs. */
export function pte_clear(k: Kernel, mm: number, vpn: number, count: number): void {
  const { pte, pfn } = k.space4.of(mm);
  pte.fill(vpn, count, 0);
  pfn.fill(vpn, count, 0);
}

/** One stretch of consecutive present PTEs with the same flags, mapping consecutive frames; `pfn` 0: all of them map the zero page. */
export interface PteRun {
  readonly vpn: number;
  readonly count: number;
  readonly flags: number;
  readonly pfn: number;
}

/** The present PTEs of `count` pages from `vpn`, in runs. Collected first: the caller may change them. */
export function present_ptes(k: Kernel, mm: number, vpn: number, count: number): PteRun[] {
  const { shared } = k.space4.of(mm);
  const found: PteRun[] = [];
  const pud = pud_index(vpn);
  const puds = pud_index(vpn + count - 1) + 1 - pud;
  if (shared.get(pud) !== 0 || shared.runEnd(pud, pud + puds) < pud + puds) {
    shared.runs(pud, puds, (at, n, table) =>
      present_in(k, mm, table, Math.max(vpn, at * PUD_PAGES), Math.min(vpn + count, (at + n) * PUD_PAGES), found),
    );
    return found;
  }
  present_in(k, mm, 0, vpn, vpn + count, found);
  return found;
}

/** The same for one stretch, whose entries lie in the shared PMD table `table`, or (0) in the process's own. */
function present_in(k: Kernel, mm: number, table: number, start: number, end: number, found: PteRun[]): void {
  const place = table === 0 ? { mm, offset: 0 } : { mm: table, offset: head_of(start, PUD_PAGES) };
  const { pte, pfn } = k.space4.of(place.mm);
  pte.runs(start - place.offset, end - start, (first, length, flags) => {
    if (!any(flags, PTE.PRESENT)) return;
    if (any(flags, PTE.SPECIAL)) found.push({ vpn: first + place.offset, count: length, flags, pfn: 0 });
    else pfn.runs(first, length, (at, n, value) => found.push({ vpn: at + place.offset, count: n, flags, pfn: target(at, value) }));
  });
}

/** Runs of `count` frames from `pfn` that agree in all of `columns`. */
export function frame_runs(
  k: Kernel,
  pfn: number,
  count: number,
  fields: readonly (keyof Kernel['page'])[],
  visit: (pfn: number, count: number) => void,
): void {
  const end = pfn + count;
  const columns = fields.map((field) => k.page[field]);
  for (let at = pfn; at < end;) {
    const stop = count === 1 ? end : common_run_end(columns, at, end);
    visit(at, stop - at);
    at = stop;
  }
}

/** The RSS counter that pages with these flags count in. */
export function mm_counter(flags: number): 'rss_anon' | 'rss_shmem' | 'rss_file' {
  if (any(flags, PG.anon)) return 'rss_anon';
  return any(flags, PG.swapbacked) ? 'rss_shmem' : 'rss_file';
}

export function add_mm_counter(k: Kernel, mm: number, counter: 'rss_anon' | 'rss_shmem' | 'rss_file', pages: number): void {
  k.mm[counter].set(mm, k.mm[counter].get(mm) + pages);
}

/** `folio_add_file_rmap_ptes()` for frames that `vma` maps now, with the reference that each PTE holds, and the RSS of `mm`. */
export function folio_add_rmap(k: Kernel, mm: number, vma: number, pfn: number, count: number): void {
  mlock_vma_folio(k, vma, pfn, count);
  k.page.mapcount.add(pfn, count, 1);
  k.page.refcount.add(pfn, count, 1);
  k.page.flags.runs(pfn, count, (_at, n, flags) => add_mm_counter(k, mm, mm_counter(flags), n));
}

/** `folio_remove_rmap_ptes()` for frames with these flags that `vma` mapped, and the RSS of `mm`; the references go with `folio_put`. */
export function folio_remove_rmap_ptes(k: Kernel, mm: number, vma: number, pfn: number, count: number, flags: number): void {
  munlock_vma_folio(k, vma, pfn, count);
  add_mm_counter(k, mm, mm_counter(flags), -count);
  k.page.mapcount.add(pfn, count, -1);
  if (!any(flags, PG.anon)) return;
  k.page.mapcount.runs(pfn, count, (_at, n, mapcount) => {
    if (mapcount === 0) k.count('nr_anon_pages', -n);
  });
}

/** `vma_has_recency()`: accesses through a VMA with MADV_RANDOM or MADV_SEQUENTIAL, or of a file with POSIX_FADV_NOREUSE, say nothing about use. */
export const vma_has_recency = (k: Kernel, vma: number): boolean =>
  !any(k.vma.flags.get(vma), VM.SEQ_READ + VM.RAND_READ) && !has_mode(k, k.vma.file.get(vma), FMODE.NOREUSE);

/**
 * `zap_pte_range()`: for one VMA, removes the PTEs of `count` pages from `vpn`; dirty and accessed bits move to file folios, frames that nobody
 * holds any more are freed. With `keepAnon`, private copies stay (invalidation, hole punch); with `drop` (ZAP_FLAG_DROP_MARKER), because the mapping goes, markers go too.
 */
export function zap_pte_range(k: Kernel, mm: number, vpn: number, count: number, keepAnon = false, drop = false): void {
  const first = k.space4.of(mm).vma.get(vpn);
  if (vma_is_mshare(k, first)) return exit_mshare(k, mm, vpn, count);
  if (is_vm_hugetlb_page(k, first)) return unmap_hugepage_range(k, mm, vpn, count, keepAnon, drop);
  split_huge_pmd_edges(k, mm, vpn, vpn + count);
  zap_pte_markers(k, mm, vpn, count, keepAnon, drop);
  zap_ptes(k, mm, vpn, count, keepAnon, undefined, drop);
  zap_huge_pmds(k, mm, vpn, count);
}

/** The entries themselves, huge ones whole; `recency`: whether accessed bits say something about use. */
export function zap_ptes(k: Kernel, mm: number, vpn: number, count: number, keepAnon = false, recency?: boolean, drop = false): void {
  const vma = k.space4.of(mm).vma.get(vpn);
  const use = recency ?? vma_has_recency(k, vma);
  const entries = present_ptes(k, mm, vpn, count);
  if (entries.length > 0) flush_tlb(k, mm);
  const batches = new FolioBatches(k);
  for (const run of entries) {
    if (any(run.flags, PTE.SPECIAL)) {
      if (keepAnon) continue;
      pte_clear(k, mm, run.vpn, run.count);
      if (!drop) pte_install_uffd_wp_if_needed(k, mm, vma, run.vpn, run.count, run.flags);
      ksm_might_unmap_zero_page(k, run.flags, run.count);
      continue;
    }
    frame_runs(k, run.pfn, run.count, ['flags'], (pfn, n) => {
      const flags = k.page.flags.get(pfn);
      if (keepAnon && any(flags, PG.anon)) return;
      const at = run.vpn + (pfn - run.pfn);
      pte_clear(k, mm, at, n);
      if (!drop) pte_install_uffd_wp_if_needed(k, mm, vma, at, n, run.flags);
      if (!any(flags, PG.anon)) {
        if (any(run.flags, PTE.DIRTY)) filemap_dirty_folio(k, pfn, n);
        if (use) batches.zap(at, pfn, n, any(run.flags, PTE.ACCESSED));
      }
      folio_remove_rmap_ptes(k, mm, vma, pfn, n, flags);
      k.trace.effect('PTE {addresses:0} cleared; {frames:1} mapped once less', n, at, pfn);
      if (any(flags, PG.swapcache)) free_swap_cache(k, pfn, n);
      folio_put(k, pfn, n);
    });
  }
  if (keepAnon) return;
  const swapped = drop ? [] : swap_ptes(k, mm, vpn, count);
  zap_nonpresent_ptes(k, mm, vpn, count);
  for (const run of swapped) pte_install_uffd_wp_if_needed(k, mm, vma, run.vpn, run.count, run.flags);
}

/** Visits every VMA of an address space that maps any of `count` pages from `index`: `i_mmap`'s interval tree. */
export function vma_interval_tree_foreach(
  k: Kernel,
  mapping: number,
  index: number,
  count: number,
  visit: (vma: number, vpn: number, count: number) => void,
): void {
  const { vmas } = k.space.of(mapping);
  const last = k.vmas.count + 1;
  const found: number[] = [];
  vmas.runs(0, last, (at, n, value) => {
    if (value !== 0) for (let i = 0; i < n; i++) found.push(at + i);
  });
  for (const vma of found) {
    const pgoff = k.vma.pgoff.get(vma);
    const start = k.vma.start.get(vma);
    const from = Math.max(index, pgoff);
    const to = Math.min(index + count, pgoff + k.vma.end.get(vma) - start);
    if (from < to) visit(vma, start + from - pgoff, to - from);
  }
}

/** `unmap_mapping_range()`: removes the PTEs for `count` pages from `index` in every mapping of the file; `evenCows`: private copies too. */
export function unmap_mapping_range(k: Kernel, mapping: number, index: number, count: number, evenCows: boolean): void {
  k.in('unmap_mapping_range', 1, () => {
    vma_interval_tree_foreach(k, mapping, index, count, (vma, vpn, n) => {
      zap_pte_range(k, k.vma.mm.get(vma), vpn, n, !evenCows);
    });
  });
}

/** `folio_mkclean()` for `count` pages from `index` of a mapping: PTEs of shared VMAs become clean and write-protected. */
export function folio_mkclean(k: Kernel, mapping: number, index: number, count: number): void {
  k.in('folio_mkclean', count, () => {
    vma_interval_tree_foreach(k, mapping, index, count, (vma, vpn, n) => {
      if (!any(k.vma.flags.get(vma), VM.SHARED)) return;
      const mm = k.vma.mm.get(vma);
      for (const run of present_ptes(k, mm, vpn, n)) {
        if (!any(run.flags, PTE.DIRTY) && !any(run.flags, PTE.RW)) continue;
        k.space4.of(mm).pte.fill(run.vpn, run.count, clear(clear(run.flags, PTE.RW), PTE.DIRTY));
        k.trace.effect('PTE {addresses:0} clean and write-protected: the next store faults', run.count, run.vpn);
        flush_tlb(k, mm);
      }
    });
  });
}

/** VMAs with PTEs that map `pfn`, by way of the address_spaces that hold the frame, of its anon_vma or stable node: `rmap_walk()`. `member`: which holder. */
export function rmap_walk(k: Kernel, pfn: number, visit: (mm: number, vpn: number, vma: number, member: number) => void): void {
  const owner = k.page.mapping.get(pfn);
  if (owner === 0 || !has(k.page.type.get(pfn), 1)) return;
  const index = target(pfn, k.page.index.get(pfn));
  const check = (vma: number, vpn: number, member = 0): void => {
    const mm = k.vma.mm.get(vma);
    const { pte, pfn: frame } = k.space4.of(mm);
    if (any(pte.get(vpn), PTE.PRESENT) && target(vpn, frame.get(vpn)) === pfn) visit(mm, vpn, vma, member);
  };
  if (owner > 0) {
    k.design.rmap_walk(k, pfn, (vma, vpn, _count, member) => check(vma, vpn, member));
    return;
  }
  if (any(k.page.flags.get(pfn), PG.ksm)) {
    rmap_walk_ksm(k, -owner, check);
    return;
  }
  k.anonVma.of(-owner).vmas.runs(0, k.vmas.count + 1, (at, n, value) => {
    if (value === 0) return;
    for (let vma = at; vma < at + n; vma++) {
      const vpn = k.vma.start.get(vma) + index - k.vma.pgoff.get(vma);
      if (vpn >= k.vma.start.get(vma) && vpn < k.vma.end.get(vma)) check(vma, vpn);
    }
  });
}
