import { any, clear, PG, set } from '../state/flags';
import type { Counter, Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';

/** The LRU lists (classic active/inactive; MGLRU is not modelled), by number, and the counter of each. */
export const LRU = { INACTIVE_ANON: 1, ACTIVE_ANON: 2, INACTIVE_FILE: 3, ACTIVE_FILE: 4, UNEVICTABLE: 5 } as const;

export type LruList = (typeof LRU)[keyof typeof LRU];

const COUNTER: Readonly<Record<LruList, Counter>> = {
  [LRU.INACTIVE_ANON]: 'nr_inactive_anon',
  [LRU.ACTIVE_ANON]: 'nr_active_anon',
  [LRU.INACTIVE_FILE]: 'nr_inactive_file',
  [LRU.ACTIVE_FILE]: 'nr_active_file',
  [LRU.UNEVICTABLE]: 'nr_unevictable',
};

/** Pages on a list. */
export const lruvec_lru_size = (k: Kernel, list: LruList): number => k.counter(COUNTER[list]);

/** The list that pages with these flags belong on. */
export function folio_lru_list(flags: number): LruList {
  if (any(flags, PG.unevictable)) return LRU.UNEVICTABLE;
  const anon = any(flags, PG.swapbacked);
  if (any(flags, PG.active)) return anon ? LRU.ACTIVE_ANON : LRU.ACTIVE_FILE;
  return anon ? LRU.INACTIVE_ANON : LRU.INACTIVE_FILE;
}

/** `lruvec_add_folio()`: `count` frames with equal flags go to the head of their list, the last of them first. */
export function lruvec_add_folio(k: Kernel, pfn: number, count: number): void {
  k.page.flags.update(pfn, count, (flags) => set(flags, PG.lru));
  const list = folio_lru_list(k.page.flags.get(pfn));
  const place = k.lru.next.get(list);
  k.lru.next.set(list, place + count);
  k.lruList.of(list).places.fill(place, count, refer(place, pfn));
  k.page.lru.fill(pfn, count, refer(pfn, place));
  k.count(COUNTER[list], count);
}

/** `lruvec_del_folio()`: takes `count` frames with these flags off their list. */
export function lruvec_del_folio(k: Kernel, pfn: number, count: number, flags: number): void {
  const list = folio_lru_list(flags);
  const { places } = k.lruList.of(list);
  k.page.lru.runs(pfn, count, (at, n, value) => {
    places.fill(target(at, value), n, NONE);
  });
  k.page.lru.fill(pfn, count, NONE);
  k.page.flags.fill(pfn, count, clear(flags, PG.lru));
  k.count(COUNTER[list], -count);
}

/** `folio_mark_accessed()`: unreferenced → referenced; inactive and referenced → active, referenced cleared. What is unevictable stays so. */
export function folio_mark_accessed(k: Kernel, pfn: number, count: number): void {
  const activated: [pfn: number, count: number, flags: number][] = [];
  k.page.flags.runs(pfn, count, (at, n, flags) => {
    if (!any(flags, PG.referenced)) k.page.flags.fill(at, n, set(flags, PG.referenced));
    else if (any(flags, PG.lru) && !any(flags, PG.active + PG.unevictable)) activated.push([at, n, flags]);
  });
  for (const [at, n, flags] of activated) {
    lruvec_del_folio(k, at, n, flags);
    k.page.flags.fill(at, n, set(clear(flags, PG.referenced), PG.active));
    lruvec_add_folio(k, at, n);
    k.trace.effect('{frames:0} referenced a second time: onto the active list', n, at);
  }
}
