import { fail } from '../calls';
import type { Outcome } from '../api';
import { shmem_inode_acct_blocks } from '../fs/shmem_space';
import { copy_pages } from '../fs/read_folio';
import { any, PG, set } from '../state/flags';
import { AddressSpaceKind, type Kernel, Leaf } from '../state/kernel';
import { NONE, target } from '../state/shift';
import { filemap_add_folio, filemap_get_entry, read_pte } from './filemap';
import { filemap_dirty_folio } from './filemap_dirty';
import { head_of, HPAGE_PMD_NR, HPAGE_PMD_ORDER } from './folio';
import { folio_alloc } from './folio_alloc';
import { leaf_of, pmd_index } from './huge_pmd';
import type { ScanResult } from './khugepaged';
import { map_folio } from './large_fault';
import { get_mem_cgroup_from_mm } from './memcontrol';
import { free_pte_tables } from './pagetable';
import { pte_markers } from './pte_marker';
import { present_ptes, vma_interval_tree_foreach, zap_ptes } from './rmap';
import { shmem_swapin, shmem_swapped } from './shmem_swap';
import { swap_ptes } from './swap_pte';
import { folio_unmap_invalidate } from './truncate';
import { userfaultfd_armed } from './userfaultfd_wait';

/** Why a mapping of a file cannot be collapsed at all: only shared memory can (a kernel with CONFIG_READ_ONLY_THP_FOR_FS has programs, too). */
export function file_forbids(k: Kernel, vma: number): Outcome | undefined {
  const mapping = k.vma.mapping.get(vma);
  if (mapping === 0) return undefined;
  if (k.mapping.aops.get(mapping) !== AddressSpaceKind.Shmem) return fail('EINVAL', 'only anonymous and shared memory can be collapsed');
  const aligned = (k.vma.start.get(vma) - k.vma.pgoff.get(vma)) % HPAGE_PMD_NR === 0;
  return aligned ? undefined : fail('EINVAL', 'the mapping does not have the 2 MiB of the file at 2 MiB of memory');
}

/** `hpage_collapse_scan_file()`, for shared memory: the 2 MiB of the file at page number `start` become one folio, which a huge PMD maps. */
export function hpage_collapse_scan_file(k: Kernel, mm: number, vma: number, start: number): ScanResult {
  return k.in('hpage_collapse_scan_file', 1, () => {
    const index = start - k.vma.start.get(vma) + k.vma.pgoff.get(vma);
    const mapping = k.vma.mapping.get(vma);
    const result = is_huge(k, mapping, index) ? 'SUCCEED' : k.in('collapse_file', 1, () => collapse_file(k, mm, mapping, index));
    const done =
      result === 'SUCCEED' ? k.in('collapse_pte_mapped_thp', 1, () => collapse_pte_mapped_thp(k, mm, vma, start, index)) : result;
    k.trace.outcome('hpage_collapse_scan_file', done, 1);
    return done;
  });
}

const is_huge = (k: Kernel, mapping: number, index: number): boolean => {
  const { pfn } = filemap_get_entry(k, mapping, index, 1);
  return pfn !== 0 && k.folio.order.get(pfn) === HPAGE_PMD_ORDER;
};

