import type { Options } from '../api';
import { bmap, device_of, extents_end, mapped } from '../fs/extents';
import { MOUNT, mount_has } from '../fs/filesystem';
import { copy_pages } from '../fs/read_folio';
import { filemap_add_folio, filemap_get_entry, filemap_remove_folio } from '../mm/filemap';
import { alloc_pages, with_reference } from '../mm/page_alloc';
import { vma_interval_tree_foreach, zap_pte_range } from '../mm/rmap';
import { PG, set } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { baseline } from './baseline';
import type { Design, VisitReaders } from './design';
import { all_x, drop, is_mounted, type Key, lookup_x, move, on_disk, visit_blocks, x_of_or_new } from './device_cache';
import { count_open, flush_at_last_close } from './last_close';
import { share_again } from './reshare';
import { active_memcg } from '../mm/memcontrol';

interface Choices {
  readonly key: Key;
  readonly sharedOnly: boolean;
  readonly byMountOption: boolean;
  readonly lastClose: boolean;
  readonly dioFromX: boolean;
  readonly invalidateOnReuse: boolean;
  readonly messages: boolean;
  readonly again: boolean;
  readonly afterWriteback: 'keep_private' | 'drop' | 'move';
}

/**
 * A cache beneath the files' own (Rodrigues, RFC of October 2021; LWN 2022): X is one more address_space a device, keyed by block.
 * Reads fill X and are served from it; writes go to the file's own address_space and leave X as it is. X is never dirty. `flush = inode_evict` needs
 * nothing of its own: an inode goes with its last name and user, its blocks with it, and X forgets blocks that no file holds any more.
 */
export function extent_cache(options: Options): Design {
  const { after_writeback: after } = options;
  return make({
    key: options.key === 'logical' ? 'logical' : 'device',
    sharedOnly: options.reads === 'shared_only',
    byMountOption: options.enable === 'mount_option',
    lastClose: options.flush === 'last_close',
    dioFromX: options.dio_from_X === true,
    invalidateOnReuse: options.invalidate_on_reuse !== false,
    messages: options.cluster !== 'none',
    again: options.reshare === 'on_dedupe',
    afterWriteback: after === 'drop' || after === 'move' ? after : 'keep_private',
  });
}

