import { bmap, device_of } from './fs/extents';
import { is_newest, is_tracked } from './fs/newest';
import { shmem_swapped, type Swapped } from './mm/shmem_swap';
import { AddressSpaceKind, type Kernel } from './state/kernel';
import { NONE } from './state/shift';

/** Pages of an address space, in a run. */
interface Run {
  readonly mapping: number;
  readonly index: number;
  readonly count: number;
}

/**
 * Nothing dirty is dropped: a page that was dirty leaves the cache once the disk holds what the file must return (writeback), or the file no
 * longer has it (truncate). A page of tmpfs, which nothing else holds, leaves with the latter alone.
 */
export class Dropped {
  private runs: Run[] = [];

  constructor(private readonly k: Kernel) {}

  /** Pages were dirty, or those of a tmpfs were cached, and are so no more. */
  cleaned(mapping: number, index: number, count: number): void {
    this.runs.push({ mapping, index, count });
  }

  /** The end of the step: checks, and forgets. Hosts on one storage overwrite each other's blocks: that is what nothing keeps in step. */
  check(): void {
    const { k } = this;
    if (this.runs.length === 0) return;
    const runs = this.runs;
    this.runs = [];
    if (k.hosts.length > 1) return;
    for (const { mapping, index, count } of runs) {
      const inode = k.mapping.host.get(mapping);
      if (k.inode.refs.get(inode) <= 0 && k.inode.nlink.get(inode) <= 0) continue;
      if (!is_tracked(k, inode)) continue;
      k.space.of(mapping).pages.runs(index, count, (at, n, value) => {
        if (value === NONE) this.gone(mapping, inode, at, n);
      });
    }
  }

  private gone(mapping: number, inode: number, index: number, count: number): void {
    const { k } = this;
    const [swapped] = shmem_swapped(k, mapping, index, count);
    if (swapped !== undefined) return this.gone_to_swap(mapping, inode, index, count, swapped);
    const kept = k.inode.inline.get(inode);
    for (let at = index; at < index + count;) {
      const on_disk = k.mapping.aops.get(mapping) !== AddressSpaceKind.Shmem;
      const inline = on_disk && kept !== 0 && at === 0;
      const { block, count: n } =
        inline || !on_disk ? { block: undefined, count: inline ? 1 : index + count - at } : bmap(k, inode, at, index + count - at);
      const held =
        block === undefined ? is_newest(k, inode, at, inline ? kept - 1 : 0, inline ? 0 : at, n) : this.blocks_hold(inode, at, block, n);
      if (!held) {
        k.violate(
          'dirty_dropped',
          `page ${at} of ${k.names.text(k.inode.path.get(inode))} left the cache, and what was written is nowhere`,
        );
        return;
      }
      at += n;
    }
  }

  /** Pages of tmpfs of which some are in swap. */
  private gone_to_swap(mapping: number, inode: number, index: number, count: number, swapped: Swapped): void {
    const { k } = this;
    const { content } = k.swapSlot;
    if (swapped.index > index) this.gone(mapping, inode, index, swapped.index - index);
    content.runs(swapped.slot, swapped.count, (at, n, number) => {
      const page = swapped.index + at - swapped.slot;
      if (!is_newest(k, inode, page, number, at, n))
        k.violate(
          'dirty_dropped',
          `page ${page} of ${k.names.text(k.inode.path.get(inode))} went to swap, and what was written is not there`,
        );
    });
    const end = swapped.index + swapped.count;
    if (end < index + count) this.gone(mapping, inode, end, index + count - end);
  }

  private blocks_hold(inode: number, index: number, block: number, count: number): boolean {
    const { k } = this;
    let held = true;
    k.device.of(device_of(k, inode)).content.runs(block, count, (at, n, number) => {
      held &&= is_newest(k, inode, index + at - block, number, at, n);
    });
    return held;
  }
}
