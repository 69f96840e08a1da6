import { PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { bmap, device_of } from './extents';
import { filesystem_of } from './filesystem';

/** `->read_folio()`: fills `count` frames from `pfn` with the file's pages from `index`. */
export function read_folio(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  filesystem_of(k, k.mapping.host.get(mapping)).a_ops.read_folio(k, mapping, index, pfn, count);
}

/** `iomap_read_folio()`: from disk, or with zeros where no block is mapped. */
export function iomap_read_folio(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  const inode = k.mapping.host.get(mapping);
  const device = device_of(k, inode);
  k.in('iomap_read_folio', count, () => {
    for (let at = index; at < index + count;) {
      const { block, count: n } = bmap(k, inode, at, index + count - at);
      const first = pfn + at - index;
      if (block === undefined) k.trace.effect('{indexes:0} is a hole: {frames:1} filled with zeros, nothing read', n, at, first);
      else
        k.in('submit_bio', n, () => {
          copy_from_device(k, device, block, first, n);
          k.count('disk_reads', n);
          k.trace.effect('{blocks:0} read from disk into {frames:1}', n, block, first);
        });
      at += n;
    }
    k.page.flags.update(pfn, count, (flags) => set(flags, PG.uptodate));
  });
}

/** Copies the content of `count` device blocks into frames. */
export function copy_from_device(k: Kernel, device: number, block: number, pfn: number, count: number): void {
  const { content } = k.device.of(device);
  content.runs(block, count, (at, n, number) => {
    const to = pfn + at - block;
    k.page.content.fill(to, n, k.contents.moved(number, to - at));
  });
}

/** Copies the content of `count` frames to device blocks. */
export function copy_to_device(k: Kernel, device: number, block: number, pfn: number, count: number): void {
  const { content } = k.device.of(device);
  k.page.content.runs(pfn, count, (at, n, number) => {
    const to = block + at - pfn;
    content.fill(to, n, k.contents.moved(number, to - at));
  });
}

/** `copy_mc_user_highpage()` and its like: copies the content of `count` frames to others. */
export function copy_pages(k: Kernel, from: number, to: number, count: number): void {
  k.page.content.runs(from, count, (at, n, number) => {
    const there = to + at - from;
    k.page.content.fill(there, n, k.contents.moved(number, there - at));
  });
}
