import { any, PG } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { filemap_get_entry } from './filemap';
import { folio_head, folio_nr_pages, is_large } from './folio';
import { try_to_unmap } from './vmscan';

/** Whether a folio of the page cache can be split: nobody but the cache holds it once it is unmapped, and a filesystem has nothing to write of it. */
function can_split(k: Kernel, pfn: number): boolean {
  const head = folio_head(k, pfn);
  const size = folio_nr_pages(k, pfn);
  const disk = k.mapping.aops.get(k.page.mapping.get(head)) !== AddressSpaceKind.Shmem;
  if (disk && any(k.page.flags.get(head), PG.dirty + PG.writeback)) return false;
  for (let at = head; at < head + size; at++) if (k.page.refcount.get(at) > k.page.mapcount.get(at) + 1) return false;
  return true;
}

/** `split_folio()` for the page cache: every page becomes one of its own; false where that can't be. */
export function split_file_folio(k: Kernel, pfn: number): boolean {
  if (!can_split(k, pfn)) return false;
  return k.in('__folio_split', 1, () => {
    const head = folio_head(k, pfn);
    const size = folio_nr_pages(k, pfn);
    try_to_unmap(k, pfn);
    k.folio.order.fill(head, size, 0);
    k.trace.effect('the folio of {frames:0} is split into pages', size, head);
    return true;
  });
}

/** `folio_split()`: `pfn` becomes a page of its own, the rest of its folio folios as large as they can be; false where that can't be. */
function folio_split(k: Kernel, pfn: number): boolean {
  if (!is_large(k, pfn)) return true;
  if (!can_split(k, pfn)) return false;
  return k.in('__folio_split', 1, () => {
    try_to_unmap(k, pfn);
    let head = folio_head(k, pfn);
    let size = folio_nr_pages(k, pfn);
    k.trace.effect('the folio of {frames:0} is split around frame {1}', size, head, pfn);
    for (let order = k.folio.order.get(pfn) - 1; order >= 0; order--) {
      size /= 2;
      k.folio.order.fill(head, size * 2, order);
      if (pfn >= head + size) head += size;
    }
    return true;
  });
}

/** `try_folio_split_or_unmap()`: a folio that can't be split is unmapped, so that whoever faults behind the end of the file hears of it, but on tmpfs. */
function try_folio_split_or_unmap(k: Kernel, pfn: number): boolean {
  if (folio_split(k, pfn)) return true;
  if (k.mapping.aops.get(k.page.mapping.get(pfn)) !== AddressSpaceKind.Shmem)
    k.in('try_folio_split_or_unmap', 1, () => try_to_unmap(k, pfn));
  return false;
}

/**
 * `truncate_inode_partial_folio()` for indexes `from` to `to`, which are to go: folios that they cover in part are split, at the start around `within`.
 * Where that can't be, the whole folio stays, with zeros in the range, which need not be written any more. Gives the range that can go.
 */
export function truncate_inode_partial_folios(
  k: Kernel,
  mapping: number,
  from: number,
  to: number,
  within: number,
): { from: number; to: number } {
  if (!k.options.largeFolios && k.options.shmemThp === 'never') return { from, to };
  const range = { from, to };
  for (const edge of [within, to]) {
    const { pfn } = filemap_get_entry(k, mapping, edge, 1);
    if (
      pfn === 0 ||
      (folio_head(k, pfn) === pfn && edge !== within) ||
      is_whole(k, pfn, edge, from, to) ||
      try_folio_split_or_unmap(k, pfn)
    )
      continue;
    const head = folio_head(k, pfn);
    const start = Math.max(from, edge - (pfn - head));
    const end = Math.min(to, edge - (pfn - head) + folio_nr_pages(k, pfn));
    if (start < end) {
      k.design.own(k, mapping, start, end - start, false);
      if (filemap_get_entry(k, mapping, start, 1).pfn === pfn + start - edge) k.page.content.fill(pfn + start - edge, end - start, 0);
      k.space.of(mapping).dirty.fill(start, end - start, 0);
    }
    if (edge === within) range.from = Math.max(range.from, end);
    if (edge === to) range.to = Math.min(range.to, start);
  }
  return range;
}

/** Whether all of the folio of `pfn`, which is at `index`, lies in the range. */
function is_whole(k: Kernel, pfn: number, index: number, from: number, to: number): boolean {
  const start = index - (pfn - folio_head(k, pfn));
  return start >= from && start + folio_nr_pages(k, pfn) <= to;
}
