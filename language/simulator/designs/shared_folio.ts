import type { Options } from '../api';
import type { Design } from './design';
import { member_count } from './members';
import { shared_frames } from './reflink_pages';

/**
 * A folio for each inode, with its own mapping and index, on one frame; a shared folio lists them and stands on the LRU (Wilcox, Bacik,
 * Overstreet, Weiner, LWN 2022). Simulator choice: lock, uptodate, references and the charge are the shared folio's.
 */
export function shared_folio(options: Options): Design | string {
  if (options.lru === 'each_folio') return 'shared_folio with lru = each_folio is not simulated yet';
  const base = shared_frames(true);
  const walker = options.walk !== 'filesystem';
  return {
    ...base,
    folio_mapping: (_k, mapping) => mapping,
    referenced: (ptes) => (options.activate === 'max' ? Math.max(0, ...ptes) : base.referenced(ptes)),
    remove_mapping: (k, pfn, count) => (walker || member_count(k, pfn) === 1) && base.remove_mapping(k, pfn, count),
  };
}
