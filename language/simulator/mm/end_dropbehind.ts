import { any, clear, PG } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { target } from '../state/shift';
import { is_dropbehind } from './dropbehind';
import { whole_folios } from './folio';
import { frame_runs } from './rmap';
import { folio_unmap_invalidate } from './truncate';

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
