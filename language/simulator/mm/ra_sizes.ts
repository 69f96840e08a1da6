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

/** A folio of 2^order pages from `index`. */
export interface FolioAt {
  readonly index: number;
  readonly order: number;
}

/**
 * The folio in which index `mark` lies if `page_cache_ra_order()` fills `start` to `limit` (both included) with folios of up to 2^`order` pages: each
 * aligned to its size, none behind `limit`. Undefined where `mark` lies outside.
 */
export function ra_folio(start: number, limit: number, order: number, mark: number): FolioAt | undefined {
  if (mark < start || mark > limit) return undefined;
  for (let index = start; index <= limit;) {
    const jump = Math.floor((Math.min(mark, limit - 2 ** order) - index) / 2 ** order);
    if (index % 2 ** order === 0 && jump > 0) index += jump * 2 ** order;
    let size = Math.min(order, ctz(index));
    while (size > 0 && index + 2 ** size - 1 > limit) size--;
    if (mark < index + 2 ** size) return { index, order: size };
    index += 2 ** size;
  }
  return undefined;
}