function make(choices: Choices): Design {
  const { key } = choices;

  /** Whether X takes part in what a file caches: NODATACOW files bypass it (RFC). */
  const served = (k: Kernel, mapping: number): boolean => {
    if (!on_disk(k, mapping)) return false;
    const inode = k.mapping.host.get(mapping);
    if (k.inode.nocow.get(inode) !== 0) return false;
    return !choices.byMountOption || mount_has(k, k.inode.mount.get(inode), MOUNT.sharedext);
  };

  /** What changed on a device is dropped from X, here and on every host that a message reaches. */
  const changed = (k: Kernel, device: number, block: number, count: number, counted: boolean): void => {
    for (const host of choices.messages ? k.hosts : [k]) {
      if (all_x(host, device).length === 0) continue;
      k.in('extent_cache_invalidate', count, () => {
        const dropped = drop(host, device, block, count);
        if (counted || host !== k) host.count('design_invalidations', dropped);
      });
    }
  };

  return {
    ...baseline,
    as_on_disk: true,
    known: choices.messages && choices.invalidateOnReuse ? [] : ['I5', 'I6', 'stale_read'],

    lookup(k, mapping, index, count) {
      const own = filemap_get_entry(k, mapping, index, count);
      return own.pfn !== 0 || !served(k, mapping) ? own : lookup_x(k, mapping, index, own.count, key);
    },

    insert(k, mapping, index, count) {
      if (!served(k, mapping)) return { mapping, index, count };
      const inode = k.mapping.host.get(mapping);
      const { block, count: n } = bmap(k, inode, index, count);
      if (block === undefined) return { mapping, index, count: n };
      const device = device_of(k, inode);
      const { refcount } = k.device.of(device);
      const same = refcount.runEnd(block, block + n) - block;
      if (choices.sharedOnly && refcount.get(block) < 2) return { mapping, index, count: same };
      return { mapping: x_of_or_new(k, device, key), index: block, count: n };
    },

    own(k, mapping, index, count, keep) {
      if (!served(k, mapping)) return;
      for (let at = index; at < index + count;) {
        const own = filemap_get_entry(k, mapping, at, index + count - at);
        const x = own.pfn === 0 ? lookup_x(k, mapping, at, own.count, key) : own;
        if (own.pfn === 0 && x.pfn !== 0) k.in('extent_cache_break', x.count, () => end_sharing(k, mapping, at, x.pfn, x.count, keep));
        at += x.count;
      }
    },

    written_back(k, mapping, index, count, device, block) {
      if (!served(k, mapping)) return;
      if (choices.afterWriteback === 'drop') {
        vma_interval_tree_foreach(k, mapping, index, count, (vma, vpn, n) => zap_pte_range(k, k.vma.mm.get(vma), vpn, n, true));
        filemap_remove_folio(k, mapping, index, count);
      } else if (choices.afterWriteback === 'move') move(k, mapping, index, count, x_of_or_new(k, device, key), block);
    },

    device_written(k, device, block, count, fresh) {
      if (!fresh || choices.invalidateOnReuse) changed(k, device, block, count, false);
    },

    blocks_freed(k, device, block, count) {
      if (choices.invalidateOnReuse) changed(k, device, block, count, true);
    },

    direct: (k, mapping, index, count) =>
      choices.dioFromX && served(k, mapping) ? lookup_x(k, mapping, index, count, key) : { pfn: 0, count },

    beneath(k, mapping, index, count, visit) {
      if (!on_disk(k, mapping)) return;
      const inode = k.mapping.host.get(mapping);
      for (const x of all_x(k, device_of(k, inode))) for (const run of mapped(k, inode, index, count)) visit(x, run.block, run.count);
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

    opened(k, inode) {
      if (choices.lastClose) count_open(k, inode);
    },

    closed(k, inode) {
      if (choices.lastClose) flush_at_last_close(k, inode);
    },

    evicted(k, inode) {
      const device = device_of(k, inode);
      if (device !== 0 && !is_mounted(k, device)) drop(k, device, 0, Number.MAX_SAFE_INTEGER);
    },

    cloned(k, _source, target, _from, to, count, dedupe) {
      const mapping = k.inode.mapping.get(target);
      if (!dedupe || !choices.again || !served(k, mapping)) return;
      share_again(k, mapping, to, count, (at, n) => lookup_x(k, mapping, at, n, key));
    },
  };
}

/** Before a write: the file stops using X's pages from `index`; with `keep` it gets copies of its own. */
function end_sharing(k: Kernel, mapping: number, index: number, pfn: number, count: number, keep: boolean): void {
  k.count('design_breaks', count);
  vma_interval_tree_foreach(k, mapping, index, count, (vma, vpn, n) => zap_pte_range(k, k.vma.mm.get(vma), vpn, n, true));
  if (!keep) return;
  for (let done = 0; done < count;) {
    const { pfn: copy, count: n } = with_reference(k, pfn + done, count - done, () => alloc_pages(k, count - done, active_memcg(k)));
    filemap_add_folio(k, mapping, index + done, copy, n);
    copy_pages(k, pfn + done, copy, n);
    k.page.flags.update(copy, n, (flags) => set(flags, PG.uptodate));
    k.count('design_copies', n);
    k.trace.effect("{frames:0} of X copied to {frames:1} of the file's own cache", n, pfn + done, copy);
    done += n;
  }
}

/** The places of a file whose blocks X holds in these frames, where it has no pages of its own. */
function visit_reader(k: Kernel, inode: number, x: number, block: number, pfn: number, count: number, visit: VisitReaders): void {
  const mount = k.inode.mount.get(inode);
  const mapping = k.inode.mapping.get(inode);
  if (mount === 0 || !on_disk(k, mapping) || !all_x(k, k.mount.device.get(mount)).includes(x)) return;
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
