import { fail } from '../calls';
import { filemap_get_entry, filemap_remove_folio } from '../mm/filemap';
import { frame_runs, vma_interval_tree_foreach } from '../mm/rmap';
import { target } from '../state/shift';
import type { Design } from './design';

/** Today's kernel: one page belongs to one address_space, and a file's pages are in its own. */
export const baseline: Design = {
  known: [],
  as_on_disk: false,
  lookup: filemap_get_entry,
  insert: (_k, mapping, index, count) => ({ mapping, index, count }),
  inserted() {},
  found() {},
  own() {},
  removed(k, _mapping, _index, pfn, count) {
    k.page.mapping.fill(pfn, count, 0);
    k.page.index.fill(pfn, count, 0);
  },
  holds: (k, mapping, index, pfn) => k.page.mapping.get(pfn) === mapping && target(pfn, k.page.index.get(pfn)) === index,
  folio_mapping: (k, _mapping, pfn) => k.page.mapping.get(pfn),
  readers(k, pfn, count, visit) {
    frame_runs(k, pfn, count, ['mapping', 'index'], (frame, n) => {
      const mapping = k.page.mapping.get(frame);
      if (mapping > 0) visit(mapping, target(frame, k.page.index.get(frame)), frame, n);
    });
  },
  truncated() {},
  beneath() {},
  vmas(k, holder, index, count, visit) {
    vma_interval_tree_foreach(k, holder, index, count, (vma, vpn, n) => visit(vma, vpn, n, 0));
  },
  rmap_walk(k, pfn, visit) {
    const mapping = k.page.mapping.get(pfn);
    if (mapping > 0) k.design.vmas(k, mapping, target(pfn, k.page.index.get(pfn)), 1, visit);
  },
  members(k, pfn) {
    const mapping = k.page.mapping.get(pfn);
    return mapping > 0 ? [{ mapping, index: target(pfn, k.page.index.get(pfn)) }] : [];
  },
  descriptors: () => 0,
  cache_references: () => 1,
  referenced: (ptes) => ptes.reduce((sum, n) => sum + n, 0),
  remove_mapping(k, pfn, count) {
    if (k.page.refcount.get(pfn) !== 1) return false;
    filemap_remove_folio(k, k.page.mapping.get(pfn), target(pfn, k.page.index.get(pfn)), count);
    return true;
  },
  written_back() {},
  device_written() {},
  direct: (_k, _mapping, _index, count) => ({ pfn: 0, count }),
  blocks_freed() {},
  may_open: () => undefined,
  opened() {},
  closed() {},
  changing() {},
  mapped_writable() {},
  evicted() {},
  cloned() {},
  copied_up() {},
  share: () => fail('EOPNOTSUPP', 'this design shares nothing by request; master_inode and whole_file do'),
};
