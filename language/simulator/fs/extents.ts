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

/** The stretch of equal kind at file block `index`: mapped to consecutive blocks from `block`, or a hole (`block` undefined). */
export function bmap(
  k: Kernel,
  inode: number,
  index: number,
  count: number,
): { readonly block: number | undefined; readonly count: number } {
  const { blocks } = k.extents.of(inode);
  const value = blocks.get(index);
  return { block: value === NONE ? undefined : target(index, value), count: blocks.runEnd(index, index + count) - index };
}

/** Maps `count` file blocks from `index` to device blocks from `block`; what was mapped there before loses its reference. */
export function map_blocks(k: Kernel, inode: number, index: number, block: number, count: number): void {
  const old = mapped(k, inode, index, count);
  k.extents.of(inode).blocks.fill(index, count, refer(index, block));
  for (const run of old) put_blocks(k, device_of(k, inode), run.block, run.count);
}

/** Unmaps `count` file blocks from `index`. */
export function free_extents(k: Kernel, inode: number, index: number, count: number): void {
  const old = mapped(k, inode, index, count);
  if (old.length === 0) return;
  k.extents.of(inode).blocks.fill(index, count, NONE);
  for (const run of old) put_blocks(k, device_of(k, inode), run.block, run.count);
}

/** The device blocks behind `count` file blocks from `index`, holes left out. */
export function mapped(k: Kernel, inode: number, index: number, count: number): (Blocks & { readonly index: number })[] {
  const found: (Blocks & { index: number })[] = [];
  k.extents.of(inode).blocks.runs(index, count, (at, n, value) => {
    if (value !== NONE) found.push({ index: at, block: target(at, value), count: n });
  });
  return found;
}
