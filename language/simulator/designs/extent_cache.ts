import type { Options } from '../api';
import { bmap, device_of, extents_end, mapped } from '../fs/extents';
import { new_mapping } from '../fs/inode';
import { copy_pages } from '../fs/read_folio';
import { filemap_add_folio, filemap_get_entry, filemap_remove_folio } from '../mm/filemap';
import { alloc_pages, with_reference } from '../mm/page_alloc';
import { vma_interval_tree_foreach, zap_pte_range } from '../mm/rmap';
import { PG, set } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';
import { baseline } from './baseline';
import type { Design, VisitPages, VisitReaders } from './design';

interface Choices {
  readonly reads: 'all' | 'shared_only';
  readonly after_writeback: 'keep_private' | 'drop' | 'move';
}

/**
 * Values that the simulator can't do yet, by option. `flush = inode_evict` needs nothing of its own: an inode goes with its last name and
 * user, its blocks with it, and X forgets blocks that no file holds any more.
 */
const LATER: Readonly<Record<string, readonly unknown[]>> = {
  flush: ['last_close'],
  enable: ['mount_option'],
  dio_from_X: [true],
  reshare: ['on_dedupe'],
  invalidate_on_reuse: [false],
};

/**
 * A cache beneath the files' own (Rodrigues, RFC of October 2021; LWN 2022): X is one more address_space a device, keyed by block.
 * Reads fill X and are served from it; writes go to the file's own address_space and leave X as it is. X is never dirty.
 */
export function extent_cache(options: Options): Design | string {
  for (const [name, values] of Object.entries(LATER))
    if (values.includes(options[name])) return `extent_cache with ${name} = ${String(options[name])} is not simulated yet`;
  return make({
    reads: options.reads === 'shared_only' ? 'shared_only' : 'all',
    after_writeback: options.after_writeback === 'drop' ? 'drop' : options.after_writeback === 'move' ? 'move' : 'keep_private',
  });
}

function make(choices: Choices): Design {
  return {
    ...baseline,

    lookup(k, mapping, index, count) {
      const own = filemap_get_entry(k, mapping, index, count);
      return own.pfn !== 0 || !on_disk(k, mapping) ? own : lookup_x(k, mapping, index, own.count);
    },

    insert(k, mapping, index, count) {
      if (!on_disk(k, mapping)) return { mapping, index, count };
      const inode = k.mapping.host.get(mapping);
      const { block, count: n } = bmap(k, inode, index, count);
      if (block === undefined) return { mapping, index, count: n };
      const device = device_of(k, inode);
      const { refcount } = k.device.of(device);
      const same = refcount.runEnd(block, block + n) - block;
      if (choices.reads === 'shared_only' && refcount.get(block) < 2) return { mapping, index, count: same };
      return { mapping: x_of_or_new(k, device), index: block, count: n };
    },

    own(k, mapping, index, count, keep) {
      if (!on_disk(k, mapping)) return;
      for (let at = index; at < index + count;) {
        const own = filemap_get_entry(k, mapping, at, index + count - at);
        const x = own.pfn === 0 ? lookup_x(k, mapping, at, own.count) : own;
        if (own.pfn === 0 && x.pfn !== 0) k.in('extent_cache_break', x.count, () => end_sharing(k, mapping, at, x.pfn, x.count, keep));
        at += x.count;
      }
    },

    written_back(k, mapping, index, count, device, block) {
      drop(k, device, block, count);
      if (choices.after_writeback === 'drop') {
        vma_interval_tree_foreach(k, mapping, index, count, (vma, vpn, n) => zap_pte_range(k, k.vma.mm.get(vma), vpn, n, true));
        filemap_remove_folio(k, mapping, index, count);
      } else if (choices.after_writeback === 'move') move(k, mapping, index, count, x_of_or_new(k, device), block);
    },

    blocks_freed(k, device, block, count) {
      drop(k, device, block, count);
    },

    beneath(k, mapping, index, count, visit) {
      const inode = k.mapping.host.get(mapping);
      const x = on_disk(k, mapping) ? x_of(k, device_of(k, inode)) : 0;
      if (x !== 0) for (const run of mapped(k, inode, index, count)) visit(x, run.block, run.count);
    },

    readers(k, pfn, count, visit) {
      baseline.readers(k, pfn, count, (holder, index, frame, n) => {
        if (k.mapping.aops.get(holder) !== AddressSpaceKind.Device) visit(holder, index, frame, n);
        else for (let inode = 1; inode <= k.inodes.count; inode++) visit_reader(k, inode, holder, index, frame, n, visit);
      });
    },

    vmas(k, holder, index, count, visit) {
      if (k.mapping.aops.get(holder) !== AddressSpaceKind.Device) baseline.vmas(k, holder, index, count, visit);
      else for (let inode = 1; inode <= k.inodes.count; inode++) visit_blocks(k, inode, holder, index, count, visit);
    },
  };
}

