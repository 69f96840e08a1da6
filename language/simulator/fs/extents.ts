import type { Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';

/** Consecutive blocks of a device. */
export interface Blocks {
  readonly block: number;
  readonly count: number;
}

export const device_of = (k: Kernel, inode: number): number => k.mount.device.get(k.inode.mount.get(inode));

/** Allocates up to `count` consecutive free blocks, at least one: the lowest that are free. */
export function alloc_blocks(k: Kernel, device: number, count: number): Blocks {
  const { refcount, free } = k.device.of(device);
  let block = free.get(0);
  while (refcount.get(block) !== 0) block = refcount.runEnd(block, Infinity);
  const end = refcount.runEnd(block, block + count);
  refcount.fill(block, end - block, 1);
  free.set(0, end);
  return { block, count: end - block };
}

/** Drops one reference to each of the blocks; those that no file holds any more are free. */
export function put_blocks(k: Kernel, device: number, block: number, count: number): void {
  const { refcount, content, free } = k.device.of(device);
  refcount.add(block, count, -1);
  const freed: Blocks[] = [];
  refcount.runs(block, count, (at, n, references) => {
    if (references === 0) freed.push({ block: at, count: n });
  });
  for (const run of freed) {
    k.design.blocks_freed(k, device, run.block, run.count);
    content.fill(run.block, run.count, 0);
    if (run.block < free.get(0)) free.set(0, run.block);
    k.trace.effect('{blocks:0} free', run.count, run.block);
  }
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

/** Unmaps `count` file blocks from `index`. */
export function free_extents(k: Kernel, inode: number, index: number, count: number): void {
  const old = mapped(k, inode, index, count);
  if (old.length === 0) return;
  const columns = k.extents.of(inode);
  columns.blocks.fill(index, count, NONE);
  columns.unwritten.fill(index, count, 0);
  for (const run of old) put_blocks(k, device_of(k, inode), run.block, run.count);
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
