import { any, PG } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { frame_runs } from './rmap';

/**
 * Large folios: 2^order frames, naturally aligned, so that the order of a frame says where its folio begins. The folio's flags are kept equal in all
 * of its frames. Each frame counts its own references (page cache, page-table entries); the folio is freed when none of its frames has any.
 */

/** Pages of a PMD-sized folio, its order, and its size in bytes. */
export const HPAGE_PMD_NR = 512;
export const HPAGE_PMD_ORDER = 9;
export const HPAGE_SIZE = 2 ** 21;
/** Largest folio of the page cache. */
export const MAX_PAGECACHE_ORDER = HPAGE_PMD_ORDER;
/** Added to the order of a hugetlb page. */
const HUGETLB = 32;
export const HUGETLB_ORDER = HPAGE_PMD_ORDER + HUGETLB;

/** Pages of the folio that a frame is part of. */
export const folio_nr_pages = (k: Kernel, pfn: number): number => {
  const order = k.folio.order.get(pfn);
  return order === 0 ? 1 : 2 ** (order % HUGETLB);
};

/** The multiple of `size` at or below `at`: the first frame of a folio, the first page number of a huge page. */
export const head_of = (at: number, size: number): number => at - (at % size);

/** `folio_page(folio, 0)`: the first frame of the folio. */
export const folio_head = (k: Kernel, pfn: number): number => head_of(pfn, folio_nr_pages(k, pfn));

export const folio_order = (k: Kernel, pfn: number): number => k.folio.order.get(pfn) % HUGETLB;

/** Whether a frame belongs to the pool of hugetlb pages. */
export const folio_test_hugetlb = (k: Kernel, pfn: number): boolean => k.folio.order.get(pfn) >= HUGETLB;

export const is_large = (k: Kernel, pfn: number): boolean => k.folio.order.get(pfn) !== 0;

/** `folio_mapped()`: whether any page of the folio is mapped. */
export function folio_mapped(k: Kernel, pfn: number): boolean {
  if (!is_large(k, pfn)) return k.page.mapcount.get(pfn) > 0;
  const head = folio_head(k, pfn);
  const end = head + folio_nr_pages(k, pfn);
  return k.page.mapcount.get(head) > 0 || k.page.mapcount.runEnd(head, end) < end;
}

/** `count` frames from `pfn`, widened to whole folios. */
export function whole_folios(k: Kernel, pfn: number, count: number): { pfn: number; count: number } {
  const from = folio_head(k, pfn);
  const last = pfn + count - 1;
  const to = folio_head(k, last) + folio_nr_pages(k, last);
  return { pfn: from, count: to - from };
}

/** Whether nobody holds any of `count` frames. */
export const is_unused = (k: Kernel, pfn: number, count: number): boolean =>
  k.page.refcount.get(pfn) === 0 && k.page.refcount.runEnd(pfn, pfn + count) === pfn + count;

/** `deferred_split_folio()`: an anonymous folio of which a part is not mapped any more waits for memory to be short. */
export function deferred_split(k: Kernel, head: number): void {
  if (k.folio.deferred.get(head) !== 0 || !any(k.page.flags.get(head), PG.anon)) return;
  k.folio.deferred.set(head, 1);
  k.trace.effect('the folio at {frames:0} is mapped in part only: to be split when memory is short', 1, head);
}

/** `frame_runs()` that end with their large folio. */
export function folio_runs(
  k: Kernel,
  pfn: number,
  count: number,
  fields: readonly (keyof Kernel['page'])[],
  visit: (pfn: number, count: number) => void,
): void {
  frame_runs(k, pfn, count, fields, (at, n) => {
    for (let from = at; from < at + n;) {
      const size = folio_nr_pages(k, from);
      const end = size === 1 ? k.folio.order.runEnd(from, at + n) : Math.min(at + n, head_of(from, size) + size);
      visit(from, end - from);
      from = end;
    }
  });
}
