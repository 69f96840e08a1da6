import { any, PG, PTE, set, VM } from '../state/flags';
import { type Kernel, Leaf } from '../state/kernel';
import { NONE, target } from '../state/shift';
import { folio_head, folio_nr_pages, head_of, HPAGE_PMD_NR, HPAGE_PMD_ORDER, is_large } from './folio';
import { leaf_of, leaf_run_end, pmd_index, set_huge_pmds, split_huge_pmd } from './huge_pmd';
import { anon_vma_prepare, mm_account_fault, mm_forbids_zeropage, new_anon_folio, WRITTEN } from './memory';
import { folio_alloc } from './folio_alloc';
import { folio_put, is_tight } from './page_alloc';
import { pmd_alloc, pte_alloc } from './pagetable';
import { present_ptes, pte_clear } from './rmap';
import { active_memcg } from './memcontrol';
import { handle_userfault, has_feature, userfaultfd_missing, userfaultfd_pte_wp } from './userfaultfd_wait';

/** Whether faults in a VMA may map huge pages: `thp_vma_allowable_order()`. */
export function thp_vma_allowable(k: Kernel, vma: number): boolean {
  const { thp } = k.options;
  if (thp === 'never' || k.vma.mapping.get(vma) !== 0) return false;
  const flags = k.vma.flags.get(vma);
  return !any(flags, VM.NOHUGEPAGE) && (thp === 'always' || any(flags, VM.HUGEPAGE));
}

/** PMDs from the one around `vpn` that nothing is in and that the VMA covers whole, as far as `count` pages reach. */
function empty_pmds(k: Kernel, mm: number, vma: number, vpn: number, count: number): number {
  const start = head_of(vpn, HPAGE_PMD_NR);
  const first = pmd_index(vpn);
  const end = Math.min(pmd_index(vpn + count - 1) + 1, pmd_index(k.vma.end.get(vma)));
  const { leaf, pt } = k.space4.of(mm);
  if (start < k.vma.start.get(vma) || end <= first || leaf.get(first) !== Leaf.None || pt.get(first) !== NONE) return 0;
  return pt.runEnd(first, leaf.runEnd(first, end)) - first;
}

/** `create_huge_pmd()`, `wp_huge_pmd()`: a fault on up to `count` pages that a huge PMD can serve; gives how many it was done for, 0 for none. */
export function huge_fault(k: Kernel, mm: number, vma: number, vpn: number, count: number, write: boolean): number | 'SIGBUS' {
  if (leaf_of(k, mm, vpn) !== Leaf.None) {
    if (!write) return 0;
    if (userfaultfd_pte_wp(k, vma, k.space4.of(mm).pte.get(vpn))) return wp_huge_pmd(k, mm, vma, vpn);
    return k.batch('do_huge_pmd_wp_page', () => do_huge_pmd_wp_page(k, mm, vma, vpn, count), pmds_of(vpn));
  }
  if (!thp_vma_allowable(k, vma)) return 0;
  const pmds = empty_pmds(k, mm, vma, vpn, count);
  if (pmds === 0) return 0;
  if (userfaultfd_missing(k, vma)) {
    pmd_alloc(k, mm, vpn, 1);
    anon_vma_prepare(k, vma);
    return handle_userfault(k, mm, vma, vpn, 'missing', write);
  }
  return k.batch('do_huge_pmd_anonymous_page', () => do_huge_pmd_anonymous_page(k, mm, vma, vpn, count, write, pmds), pmds_of(vpn));
}

/** A store to a huge PMD that userfaultfd has protected waits; or (UFFD_FEATURE_WP_ASYNC) it is split, and the page alone is given free. */
function wp_huge_pmd(k: Kernel, mm: number, vma: number, vpn: number): 0 | 'SIGBUS' {
  if (!has_feature(k, vma, 'WP_ASYNC')) return handle_userfault(k, mm, vma, vpn, 'write-protected', true);
  split_huge_pmd(k, mm, vpn);
  return 0;
}

/** PMDs that `pages` pages from `vpn` touch: how often a batch of faults was done. */
const pmds_of =
  (vpn: number) =>
  (pages: number): number =>
    pages === 0 ? 1 : pmd_index(vpn + pages - 1) - pmd_index(vpn) + 1;

/** How many of `count` pages from `vpn` a fault with small pages does at once: none that a huge PMD maps or could map. */
export function small_stretch(k: Kernel, mm: number, vma: number, vpn: number, count: number): number {
  if (count === 1) return 1;
  const end = leaf_run_end(k, mm, vpn, vpn + count);
  const last = thp_vma_allowable(k, vma) ? head_of(vpn, HPAGE_PMD_NR) + HPAGE_PMD_NR : end;
  return Math.min(end, last) - vpn;
}

function do_huge_pmd_anonymous_page(k: Kernel, mm: number, vma: number, vpn: number, count: number, write: boolean, pmds: number): number {
  const start = head_of(vpn, HPAGE_PMD_NR);
  anon_vma_prepare(k, vma);
  if (!write && !mm_forbids_zeropage(k)) {
    set_huge_pmds(k, mm, start, pmds, true);
    k.space4.of(mm).pte.fill(start, pmds * HPAGE_PMD_NR, PTE.PRESENT + PTE.USER + PTE.ACCESSED + PTE.SPECIAL);
    k.trace.effect('a huge PMD maps the huge zero page at {addresses:0}, read-only', pmds * HPAGE_PMD_NR, start);
    mm_account_fault(k, pmds, false);
    return Math.min(count, start + pmds * HPAGE_PMD_NR - vpn);
  }
  const tight = pmds > 1 && is_tight(k, mm, pmds * HPAGE_PMD_NR, pmds * HPAGE_PMD_NR);
  const done = map_new_folios(k, mm, vma, start, tight ? 1 : pmds);
  mm_account_fault(k, done, false);
  return Math.max(0, Math.min(count, start + done * HPAGE_PMD_NR - vpn));
}

