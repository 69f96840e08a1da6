import { any, PG } from '../../simulator/state/flags';
import type { Kernel } from '../../simulator/state/kernel';
import { frameEnd, kindOf } from './frames';
import { letters, LEGEND } from './legend';
import { grouped, type Look, type Slots, span } from './slots';

export function fileId(inode: number): string {
  return `file:${inode}`;
}

/** What of a file a reader would find cached: pages of its own, or those that the design finds for it. `count` in pages. */
export function pageSlots(k: Kernel, inode: number, count: number): Slots {
  const mapping = k.inode.mapping.get(inode);
  const path = k.names.text(k.inode.path.get(inode));
  return {
    id: fileId(inode),
    space: 'pages',
    touched: `mapping:${mapping}`,
    from: 0,
    count,
    look: (at, limit) => pageLook(k, mapping, at, limit),
    name: (at, n) => `${path}, ${n === 1 ? 'page' : 'pages'} ${span(at, n)}`,
    text({ count: n, cell }) {
      return cell.pfn === null ? `${grouped(n)} pages not cached` : `${grouped(n)} pages in frames ${span(cell.pfn, n)}`;
    },
  };
}

const NOTHING = letters(LEGEND.pageFlags, []);

function pageLook(k: Kernel, mapping: number, at: number, limit: number): Look {
  const { pfn, count } = mapping === 0 ? { pfn: 0, count: limit - at } : k.design.lookup(k, mapping, at, limit - at);
  if (pfn === 0) {
    const cell = { at, pfn: null, kind: 'none', flags: NOTHING, mapcount: 0 };
    return { count: Math.max(1, count), cell, consecutive: false, empty: true, facts: { frame: 'none' } };
  }
  const end = Math.max(pfn + 1, frameEnd(k, pfn, pfn + count));
  const flags = k.page.flags.get(pfn);
  const bits = [PG.uptodate, PG.dirty, PG.writeback].map((bit) => any(flags, bit));
  const cell = { at, pfn, kind: kindOf(k, pfn), flags: letters(LEGEND.pageFlags, bits), mapcount: k.page.mapcount.get(pfn) };
  return { count: end - pfn, cell, consecutive: true, empty: false, facts: { frame: pfn } };
}
