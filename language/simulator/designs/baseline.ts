import { filemap_get_entry } from '../mm/filemap';
import { vma_interval_tree_foreach } from '../mm/rmap';
import type { Design } from './design';

/** Today's kernel: one page belongs to one address_space, and a file's pages are in its own. */
export const baseline: Design = {
  lookup: filemap_get_entry,
  place: (_k, mapping, index, count) => ({ mapping, index, count }),
  own() {},
  written_back() {},
  blocks_freed() {},
  beneath() {},
  vmas: vma_interval_tree_foreach,
};
