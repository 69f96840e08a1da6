import { bmap, device_of, extents_end, mapped } from '../fs/extents';
import { new_mapping } from '../fs/inode';
import { mounts } from '../fs/mount';
import { filemap_get_entry } from '../mm/filemap';
import { invalidate_inode_pages2_range } from '../mm/truncate';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';
import { baseline } from './baseline';
import type { Lookup, VisitPages } from './design';

/** What a file's page is looked up by: the block of the device that the reader reads from, or the filesystem's own address of it. */
export type Key = 'device' | 'logical';

export const on_disk = (k: Kernel, mapping: number): boolean => k.mapping.aops.get(mapping) === AddressSpaceKind.Disk;

/**
 * Which copy of a mirrored device the current process reads: `find_live_mirror()` of btrfs goes by pid. By logical address they are one.
 * Simulator choice: threads of a process read the same.
 */
function mirror_of(k: Kernel, device: number, key: Key): number {
  const copies = k.device.of(device).copies.get(0);
  return key === 'logical' || copies === 0 ? 0 : k.task.tgid.get(k.current) % (copies + 1);
}

/** X of one copy of a device; 0 if nothing was ever read into it. */
const x_of = (k: Kernel, device: number, mirror: number): number => k.deviceCache.of(device).cache.get(mirror);

/** X of every copy of a device. */
export function all_x(k: Kernel, device: number): number[] {
  const found: number[] = [];
  for (let mirror = 0; mirror <= k.device.of(device).copies.get(0); mirror++) {
    const x = x_of(k, device, mirror);
    if (x !== 0) found.push(x);
  }
  return found;
}

/** Where the device is mounted. */
function mount_path(k: Kernel, device: number): string {
  for (let mount = 1; mount <= k.mounts.count; mount++)
    if (k.mount.device.get(mount) === device) return k.names.text(k.mount.path.get(mount));
  return `device ${device}`;
}

/** Whether a filesystem on the device is in use; the last one that goes closes the device. */
export const is_mounted = (k: Kernel, device: number): boolean =>
  mounts(k).some((mnt) => k.mount.device.get(k.vfsmount.sb.get(mnt)) === device);

/** X of the copy that the current process reads, made if there is none yet. */
export function x_of_or_new(k: Kernel, device: number, key: Key): number {
  const mirror = mirror_of(k, device, key);
  const known = x_of(k, device, mirror);
  if (known !== 0) return known;
  const inode = k.inodes.next();
  const x = new_mapping(k, inode, AddressSpaceKind.Device);
  k.inode.path.set(inode, k.names.id(`X of ${mount_path(k, device)}${mirror === 0 ? '' : `, copy ${mirror + 1}`}`));
  k.inode.nlink.set(inode, 1);
  k.inode.mapping.set(inode, x);
  k.deviceCache.of(device).cache.set(mirror, x);
  return x;
}

/** What X holds for the file's pages from `index`. */
export function lookup_x(k: Kernel, mapping: number, index: number, count: number, key: Key): Lookup {
  const inode = k.mapping.host.get(mapping);
  const { block, count: n } = bmap(k, inode, index, count);
  const device = device_of(k, inode);
  const x = x_of(k, device, mirror_of(k, device, key));
  return block === undefined || x === 0 ? { pfn: 0, count: n } : filemap_get_entry(k, x, block, n);
}

/** X forgets blocks whose content changed or that are free, mappings of them too. Gives how many pages. */
export function drop(k: Kernel, device: number, block: number, count: number): number {
  let dropped = 0;
  for (const x of all_x(k, device)) {
    const before = k.mapping.nrpages.get(x);
    if (before > 0) invalidate_inode_pages2_range(k, x, block, count);
    dropped += before - k.mapping.nrpages.get(x);
  }
  return dropped;
}

/** The file's own clean pages become X's. */
export function move(k: Kernel, mapping: number, index: number, count: number, x: number, block: number): void {
  const { pages } = k.space.of(mapping);
  const moving: { at: number; n: number; pfn: number }[] = [];
  pages.runs(index, count, (at, n, value) => {
    if (value !== NONE) moving.push({ at, n, pfn: target(at, value) });
  });
  for (const { at, n, pfn } of moving) {
    const to = block + at - index;
    pages.fill(at, n, NONE);
    k.space.of(x).pages.fill(to, n, refer(to, pfn));
    k.mapping.nrpages.set(mapping, k.mapping.nrpages.get(mapping) - n);
    k.mapping.nrpages.set(x, k.mapping.nrpages.get(x) + n);
    k.page.mapping.fill(pfn, n, x);
    k.page.index.fill(pfn, n, refer(pfn, to));
    k.trace.effect('{frames:0} moves to X, as {blocks:1}', n, pfn, to);
  }
}

/** The VMAs that map a file at the indexes whose block is one of `count` from `block`, for a file whose device has X `x`. */
export function visit_blocks(k: Kernel, inode: number, x: number, block: number, count: number, visit: VisitPages): void {
  const mount = k.inode.mount.get(inode);
  const mapping = k.inode.mapping.get(inode);
  if (mount === 0 || !on_disk(k, mapping) || !all_x(k, k.mount.device.get(mount)).includes(x)) return;
  const { vmas } = k.space.of(mapping);
  if (vmas.get(0) === 0 && vmas.runEnd(0, k.vmas.count + 1) > k.vmas.count) return;
  for (const run of mapped(k, inode, 0, extents_end(k, inode))) {
    const from = Math.max(block, run.block);
    const to = Math.min(block + count, run.block + run.count);
    if (from < to) baseline.vmas(k, mapping, run.index + from - run.block, to - from, visit);
  }
}