const on_disk = (k: Kernel, mapping: number): boolean => k.mapping.aops.get(mapping) === AddressSpaceKind.Disk;

/** X of a device; 0 if nothing was ever read into it. */
const x_of = (k: Kernel, device: number): number => k.deviceCache.of(device).cache.get(0);

/** Where the device is mounted. */
function mount_path(k: Kernel, device: number): string {
  for (let mount = 1; mount <= k.mounts.count; mount++)
    if (k.mount.device.get(mount) === device) return k.names.text(k.mount.path.get(mount));
  return `device ${device}`;
}

function x_of_or_new(k: Kernel, device: number): number {
  const known = x_of(k, device);
  if (known !== 0) return known;
  const inode = k.inodes.next();
  const x = new_mapping(k, inode, AddressSpaceKind.Device);
  k.inode.path.set(inode, k.names.id(`X of ${mount_path(k, device)}`));
  k.inode.nlink.set(inode, 1);
  k.inode.mapping.set(inode, x);
  k.deviceCache.of(device).cache.set(0, x);
  return x;
}

/** What X holds for the file's pages from `index`. */
function lookup_x(k: Kernel, mapping: number, index: number, count: number): { pfn: number; count: number } {
  const inode = k.mapping.host.get(mapping);
  const { block, count: n } = bmap(k, inode, index, count);
  const x = x_of(k, device_of(k, inode));
  return block === undefined || x === 0 ? { pfn: 0, count: n } : filemap_get_entry(k, x, block, n);
}

/** Before a write: the file stops using X's pages from `index`; with `keep` it gets copies of its own. */
function end_sharing(k: Kernel, mapping: number, index: number, pfn: number, count: number, keep: boolean): void {
  k.count('design_breaks', count);
  vma_interval_tree_foreach(k, mapping, index, count, (vma, vpn, n) => zap_pte_range(k, k.vma.mm.get(vma), vpn, n, true));
  if (!keep) return;
  for (let done = 0; done < count;) {
    const { pfn: copy, count: n } = with_reference(k, pfn + done, count - done, () =>
      alloc_pages(k, count - done, k.task.cgroup.get(k.current)),
    );
    filemap_add_folio(k, mapping, index + done, copy, n);
    copy_pages(k, pfn + done, copy, n);
    k.page.flags.update(copy, n, (flags) => set(flags, PG.uptodate));
    k.count('design_copies', n);
    k.trace.effect("{frames:0} of X copied to {frames:1} of the file's own cache", n, pfn + done, copy);
    done += n;
  }
}

/** X forgets blocks whose content changed or that are free. */
function drop(k: Kernel, device: number, block: number, count: number): void {
  const x = x_of(k, device);
  if (x === 0) return;
  const before = k.mapping.nrpages.get(x);
  filemap_remove_folio(k, x, block, count);
  k.count('design_invalidations', before - k.mapping.nrpages.get(x));
}

/** The file's own clean pages become X's. */
function move(k: Kernel, mapping: number, index: number, count: number, x: number, block: number): void {
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

/** The places of a file whose blocks X holds in these frames, where it has no pages of its own. */
function visit_reader(k: Kernel, inode: number, x: number, block: number, pfn: number, count: number, visit: VisitReaders): void {
  const mount = k.inode.mount.get(inode);
  const mapping = k.inode.mapping.get(inode);
  if (mount === 0 || !on_disk(k, mapping) || x_of(k, k.mount.device.get(mount)) !== x) return;
  for (const run of mapped(k, inode, 0, extents_end(k, inode))) {
    const from = Math.max(block, run.block);
    const to = Math.min(block + count, run.block + run.count);
    for (let at = from; at < to;) {
      const index = run.index + at - run.block;
      const own = filemap_get_entry(k, mapping, index, to - at);
      if (own.pfn === 0) visit(mapping, index, pfn + at - block, own.count);
      at += own.count;
    }
  }
}

/** The VMAs that map a file at the indexes whose block is one of `count` from `block`, for a file whose device X is `x`. */
function visit_blocks(k: Kernel, inode: number, x: number, block: number, count: number, visit: VisitPages): void {
  const mount = k.inode.mount.get(inode);
  const mapping = k.inode.mapping.get(inode);
  if (mount === 0 || !on_disk(k, mapping) || x_of(k, k.mount.device.get(mount)) !== x) return;
  const { vmas } = k.space.of(mapping);
  if (vmas.get(0) === 0 && vmas.runEnd(0, k.vmas.count + 1) > k.vmas.count) return;
  for (const run of mapped(k, inode, 0, extents_end(k, inode))) {
    const from = Math.max(block, run.block);
    const to = Math.min(block + count, run.block + run.count);
    if (from < to) baseline.vmas(k, mapping, run.index + from - run.block, to - from, visit);
  }
}
