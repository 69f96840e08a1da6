import { any, PG, PTE, set } from '../state/flags';
import { type Kernel, Leaf } from '../state/kernel';
import { head_of, HPAGE_PMD_NR } from './folio';
import { free_deposited, move_pte_tables, pte_alloc } from './pagetable';
import { present_ptes, zap_ptes } from './rmap';

/** PMD entries that map a huge page, and what takes them apart. */

export const pmd_index = (vpn: number): number => Math.floor(vpn / HPAGE_PMD_NR);

/** What maps page number `vpn`. */
export const leaf_of = (k: Kernel, mm: number, vpn: number): Leaf => k.space4.of(mm).leaf.get(pmd_index(vpn));

/** Pages that the entry for `vpn` maps at once. */
export const entry_pages = (k: Kernel, mm: number, vpn: number): number => (leaf_of(k, mm, vpn) === Leaf.None ? 1 : HPAGE_PMD_NR);

/** A range of page numbers, widened to whole entries. */
export function whole_entries(k: Kernel, mm: number, vpn: number, count: number): { vpn: number; count: number } {
  const last = vpn + count - 1;
  const from = head_of(vpn, entry_pages(k, mm, vpn));
  const size = entry_pages(k, mm, last);
  return { vpn: from, count: head_of(last, size) + size - from };
}

/** The end (at most `limit`) of the stretch from `vpn` whose PMDs are all huge, or all not. */
export function leaf_run_end(k: Kernel, mm: number, vpn: number, limit: number): number {
  const end = k.space4.of(mm).leaf.runEnd(pmd_index(vpn), pmd_index(limit - 1) + 1);
  return Math.min(limit, end * HPAGE_PMD_NR);
}

/** Visits the stretches of `count` pages from `vpn` that huge PMDs map. */
export function leaf_runs(k: Kernel, mm: number, vpn: number, count: number, visit: (vpn: number, count: number) => void): void {
  const { leaf } = k.space4.of(mm);
  const first = pmd_index(vpn);
  leaf.runs(first, pmd_index(vpn + count - 1) + 1 - first, (at, n, value) => {
    if (value === Leaf.None) return;
    const from = Math.max(vpn, at * HPAGE_PMD_NR);
    visit(from, Math.min(vpn + count, (at + n) * HPAGE_PMD_NR) - from);
  });
}

/**
 * `__split_huge_pmd()`: the huge PMD around `vpn` becomes a PTE table, the deposited one, with the same 512 pages; that of a file is only
 * taken away, its pages can be faulted in again.
 */
export function split_huge_pmd(k: Kernel, mm: number, vpn: number): void {
  if (leaf_of(k, mm, vpn) === Leaf.None) return;
  k.in('__split_huge_pmd', 1, () => {
    const start = head_of(vpn, HPAGE_PMD_NR);
    const { leaf, pte } = k.space4.of(mm);
    const flags = pte.get(start);
    leaf.set(pmd_index(vpn), Leaf.None);
    if (any(flags, PTE.SPECIAL)) {
      k.trace.effect('the huge zero page at {addresses:0} is mapped by 512 PTEs', HPAGE_PMD_NR, start);
      return;
    }
    const frame = present_ptes(k, mm, start, 1)[0]!.pfn;
    if (!any(k.page.flags.get(frame), PG.anon)) {
      zap_ptes(k, mm, start, HPAGE_PMD_NR, false, false);
      if (any(flags, PTE.ACCESSED)) k.page.flags.update(frame, HPAGE_PMD_NR, (old) => set(old, PG.referenced));
      return;
    }
    if (any(flags, PTE.DIRTY)) k.page.flags.update(frame, HPAGE_PMD_NR, (old) => set(old, PG.dirty));
    k.trace.effect('the huge PMD at {addresses:0} becomes 512 PTEs in the deposited table; {frames:1} stay', HPAGE_PMD_NR, start, frame);
  });
}

/** `vma_adjust_trans_huge()` for a range: huge PMDs that its ends cut are split. */
export function split_huge_pmd_edges(k: Kernel, mm: number, start: number, end: number): void {
  for (const edge of [start, end]) if (edge % HPAGE_PMD_NR !== 0) split_huge_pmd(k, mm, edge);
}

/** Splits every huge PMD of a range. */
export function split_huge_pmds(k: Kernel, mm: number, vpn: number, count: number): void {
  const found: number[] = [];
  leaf_runs(k, mm, vpn, count, (at, n) => {
    for (let each = head_of(at, HPAGE_PMD_NR); each < at + n; each += HPAGE_PMD_NR) found.push(each);
  });
  for (const each of found) split_huge_pmd(k, mm, each);
}

/** `zap_huge_pmd()` where the entries themselves are gone: no huge PMDs any more, and the tables deposited for them are freed. */
export function zap_huge_pmds(k: Kernel, mm: number, vpn: number, count: number): void {
  const { leaf } = k.space4.of(mm);
  const found: { first: number; n: number }[] = [];
  leaf_runs(k, mm, vpn, count, (at, n) => found.push({ first: pmd_index(at), n: n / HPAGE_PMD_NR }));
  for (const { first, n } of found)
    k.in('zap_huge_pmd', n, () => {
      leaf.fill(first, n, Leaf.None);
      free_deposited(k, mm, first, n);
    });
}

/** Makes `count` huge PMDs from page number `vpn`, each with its deposited PTE table where `deposit`. */
export function set_huge_pmds(k: Kernel, mm: number, vpn: number, count: number, deposit: boolean): void {
  if (deposit) pte_alloc(k, mm, vpn, count * HPAGE_PMD_NR);
  k.space4.of(mm).leaf.fill(pmd_index(vpn), count, Leaf.Pmd);
}

/** `copy_huge_pmd()`: the child has huge PMDs where the parent has them; the entries and the deposited tables are copied like any others. */
export function copy_huge_pmds(k: Kernel, parent: number, child: number, vpn: number, count: number): void {
  leaf_runs(k, parent, vpn, count, (at, n) => {
    k.in('copy_huge_pmd', n / HPAGE_PMD_NR, () => k.space4.of(child).leaf.fill(pmd_index(at), n / HPAGE_PMD_NR, Leaf.Pmd));
  });
}

/**
 * `move_huge_pmd()` for `count` pages from `from` to `to`: huge PMDs move with their deposited tables where both ends are aligned; elsewhere they are
 * split first. The entries are the caller's to move.
 */
export function move_huge_pmds(k: Kernel, mm: number, from: number, to: number, count: number): void {
  if ((to - from) % HPAGE_PMD_NR !== 0) {
    split_huge_pmds(k, mm, from, count);
    return;
  }
  split_huge_pmd_edges(k, mm, from, from + count);
  const { leaf } = k.space4.of(mm);
  const found: { first: number; n: number }[] = [];
  leaf_runs(k, mm, from, count, (at, n) => found.push({ first: pmd_index(at), n: n / HPAGE_PMD_NR }));
  for (const { first, n } of found)
    k.in('move_huge_pmd', n, () => {
      leaf.fill(first, n, Leaf.None);
      leaf.fill(first + (to - from) / HPAGE_PMD_NR, n, Leaf.Pmd);
      move_pte_tables(k, mm, first, first + (to - from) / HPAGE_PMD_NR, n);
    });
}
