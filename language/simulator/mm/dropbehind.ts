import { any, clear, PG } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { whole_folios } from './folio';

/** Does `body`, for a call with IOCB_DONTCACHE if `dontcache`: what it brings into the cache is to be dropped after use. */
export function as_dropbehind<T>(k: Kernel, dontcache: boolean, body: () => T): T {
  if (!dontcache) return body();
  const before = k.dropbehind;
  k.dropbehind = true;
  try {
    return body();
  } finally {
    k.dropbehind = before;
  }
}

/** Whether any of `count` frames was brought into the cache to be dropped after use (RWF_DONTCACHE). */
export function is_dropbehind(k: Kernel, pfn: number, count: number): boolean {
  let found = false;
  k.page.flags.runs(pfn, count, (_at, _n, flags) => (found ||= any(flags, PG.dropbehind)));
  return found;
}

/** `folio_clear_dropbehind()`: somebody found the pages in the cache for whom they are worth keeping. */
export function folio_clear_dropbehind(k: Kernel, pfn: number, count: number): void {
  if (k.dropbehind || !is_dropbehind(k, pfn, count)) return;
  const folios = whole_folios(k, pfn, count);
  k.page.flags.update(folios.pfn, folios.count, (flags) => clear(flags, PG.dropbehind));
  k.trace.effect('{frames:0} will stay in the cache after all', count, pfn);
}
