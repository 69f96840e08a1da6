import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { copy_pages } from '../fs/read_folio';
import { any, clear, PG, PTE, VM } from '../state/flags';
import { type Kernel, Leaf } from '../state/kernel';
import { NONE } from '../state/shift';
import { head_of, HPAGE_PMD_NR, HPAGE_PMD_ORDER } from './folio';
import { is_folio_of, thp_vma_allowable } from './huge_memory';
import { leaf_of, pmd_index, set_huge_pmds } from './huge_pmd';
import { new_anon_folio } from './memory';
import { folio_alloc } from './folio_alloc';
import { pte_markers } from './pte_marker';
import { present_ptes, zap_ptes } from './rmap';
import { do_swap_page } from './swap_fault';
import { swap_ptes } from './swap_pte';
import { all_vmas } from './vma';
import { file_forbids, hpage_collapse_scan_file } from './khugepaged_file';
import { get_mem_cgroup_from_mm } from './memcontrol';
import { userfaultfd_armed } from './userfaultfd_wait';

/** `enum scan_result`, as far as it can happen here. */
export type ScanResult =
  | 'SUCCEED'
  | 'PMD_MAPPED'
  | 'PMD_NULL'
  | 'PAGE_ANON'
  | 'PAGE_COUNT'
  | 'EXCEED_SWAP_PTE'
  | 'EXCEED_SHARED_PTE'
  | 'LACK_REFERENCED_PAGE'
  | 'SCAN_FAIL'
  | 'SCAN_EXCEED_NONE_PTE'
  | 'SCAN_PTE_UFFD_WP'
  | 'TRUNCATED'
  | 'ALLOC_HUGE_PAGE_FAIL';

/** khugepaged leaves a range alone where more of its pages than this are mapped by other processes too (max_ptes_shared). */
const MAX_PTES_SHARED = 256;
/** The same where more of them are in swap (max_ptes_swap). */
const MAX_PTES_SWAP = 64;

export const calls = {
  khugepaged(k) {
    k.in('khugepaged_do_scan', 1, () => {
      for (let mm = 1; mm <= k.mms.count; mm++) {
        if (k.mm.users.get(mm) > 0) for (const vma of all_vmas(k, mm)) if (thp_vma_allowable(k, vma)) khugepaged_scan_vma(k, mm, vma);
      }
    });
    return ok();
  },
} satisfies Calls;

function khugepaged_scan_vma(k: Kernel, mm: number, vma: number): void {
  const end = head_of(k.vma.end.get(vma), HPAGE_PMD_NR);
  for (let at = Math.ceil(k.vma.start.get(vma) / HPAGE_PMD_NR) * HPAGE_PMD_NR; at < end;) {
    const { pt, leaf } = k.space4.of(mm);
    const index = pmd_index(at);
    if (pt.get(index) === NONE || leaf.get(index) !== Leaf.None) {
      const column = pt.get(index) === NONE ? pt : leaf;
      at = column.runEnd(index, pmd_index(end)) * HPAGE_PMD_NR;
      continue;
    }
    hpage_collapse_scan_pmd(k, mm, vma, at, true);
    at += HPAGE_PMD_NR;
  }
}

/** `madvise_collapse()`: MADV_COLLAPSE for page numbers `start` to `end` of one VMA, whatever the machine's thp says. */
export function madvise_collapse(k: Kernel, mm: number, vma: number, start: number, end: number): Outcome | undefined {
  if (any(k.vma.flags.get(vma), VM.NOHUGEPAGE)) return fail('EINVAL', 'MADV_NOHUGEPAGE was said about this mapping');
  const first = Math.ceil(start / HPAGE_PMD_NR) * HPAGE_PMD_NR;
  const last = head_of(end, HPAGE_PMD_NR);
  const aligned = Math.ceil(k.vma.start.get(vma) / HPAGE_PMD_NR) * HPAGE_PMD_NR;
  const forbidden = file_forbids(k, vma);
  if (forbidden !== undefined) return forbidden;
  if (last < first || aligned + HPAGE_PMD_NR > k.vma.end.get(vma)) return fail('EINVAL', 'the range contains no aligned 2 MiB');
  return k.in('madvise_collapse', 1, () => {
    let problem: Outcome | undefined;
    for (let at = first; at < last; at += HPAGE_PMD_NR) {
      const result =
        k.vma.mapping.get(vma) === 0 ? hpage_collapse_scan_pmd(k, mm, vma, at, false) : hpage_collapse_scan_file(k, mm, vma, at);
      if (result !== 'SUCCEED' && result !== 'PMD_MAPPED') problem = madvise_collapse_errno(result);
    }
    return problem;
  });
}

function madvise_collapse_errno(result: ScanResult): Outcome {
  if (result === 'ALLOC_HUGE_PAGE_FAIL') return fail('ENOMEM', 'no 512 aligned free frames');
  if (result === 'PAGE_COUNT') return fail('EAGAIN', 'somebody holds a reference to a page of the range');
  if (result === 'SCAN_EXCEED_NONE_PTE') return fail('EBUSY', 'pages are missing that a userfaultfd is to be asked for');
  if (result === 'SCAN_PTE_UFFD_WP') return fail('EINVAL', 'userfaultfd has protected pages of the range');
  if (result === 'SCAN_FAIL') return fail('EINVAL', 'there are guards in the range, or copies of pages that the mapping has of its own');
  if (result === 'TRUNCATED') return fail('EINVAL', 'the file has nothing there');
  return fail('EINVAL', result === 'PMD_NULL' ? 'nothing is mapped there yet' : 'the range has never had an anonymous page');
}

