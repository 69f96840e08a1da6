import { any, clear, PG } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { target } from '../state/shift';
import { filesystem_of } from '../fs/filesystem';
import { whole_folios } from './folio';
import { frame_runs } from './rmap';
import { folio_unmap_invalidate } from './truncate';

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

const is_dropbehind = (k: Kernel, pfn: number, count: number): boolean => {
  let found = false;
  k.page.flags.runs(pfn, count, (_at, _n, flags) => (found ||= any(flags, PG.dropbehind)));
  return found;
};

/** `folio_clear_dropbehind()`: somebody found the pages in the cache for whom they are worth keeping. */
export function folio_clear_dropbehind(k: Kernel, pfn: number, count: number): void {
  if (k.dropbehind || !is_dropbehind(k, pfn, count)) return;
  const folios = whole_folios(k, pfn, count);
  k.page.flags.update(folios.pfn, folios.count, (flags) => clear(flags, PG.dropbehind));
  k.trace.effect('{frames:0} will stay in the cache after all', count, pfn);
}

/** `filemap_end_dropbehind_read()`: a reader is done with them, whoever it is. */
export function filemap_end_dropbehind_read(k: Kernel, pfn: number, count: number): void {
  if (is_dropbehind(k, pfn, count)) k.in('filemap_end_dropbehind_read', count, () => filemap_end_dropbehind(k, pfn, count));
}

/** `filemap_end_dropbehind()`: pages that are to be dropped leave the cache and all mappings, unless they are dirty or being written. */
export function filemap_end_dropbehind(k: Kernel, pfn: number, count: number): void {
  const folios = whole_folios(k, pfn, count);
  frame_runs(k, folios.pfn, folios.count, ['flags', 'mapping', 'index'], (at, n) => {
    const flags = k.page.flags.get(at);
    if (!any(flags, PG.dropbehind) || any(flags, PG.dirty + PG.writeback + PG.locked)) return;
    k.page.flags.fill(at, n, clear(flags, PG.dropbehind));
    folio_unmap_invalidate(k, k.page.mapping.get(at), target(at, k.page.index.get(at)), at, n);
  });
}

/** `folio_end_dropbehind()`: they have been written. */
export function folio_end_dropbehind(k: Kernel, pfn: number, count: number): void {
  if (!is_dropbehind(k, pfn, count)) return;
  const inode = k.mapping.host.get(k.page.mapping.get(pfn));
  if (filesystem_of(k, inode).a_ops.ends_writeback_in_task === true)
    k.in('folio_end_dropbehind', count, () => filemap_end_dropbehind(k, pfn, count));
  else k.trace.effect('{frames:0}: written, as an interrupt says: nothing can be dropped there', count, pfn);
}
