import type { Kernel } from '../state/kernel';
import { refer } from '../state/shift';
import { device_of, extent_at, extents_end, mapped, references_to, type Extent, type WholeExtent } from './extents';

/** `struct fiemap_extent`: consecutive blocks of a file. An extent that is kept in the inode itself has no block. */
export interface FiemapExtent {
  readonly index: number;
  readonly block: number;
  count: number;
  /** FIEMAP_EXTENT_SHARED, FIEMAP_EXTENT_UNWRITTEN, FIEMAP_EXTENT_ENCODED. */
  readonly shared: boolean;
  readonly unwritten: boolean;
  readonly encoded: boolean;
}

/** FIEMAP of the whole file: runs of consecutive blocks that are shared or not, written or not, compressed or not. */
export function fiemap(k: Kernel, inode: number): FiemapExtent[] {
  const found: FiemapExtent[] = [];
  const plain = { shared: false, unwritten: false, encoded: false };
  if (k.inode.inline.get(inode) !== 0) found.push({ index: 0, block: -1, count: 1, ...plain });
  for (const run of mapped(k, inode, 0, extents_end(k, inode)))
    for (const piece of pieces_of(k, inode, run)) {
      const last = found[found.length - 1];
      if (last !== undefined && continues(last, piece)) last.count += piece.count;
      else found.push(piece);
    }
  return found;
}

const continues = (last: FiemapExtent, next: FiemapExtent): boolean =>
  last.shared === next.shared &&
  last.unwritten === next.unwritten &&
  !last.encoded &&
  !next.encoded &&
  last.index + last.count === next.index &&
  last.block + last.count === next.block;

/** A run of blocks, cut where another extent begins or other files share it or not. */
function pieces_of(k: Kernel, inode: number, run: Extent): FiemapExtent[] {
  const device = device_of(k, inode);
  const { refcount, extent } = k.device.of(device);
  const found: FiemapExtent[] = [];
  const { unwritten } = run;
  extent.runs(run.block, run.count, (block, count) => {
    const index = run.index + block - run.block;
    const whole = extent_at(k, device, block);
    if (whole !== undefined) {
      const shared = is_shared(k, inode, index - block, whole);
      found.push({ index, block, count, shared, unwritten, encoded: whole.compressed > 0 });
      return;
    }
    refcount.runs(block, count, (at, n, references) => {
      found.push({ index: index + at - block, block: at, count: n, shared: references > 1, unwritten, encoded: false });
    });
  });
  return found;
}

/**
 * `btrfs_is_data_extent_shared()`: whether anything refers to any part of the extent but this file at this distance from it (one backref,
 * however many pieces of the extent it still uses).
 */
export function is_shared(k: Kernel, inode: number, distance: number, whole: WholeExtent): boolean {
  let own = 0;
  const first = Math.max(0, whole.block + distance);
  const count = whole.block + distance + whole.count - first;
  k.extents.of(inode).blocks.runs(first, count, (index, n, value) => {
    if (value === refer(index, index - distance)) own += n;
  });
  return references_to(k, device_of(k, inode), whole) > own;
}
