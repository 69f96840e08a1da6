import { any, clear, PG, set } from '../state/flags';
import type { Counter, Kernel } from '../state/kernel';
import { folio_mapped, is_large, whole_folios } from './folio';
import { LRU, type LruList } from '../state/lru';
import { NONE, refer, target } from '../state/shift';
import { in_cgroup } from './memcontrol';
import { workingset_activation } from './workingset';

const COUNTER: Readonly<Record<LruList, Counter>> = {
  [LRU.INACTIVE_ANON]: 'nr_inactive_anon',
  [LRU.ACTIVE_ANON]: 'nr_active_anon',
  [LRU.INACTIVE_FILE]: 'nr_inactive_file',
  [LRU.ACTIVE_FILE]: 'nr_active_file',
  [LRU.UNEVICTABLE]: 'nr_unevictable',
};

/** Pages on a list that are charged to `cgroup` or a group below it (0: all pages). */
export function lruvec_lru_size(k: Kernel, list: LruList, cgroup = 0): number {
  if (cgroup === 0) return k.counter(COUNTER[list]);
  let pages = 0;
  for (let group = 1; group <= k.cgroups.count; group++) if (in_cgroup(k, group, cgroup)) pages += k.lruvec.of(group).size.get(list);
  return pages;
}

/** `update_lru_size()` of the groups that `count` frames from `pfn` are charged to, and of the machine. */
function update_lru_size(k: Kernel, list: LruList, pfn: number, count: number, sign: 1 | -1): void {
  k.count(COUNTER[list], sign * count);
  k.page.memcg.runs(pfn, count, (_at, n, memcg) => {
    if (memcg !== 0) k.lruvec.of(memcg).size.add(list, 1, sign * n);
  });
}

/** The list that pages with these flags belong on. */
export function folio_lru_list(flags: number): LruList {
  if (any(flags, PG.unevictable)) return LRU.UNEVICTABLE;
  const anon = any(flags, PG.swapbacked);
  if (any(flags, PG.active)) return anon ? LRU.ACTIVE_ANON : LRU.ACTIVE_FILE;
  return anon ? LRU.INACTIVE_ANON : LRU.INACTIVE_FILE;
}

/** Places of a list begin here, so that it can grow at its tail too. */
const FIRST_PLACE = 2 ** 40;

/** First and last place (exclusive) of a list. */
export const lru_places = (k: Kernel, list: LruList): { from: number; to: number } => ({
  from: FIRST_PLACE - k.lru.below.get(list),
  to: FIRST_PLACE + k.lru.next.get(list),
});

/** `folio_rotate_reclaimable()`: `count` frames that reclaim wanted and that are written now go to the tail of the inactive list. */
export function folio_rotate_reclaimable(k: Kernel, pfn: number, count: number): void {
  const flags = k.page.flags.get(pfn);
  if (!any(flags, PG.lru) || any(flags, PG.dirty + PG.unevictable)) return;
  lruvec_del_folio(k, pfn, count, flags);
  k.page.flags.update(pfn, count, (old) => clear(old, PG.active));
  lruvec_add_folio_tail(k, pfn, count);
  k.trace.effect('{frames:0} are written: to the tail of the inactive list', count, pfn);
}

/** `lruvec_add_folio_tail()`: `count` frames with equal flags are the next that reclaim looks at. */
function lruvec_add_folio_tail(k: Kernel, pfn: number, count: number): void {
  k.page.flags.update(pfn, count, (old) => set(old, PG.lru));
  const list = folio_lru_list(k.page.flags.get(pfn));
  const place = lru_places(k, list).from - count;
  k.lru.below.set(list, k.lru.below.get(list) + count);
  put_at(k, list, place, pfn, count);
}

function put_at(k: Kernel, list: LruList, place: number, pfn: number, count: number): void {
  k.lruList.of(list).places.fill(place, count, refer(place, pfn));
  k.page.lru.fill(pfn, count, refer(pfn, place));
  update_lru_size(k, list, pfn, count, 1);
}

/** `lruvec_add_folio()`: `count` frames with equal flags go to the head of their list, the last of them first. */
export function lruvec_add_folio(k: Kernel, pfn: number, count: number): void {
  k.page.flags.update(pfn, count, (flags) => set(flags, PG.lru));
  const list = folio_lru_list(k.page.flags.get(pfn));
  const place = lru_places(k, list).to;
  k.lru.next.set(list, k.lru.next.get(list) + count);
  put_at(k, list, place, pfn, count);
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
  update_lru_size(k, list, pfn, count, -1);
}

/** `folio_mark_accessed()`: unreferenced → referenced; inactive and referenced → active, referenced cleared. What is unevictable stays so. */
export function folio_mark_accessed(k: Kernel, first: number, pages: number): void {
  const { pfn, count } = whole_folios(k, first, pages);
  const activated: [pfn: number, count: number, flags: number][] = [];
  k.page.flags.runs(pfn, count, (at, n, flags) => {
    if (!any(flags, PG.referenced)) k.page.flags.fill(at, n, set(flags, PG.referenced));
    else if (any(flags, PG.lru) && !any(flags, PG.active + PG.unevictable)) activated.push([at, n, flags]);
  });
  for (const [at, n, flags] of activated) {
    workingset_activation(k, at, n);
    lruvec_del_folio(k, at, n, flags);
    k.page.flags.fill(at, n, set(clear(flags, PG.referenced), PG.active));
    lruvec_add_folio(k, at, n);
    k.trace.effect('{frames:0} referenced a second time: onto the active list', n, at);
  }
}

/**
 * `lru_deactivate_file()`: folios that were to be dropped and could not be, `count` frames with equal flags. They are not active or
 * referenced any more: dirty ones are marked to be reclaimed when they are clean, clean ones (somebody holds them) are the next to be looked at. Mapped ones,
 * and those that are being read, stay as they are.
 */
export function lru_deactivate_file(k: Kernel, pfn: number, count: number): void {
  const flags = k.page.flags.get(pfn);
  if (!any(flags, PG.lru) || any(flags, PG.unevictable + PG.locked)) return;
  const clean = !any(flags, PG.dirty + PG.writeback);
  const unmapped: { at: number; n: number }[] = [];
  if (is_large(k, pfn)) {
    if (!folio_mapped(k, pfn)) unmapped.push({ at: pfn, n: count });
  } else k.page.mapcount.runs(pfn, count, (at, n, mapcount) => mapcount === 0 && unmapped.push({ at, n }) < 0);
  for (const { at, n } of unmapped) {
    lruvec_del_folio(k, at, n, flags);
    k.page.flags.fill(at, n, set(clear(flags, PG.active + PG.referenced), clean ? 0 : PG.reclaim));
    (clean ? lruvec_add_folio_tail : lruvec_add_folio)(k, at, n);
    k.trace.effect(
      clean ? '{frames:0} cannot be dropped: deactivated' : '{frames:0} cannot be dropped: deactivated, to be reclaimed once clean',
      n,
      at,
    );
  }
}
