import { any, clear, PG, PTE, set, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { folio_head, folio_nr_pages, folio_runs, is_large } from './folio';
import { is_folio_of } from './huge_memory';
import { split_huge_pmd } from './huge_pmd';
import { split_file_folio } from './large_split';
import { in_cgroup } from './memcontrol';
import { free_frames } from './page_alloc';
import { folio_remove_rmap_ptes, present_ptes, pte_clear, rmap_walk } from './rmap';

/**
 * `split_folio()`: a large folio becomes pages of their own; huge PMDs that map it are split first, and pages that nobody uses are freed. False, and
 * nothing done, where somebody but page tables and the page cache holds a reference.
 */
export function split_folio(k: Kernel, pfn: number): boolean {
  if (!is_large(k, pfn)) return true;
  const head = folio_head(k, pfn);
  const size = folio_nr_pages(k, pfn);
  const cached = k.page.mapping.get(head) > 0 || any(k.page.flags.get(head), PG.swapcache) ? 1 : 0;
  return k.in('__folio_split', 1, () => {
    for (let at = head; at < head + size; at++) {
      if (k.page.refcount.get(at) > k.page.mapcount.get(at) + cached) {
        k.trace.effect('the folio at {frames:0} cannot be split: somebody holds a reference', 1, head);
        return false;
      }
    }
    const huge: { mm: number; vpn: number }[] = [];
    rmap_walk(k, head, (mm, vpn) => huge.push({ mm, vpn }));
    for (const { mm, vpn } of huge) split_huge_pmd(k, mm, vpn);
    k.folio.order.fill(head, size, 0);
    k.folio.deferred.set(head, 0);
    if (cached === 0) use_shared_zeropage(k, head, size);
    k.trace.effect('the folio of {frames:0} is split into pages', size, head);
    const unused: { at: number; n: number }[] = [];
    k.page.refcount.runs(head, size, (at, n, references) => {
      if (references === 0) unused.push({ at, n });
    });
    for (const { at, n } of unused) free_frames(k, at, n);
    return true;
  });
}

/** `try_to_map_unused_to_zeropage()`: what maps a page of zeros among `count` anonymous frames maps the zero page from now on. */
function use_shared_zeropage(k: Kernel, pfn: number, count: number): void {
  const zeros: number[] = [];
  k.page.content.runs(pfn, count, (at, n, number) => {
    for (let i = 0; i < n; i++) if (number === 0 || k.contents.at(number, at + i).isZero()) zeros.push(at + i);
  });
  let mapped = 0;
  for (const frame of zeros)
    rmap_walk(k, frame, (mm, vpn, vma) => {
      if (any(k.vma.flags.get(vma), VM.LOCKED)) return;
      const flags = k.space4.of(mm).pte.get(vpn);
      pte_clear(k, mm, vpn, 1);
      k.space4.of(mm).pte.set(vpn, set(clear(flags, PTE.RW + PTE.DIRTY), PTE.SPECIAL));
      folio_remove_rmap_ptes(k, mm, vma, frame, 1, k.page.flags.get(frame));
      k.page.refcount.add(frame, 1, -1);
      mapped++;
    });
  if (mapped > 0) k.trace.effect('{pages} of zeros: the zero page takes their place', mapped);
}

/** `deferred_split_scan()`: splits the folios of `cgroup` (0: of anyone) that are mapped in part only. Gives the pages that this freed. */
export function deferred_split_scan(k: Kernel, cgroup: number): number {
  const waiting: number[] = [];
  k.folio.deferred.runs(1, k.options.memory, (at, _n, value) => {
    if (value !== 0 && in_cgroup(k, k.page.memcg.get(at), cgroup)) waiting.push(at);
  });
  if (waiting.length === 0) return 0;
  return k.in('deferred_split_scan', waiting.length, () => {
    const before = k.counter('nr_used');
    for (const head of waiting) split_folio(k, head);
    return before - k.counter('nr_used');
  });
}

/** Splits the large folios of which page numbers `start` to `end` map a part only, unless other processes map them too. Those of files are not mapped any more then. */
export function split_partial_folios(k: Kernel, mm: number, start: number, end: number): void {
  for (const run of present_ptes(k, mm, start, end - start)) {
    if (run.pfn === 0) continue;
    folio_runs(k, run.pfn, run.count, [], (pfn, n) => {
      if (n < folio_nr_pages(k, pfn) && is_folio_of(k, mm, run.vpn + pfn - run.pfn, pfn))
        (any(k.page.flags.get(pfn), PG.anon) ? split_folio : split_file_folio)(k, pfn);
    });
  }
}
