import type { Outcome } from '../api';
import { any, clear, MARKER, PG, PTE, set, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { fail, ok } from '../calls';
import { HPAGE_PMD_NR } from './folio';
import { hugetlb_uffd_wp } from './hugetlb_uffd';
import { is_vm_hugetlb_page } from './hugetlb_share';
import { split_huge_pmd_edges, split_huge_pmds } from './huge_pmd';
import { flush_tlb, in_host, vma_is_mshare } from './mshare';
import { pte_alloc } from './pagetable';
import { clear_pte_markers, is_pte_marker, set_pte_markers } from './pte_marker';
import { frame_runs, present_ptes } from './rmap';
import { swap_ptes } from './swap_pte';
import { has_feature, userfaultfd_wp } from './userfaultfd_wait';
import { vmas_in } from './vma';

/** `mwriteprotect_range()`: page numbers `start` to `end` of `mm` are protected (`enable`), or no longer. */
export function mwriteprotect_range(k: Kernel, mm: number, start: number, end: number, enable: boolean): Outcome {
  const vmas = vmas_in(k, mm, start, end);
  if (vmas.length === 0) return fail('ENOENT', 'nothing is mapped in the range');
  for (const vma of vmas) {
    const from = Math.max(start, k.vma.start.get(vma));
    const to = Math.min(end, k.vma.end.get(vma));
    if (vma_is_mshare(k, vma)) {
      const done = in_host(k, vma, (host, shift) => mwriteprotect_range(k, host, from - shift, to - shift, enable));
      if (done.kind !== 'ok') return done;
      continue;
    }
    if (!userfaultfd_wp(k, vma)) return fail('ENOENT', 'a mapping in the range is not registered for write protection');
    if (is_vm_hugetlb_page(k, vma) && (start % HPAGE_PMD_NR !== 0 || end % HPAGE_PMD_NR !== 0))
      return fail('EINVAL', 'the range would cut a huge page');
    uffd_wp_range(k, mm, vma, from, to - from, enable);
  }
  return ok();
}

/** `uffd_wp_range()` for `count` pages from `vpn` of one mapping. */
export function uffd_wp_range(k: Kernel, mm: number, vma: number, vpn: number, count: number, enable: boolean): void {
  k.in('uffd_wp_range', count, () => {
    if (is_vm_hugetlb_page(k, vma)) hugetlb_uffd_wp(k, mm, vma, vpn, count, enable);
    else if (enable) protect(k, mm, vma, vpn, count);
    else resolve(k, mm, vma, vpn, count);
    flush_tlb(k, mm);
  });
}

/**
 * `userfaultfd_wp_use_markers()`: where nothing is mapped a marker remembers the protection: of files always, of anonymous memory with
 * UFFD_FEATURE_WP_UNPOPULATED.
 */
const use_markers = (k: Kernel, vma: number): boolean => k.vma.mapping.get(vma) !== 0 || has_feature(k, vma, 'WP_UNPOPULATED');

function protect(k: Kernel, mm: number, vma: number, vpn: number, count: number): void {
  split_huge_pmd_edges(k, mm, vpn, vpn + count);
  if (k.vma.mapping.get(vma) !== 0) split_huge_pmds(k, mm, vpn, count);
  for (const run of present_ptes(k, mm, vpn, count)) {
    k.space4.of(mm).pte.fill(run.vpn, run.count, set(clear(run.flags, PTE.RW), PTE.UFFD_WP));
    k.trace.effect('PTE {addresses:0} write-protected by userfaultfd', run.count, run.vpn);
  }
  for (const run of swap_ptes(k, mm, vpn, count)) k.space4.of(mm).pte.fill(run.vpn, run.count, set(run.flags, PTE.UFFD_WP));
  if (!use_markers(k, vma)) return;
  const empty: { at: number; n: number }[] = [];
  k.space4.of(mm).pte.runs(vpn, count, (at, n, flags) => {
    if (flags === 0) empty.push({ at, n });
  });
  for (const { at, n } of empty) {
    pte_alloc(k, mm, at, n);
    set_pte_markers(k, mm, at, n, MARKER.UFFD_WP);
    k.trace.effect('nothing is mapped at {addresses:0}: markers remember the protection', n, at);
  }
}

function resolve(k: Kernel, mm: number, vma: number, vpn: number, count: number): void {
  const { pte } = k.space4.of(mm);
  split_huge_pmd_edges(k, mm, vpn, vpn + count);
  for (const run of present_ptes(k, mm, vpn, count)) {
    if (!any(run.flags, PTE.UFFD_WP)) continue;
    const flags = clear(run.flags, PTE.UFFD_WP);
    if (run.pfn === 0) pte.fill(run.vpn, run.count, flags);
    else
      frame_runs(k, run.pfn, run.count, ['flags'], (pfn, n) => {
        const writable = can_change_pte_writable(k, vma, flags, k.page.flags.get(pfn));
        pte.fill(run.vpn + pfn - run.pfn, n, writable ? set(flags, PTE.RW) : flags);
      });
    k.trace.effect('PTE {addresses:0} no longer protected', run.count, run.vpn);
  }
  for (const run of swap_ptes(k, mm, vpn, count)) pte.fill(run.vpn, run.count, clear(run.flags, PTE.UFFD_WP));
  const markers = clear_pte_markers(k, mm, vpn, count, MARKER.UFFD_WP);
  if (markers > 0) k.trace.effect('{pages} markers are gone', markers);
}

/** `can_change_pte_writable()`: whether a PTE can be made writable without a fault: an exclusive anonymous page; shared, what is dirty already. */
export function can_change_pte_writable(k: Kernel, vma: number, pte: number, page: number): boolean {
  const vm = k.vma.flags.get(vma);
  if (!any(vm, VM.WRITE) || any(pte, PTE.UFFD_WP)) return false;
  return any(vm, VM.SHARED) ? any(pte, PTE.DIRTY) : any(page, PG.anon_exclusive);
}

/** `pte_mkuffd_wp()`. */
export const pte_mkuffd_wp = (flags: number): number => set(clear(flags, PTE.RW), PTE.UFFD_WP);

/** The flags with which a fault maps a page at `vpn`: protected, where a marker says so (`vmf_orig_pte_uffd_wp()`). */
export function with_marker(k: Kernel, mm: number, vpn: number, flags: number): number {
  const before = k.space4.of(mm).pte.get(vpn);
  return is_pte_marker(before) && any(before, MARKER.UFFD_WP) ? pte_mkuffd_wp(flags) : flags;
}

/** `pte_install_uffd_wp_if_needed()`: of a protected page of a file that is unmapped a marker remembers it. */
export function pte_install_uffd_wp_if_needed(k: Kernel, mm: number, vma: number, vpn: number, count: number, flags: number): void {
  if (k.vma.mapping.get(vma) !== 0 && userfaultfd_wp(k, vma) && any(flags, PTE.UFFD_WP)) set_pte_markers(k, mm, vpn, count, MARKER.UFFD_WP);
}
