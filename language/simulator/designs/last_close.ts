import { device_of, mapped, extents_end, type Blocks } from '../fs/extents';
import { invalidate_mapping_pages } from '../mm/truncate';
import type { Kernel } from '../state/kernel';
import type { Fields } from '../state/tables';
import { all_x } from './device_cache';

const states = new WeakMap<Kernel, Fields<'opens'>>();

/** By inode: how often this host has it open, mappings included. */
function state_of(k: Kernel): Fields<'opens'> {
  let state = states.get(k);
  if (state === undefined) {
    state = k.table('inode', ['opens']);
    states.set(k, state);
  }
  return state;
}

export function count_open(k: Kernel, inode: number): void {
  const { opens } = state_of(k);
  opens.set(inode, opens.get(inode) + 1);
}

/** One open less; with the last one X's pages of the file go, but for blocks of another file that is open. */
export function flush_at_last_close(k: Kernel, inode: number): void {
  const { opens } = state_of(k);
  opens.set(inode, opens.get(inode) - 1);
  const device = device_of(k, inode);
  if (opens.get(inode) > 0 || device === 0) return;
  let left: readonly Blocks[] = mapped(k, inode, 0, extents_end(k, inode));
  for (let other = 1; other <= k.inodes.count && left.length > 0; other++)
    if (opens.get(other) > 0 && device_of(k, other) === device)
      for (const used of mapped(k, other, 0, extents_end(k, other))) left = left.flatMap((blocks) => without(blocks, used));
  for (const x of all_x(k, device)) for (const { block, count } of left) invalidate_mapping_pages(k, x, block, count);
}

/** What of some blocks is not among others. */
function without({ block, count }: Blocks, used: Blocks): Blocks[] {
  const end = block + count;
  const before = Math.min(end, used.block) - block;
  const behind = Math.max(block, used.block + used.count);
  return [...(before > 0 ? [{ block, count: before }] : []), ...(behind < end ? [{ block: behind, count: end - behind }] : [])];
}
