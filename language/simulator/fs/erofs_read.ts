import { PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { with_reference } from '../mm/page_alloc';
import { cache_pages } from './cache_pages';
import { blocks_of } from './erofs_clusters';
import { clusters_at } from './erofs_image';
import { bmap, device_of } from './extents';
import { copy_from_device, iomap_read_folio } from './read_folio';

/** `->read_folio()`, `->readahead()`: of a compressed image clusters are decompressed. */
export function erofs_read_folio(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  const inode = k.mapping.host.get(mapping);
  if (clusters_at(k, inode, index * PAGE_SIZE, (index + 1) * PAGE_SIZE).length > 0) z_erofs_read_folio(k, mapping, index, pfn, count);
  else iomap_read_folio(k, mapping, index, pfn, count);
}

/**
 * `z_erofs_read_folio()`: LZ4 gives a cluster's bytes from its head up to those that are asked for, no further; the pages between the head of
 * the first cluster and the first page asked for go into the cache too [measured].
 */
function z_erofs_read_folio(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  const inode = k.mapping.host.get(mapping);
  const from = index * PAGE_SIZE;
  const to = Math.min((index + count) * PAGE_SIZE, k.inode.size.get(inode));
  const clusters = clusters_at(k, inode, from, to);
  let decompressed = 0;
  k.in('z_erofs_read_folio', count, () => {
    for (const cluster of clusters) {
      const end = Math.min(cluster.end, to);
      k.count('disk_reads', blocks_of(cluster, Math.max(cluster.start, from), end));
      if (!cluster.plain) decompressed += end - cluster.start;
    }
    k.in('z_erofs_decompress_queue', count, () => {
      copy(k, inode, index, pfn, count);
      k.page.flags.update(pfn, count, (flags) => set(flags, PG.uptodate));
      k.count('decompressed', pagesOf(decompressed));
      k.trace.effect('{frames:0} filled from {1} clusters of the image', count, pfn, clusters.length);
    });
    const [head] = clusters;
    const first = head === undefined || head.plain ? index : pagesOf(head.start);
    if (first < index) with_reference(k, pfn, count, () => z_erofs_pcluster_readmore(k, inode, mapping, first, index - first));
  });
}

/** Pages of the cluster before the first one that was asked for. */
function z_erofs_pcluster_readmore(k: Kernel, inode: number, mapping: number, index: number, count: number): void {
  for (let at = index; at < index + count;) {
    const { block, count: n } = bmap(k, inode, at, index + count - at);
    if (block !== undefined) cache_pages(k, 'z_erofs_pcluster_readmore', mapping, at, block, n);
    at += n;
  }
}

function copy(k: Kernel, inode: number, index: number, pfn: number, count: number): void {
  for (let at = index; at < index + count;) {
    const { block, count: n } = bmap(k, inode, at, index + count - at);
    if (block !== undefined) copy_from_device(k, device_of(k, inode), block, pfn + at - index, n);
    at += n;
  }
}
