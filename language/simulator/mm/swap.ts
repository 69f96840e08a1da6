import { any, clear, PG, set } from '../state/flags';
import type { Counter, Kernel } from '../state/kernel';

/** The LRU list that pages with these flags are on (classic active/inactive lists; MGLRU is not modelled). */
function list(flags: number): Counter {
  const anon = any(flags, PG.swapbacked);
  if (any(flags, PG.active)) return anon ? 'nr_active_anon' : 'nr_active_file';
  return anon ? 'nr_inactive_anon' : 'nr_inactive_file';
}

/** `folio_add_lru()`: onto the inactive list; `count` frames with equal flags. Gives the new flags. */
export function folio_add_lru(k: Kernel, pfn: number, count: number): void {
  k.page.flags.update(pfn, count, (flags) => set(flags, PG.lru));
  k.count(list(k.page.flags.get(pfn)), count);
}

/** Off the list, when `count` frames with these flags are freed. */
export function lru_del(k: Kernel, _pfn: number, count: number, flags: number): void {
  k.count(list(flags), -count);
}

/** `folio_mark_accessed()`: unreferenced → referenced; inactive and referenced → active, referenced cleared. */
export function folio_mark_accessed(k: Kernel, pfn: number, count: number): void {
  k.page.flags.runs(pfn, count, (at, n, flags) => {
    if (!any(flags, PG.referenced)) k.page.flags.fill(at, n, set(flags, PG.referenced));
    else if (any(flags, PG.lru) && !any(flags, PG.active)) {
      k.count(list(flags), -n);
      const active = set(clear(flags, PG.referenced), PG.active);
      k.page.flags.fill(at, n, active);
      k.count(list(active), n);
      k.trace.effect('{frames:0} referenced a second time: onto the active list', n, at);
    }
  });
}
