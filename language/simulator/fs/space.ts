import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { device_of, extents_end, mapped } from './extents';
import { filesystem_of, writeback_ops } from './filesystem';
import { shmem_inode_acct_blocks } from './shmem_space';

const is_shmem = (k: Kernel, inode: number): boolean => filesystem_of(k, inode).a_ops.kind === AddressSpaceKind.Shmem;

/** Blocks that are left on the device of a file, less those that dirty pages have been promised; Infinity where its size is not limited. */
export function blocks_left(k: Kernel, inode: number): number {
  const device = device_of(k, inode);
  const { size, used, copies } = k.device.of(device);
  if (device === 0 || size.get(0) === 0) return Infinity;
  let promised = 0;
  for (let other = 1; other <= k.inodes.count; other++)
    if (k.inode.directory.get(other) === 0 && device_of(k, other) === device) promised += delayed_blocks(k, other);
  return Math.max(0, Math.floor((size.get(0) - used.get(0)) / (copies.get(0) + 1)) - promised);
}

/** Blocks that a file's dirty pages get at writeback (delayed allocation), on all hosts. */
function delayed_blocks(k: Kernel, inode: number): number {
  let blocks = 0;
  for (const host of k.hosts) {
    const { dirty } = host.space.of(host.inode.mapping.get(inode));
    dirty.runs(0, dirty.runStart(Number.MAX_SAFE_INTEGER, 0), (at, n, tagged) => {
      if (tagged !== 0) blocks += needed_blocks(k, inode, at, n);
    });
  }
  return blocks;
}

function needed_blocks(k: Kernel, inode: number, index: number, count: number): number {
  let blocks = 0;
  for (let at = index; at < index + count;) {
    const { needed, count: n } = writeback_ops(k, inode).needs_block(k, inode, at, index + count - at);
    if (needed) blocks += n;
    at += n;
  }
  return blocks;
}

/** How many of `count` pages from `index` may become dirty, or be written past the cache, with the space that is left; on tmpfs: be there. */
export function reserve_space(k: Kernel, inode: number, index: number, count: number): number {
  if (is_shmem(k, inode)) return shmem_inode_acct_blocks(k, inode, index, count);
  let left = filesystem_of(k, inode).device ? blocks_left(k, inode) : Infinity;
  if (left === Infinity) return count;
  const { dirty } = k.space.of(k.inode.mapping.get(inode));
  for (let at = index; at < index + count;) {
    const same = dirty.runEnd(at, index + count);
    if (dirty.get(at) !== 0) {
      at = same;
      continue;
    }
    const { needed, count: n } = writeback_ops(k, inode).needs_block(k, inode, at, same - at);
    if (needed && n > left) return at + left - index;
    if (needed) left -= n;
    at += n;
  }
  return count;
}

/** The same in bytes: how much of a write of `length` at `position` there is space for. */
export function space_for(k: Kernel, inode: number, position: number, length: number): number {
  const first = Math.floor(position / PAGE_SIZE);
  const count = pagesOf(position + length) - first;
  const fits = reserve_space(k, inode, first, count);
  return fits === count ? length : Math.max(0, (first + fits) * PAGE_SIZE - position);
}

/** Whether the holes among `length` bytes from `offset` can get blocks. */
export function has_space(k: Kernel, inode: number, offset: number, length: number): boolean {
  const first = Math.floor(offset / PAGE_SIZE);
  const last = pagesOf(offset + length);
  if (is_shmem(k, inode)) return shmem_inode_acct_blocks(k, inode, first, last - first) === last - first;
  const left = filesystem_of(k, inode).device ? blocks_left(k, inode) : Infinity;
  if (left === Infinity) return true;
  const has = mapped(k, inode, first, Math.min(last, extents_end(k, inode)) - first).reduce((sum, run) => sum + run.count, 0);
  return last - first - has <= left;
}