/** Up to `count` new folios of zeros, mapped by huge PMDs from page number `start`; gives how many, 0 where no stretch of memory is free for one. */
function map_new_folios(k: Kernel, mm: number, vma: number, start: number, count: number): number {
  const { pfn, count: got } = folio_alloc(k, HPAGE_PMD_ORDER, count, active_memcg(k));
  if (got === 0) {
    k.trace.effect('no 512 aligned free frames: small pages instead', 1);
    return 0;
  }
  const pages = got * HPAGE_PMD_NR;
  try {
    pte_alloc(k, mm, start, pages);
  } catch (problem) {
    folio_put(k, pfn, pages);
    throw problem;
  }
  new_anon_folio(k, mm, vma, start, pfn, pages);
  set_huge_pmds(k, mm, start, got, false);
  k.trace.effect('{frames:0}, filled with zeros, mapped at {addresses:1} by one huge PMD for each 512', pages, pfn, start);
  return got;
}

function do_huge_pmd_wp_page(k: Kernel, mm: number, vma: number, vpn: number, count: number): number {
  const start = head_of(vpn, HPAGE_PMD_NR);
  const { pte, pfn: frames } = k.space4.of(mm);
  if (any(pte.get(start), PTE.SPECIAL)) return do_huge_zero_wp_pmd(k, mm, vma, start, vpn, count);
  const pfn = target(start, frames.get(start));
  if (any(k.page.flags.get(pfn), PG.anon)) {
    const pmds = reusable_pmds(k, mm, start, vpn + count, pfn);
    if (pmds > 0) {
      const pages = pmds * HPAGE_PMD_NR;
      k.page.flags.update(pfn, pages, (old) => set(old, PG.anon_exclusive));
      pte.update(start, pages, (old) => set(old, WRITTEN));
      k.trace.effect('{frames:0} kept in place, nobody else uses them: the huge PMD at {addresses:1} made writable', pages, pfn, start);
      mm_account_fault(k, pmds, false);
      return Math.min(count, start + pages - vpn);
    }
  }
  split_huge_pmd(k, mm, vpn);
  return 0;
}

/** Huge PMDs from `start` with consecutive frames from `pfn` that only this process uses, as far as `end`. */
function reusable_pmds(k: Kernel, mm: number, start: number, end: number, pfn: number): number {
  const { pte, pfn: frames } = k.space4.of(mm);
  let limit = leaf_run_end(k, mm, start, head_of(end - 1, HPAGE_PMD_NR) + HPAGE_PMD_NR);
  for (const column of [pte, frames]) limit = column.runEnd(start, limit);
  let same = pfn + limit - start;
  for (const field of ['flags', 'refcount'] as const) same = k.page[field].runEnd(pfn, same);
  const own = any(k.page.flags.get(pfn), PG.anon_exclusive) || k.page.refcount.get(pfn) === 1;
  return own ? Math.floor((same - pfn) / HPAGE_PMD_NR) : 0;
}

/** A store to the huge zero page: a new folio takes its place, or the PMD is split and only one page copied. */
function do_huge_zero_wp_pmd(k: Kernel, mm: number, vma: number, start: number, vpn: number, count: number): number {
  anon_vma_prepare(k, vma);
  const { pfn } = folio_alloc(k, HPAGE_PMD_ORDER, 1, active_memcg(k));
  if (pfn === 0) {
    split_huge_pmd(k, mm, vpn);
    return 0;
  }
  pte_clear(k, mm, start, HPAGE_PMD_NR);
  new_anon_folio(k, mm, vma, start, pfn, HPAGE_PMD_NR);
  k.trace.effect('{frames:0}, filled with zeros, take the place of the huge zero page at {addresses:1}', HPAGE_PMD_NR, pfn, start);
  mm_account_fault(k, 1, false);
  return Math.min(count, start + HPAGE_PMD_NR - vpn);
}

/**
 * `wp_can_reuse_anon_folio()` for a page of a large folio: only if this process holds every reference to the folio. True for any other page.
 * `vpn` is where the process maps `pfn`.
 */
export function is_folio_of(k: Kernel, mm: number, vpn: number, pfn: number): boolean {
  if (!is_large(k, pfn)) return true;
  const head = folio_head(k, pfn);
  const size = folio_nr_pages(k, pfn);
  let references = 0;
  const held = k.page.mapping.get(head) > 0 ? k.page.mapcount : k.page.refcount;
  held.runs(head, size, (_at, n, each) => (references += n * each));
  const start = Math.max(0, vpn - (pfn - head));
  for (const run of present_ptes(k, mm, start, size)) {
    const from = Math.max(head, run.pfn);
    const to = Math.min(head + size, run.pfn + run.count);
    if (run.pfn !== 0 && from < to) references -= to - from;
  }
  return references === 0;
}
