import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Lookup } from '../designs/design';
import { bmap } from '../fs/extents';
import type { Kiocb } from '../fs/filesystem';
import { check_read } from '../fs/newest';
import { as_dropbehind } from './dropbehind';
import { filemap_end_dropbehind_read } from './end_dropbehind';
import { filemap_get_pages, folio_content } from './filemap';
import { folio_head, folio_nr_pages } from './folio';
import { uptodate_pages } from './folio_wait';
import { with_reference } from './page_alloc';
import { folio_test_readahead, up_to_mark } from './ra_mark';
import { force_page_cache_ra, page_cache_async_ra, page_cache_sync_ra, type Readahead } from './readahead';
import { folio_mark_accessed } from './swap';

/**
 * `filemap_read()`: reads `length` bytes at `position` through the page cache; short at the end of the file, and with IOCB_NOWAIT where it would wait for
 * the disk. With `splice` every page is marked accessed. Pages that are to be dropped after use are, whoever reads them.
 */
export function filemap_read(k: Kernel, file: number, position: number, length: number, iocb: Kiocb = {}): Content | Outcome {
  const inode = k.file.inode.get(file);
  const mapping = k.inode.mapping.get(inode);
  const end = Math.min(position + length, k.inode.size.get(inode));
  const wanted = { last: pagesOf(position + length), iocb };
  const { nap } = k;
  const start = { at: position, all: Content.empty, last_page: Math.floor((k.file.prev_pos.get(file) - 2) / PAGE_SIZE) };
  let { at, all } = start;
  k.in('filemap_read', 1, () => {
    let { last_page } = start;
    if (nap !== undefined) ({ at, all, last_page } = nap.loop(start));
    for (let over = false; at < end && !over; nap?.reached({ at, all, last_page })) {
      const index = Math.floor(at / PAGE_SIZE);
      nap?.at(index);
      const found = k.in('filemap_get_pages', 1, () => pages_for_read(k, file, mapping, index, pagesOf(end) - index, wanted));
      const { pfn, count } = found;
      if (count === 0) break;
      const again = iocb.splice === true ? 0 : Math.min(count, pages_of_last(k, pfn, index, last_page));
      if (count > again) k.in('folio_mark_accessed', count - again, () => folio_mark_accessed(k, pfn + again, count - again));
      const from = at - index * PAGE_SIZE;
      const to = Math.min(end - index * PAGE_SIZE, count * PAGE_SIZE);
      const bytes = folio_content(k, pfn, count).slice(from, to);
      if (nap !== undefined) check_read(k, inode, at, bytes, 'a read');
      all = all.length === 0 ? bytes : all.concat(bytes);
      k.trace.effect('{indexes:0}: copied to the reader from {frames:1}', count, index, pfn);
      if (iocb.splice !== true) filemap_end_dropbehind_read(k, pfn, count);
      at = index * PAGE_SIZE + to;
      last_page = Math.floor((at - 1) / PAGE_SIZE);
      over = found.over;
    }
    nap?.end();
    if (position < at) k.file.prev_pos.set(file, at + 1);
  });
  if (at === position && position < end)
    return fail('EAGAIN', 'nothing of it is cached: it is read from now on, and the call does not wait for it');
  return all;
}

/** Pages from `index` (frame `pfn`) that lie in one folio with the page at which the descriptor's previous read ended (`pos_same_folio()`). */
function pages_of_last(k: Kernel, pfn: number, index: number, last: number): number {
  const head = folio_head(k, pfn);
  const size = folio_nr_pages(k, pfn);
  const start = index - (pfn - head);
  return last >= start && last < start + size ? start + size - index : 0;
}

/** The page behind the last one that a read wants, and how it reads. */
export interface Wanted {
  readonly last: number;
  readonly iocb: Kiocb;
}

/** Frames to be read; none (`count` 0) where IOCB_NOWAIT has to wait. `over`: nothing behind them can be had at once. */
export type Found = Lookup & { readonly over: boolean };

/** `filemap_get_pages()` for read(2), with readahead. Readers mark no page accessed in which their descriptor's previous read ended. */
export const pages_for_read = (k: Kernel, file: number, mapping: number, index: number, count: number, { last, iocb }: Wanted): Found =>
  as_dropbehind(k, iocb.dontcache === true, () => {
    const ra = { file, mapping, index };
    const ahead = k.file.ra_pages.get(file) > 0;
    const ready = iocb.nowait === true ? pages_at_once(k, ra, count, last) : { count, over: false };
    if (ready.count === 0) return { pfn: 0, ...ready };
    if (ahead && k.design.lookup(k, mapping, index, 1).pfn === 0) page_cache_sync_ra(k, ra, last - index);
    const cached = k.design.lookup(k, mapping, index, ready.count);
    const most = ahead && cached.pfn !== 0 ? up_to_mark(k, cached.pfn, cached.count) : cached.count;
    const { pfn, count: usable } = filemap_get_pages(k, mapping, index, most);
    const marked = ahead ? folio_test_readahead(k, mapping, index + usable - 1, pfn + usable - 1) : undefined;
    if (marked !== undefined)
      with_reference(k, pfn, usable, () => {
        page_cache_async_ra(k, { ...ra, index: marked.index }, marked, last - marked.index);
      });
    return { pfn, count: usable, over: ready.over };
  });

/**
 * How many of `count` pages from `ra.index` are there without waiting. What is not cached is read from now on, without readahead one page: of that only what
 * needs no disk, as a hole does, is there at once, and the call is `over` behind it.
 */
function pages_at_once(k: Kernel, ra: Readahead, count: number, last: number): { count: number; over: boolean } {
  const { file, mapping, index } = ra;
  const cached = k.design.lookup(k, mapping, index, count);
  if (cached.pfn !== 0) return { count: uptodate_pages(k, cached.pfn, up_to_mark(k, cached.pfn, cached.count)), over: false };
  const reads = k.counter('disk_reads');
  if (k.file.ra_pages.get(file) > 0) page_cache_sync_ra(k, ra, last - index);
  else force_page_cache_ra(k, ra, 1);
  const now = k.design.lookup(k, mapping, index, cached.count);
  const there = now.pfn === 0 ? 0 : uptodate_pages(k, now.pfn, now.count);
  if (k.counter('disk_reads') === reads) return { count: there, over: false };
  const { block, count: hole } = bmap(k, k.mapping.host.get(mapping), index, cached.count);
  k.trace.effect('{indexes:0} is being read, and the call does not wait', 1, index);
  return { count: block === undefined ? Math.min(there, hole) : 0, over: true };
}
