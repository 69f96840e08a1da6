import type { Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';

/** Consecutive blocks of a device. */
export interface Blocks {
  readonly block: number;
  readonly count: number;
}

export const device_of = (k: Kernel, inode: number): number => k.mount.device.get(k.inode.mount.get(inode));

/** What `device.extent` holds of a block that was allocated by itself, and of one that belongs to the extent which begins at block `start`. */
const ALONE = 1;
const member = (start: number): number => start + 2;

/**
 * Allocates `count` consecutive free blocks, the lowest that there are. `whole`: they are one extent, and are free again only when no file uses any of it; `compressed`: the blocks that the extent takes on disk.
 */
export function alloc_blocks(k: Kernel, device: number, count: number, whole = false, compressed = 0): Blocks {
  const { refcount, free, extent, used, copies } = k.device.of(device);
  const { lowest, block, n } = find_free(k, device, count);
  refcount.fill(block, n, 1);
  extent.fill(block, n, whole ? member(block) : ALONE);
  if (compressed > 0) k.device.of(device).compressed.set(block, compressed);
  used.set(0, used.get(0) + (compressed || n) * (copies.get(0) + 1));
  free.set(0, block === lowest ? block + n : lowest);
  return { block, count: n };
}

/** The first run of `count` free blocks; the lowest free block comes with it. */
function find_free(k: Kernel, device: number, count: number): { lowest: number; block: number; n: number } {
  const { free, extent } = k.device.of(device);
  const lowest = next_free(k, device, free.get(0));
  for (let block = lowest; ; block = next_free(k, device, extent.runEnd(block, Infinity)))
    if (extent.runEnd(block, block + count) === block + count) return { lowest, block, n: count };
}

/** The first free block from `from` on. */
function next_free(k: Kernel, device: number, from: number): number {
  const { extent } = k.device.of(device);
  let block = from;
  while (extent.get(block) !== 0) block = extent.runEnd(block, Infinity);
  return block;
}

/** An extent that blocks were allocated as. */
export interface WholeExtent extends Blocks {
  /** Blocks that it takes on disk; 0: as many as it has. */
  readonly compressed: number;
}

/** The extent that a block was allocated with; undefined where blocks are counted one by one. */
export function extent_at(k: Kernel, device: number, block: number): WholeExtent | undefined {
  const { extent, compressed } = k.device.of(device);
  const value = extent.get(block);
  if (value <= ALONE) return undefined;
  const start = value - member(0);
  return { block: start, count: extent.runEnd(start, Infinity) - start, compressed: compressed.get(start) };
}

/** Drops one reference to each of the blocks; those that no file holds any more are free, or the extent is once none of it is held. */
export function put_blocks(k: Kernel, device: number, block: number, count: number): void {
  const { refcount, extent } = k.device.of(device);
  refcount.add(block, count, -1);
  const unused: Blocks[] = [];
  refcount.runs(block, count, (at, n, references) => {
    if (references === 0) unused.push({ block: at, count: n });
  });
  for (const run of unused) {
    k.design.blocks_freed(k, device, run.block, run.count);
    const end = run.block + run.count;
    for (let at = run.block; at < end;) {
      const whole = extent_at(k, device, at);
      const n = extent.runEnd(at, end) - at;
      if (whole === undefined) free_blocks(k, device, at, n, n);
      else if (references_to(k, device, whole) === 0) free_blocks(k, device, whole.block, whole.count, whole.compressed || whole.count);
      at += n;
    }
  }
}

/** How many file blocks refer to an extent, all files taken together. */
export function references_to(k: Kernel, device: number, { block, count }: Blocks): number {
  let sum = 0;
  k.device.of(device).refcount.runs(block, count, (_at, n, references) => (sum += n * references));
  return sum;
}

function free_blocks(k: Kernel, device: number, block: number, count: number, onDisk: number): void {
  const { content, free, extent, used, copies, compressed } = k.device.of(device);
  content.fill(block, count, 0);
  extent.fill(block, count, 0);
  compressed.set(block, 0);
  used.set(0, used.get(0) - onDisk * (copies.get(0) + 1));
  if (block < free.get(0)) free.set(0, block);
  k.trace.effect('{blocks:0} free', count, block);
}

/** The stretch of equal kind at file block `index`. */
export interface Stretch {
  /** Consecutive device blocks from here hold it; undefined: nothing on disk, it reads as zeros. */
  readonly block: number | undefined;
  /** Where `block` is undefined: blocks that are allocated for it and not written yet. */
  readonly unwritten: number | undefined;
  readonly count: number;
}

export function bmap(k: Kernel, inode: number, index: number, count: number): Stretch {
  const { blocks, unwritten } = k.extents.of(inode);
  const value = blocks.get(index);
  const run = blocks.runEnd(index, index + count);
  if (value === NONE) return { block: undefined, unwritten: undefined, count: run - index };
  const block = target(index, value);
  const fresh = unwritten.get(index) === 1;
  return {
    block: fresh ? undefined : block,
    unwritten: fresh ? block : undefined,
    count: unwritten.runEnd(index, run) - index,
  };
}

/** First file block behind all that is mapped. */
export const extents_end = (k: Kernel, inode: number): number => k.extents.of(inode).blocks.runStart(Number.MAX_SAFE_INTEGER, 0);

/** Maps `count` file blocks from `index` to device blocks from `block`; what was mapped there before loses its reference. */
export function map_blocks(k: Kernel, inode: number, index: number, block: number, count: number, unwritten = false): void {
  const old = mapped(k, inode, index, count);
  const columns = k.extents.of(inode);
  columns.blocks.fill(index, count, refer(index, block));
  columns.unwritten.fill(index, count, unwritten ? 1 : 0);
  for (const run of old) put_blocks(k, device_of(k, inode), run.block, run.count);
}

/** `xfs_iomap_write_unwritten()`: blocks that were allocated only have been written now. */
export function convert_unwritten(k: Kernel, inode: number, index: number, count: number): void {
  k.extents.of(inode).unwritten.fill(index, count, 0);
}

/** Blocks among `count` from `index` that the file has read as zeros from now on. */
export function mark_unwritten(k: Kernel, inode: number, index: number, count: number): void {
  for (const run of mapped(k, inode, index, count)) k.extents.of(inode).unwritten.fill(run.index, run.count, 1);
}

/** Unmaps `count` file blocks from `index`. While blocks are given back, the file still says where it had them: it may have them mapped (dedupe). */
export function free_extents(k: Kernel, inode: number, index: number, count: number): void {
  const old = mapped(k, inode, index, count);
  if (old.length === 0) return;
  for (const run of old) put_blocks(k, device_of(k, inode), run.block, run.count);
  const columns = k.extents.of(inode);
  columns.blocks.fill(index, count, NONE);
  columns.unwritten.fill(index, count, 0);
}

/** Device blocks behind file blocks from `index`. */
export interface Extent extends Blocks {
  readonly index: number;
  readonly unwritten: boolean;
}

/** The device blocks behind `count` file blocks from `index`, holes left out. */
export function mapped(k: Kernel, inode: number, index: number, count: number): Extent[] {
  const found: Extent[] = [];
  if (count <= 0) return found;
  const { blocks, unwritten } = k.extents.of(inode);
  blocks.runs(index, count, (start, length, value) => {
    if (value === NONE) return;
    unwritten.runs(start, length, (at, n, fresh) => {
      found.push({ index: at, block: target(at, value), count: n, unwritten: fresh === 1 });
    });
  });
  return found;
}
