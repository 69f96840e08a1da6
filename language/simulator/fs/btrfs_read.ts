import { PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { pagesOf } from '../state/units';
import { zero_behind_eof } from '../mm/folio_zero';
import { with_reference } from '../mm/page_alloc';
import { inline_content } from './btrfs_inode';
import { btrfs_flush_ordered_range } from './btrfs_ordered';
import { bmap, device_of, extent_at, type WholeExtent } from './extents';
import { cache_pages } from './cache_pages';
import { copy_from_device } from './read_folio';

/**
 * `btrfs_read_folio()`, `btrfs_readahead()`: checksums are verified; of a compressed extent the pages that follow are cached too. What lies on disk behind the
 * end of the file is zeros in the cache.
 */
export function btrfs_read_folio(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  const inode = k.mapping.host.get(mapping);
  k.in('btrfs_read_folio', count, () => {
    btrfs_flush_ordered_range(k, inode, index, count);
    for (let at = index; at < index + count;) at += read_run(k, inode, mapping, at, pfn + at - index, index + count - at);
    if (!k.design.as_on_disk) zero_behind_eof(k, inode, index, pfn, count);
    k.page.flags.update(pfn, count, (flags) => set(flags, PG.uptodate));
  });
}

/** One run of pages that lie on disk in one way; gives how many. */
function read_run(k: Kernel, inode: number, mapping: number, index: number, pfn: number, count: number): number {
  const kept = index === 0 ? inline_content(k, inode) : undefined;
  if (kept !== undefined) {
    k.page.content.set(pfn, k.contents.page(kept));
    k.trace.effect('{frames:0} filled from the metadata of {file:1}, where the content is kept inline', 1, pfn, inode);
    return 1;
  }
  const { block, count: run } = bmap(k, inode, index, count);
  if (block === undefined) {
    k.trace.effect('{indexes:0} is a hole: {frames:1} filled with zeros, nothing read', run, index, pfn);
    return run;
  }
  const device = device_of(k, inode);
  const whole = extent_at(k, device, block);
  const n = whole === undefined ? run : Math.min(run, whole.block + whole.count - block);
  if (whole === undefined || whole.compressed === 0) {
    submit_read(k, inode, block, pfn, n, n);
    return n;
  }
  submit_read(k, inode, block, pfn, n, whole.compressed);
  btrfs_submit_compressed_read(k, inode, mapping, index, pfn, n, block, whole);
  return n;
}

/** Reads `onDisk` blocks that give `count` pages. */
function submit_read(k: Kernel, inode: number, block: number, pfn: number, count: number, onDisk: number): void {
  k.in('submit_bio', count, () => {
    copy_from_device(k, device_of(k, inode), block, pfn, count);
    k.count('disk_reads', onDisk);
    k.trace.effect('{blocks:0} read from disk into {frames:1}', count, block, pfn);
    verify_checksums(k, inode, onDisk);
  });
}

/** `btrfs_check_read_bio()`: NODATACOW files have no checksums. */
export function verify_checksums(k: Kernel, inode: number, blocks: number): void {
  if (k.inode.nocow.get(inode) === 0) k.count('checksums', blocks);
}

/** The cluster is decompressed, and every page of it behind those that were asked for goes into the cache (`add_ra_bio_pages()`). */
function btrfs_submit_compressed_read(
  k: Kernel,
  inode: number,
  mapping: number,
  index: number,
  pfn: number,
  count: number,
  block: number,
  whole: WholeExtent,
): void {
  const eof = pagesOf(k.inode.size.get(inode));
  const left = whole.block + whole.count - block - count;
  const behind = Math.max(0, Math.min(eof - index - count, left === 0 ? 0 : bmap(k, inode, index + count, left).count));
  const same = behind > 0 && bmap(k, inode, index + count, 1).block === block + count ? behind : 0;
  k.in('btrfs_submit_compressed_read', count, () => {
    k.count('decompressed', block - whole.block + count + same);
    k.trace.effect('a cluster of {1} pages comes out of {2} blocks', count, index, whole.count, whole.compressed);
    if (same > 0) with_reference(k, pfn, count, () => cache_pages(k, 'add_ra_bio_pages', mapping, index + count, block + count, same));
  });
}
