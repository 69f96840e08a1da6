import type { Kernel } from '../state/kernel';
import { folio_around } from './ra_mark';

/** Slots of a node of `i_pages`. */
const XA_CHUNK_SIZE = 64;

/** First index of the folio that `index` lies in. */
function folio_start(k: Kernel, mapping: number, index: number): number {
  const { pfn } = k.design.lookup(k, mapping, index, 1);
  return pfn === 0 ? index : folio_around(k, mapping, index, pfn).index;
}

const cached = (k: Kernel, mapping: number, index: number): boolean => k.design.lookup(k, mapping, index, 1).pfn !== 0;

/**
 * `page_cache_next_miss()`: the first index from `index` on that is not cached, among `max`. The kernel's walk counts on from the slot of the folio that holds
 * `index`, so behind the start of a large folio it looks that many pages too low, up to the next node of `i_pages` [measured].
 */
export function page_cache_next_miss(k: Kernel, mapping: number, index: number, max: number): number {
  let slot = folio_start(k, mapping, index);
  for (let at = index; at < index + max;) {
    if (!cached(k, mapping, slot)) return at;
    at++;
    const offset = slot % XA_CHUNK_SIZE;
    if (offset !== XA_CHUNK_SIZE - 1) slot++;
    else if (offset !== at % XA_CHUNK_SIZE) slot += 1 + (at % XA_CHUNK_SIZE);
  }
  return index + max;
}

/** `page_cache_prev_miss()`: the first index from `index` downwards that is not cached, among `max`; -1 where all are cached. It walks as the other does. */
export function page_cache_prev_miss(k: Kernel, mapping: number, index: number, max: number): number {
  let slot = folio_start(k, mapping, index);
  for (let at = index; ;) {
    if (!cached(k, mapping, slot) || at === index - max + 1) return at;
    at--;
    const offset = slot % XA_CHUNK_SIZE;
    if (at < 0 || (slot === 0 && at % XA_CHUNK_SIZE !== 0)) return at;
    if (offset !== 0) slot--;
    else if (at % XA_CHUNK_SIZE !== 0) slot += (at % XA_CHUNK_SIZE) - XA_CHUNK_SIZE;
  }
}