/** `hpage_collapse_scan_pmd()`: looks at the 512 entries from page number `start` and collapses them if nothing speaks against it. */
function hpage_collapse_scan_pmd(k: Kernel, mm: number, vma: number, start: number, khugepaged: boolean): ScanResult {
  return k.in('hpage_collapse_scan_pmd', 1, () => {
    const result = scan(k, mm, vma, start, khugepaged);
    const done: ScanResult = result === 'SUCCEED' ? k.in('collapse_huge_page', 1, () => collapse_huge_page(k, mm, vma, start)) : result;
    k.trace.outcome('hpage_collapse_scan_pmd', done, 1);
    return done;
  });
}

function scan(k: Kernel, mm: number, vma: number, start: number, khugepaged: boolean): ScanResult {
  if (leaf_of(k, mm, start) !== Leaf.None) return 'PMD_MAPPED';
  if (k.space4.of(mm).pt.get(pmd_index(start)) === NONE) return 'PMD_NULL';
  if (k.vma.anon_vma.get(vma) === 0) return 'PAGE_ANON';
  const forbidden = uffd_forbids(k, mm, vma, start) ?? (pte_markers(k, mm, start, HPAGE_PMD_NR).length > 0 ? 'SCAN_FAIL' : undefined);
  if (forbidden !== undefined) return forbidden;
  const swapped = swap_ptes(k, mm, start, HPAGE_PMD_NR).reduce((sum, run) => sum + run.count, 0);
  if (khugepaged && swapped > MAX_PTES_SWAP) return 'EXCEED_SWAP_PTE';
  let shared = 0;
  let referenced = 0;
  for (const run of present_ptes(k, mm, start, HPAGE_PMD_NR)) {
    if (run.pfn === 0) continue;
    for (let i = 0; i < run.count; i++) {
      const pfn = run.pfn + i;
      const cached = any(k.page.flags.get(pfn), PG.swapcache) ? 1 : 0;
      if (k.page.refcount.get(pfn) > k.page.mapcount.get(pfn) + cached) return 'PAGE_COUNT';
      if (k.page.mapcount.get(pfn) > 1 || !is_folio_of(k, mm, run.vpn + i, pfn)) shared++;
      if (any(run.flags, PTE.ACCESSED) || any(k.page.flags.get(pfn), PG.referenced)) referenced++;
    }
  }
  if (khugepaged && shared > MAX_PTES_SHARED) return 'EXCEED_SHARED_PTE';
  return khugepaged && referenced === 0 ? 'LACK_REFERENCED_PAGE' : 'SUCCEED';
}

/** `__collapse_huge_page_swapin()`: what is in swap of the range is read in; false where memory is too short to have all of it there at once. */
function collapse_swapin(k: Kernel, mm: number, vma: number, start: number): boolean {
  const runs = swap_ptes(k, mm, start, HPAGE_PMD_NR);
  if (runs.length === 0) return true;
  return k.in('__collapse_huge_page_swapin', 1, () => {
    for (const { vpn, count } of runs)
      for (let at = vpn; at < vpn + count; at++) if (any(k.space4.of(mm).pte.get(at), PTE.SWAP)) do_swap_page(k, mm, vma, at, 1, false);
    return swap_ptes(k, mm, start, HPAGE_PMD_NR).length === 0;
  });
}

/** What userfaultfd forbids, by the first entry of 512 that says so: pages that are missing stay so, and protected ones are not written. */
function uffd_forbids(k: Kernel, mm: number, vma: number, start: number): ScanResult | undefined {
  let result: ScanResult | undefined;
  k.space4.of(mm).pte.runs(start, HPAGE_PMD_NR, (_at, _n, flags) => {
    if ((flags === 0 || any(flags, PTE.SPECIAL)) && userfaultfd_armed(k, vma)) result = 'SCAN_EXCEED_NONE_PTE';
    else if (any(flags, PTE.UFFD_WP)) result = 'SCAN_PTE_UFFD_WP';
    return result !== undefined;
  });
  return result;
}

/** `collapse_huge_page()`: the pages are copied into a new folio, which one huge PMD maps; the PTE table stays as the deposited one. */
function collapse_huge_page(k: Kernel, mm: number, vma: number, start: number): ScanResult {
  if (!collapse_swapin(k, mm, vma, start)) return 'PAGE_COUNT';
  const { pfn } = folio_alloc(k, HPAGE_PMD_ORDER, 1, get_mem_cgroup_from_mm(k, mm));
  if (pfn === 0) return 'ALLOC_HUGE_PAGE_FAIL';
  for (const run of present_ptes(k, mm, start, HPAGE_PMD_NR)) if (run.pfn !== 0) copy_pages(k, run.pfn, pfn + run.vpn - start, run.count);
  zap_ptes(k, mm, start, HPAGE_PMD_NR);
  new_anon_folio(k, mm, vma, start, pfn, HPAGE_PMD_NR);
  if (!any(k.vma.flags.get(vma), VM.WRITE)) k.space4.of(mm).pte.update(start, HPAGE_PMD_NR, (flags) => clear(flags, PTE.RW));
  set_huge_pmds(k, mm, start, 1, false);
  k.trace.effect('the pages at {addresses:0} are copied together into {frames:1}, one huge PMD maps them', HPAGE_PMD_NR, start, pfn);
  return 'SUCCEED';
}
