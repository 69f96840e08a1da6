import type { Column } from '../state/column';
import { any, PG, VM } from '../state/flags';
import { FrameType, type Kernel } from '../state/kernel';
import { HPAGE_PMD_NR, HUGETLB_ORDER } from './folio';
import type { Frames } from './page_alloc';

/** The pool of 2 MiB pages that a machine sets aside (`struct hstate`), and who has reserved some of them. Counts of huge pages. */

/** Takes `count` huge pages out of memory, before the first step (`hugetlb_hstate_alloc_pages()`); false if there is no room. */
export function hugetlb_init(k: Kernel, count: number): boolean {
  if (count === 0) return true;
  const first = HPAGE_PMD_NR;
  const frames = count * HPAGE_PMD_NR;
  if (first + frames > k.options.memory + 1) return false;
  k.page.type.fill(first, frames, FrameType.Hugetlb);
  k.folio.order.fill(first, frames, HUGETLB_ORDER);
  k.count('nr_used', frames);
  k.hugetlb.total.set(0, count);
  k.hugetlb.free.set(0, count);
  return true;
}

/** Huge pages that are neither in use nor reserved. */
export const unreserved = (k: Kernel): number => k.hugetlb.free.get(0) - k.hugetlb.reserved.get(0);

/** `hugetlb_acct_memory()`: reserves `by` more huge pages, or gives back; false if there are not so many. */
export function hugetlb_acct_memory(k: Kernel, by: number): boolean {
  if (by > unreserved(k)) return false;
  if (by !== 0) k.hugetlb.reserved.set(0, k.hugetlb.reserved.get(0) + by);
  return true;
}

/** Up to `count` huge pages one behind the other out of the pool, `reserved` ones or others; none where the pool has none left. */
export function dequeue_hugetlb_folio(k: Kernel, count: number, reserved: boolean): Frames {
  const most = Math.min(count, reserved ? k.hugetlb.free.get(0) : unreserved(k));
  if (most <= 0) return { pfn: 0, count: 0 };
  const { type } = k.page;
  const end = HPAGE_PMD_NR * (k.hugetlb.total.get(0) + 1);
  let pfn = HPAGE_PMD_NR;
  while (pfn < end && type.get(pfn) !== FrameType.Hugetlb) pfn = type.runEnd(pfn, end);
  const got = (type.runEnd(pfn, Math.min(end, pfn + most * HPAGE_PMD_NR)) - pfn) / HPAGE_PMD_NR;
  type.fill(pfn, got * HPAGE_PMD_NR, FrameType.Page);
  k.page.refcount.fill(pfn, got * HPAGE_PMD_NR, 1);
  k.hugetlb.free.set(0, k.hugetlb.free.get(0) - got);
  if (reserved) k.hugetlb.reserved.set(0, k.hugetlb.reserved.get(0) - got);
  return { pfn, count: got };
}

/** `free_huge_folio()`: frames that nobody holds go back to the pool. Those of files have been cleaned, anonymous ones stay dirty (PG_dirty) for whoever has them next. */
export function free_huge_folio(k: Kernel, pfn: number, count: number): void {
  const { page } = k;
  page.mapping.runs(pfn, count, (at, n, mapping) => page.flags.update(at, n, (old) => (mapping < 0 && any(old, PG.dirty) ? PG.dirty : 0)));
  for (const column of [page.mapping, page.index, page.content]) column.fill(pfn, count, 0);
  page.type.fill(pfn, count, FrameType.Hugetlb);
  k.hugetlb.free.set(0, k.hugetlb.free.get(0) + count / HPAGE_PMD_NR);
  k.trace.effect('{frames:0} go back to the pool of huge pages', count, pfn);
}

/** `vma_resv_map()`: which pages of its reservation a private VMA has used; undefined where it has none. */
function reservations(k: Kernel, vma: number): Column | undefined {
  const map = k.vma.resv_map.get(vma);
  return map === 0 ? undefined : k.resvMap.of(map).used;
}

/** Huge pages of a column that hold 1 among `count` pages from `index`. */
function marked(column: Column, index: number, count: number): number {
  let pages = 0;
  column.runs(index, count, (_at, n, value) => {
    if (value !== 0) pages += n;
  });
  return pages / HPAGE_PMD_NR;
}

/** `hugetlb_reserve_pages()` for a new shared mapping of `count` pages from `index`; false if the pool has too few. */
export function reserve_shared(k: Kernel, mapping: number, index: number, count: number): boolean {
  const { reserved } = k.space.of(mapping);
  if (!hugetlb_acct_memory(k, count / HPAGE_PMD_NR - marked(reserved, index, count))) return false;
  reserved.fill(index, count, 1);
  return true;
}

/** The same for a new private one: a map of its own, 0 if the pool has too few. */
export function reserve_private(k: Kernel, count: number): number {
  if (!hugetlb_acct_memory(k, count / HPAGE_PMD_NR)) return 0;
  return k.resvMaps.next();
}

/** `hugetlb_unreserve_pages()`: pages of a file are gone, of which `freed` huge ones existed; what was reserved for the others is given back. */
export function unreserve_shared(k: Kernel, mapping: number, index: number, count: number, freed: number): void {
  const { reserved } = k.space.of(mapping);
  hugetlb_acct_memory(k, freed - marked(reserved, index, count));
  reserved.fill(index, count, 0);
}

/** `hugetlb_vm_op_close()`: what a private mapping has reserved and not used is given back. */
export function unreserve_private(k: Kernel, vma: number): void {
  const own = reservations(k, vma);
  if (own === undefined) return;
  const count = k.vma.end.get(vma) - k.vma.start.get(vma);
  hugetlb_acct_memory(k, marked(own, k.vma.pgoff.get(vma), count) - count / HPAGE_PMD_NR);
}

/** A page of a private mapping is free again, and reserved for it again (`restore_reserve_on_error()`, MADV_DONTNEED). */
export function restore_reserve(k: Kernel, vma: number, index: number, count: number): void {
  const own = reservations(k, vma);
  if (own === undefined) return;
  hugetlb_acct_memory(k, marked(own, index, count));
  own.fill(index, count, 0);
}

/**
 * `alloc_hugetlb_folio()`: huge pages for up to `count` pages from `index` of what a VMA maps, from its reservation where it has one; none where
 * the pool is short.
 */
export function alloc_hugetlb_folio(k: Kernel, vma: number, mapping: number, index: number, count: number): Frames {
  const own = vma === 0 ? undefined : reservations(k, vma);
  const noted = own !== undefined || vma === 0 || any(k.vma.flags.get(vma), VM.SHARED);
  const column = own ?? k.space.of(mapping).reserved;
  const reserved = noted && (column.get(index) !== 0) === (own === undefined);
  const got = dequeue_hugetlb_folio(k, (column.runEnd(index, index + count) - index) / HPAGE_PMD_NR, reserved);
  if (noted && got.count > 0) column.fill(index, got.count * HPAGE_PMD_NR, 1);
  return got;
}
