import { any, PG } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { NONE, target } from '../state/shift';
import { filemap_remove_folio } from './filemap';
import { filemap_write_and_wait_range } from '../fs/writeback';
import { clear_shadow_entries } from './workingset';
import { folio_runs, is_large, whole_folios } from './folio';
import { present_ptes, zap_pte_range } from './rmap';
import { lru_deactivate_file } from './swap';

/** What an address_space holds of `count` pages from `index`, in runs. Collected first: the caller may change it. */
function cached(k: Kernel, mapping: number, index: number, count: number): { index: number; count: number; pfn: number }[] {
  const found: { index: number; count: number; pfn: number }[] = [];
  k.space.of(mapping).pages.runs(index, count, (at, n, value) => {
    if (value !== NONE) found.push({ index: at, count: n, pfn: target(at, value) });
  });
  return found;
}

/** A run of cached pages with all of the folios at its ends. */
function with_whole_folios(k: Kernel, run: { index: number; count: number; pfn: number }): { index: number; count: number; pfn: number } {
  const { pfn, count } = whole_folios(k, run.pfn, run.count);
  return { index: run.index - (run.pfn - pfn), count, pfn };
}

/**
 * `invalidate_mapping_pages()`: drops what is clean, unmapped and held by nobody but the cache, and deactivates the rest. Folios that lie in the range in
 * part only are passed over. Gives how many pages.
 */
export function invalidate_mapping_pages(k: Kernel, mapping: number, index: number, count: number): number {
  return k.batch(
    'invalidate_mapping_pages',
    () => {
      let dropped = 0;
      clear_shadow_entries(k, mapping, index, count);
      for (const run of cached(k, mapping, index, count))
        folio_runs(k, run.pfn, run.count, ['flags', 'refcount'], (at, n) => {
          const { pfn, count: pages } = is_large(k, at) ? whole_folios(k, at, 1) : { pfn: at, count: n };
          if (at > pfn || pfn < run.pfn || pfn + pages > run.pfn + run.count) return;
          if (
            any(k.page.flags.get(pfn), PG.dirty + PG.writeback + PG.locked + PG.mlocked) ||
            k.page.refcount.get(pfn) !== k.design.cache_references(k, pfn) ||
            k.page.refcount.runEnd(pfn, pfn + pages) < pfn + pages
          ) {
            lru_deactivate_file(k, pfn, pages);
            return;
          }
          k.in('mapping_evict_folio', pages, () => filemap_remove_folio(k, mapping, run.index + pfn - run.pfn, pages));
          dropped += pages;
        });
      return dropped;
    },
    (dropped) => dropped,
  );
}

/** `kiocb_invalidate_pages()`: writes the range of a file back, then takes it out of the cache and of every mapping; private copies stay. */
export function filemap_invalidate_pages(k: Kernel, inode: number, index: number, count: number): void {
  k.in('filemap_invalidate_pages', 1, () => {
    filemap_write_and_wait_range(k, inode, index, count);
    const mapping = k.inode.mapping.get(inode);
    invalidate_inode_pages2_range(k, mapping, index, count);
    k.design.beneath(k, mapping, index, count, (below, at, n) => {
      invalidate_inode_pages2_range(k, below, at, n);
    });
  });
}

/** `invalidate_inode_pages2_range()`: the cached pages go, mapped ones too; they are clean. */
export function invalidate_inode_pages2_range(k: Kernel, mapping: number, index: number, count: number): void {
  k.in('invalidate_inode_pages2_range', 1, () => {
    clear_shadow_entries(k, mapping, index, count);
    for (const run of cached(k, mapping, index, count).map((each) => with_whole_folios(k, each))) {
      folio_unmap_invalidate(k, mapping, run.index, run.pfn, run.count);
    }
  });
}

/** `folio_unmap_invalidate()` of `count` clean frames from `pfn`, which `mapping` has at `index`: they leave its mappings and the cache. */
export function folio_unmap_invalidate(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  k.in('unmap_mapping_folio', count, () => {
    k.design.vmas(k, mapping, index, count, (vma, vpn, n) => {
      const mm = k.vma.mm.get(vma);
      for (const ptes of present_ptes(k, mm, vpn, n)) {
        const from = Math.max(pfn, ptes.pfn);
        const to = Math.min(pfn + count, ptes.pfn + ptes.count);
        if (from < to) zap_pte_range(k, mm, ptes.vpn + from - ptes.pfn, to - from);
      }
    });
  });
  filemap_remove_folio(k, mapping, index, count);
}