/** `collapse_file()`: what the file has of 512 pages from `index`, in memory and in swap, is copied into one folio; holes are zeros in it. */
function collapse_file(k: Kernel, mm: number, mapping: number, index: number): ScanResult {
  const inode = k.mapping.host.get(mapping);
  const { pages } = k.space.of(mapping);
  const swapped = shmem_swapped(k, mapping, index, HPAGE_PMD_NR);
  const empty = pages.get(index) === NONE && pages.runEnd(index, index + HPAGE_PMD_NR) === index + HPAGE_PMD_NR;
  if (empty && swapped.length === 0) return 'TRUNCATED';
  if (is_held(k, mapping, index)) return 'PAGE_COUNT';
  if (shmem_inode_acct_blocks(k, inode, index, HPAGE_PMD_NR) < HPAGE_PMD_NR) return 'SCAN_FAIL';
  for (const { index: at, count } of swapped) for (let each = at; each < at + count; each++) shmem_swapin(k, mapping, each, 1);
  const { pfn } = folio_alloc(k, HPAGE_PMD_ORDER, 1, get_mem_cgroup_from_mm(k, mm));
  if (pfn === 0) return 'ALLOC_HUGE_PAGE_FAIL';
  const cached: { at: number; n: number; pfn: number }[] = [];
  pages.runs(index, HPAGE_PMD_NR, (at, n, value) => {
    if (value !== NONE) cached.push({ at, n, pfn: target(at, value) });
  });
  for (const run of cached) {
    copy_pages(k, run.pfn, pfn + run.at - index, run.n);
    folio_unmap_invalidate(k, mapping, run.at, run.pfn, run.n);
  }
  filemap_add_folio(k, mapping, index, pfn, HPAGE_PMD_NR);
  k.page.flags.update(pfn, HPAGE_PMD_NR, (flags) => set(flags, PG.uptodate));
  filemap_dirty_folio(k, pfn, HPAGE_PMD_NR);
  k.trace.effect('what {mapping:1} has at {indexes:2} is copied together into {frames:0}', HPAGE_PMD_NR, pfn, mapping, index);
  retract_page_tables(k, mapping, index);
  return 'SUCCEED';
}

/** Whether anybody but page tables and the cache holds a page of the range. */
function is_held(k: Kernel, mapping: number, index: number): boolean {
  let held = false;
  k.space.of(mapping).pages.runs(index, HPAGE_PMD_NR, (at, n, value) => {
    if (value === NONE) return false;
    const pfn = target(at, value);
    for (let i = 0; i < n && !held; i++) held = k.page.refcount.get(pfn + i) > k.page.mapcount.get(pfn + i) + 1;
    return held;
  });
  return held;
}

/** `retract_page_tables()`: PTE tables for the range are of no use any more, but in mappings that have, or may have, pages of their own. */
function retract_page_tables(k: Kernel, mapping: number, index: number): void {
  vma_interval_tree_foreach(k, mapping, index, HPAGE_PMD_NR, (vma, vpn, n) => {
    const mm = k.vma.mm.get(vma);
    if (n < HPAGE_PMD_NR || head_of(vpn, HPAGE_PMD_NR) !== vpn || k.vma.anon_vma.get(vma) !== 0 || userfaultfd_armed(k, vma)) return;
    if (pte_markers(k, mm, vpn, n).length === 0) k.in('retract_page_tables', 1, () => free_pte_tables(k, mm, vpn, vpn + n));
  });
}

/** `collapse_pte_mapped_thp()`: a huge PMD takes the place of what maps the folio in the caller's memory; not where anything else is mapped there. */
function collapse_pte_mapped_thp(k: Kernel, mm: number, vma: number, start: number, index: number): ScanResult {
  if (leaf_of(k, mm, start) !== Leaf.None) return 'PMD_MAPPED';
  const { pfn } = filemap_get_entry(k, k.vma.mapping.get(vma), index, 1);
  const other = present_ptes(k, mm, start, HPAGE_PMD_NR).some((run) => any(k.page.flags.get(run.pfn), PG.anon) || run.pfn === 0);
  if (other || swap_ptes(k, mm, start, HPAGE_PMD_NR).length > 0 || pte_markers(k, mm, start, HPAGE_PMD_NR).length > 0) return 'SCAN_FAIL';
  if (k.space4.of(mm).pt.get(pmd_index(start)) !== NONE) {
    zap_ptes(k, mm, start, HPAGE_PMD_NR);
    free_pte_tables(k, mm, start, start + HPAGE_PMD_NR);
  }
  map_folio(k, mm, vma, { vpn: start, pfn, count: HPAGE_PMD_NR }, read_pte(k, vma));
  return 'SUCCEED';
}
