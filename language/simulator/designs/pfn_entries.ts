import { filemap_get_entry } from '../mm/filemap';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import type { Design } from './design';
import { clear_entries, entry_of, linked_inodes, set_entries, way } from './links';

/**
 * `links = pfn_entries` (Wilcox, linux-mm, January 2019): the master is the canonical address_space that owns the pages, and each file's own i_pages
 * holds page frame numbers, as a DAX mapping does, until copy on write puts a page there. Who looks a page up finds the entry, not the master. An entry
 * has no reference to the page (Wilcox, linux-fsdevel, July 2020). Simulator choice: what takes a page out of the master's cache, reclaim too, goes
 * through the linked files and clears their entries first.
 */
export function pfn_entries(base: Design): Design {
  return {
    ...base,

    lookup(k, mapping, index, count) {
      const own = filemap_get_entry(k, mapping, index, count);
      return own.pfn !== 0 ? own : entry_of(k, mapping, index, own.count);
    },

    insert(k, mapping, index, count) {
      const { master, count: n } = way(k, mapping, index, count);
      if (master === 0) return { mapping, index, count: n };
      const found = filemap_get_entry(k, master, index, n);
      if (found.pfn !== 0) set_entries(k, mapping, index, found.pfn, found.count);
      return found.pfn !== 0 ? found : { mapping: master, index, count: found.count };
    },

    inserted(k, mapping, index, pfn, count) {
      if (way(k, mapping, index, 1).master !== 0) set_entries(k, mapping, index, pfn, count);
    },

    removed(k, mapping, index, pfn, count) {
      if (k.mapping.aops.get(mapping) === AddressSpaceKind.Device) clear_linked(k, mapping, index, count);
      base.removed(k, mapping, index, pfn, count);
    },
  };
}

/** The entries of all files that are linked to a master, for `count` pages from `index`. */
function clear_linked(k: Kernel, master: number, index: number, count: number): void {
  k.in('clear_pfn_entries', count, () => {
    for (const inode of linked_inodes(k, master)) clear_entries(k, inode, index, count);
  });
}
