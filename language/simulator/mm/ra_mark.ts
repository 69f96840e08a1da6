import { any, clear, PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { folio_head, folio_nr_pages, is_large, MAX_PAGECACHE_ORDER, whole_folios } from './folio';
import type { FolioAt } from './ra_sizes';

/** The folio that the cached page at `index`, in frame `pfn`, is part of. On a machine without large folios the one that readahead would have made. */
export function folio_around(k: Kernel, mapping: number, index: number, pfn: number): FolioAt {
  if (is_large(k, pfn)) return { index: index - (pfn - folio_head(k, pfn)), count: folio_nr_pages(k, pfn) };
  const { folio } = k.space.of(mapping);
  if (folio.get(index) === 0) return { index, count: 1 };
  const first = folio.get(index) - 1;
  return { index: first, count: folio.runEnd(first, first + 2 ** MAX_PAGECACHE_ORDER) - first };
}

/** The folio with PG_readahead in which the page at `index` lies, whose frame is `pfn`; undefined where that is not set. */
export function folio_test_readahead(k: Kernel, mapping: number, index: number, pfn: number): FolioAt | undefined {
  const flags = k.page.flags.get(pfn);
  if (!any(flags, PG.reclaim) || any(flags, PG.writeback)) return undefined;
  return folio_around(k, mapping, index, pfn);
}

/** `folio_set_readahead()` on the folio of `count` pages from `index`, if it could be read. */
export function set_readahead(k: Kernel, mapping: number, index: number, count: number): void {
  k.in('folio_set_readahead', 1, () => {
    each_cached(k, mapping, index, count, (pfn, n) => {
      k.page.flags.update(pfn, n, (flags) => set(flags, PG.reclaim));
    });
    k.trace.effect('{indexes:0} marked: whoever reaches it starts the next readahead', count, index);
  });
}

/** `folio_clear_readahead()`. */
export function clear_readahead(k: Kernel, mapping: number, { index, count }: FolioAt): void {
  each_cached(k, mapping, index, count, (pfn, n) => {
    k.page.flags.update(pfn, n, (flags) => clear(flags, PG.reclaim));
  });
  k.trace.effect('{indexes:0} is where the next readahead was to start', count, index);
}

/** What is cached of `count` pages from `index`, in whole folios. */
function each_cached(k: Kernel, mapping: number, index: number, count: number, visit: (pfn: number, count: number) => void): void {
  for (let at = index; at < index + count;) {
    const { pfn, count: n } = k.design.lookup(k, mapping, at, index + count - at);
    if (pfn !== 0) {
      const folios = whole_folios(k, pfn, n);
      visit(folios.pfn, folios.count);
    }
    at += n;
  }
}

/** How many of `count` consecutive frames from `pfn` come up to the first marked folio, and with it (its first page, where large folios are off). */
export function up_to_mark(k: Kernel, pfn: number, count: number): number {
  let found = count;
  k.page.flags.runs(pfn, count, (at, _n, flags) => {
    if (!any(flags, PG.reclaim) || any(flags, PG.writeback)) return false;
    found = Math.min(count, folio_head(k, at) + folio_nr_pages(k, at) - pfn);
    return true;
  });
  return found;
}
