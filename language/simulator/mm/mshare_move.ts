import { set, VM } from '../state/flags';
import type { Column } from '../state/column';
import type { Kernel } from '../state/kernel';
import { NONE, targetDown } from '../state/shift';
import { folio_test_hugetlb } from './folio';
import { break_ksm } from './ksm_break';
import { HPAGE_PMD_NR } from './folio';
import { PUD_PAGES } from './hugetlb_share';
import { PGDIR_PAGES } from './mshare';
import { LEVELS } from './pagetable';
import { add_mm_counter, frame_runs, mm_counter, present_ptes } from './rmap';
import { swap_ptes } from './swap_pte';
import { insert_vma, remove_vma, vma_fields } from './vma';

/** VMAs of `mm` become the host's, at the same addresses, with their page tables and pages: nothing is copied and no count of a page changes. */
export function move_to_host(k: Kernel, mm: number, host: number, vmas: readonly number[]): void {
  for (const vma of vmas) {
    const { flags, anon_vma, start, end } = vma_fields(k, vma);
    if (set(flags, VM.MERGEABLE) === flags && anon_vma !== 0) break_ksm(k, mm, start, end - start);
  }
  const first = Math.floor(k.vma.start.get(vmas[0]!) / PGDIR_PAGES) * PGDIR_PAGES;
  const last = Math.ceil(k.vma.end.get(vmas.at(-1)!) / PGDIR_PAGES) * PGDIR_PAGES;
  k.in('move_page_tables', 1, () => {
    move_rss(k, mm, host, first, last - first);
    move_tables(k, mm, host, first, last - first);
    for (const vma of vmas) move_vma(k, host, vma);
  });
}

function move_rss(k: Kernel, mm: number, host: number, vpn: number, count: number): void {
  for (const run of present_ptes(k, mm, vpn, count)) {
    if (run.pfn === 0) continue;
    frame_runs(k, run.pfn, run.count, ['flags'], (pfn, n) => {
      if (folio_test_hugetlb(k, pfn)) return;
      const counter = mm_counter(k.page.flags.get(pfn));
      add_mm_counter(k, mm, counter, -n);
      add_mm_counter(k, host, counter, n);
    });
  }
}

/** The PGD entries for a range of whole ones, with everything below them. */
function move_tables(k: Kernel, mm: number, host: number, vpn: number, count: number): void {
  const from = k.space4.of(mm);
  const to = k.space4.of(host);
  let tables = 0;
  for (const { field, pages } of LEVELS)
    move(from[field], to[field], vpn / pages, count / pages, (at, n, value) => {
      tables += n;
      k.page.mapping.fill(targetDown(at + n - 1, value), n, host);
    });
  move(from.shared, to.shared, vpn / PUD_PAGES, count / PUD_PAGES, (_at, n) => (tables += n));
  move(from.leaf, to.leaf, vpn / HPAGE_PMD_NR, count / HPAGE_PMD_NR);
  const swapped = swap_ptes(k, mm, vpn, count).reduce((sum, run) => sum + run.count, 0);
  move(from.pfn, to.pfn, vpn, count);
  move(from.pte, to.pte, vpn, count);
  move(k.swapEntry.of(mm).slot, k.swapEntry.of(host).slot, vpn, count);
  k.mm.swapents.set(mm, k.mm.swapents.get(mm) - swapped);
  k.mm.swapents.set(host, k.mm.swapents.get(host) + swapped);
  if (k.mm.markers.get(mm) !== 0) k.mm.markers.set(host, 1);
  k.mm.pgtables.set(mm, k.mm.pgtables.get(mm) - tables);
  k.mm.pgtables.set(host, k.mm.pgtables.get(host) + tables);
  if (tables > 0) k.trace.effect('the page tables from {addresses:0} on, {1} of them, are the host’s from now on', 1, vpn, tables);
}

function move(from: Column, to: Column, first: number, count: number, each?: (at: number, n: number, value: number) => void): void {
  from.runs(first, count, (at, n, value) => {
    if (value === NONE) return;
    each?.(at, n, value);
    to.fill(at, n, value);
  });
  from.fill(first, count, NONE);
}

function move_vma(k: Kernel, host: number, vma: number): void {
  const fields = vma_fields(k, vma);
  const pages = fields.end - fields.start;
  k.vma.resv_map.set(vma, 0);
  insert_vma(k, { ...fields, mm: host });
  if (fields.anon_vma !== 0 && k.anonVmaRoot.mm.get(fields.anon_vma) === fields.mm) k.anonVmaRoot.mm.set(fields.anon_vma, host);
  k.mm.total_vm.set(fields.mm, k.mm.total_vm.get(fields.mm) - pages);
  k.mm.total_vm.set(host, k.mm.total_vm.get(host) + pages);
  remove_vma(k, vma);
  k.trace.effect('the VMA at {addresses:0} is the host’s from now on', pages, fields.start);
}
