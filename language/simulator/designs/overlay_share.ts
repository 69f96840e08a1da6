import { cached_inode, layer_with_data } from '../fs/overlayfs/inode';
import { filemap_get_entry, filemap_get_pages } from '../mm/filemap';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { pagesOf } from '../state/units';
import type { Design, Lookup } from './design';
import { find_sharer, is_clean, join, same_members } from './members';

/**
 * `overlay.share = up` (Chinner): a copy-up by reflink hands what is cached of the lower file up to the copy at once, without a read. Overlayfs itself
 * is as it was; without this the copy shares what is read later.
 */
export function share_up(base: Design): Design {
  return {
    ...base,
    copied_up(k, lower, upper, reflinked) {
      if (!reflinked) return;
      const mapping = k.inode.mapping.get(upper);
      const end = pagesOf(k.inode.size.get(lower));
      k.in('share_up', 1, () => {
        for (let at = 0; at < end;) {
          const own = filemap_get_entry(k, mapping, at, end - at);
          const found = own.pfn === 0 ? find_sharer(k, mapping, at, own.count, false) : own;
          const n = own.pfn === 0 && found.pfn !== 0 ? same_members(k, found.pfn, found.pfn + found.count) - found.pfn : found.count;
          if (own.pfn === 0 && found.pfn !== 0) join_told(k, mapping, at, found.pfn, n);
          at += n;
        }
      });
    },
  };
}

/**
 * `overlay.share = down` (Szeredi): the address space of an overlay's own inode (`cache = stacked`) holds the pages of the lower file until
 * that is copied up; from then on it fills itself from the upper one, and a write breaks each page that is still shared, PTEs too.
 */
export function share_down(base: Design): Design {
  return {
    ...base,
    insert(k, mapping, index, count) {
      const inode = k.mapping.host.get(mapping);
      if (k.mapping.aops.get(mapping) !== AddressSpaceKind.Stacked || k.ovlInode.upper.get(inode) !== 0)
        return base.insert(k, mapping, index, count);
      const found = lower_pages(k, cached_inode(k, layer_with_data(k, inode)), index, count);
      if (found.pfn !== 0) join_told(k, mapping, index, found.pfn, found.count);
      return found.pfn === 0 ? base.insert(k, mapping, index, found.count) : found;
    },
  };
}

/** Clean frames of the lower file's, read in if they are not cached, for the longest run from `index`. */
function lower_pages(k: Kernel, lower: number, index: number, count: number): Lookup {
  const end = Math.min(index + count, pagesOf(k.inode.size.get(lower)));
  if (index >= end) return { pfn: 0, count };
  const { pfn, count: n } = k.in('read_mapping_folio', 1, () => filemap_get_pages(k, k.inode.mapping.get(lower), index, end - index));
  const same = Math.min(k.page.flags.runEnd(pfn, pfn + n), same_members(k, pfn, pfn + n)) - pfn;
  return { pfn: is_clean(k.page.flags.get(pfn)) ? pfn : 0, count: same };
}

function join_told(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  const owner = k.page.mapping.get(pfn);
  join(k, mapping, index, pfn, count);
  k.trace.effect('{indexes:1} of {mapping:2}: {frames:0} of {mapping:3} too', count, pfn, index, mapping, owner);
}
