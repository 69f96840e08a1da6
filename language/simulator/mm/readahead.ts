import type { Kernel } from '../state/kernel';
import { pagesOf } from '../state/units';
import { FMODE, has_mode } from '../fs/file';
import { filesystem_of } from '../fs/filesystem';
import { MAX_PAGECACHE_ORDER } from './folio';
import { has_room } from './page_alloc';
import { page_cache_next_miss, page_cache_prev_miss } from './page_cache_miss';
import { clear_readahead, set_readahead } from './ra_mark';
import { read_folios, read_range } from './ra_read';
import { ctz, type FolioAt, get_init_ra_size, get_next_ra_size, pages_of, ra_folios } from './ra_sizes';

/**
 * `bdi->io_pages`: what the device reads in one request, in pages (the block layer's default of 1280 KiB). Simulator choice: every device.
 * A single read or POSIX_FADV_WILLNEED reads that much at once even where the window is smaller.
 */
const IO_PAGES = 320;

/** `struct readahead_control`: readahead for an open file, from `index` of its mapping. */
export interface Readahead {
  readonly file: number;
  readonly mapping: number;
  readonly index: number;
}

/** `ractl_max_pages()`: the largest window; a request beyond it may be as large as the device takes at once. */
function ractl_max_pages(k: Kernel, file: number, count: number): number {
  const ra_pages = k.file.ra_pages.get(file);
  return count > ra_pages && IO_PAGES > ra_pages ? Math.min(count, IO_PAGES) : ra_pages;
}

const end_index = (k: Kernel, mapping: number): number => pagesOf(k.inode.size.get(k.mapping.host.get(mapping)));

/** `page_cache_sync_ra()`: `index` is not cached, and `count` pages from there are wanted: reads a window that what was read before suggests. */
export function page_cache_sync_ra(k: Kernel, ra: Readahead, count: number): void {
  k.in('page_cache_sync_ra', 1, () => {
    const { file, mapping, index } = ra;
    if (has_mode(k, file, FMODE.RANDOM)) {
      force_page_cache_ra(k, ra, count);
      return;
    }
    const max = ractl_max_pages(k, file, count);
    const prev = k.file.prev_pos.get(file) === 0 ? -Infinity : Math.floor((k.file.prev_pos.get(file) - 1) / 4096);
    if (index === 0 || count > max || index === prev || index === prev + 1) {
      const size = get_init_ra_size(count, max);
      open_window(k, ra, { start: index, size, async_size: size > count ? size - count : Math.floor(size / 2), order: 0 });
      return;
    }
    const miss = page_cache_prev_miss(k, mapping, index - 1, max);
    const contiguous = index - miss - 1;
    if (contiguous <= count) {
      k.trace.effect('{indexes:0}: a read that continues nothing: only what is asked for', count, index);
      do_page_cache_ra(k, ra, count, 0);
      return;
    }
    const size = Math.min((miss < 0 ? 2 * contiguous : contiguous) + count, max);
    open_window(k, ra, { start: index, size, async_size: 1, order: 0 });
  });
}

interface Window {
  readonly start: number;
  readonly size: number;
  readonly async_size: number;
  readonly order: number;
}

function window_of(k: Kernel, file: number): Window {
  const { ra_start, ra_size, ra_async_size, ra_order } = k.file;
  return { start: ra_start.get(file), size: ra_size.get(file), async_size: ra_async_size.get(file), order: ra_order.get(file) };
}

/** Makes `window` the descriptor's and reads it. */
export function open_window(k: Kernel, ra: Readahead, window: Window): void {
  k.file.ra_start.set(ra.file, window.start);
  k.file.ra_size.set(ra.file, window.size);
  k.file.ra_async_size.set(ra.file, window.async_size);
  k.file.ra_order.set(ra.file, window.order);
  page_cache_ra_order(k, { ...ra, index: window.start }, window);
}

/**
 * `page_cache_async_ra()`: the marked folio is reached at `ra.index` by a request for `count` pages: the next window is read before it is needed.
 * A reader that goes on to the end of many windows gets all of them in one batch.
 */
export function page_cache_async_ra(k: Kernel, ra: Readahead, marked: FolioAt, count: number): void {
  k.in('page_cache_async_ra', 1, () => {
    const { file, mapping, index } = ra;
    clear_readahead(k, mapping, marked);
    const max = ractl_max_pages(k, file, count);
    const old = window_of(k, file);
    const expected = old.start + old.size - old.async_size;
    if (index === expected - (expected % marked.count)) {
      const start = old.start + old.size;
      const next = aligned(start, Math.max(old.size, get_next_ra_size(old.size, max)), old.order, max);
      const steady = next.size === old.size && old.size === old.async_size && next.size === max && index === old.start;
      const more =
        steady && are_alike(k, mapping, old, next) ? Math.floor((Math.min(index + count, end_index(k, mapping)) - 1 - index) / max) : 0;
      if (more > 0 && has_room(k, (more + 1) * max)) read_windows(k, ra, next, more);
      else open_window(k, ra, next);
      return;
    }
    const start = page_cache_next_miss(k, mapping, index + 1, max);
    if (start - index > max) return;
    open_window(k, ra, aligned(start, get_next_ra_size(start - index + count, max), old.order, max));
  });
}

