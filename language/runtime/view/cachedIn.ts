import { AddressSpaceKind, type Kernel } from '../../simulator/state/kernel';
import { NONE, target } from '../../simulator/state/shift';
import { device_of } from '../../simulator/fs/extents';

/** A mapping's slot through which a frame is found. `own`: it stands in the file's own address_space. */
export interface CacheSlot {
  readonly inode: number;
  readonly index: number;
  readonly own: boolean;
}

/** Files, or a design's cache, through which a reader would find the frame. */
export function cachedIn(k: Kernel, pfn: number): CacheSlot[] {
  const mapping = k.page.mapping.get(pfn);
  if (mapping <= 0) return [];
  const index = target(pfn, k.page.index.get(pfn));
  const inode = k.mapping.host.get(mapping);
  const own: CacheSlot = { inode, index, own: true };
  if ((k.mapping.aops.get(mapping) as AddressSpaceKind) !== AddressSpaceKind.Device) return [own];
  return [own, ...readers(k, pfn, index)];
}

/** Files that have block `block` of the device and would be served from its cache. */
function readers(k: Kernel, pfn: number, block: number): CacheSlot[] {
  const found: CacheSlot[] = [];
  for (let inode = 1; inode <= k.inodes.count; inode++) {
    if (k.inode.mapping.get(inode) === 0 || device_of(k, inode) === 0) continue;
    const { blocks } = k.extents.of(inode);
    blocks.runs(0, blocks.runStart(Number.MAX_SAFE_INTEGER, 0), (from, count, value) => {
      if (value === NONE) return;
      const first = target(from, value);
      if (block < first || block >= first + count) return;
      const index = from + block - first;
      if (k.design.lookup(k, k.inode.mapping.get(inode), index, 1).pfn === pfn) found.push({ inode, index, own: false });
    });
  }
  return found;
}
