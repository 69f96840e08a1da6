import type { Options } from '../api';
import { filemap_remove_folio } from '../mm/filemap';
import { rmap_walk } from '../mm/rmap';
import { any, PG } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { baseline } from './baseline';
import type { Design, Member } from './design';
import { member_count, members, same_members, shared_members } from './members';
import { shared_frames } from './shared_frames';

/**
 * A folio for each inode, with its own mapping and index, on one frame; a shared folio lists them and stands on the LRU (Wilcox, Bacik,
 * Overstreet, Weiner, LWN 2022). KSM is a client: what shares a merged page are anonymous folios on one frame. Simulator choice: lock, uptodate,
 * references and the charge are the shared folio's.
 */
export function shared_folio(options: Options): Design {
  const base = shared_frames({ anyIndex: true, again: options.reshare === 'on_dedupe' });
  const walker = options.walk !== 'filesystem';
  const listed = options.lru === 'each_folio' ? each_folio(base) : base;
  return {
    ...listed,
    folio_mapping: (_k, mapping) => mapping,
    referenced: (ptes) => (options.activate === 'max' ? Math.max(0, ...ptes) : base.referenced(ptes)),
    remove_mapping: (k, pfn, count) => (walker || member_count(k, pfn) === 1) && listed.remove_mapping(k, pfn, count),
    members: (k, pfn) => (is_merged(k, pfn) ? anonymous_members(k, pfn) : members(k, pfn)),
    descriptors: (k) => shared_members(k) + merged_members(k),
  };
}

/**
 * `lru = each_folio`: reclaim meets the folios of a frame one by one, looks at the references of that one, unmaps it and takes it out of its cache; the
 * frame goes with the last. Simulator choice: the folios of a frame stand side by side, at the frame's place of the list, the oldest first.
 */
function each_folio(base: Design): Design {
  return {
    ...base,
    rmap_walk(k, pfn, visit) {
      const [first] = members(k, pfn);
      if (first !== undefined) baseline.vmas(k, first.mapping, first.index, 1, (vma, vpn, n) => visit(vma, vpn, n, 0));
    },
    remove_mapping(k, pfn, count) {
      if (member_count(k, pfn) === 1 && same_members(k, pfn, pfn + count) === pfn + count) return base.remove_mapping(k, pfn, count);
      for (let at = pfn; at < pfn + count;) {
        const stop = same_members(k, at, pfn + count);
        const [first] = members(k, at);
        const held = k.page.refcount.get(at) - k.page.mapcount.get(at) !== member_count(k, at);
        if (first !== undefined && !held && member_count(k, at) > 1) {
          filemap_remove_folio(k, first.mapping, first.index, stop - at);
          k.trace.effect('{frames:0}: the folio of {mapping:1} is gone, others are left', stop - at, at, first.mapping);
        }
        at = stop;
      }
      return false;
    },
  };
}

const is_merged = (k: Kernel, pfn: number): boolean => any(k.page.flags.get(pfn), PG.ksm);

/** The anonymous folios of a page that KSM merged: one for each PTE. */
function anonymous_members(k: Kernel, pfn: number): Member[] {
  const found: Member[] = [];
  rmap_walk(k, pfn, (_mm, vpn) => found.push({ mapping: 0, index: vpn }));
  return found;
}

/** Anonymous folios on frames that have several. */
function merged_members(k: Kernel): number {
  let sum = 0;
  for (let node = 1; node <= k.stableNodes.count; node++) {
    const pfn = k.stableNode.pfn.get(node);
    if (pfn === 0 || !is_merged(k, pfn) || -k.page.mapping.get(pfn) !== node) continue;
    const mapcount = k.page.mapcount.get(pfn);
    if (mapcount > 1) sum += mapcount;
  }
  return sum;
}
