/** Sizes of readahead windows, in pages: mm/readahead.c. */

const roundup_pow_of_two = (n: number): number => 2 ** Math.ceil(Math.log2(n));

/** How often 2 divides `n`; Infinity for 0. */
export function ctz(n: number): number {
  let zeros = 0;
  for (let at = n; at % 2 === 0; at /= 2) {
    if (at === 0) return Infinity;
    zeros++;
  }
  return zeros;
}

/** `get_init_ra_size()`: the first window for a read of `size` pages. */
export function get_init_ra_size(size: number, max: number): number {
  const rounded = roundup_pow_of_two(size);
  if (rounded <= Math.floor(max / 32)) return rounded * 4;
  if (rounded <= Math.floor(max / 4)) return rounded * 2;
  return max;
}

/** `get_next_ra_size()`: the window after one of `size` pages. */
export function get_next_ra_size(size: number, max: number): number {
  if (size < Math.floor(max / 16)) return 4 * size;
  if (size <= Math.floor(max / 2)) return 2 * size;
  return max;
}

/** Pages from `index` that are one folio. */
export interface FolioAt {
  readonly index: number;
  readonly count: number;
}

/** How many pages some folios have together. */
export const pages_of = (folios: readonly FolioAt[]): number => folios.reduce((sum, { count }) => sum + count, 0);

/**
 * The folios of up to 2^`order` pages with which `page_cache_ra_order()` fills `start` to `limit` (included): each aligned to its size, none behind
 * `limit`, and none any more from the one on that would hold `cached`, which is there already. With `order` 0 all single pages as one.
 */
export function ra_folios(start: number, limit: number, order: number, cached: number): FolioAt[] {
  const end = Math.min(limit + 1, cached);
  if (order === 0) return end > start ? [{ index: start, count: end - start }] : [];
  const found: FolioAt[] = [];
  for (let index = start; index <= limit;) {
    let size = Math.min(order, ctz(index));
    while (size > 0 && index + 2 ** size - 1 > limit) size--;
    if (index + 2 ** size > end) break;
    found.push({ index, count: 2 ** size });
    index += 2 ** size;
  }
  return found;
}
