import type { Column } from '../state/column';
import type { Kernel } from '../state/kernel';
import { NONE, referDown, targetDown } from '../state/shift';
import { PAGE_SIZE } from '../state/units';
import { pagetable_alloc, pagetable_free } from './page_alloc';

/** Levels above the PTE, lowest first: the column of an mm that holds the table's frame, and the pages that one table maps. */
export const LEVELS = [
  { field: 'pt', name: 'PTE table', pages: 2 ** 9 },
  { field: 'pmd', name: 'PMD table', pages: 2 ** 18 },
  { field: 'pud', name: 'PUD table', pages: 2 ** 27 },
] as const;

/** One PGD a process (x86-64, 4 levels), allocated with the mm and not counted in VmPTE. */
export function pgd_alloc(k: Kernel, mm: number): void {
  const { pfn } = pagetable_alloc(k, 1, mm);
  k.space4.of(mm).pgd.set(0, pfn);
}

export function pgd_free(k: Kernel, mm: number): void {
  const { pgd } = k.space4.of(mm);
  pagetable_free(k, pgd.get(0), 1);
  pgd.set(0, 0);
}

/** Makes the tables that map `count` pages from page number `vpn`, top level first. */
export const pte_alloc = (k: Kernel, mm: number, vpn: number, count: number): void => alloc_levels(k, mm, vpn, count, 0);

/** The same without PTE tables, for huge pages. */
export const pmd_alloc = (k: Kernel, mm: number, vpn: number, count: number): void => alloc_levels(k, mm, vpn, count, 1);

/** The same without PTE and PMD tables, for a PMD table that is shared. */
export const pud_alloc = (k: Kernel, mm: number, vpn: number, count = 1): void => alloc_levels(k, mm, vpn, count, 2);

function alloc_levels(k: Kernel, mm: number, vpn: number, count: number, lowest: number): void {
  const columns = k.space4.of(mm);
  for (let level = LEVELS.length - 1; level >= lowest; level--) {
    const { field, name, pages } = LEVELS[level]!;
    const first = Math.floor(vpn / pages);
    const last = Math.floor((vpn + count - 1) / pages);
    fill(k, mm, columns[field], name, first, last);
  }
}

/** Makes in `mm`, for `count` pages from page number `to`, the tables that `parent` has for those from `vpn` (`copy_page_range()`). */
export function copy_tables(k: Kernel, parent: number, mm: number, vpn: number, count: number, to = vpn): void {
  const { pt } = k.space4.of(parent);
  const first = Math.floor(vpn / 512);
  const last = Math.floor((vpn + count - 1) / 512);
  let from = -1;
  for (let at = first; at <= last + 1;) {
    const present = at <= last && pt.get(at) !== NONE;
    if (present && from < 0) from = at;
    if (!present && from >= 0) {
      const start = Math.max(vpn, from * 512);
      pte_alloc(k, mm, start - vpn + to, Math.min(vpn + count, at * 512) - start);
      from = -1;
    }
    at = at > last ? at + 1 : pt.runEnd(at, last + 1);
  }
}

function fill(k: Kernel, mm: number, column: Column, name: string, first: number, last: number): void {
  if (first === last && column.get(first) !== NONE) return;
  for (let at = first; at <= last;) {
    const stop = column.runEnd(at, last + 1);
    if (column.get(at) !== NONE) {
      at = stop;
      continue;
    }
    const { pfn, count } = pagetable_alloc(k, stop - at, mm);
    column.fill(at, count, referDown(at, pfn + count - 1));
    k.mm.pgtables.set(mm, k.mm.pgtables.get(mm) + count);
    k.trace.effect(count === 1 ? `a ${name} is needed: {frames:0}` : `${name}s are needed: {frames:0}`, count, pfn);
    at += count;
  }
}

/**
 * `free_pgtables()`: frees the tables that map nothing but `start` … `end` (page numbers) and the empty space around it, which reaches
 * from `floor` to `ceiling` (ends of the neighbouring VMAs).
 */
export function free_pgtables(k: Kernel, mm: number, start: number, end: number, floor: number, ceiling: number): void {
  k.in('free_pgtables', 1, () => {
    const columns = k.space4.of(mm);
    for (const { field, name, pages } of LEVELS) {
      const first = Math.max(Math.ceil(floor / pages), Math.floor(start / pages));
      const last = Math.min(Math.floor(ceiling / pages), Math.ceil(end / pages));
      if (first < last) drop(k, mm, columns[field], name, first, last);
    }
  });
}

/** `try_to_free_pte()`: frees the PTE tables that lie wholly within `start` … `end` (page numbers); nothing may be mapped there any more. */
export function free_pte_tables(k: Kernel, mm: number, start: number, end: number): void {
  const { field, name, pages } = LEVELS[0];
  const first = Math.ceil(start / pages);
  const last = Math.floor(end / pages);
  if (first < last) drop(k, mm, k.space4.of(mm)[field], name, first, last);
}

/** Frees the PTE tables of `count` PMD entries from index `first`, where there are any: those deposited for huge pages. */
export function free_deposited(k: Kernel, mm: number, first: number, count: number): void {
  drop(k, mm, k.space4.of(mm).pt, 'PTE table', first, first + count);
}

/** The PTE tables of `count` PMD entries from index `from` go to those from index `to`; where there is one already, the old one is freed. */
export function move_pte_tables(k: Kernel, mm: number, from: number, to: number, count: number): void {
  const { pt } = k.space4.of(mm);
  pmd_alloc(k, mm, to * 512, count * 512);
  for (let at = from; at < from + count;) {
    const there = at - from + to;
    const value = pt.get(at);
    const n = Math.min(pt.runEnd(at, from + count) - at, pt.runEnd(there, to + count) - there);
    if (value !== NONE && pt.get(there) === NONE) {
      pt.fill(at, n, NONE);
      pt.fill(there, n, value + there - at);
    } else drop(k, mm, pt, 'PTE table', at, at + n);
    at += n;
  }
}

function drop(k: Kernel, mm: number, column: Column, name: string, first: number, end: number): void {
  let freed = 0;
  column.runs(first, end - first, (at, n, value) => {
    if (value === NONE) return;
    freed += n;
    pagetable_free(k, targetDown(at + n - 1, value), n);
  });
  if (freed === 0) return;
  column.fill(first, end - first, NONE);
  k.mm.pgtables.set(mm, k.mm.pgtables.get(mm) - freed);
  k.trace.effect(`empty ${name}: {pages} freed`, freed);
}

/** VmPTE in bytes: PTE, PMD and PUD tables of the mm, not the PGD. */
export const pgtables_bytes = (k: Kernel, mm: number): bigint => BigInt(k.mm.pgtables.get(mm)) * BigInt(PAGE_SIZE);
