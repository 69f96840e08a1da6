import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { alloc_blocks, bmap, device_of, map_blocks } from './extents';

/** Every hole of the range gets blocks, which read as zeros until they are written. */
export function alloc_file_space(k: Kernel, name: string, inode: number, offset: number, len: number, whole = false): void {
  const end = pagesOf(offset + len);
  k.in(name, 1, () => {
    for (let at = Math.floor(offset / PAGE_SIZE); at < end;) at += alloc_file_blocks(k, inode, at, end - at, whole);
  });
}

/** The same for what is alike of `count` blocks from `index`; gives how many those are. */
export function alloc_file_blocks(k: Kernel, inode: number, index: number, count: number, whole = false): number {
  const { block, unwritten, count: n } = bmap(k, inode, index, count);
  return block === undefined && unwritten === undefined ? fill_hole(k, inode, index, n, whole) : n;
}

function fill_hole(k: Kernel, inode: number, index: number, count: number, whole: boolean): number {
  const blocks = alloc_blocks(k, device_of(k, inode), count, whole);
  map_blocks(k, inode, index, blocks.block, blocks.count, true);
  k.trace.effect('{indexes:0} of {file:2} gets {blocks:1}, unwritten', blocks.count, index, blocks.block, inode);
  return blocks.count;
}