/** The window from `start`, ending where folios of the next order do. */
function aligned(start: number, size: number, order: number, max: number): Window {
  const align = 2 ** Math.min(order + 2, ctz(max));
  const end = start + size;
  const to = end - (end % align);
  const fits = to > start ? to - start : size;
  return { start, size: fits, async_size: fits, order: order + 2 };
}

/** The order of the largest folios of a window. One of no pages, which a descriptor gets that comes to another's mark before it has read, bounds nothing (`ilog2(0)`). */
const order_of = ({ order, size }: Pick<Window, 'order' | 'size'>): number =>
  Math.min(MAX_PAGECACHE_ORDER, order, size === 0 ? Infinity : Math.floor(Math.log2(size)));

/** Whether a window, and those of the same size after it, consist of folios as large as those of the one before, as far as there are such. */
const are_alike = (k: Kernel, mapping: number, before: Window, { start, size, order }: Window): boolean =>
  !has_large_folios(k, mapping) ||
  (order_of({ size, order }) === before.order && start % 2 ** before.order === 0 && size % 2 ** before.order === 0);

/** `window` and `more` of the same size after it, for a reader that will reach the mark of each but the last. */
function read_windows(k: Kernel, ra: Readahead, window: Window, more: number): void {
  const { start, size } = window;
  const end = start + more * size;
  const order = has_large_folios(k, ra.mapping) ? order_of(window) : 0;
  const cached = k.design.lookup(k, ra.mapping, start, more * size);
  const folios = order > 0 && cached.pfn === 0 ? ra_folios(start, end - 1, order, start + cached.count) : [];
  const stop = read_folios(k, ra.mapping, start, folios);
  do_page_cache_ra(k, { ...ra, index: stop }, end - stop, 0);
  open_window(k, ra, { ...window, start: end });
}

/** `mapping_large_folio_support()`. */
const has_large_folios = (k: Kernel, mapping: number): boolean =>
  k.options.largeFolios && filesystem_of(k, k.mapping.host.get(mapping)).a_ops.large_folios !== undefined;

/**
 * `page_cache_ra_order()`: reads a window, in folios of up to 2^order pages where the filesystem has such, from the first page that is cached already on
 * in single pages. On a machine without large folios only the mark shows how large they would be.
 */
function page_cache_ra_order(k: Kernel, ra: Readahead, window: Window): void {
  const { mapping, index: start } = ra;
  const { size, async_size } = window;
  if (filesystem_of(k, k.mapping.host.get(mapping)).a_ops.large_folios === undefined) {
    k.file.ra_order.set(ra.file, 0);
    do_page_cache_ra(k, ra, size, async_size);
    return;
  }
  const order = order_of(window);
  k.file.ra_order.set(ra.file, order);
  const limit = Math.min(start + size, end_index(k, mapping)) - 1;
  if (start > limit) return;
  const found = k.design.lookup(k, mapping, start, limit + 1 - start);
  const folios = ra_folios(start, limit, order, found.pfn === 0 ? start + found.count : start);
  const stop = k.in('page_cache_ra_order', pages_of(folios), () => read_window(k, mapping, start, order, folios));
  const mark = start + size - async_size;
  const marked = folios.find((folio) => folio.index <= mark && mark < folio.index + folio.count);
  if (marked !== undefined && async_size > 0) set_readahead(k, mapping, order > 0 ? marked.index : mark, order > 0 ? marked.count : 1);
  if (stop <= limit) do_page_cache_ra(k, { ...ra, index: stop }, size - (stop - start), async_size);
}

/** Reads the folios of a window, which begins at `start`; gives the index behind the last one that there was memory for. */
function read_window(k: Kernel, mapping: number, start: number, order: number, folios: readonly FolioAt[]): number {
  if (order > 0 && has_large_folios(k, mapping)) return read_folios(k, mapping, start, folios);
  const count = pages_of(folios);
  read_range(k, mapping, start, count);
  for (const folio of folios) if (order > 0 && folio.count > 1) k.space.of(mapping).folio.fill(folio.index, folio.count, folio.index + 1);
  return start + count;
}

/** `do_page_cache_ra()`: reads what is not cached of `count` pages up to the end of the file, and marks the one with which the last `lookahead` begin. */
function do_page_cache_ra(k: Kernel, { mapping, index }: Readahead, count: number, lookahead: number): void {
  const end = Math.min(index + count, end_index(k, mapping));
  const mark = end - lookahead;
  const fresh = lookahead > 0 && mark >= index && mark < end && k.design.lookup(k, mapping, mark, 1).pfn === 0;
  read_range(k, mapping, index, end - index);
  if (fresh) set_readahead(k, mapping, mark, 1);
}

/** `force_page_cache_ra()`: reads what is not cached of `count` pages, as far as the device reads at once (or the window goes) and not behind the end. */
export function force_page_cache_ra(k: Kernel, ra: Readahead, count: number): void {
  k.in('force_page_cache_ra', 1, () => {
    const most = k.options.readahead === 0 ? count : Math.min(count, Math.max(IO_PAGES, k.file.ra_pages.get(ra.file)));
    do_page_cache_ra(k, ra, most, 0);
  });
}
