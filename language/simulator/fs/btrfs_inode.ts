import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { NONE, target } from '../state/shift';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { folio_content } from '../mm/filemap';
import { CLUSTER, compressed_blocks, compressed_bytes, compresses } from './btrfs_compression';
import { alloc_blocks, bmap, convert_unwritten, device_of, extent_at, free_extents, map_blocks } from './extents';
import { is_shared } from './fiemap';
import type { Target } from './filesystem';

/** Largest content that is kept in the metadata, bytes (mount option `max_inline`). */
const MAX_INLINE = 2048;

/** `btrfs_run_delalloc_range()`: new blocks, as one extent; NODATACOW files and preallocated blocks are written in place unless they are shared. */
export function btrfs_map_blocks(k: Kernel, inode: number, index: number, count: number): Target {
  const device = device_of(k, inode);
  const here = nocow_blocks(k, inode, index, count);
  if (here !== undefined) return { ...here, disk: with_copies(k, device, here.count) };
  const wanted = until_nocow(k, inode, index, count);
  if (compresses(k, inode)) {
    const n = Math.min(wanted, CLUSTER);
    const blocks = compressed_blocks(cached_content(k, inode, index, n), n);
    if (blocks > 0) return { ...alloc_blocks(k, device, n, true, blocks), fresh: 'hole', disk: with_copies(k, device, blocks) };
    const plain = alloc_blocks(k, device, n, true);
    return { ...plain, fresh: 'hole', disk: with_copies(k, device, plain.count) };
  }
  const blocks = alloc_blocks(k, device, wanted, true);
  return { ...blocks, fresh: 'hole', disk: with_copies(k, device, blocks.count) };
}

const with_copies = (k: Kernel, device: number, blocks: number): number => blocks * (k.device.of(device).copies.get(0) + 1);

/** `can_nocow_extent()`: the blocks at `index` if they may be overwritten where they are. */
function nocow_blocks(k: Kernel, inode: number, index: number, count: number): Target | undefined {
  const { block, unwritten, count: run } = bmap(k, inode, index, count);
  const at = block ?? unwritten;
  if (at === undefined || (k.inode.nocow.get(inode) === 0 && unwritten === undefined)) return undefined;
  const whole = extent_at(k, device_of(k, inode), at);
  if (whole === undefined || is_shared(k, inode, index - at, whole)) return undefined;
  const n = Math.min(run, whole.block + whole.count - at);
  return { block: at, count: n, fresh: unwritten === undefined ? undefined : 'unwritten' };
}

/** How many of `count` pages from `index` get new blocks before the first that doesn't. */
function until_nocow(k: Kernel, inode: number, index: number, count: number): number {
  let at = index;
  while (at < index + count && nocow_blocks(k, inode, at, 1) === undefined) at += bmap(k, inode, at, index + count - at).count;
  return at - index;
}

/** All but what may be overwritten where it is. */
export function btrfs_needs_block(k: Kernel, inode: number, index: number, count: number): { needed: boolean; count: number } {
  const here = nocow_blocks(k, inode, index, count);
  return here === undefined ? { needed: true, count: until_nocow(k, inode, index, count) } : { needed: false, count: here.count };
}

/** The bytes of pages that are all cached. */
function cached_content(k: Kernel, inode: number, index: number, count: number): Content {
  const { pages } = k.space.of(k.inode.mapping.get(inode));
  const parts: Content[] = [];
  pages.runs(index, count, (at, n, value) => {
    parts.push(value === NONE ? Content.zeros(n * PAGE_SIZE) : folio_content(k, target(at, value), n));
  });
  return Content.join(parts);
}

/** `btrfs_finish_ordered_extent()`: what was written becomes the file's, and what it had there before loses a reference. */
export function btrfs_end_io(k: Kernel, inode: number, index: number, to: Target): void {
  if (to.fresh === undefined) return;
  k.in('btrfs_finish_one_ordered', to.count, () => {
    if (to.fresh === 'unwritten') convert_unwritten(k, inode, index, to.count);
    else map_blocks(k, inode, index, to.block, to.count);
    if (index === 0) k.inode.inline.set(inode, 0);
    k.trace.effect('{indexes:0} of {file:2} lies in {blocks:1} now', to.count, index, to.block, inode);
  });
}

/** `cow_file_range_inline()`: a small file, its only page cached and dirty, is kept in the metadata. Whether it is. */
export function cow_file_range_inline(k: Kernel, inode: number, index: number): boolean {
  const size = k.inode.size.get(inode);
  if (index !== 0 || size === 0 || size > PAGE_SIZE || k.inode.nocow.get(inode) !== 0) return false;
  return keep_inline(k, inode, cached_content(k, inode, 0, 1).slice(0, size));
}

function keep_inline(k: Kernel, inode: number, content: Content): boolean {
  const bytes = compresses(k, inode) ? compressed_bytes(content) : content.length;
  if (bytes > MAX_INLINE) return false;
  k.in('cow_file_range_inline', 1, () => {
    free_extents(k, inode, 0, 1);
    set_inline(k, inode, content);
    k.trace.effect('the {1} bytes of {file:0} are kept in the metadata: no block', 1, inode, content.length);
  });
  return true;
}

export function set_inline(k: Kernel, inode: number, content: Content): void {
  k.inode.inline.set(inode, k.contents.page(content.concat(Content.zeros(PAGE_SIZE - content.length))) + 1);
}

/** What the inode itself keeps, a page; undefined where it keeps nothing. */
export function inline_content(k: Kernel, inode: number): Content | undefined {
  const number = k.inode.inline.get(inode);
  return number === 0 ? undefined : k.contents.at(number - 1, 0);
}

/** A file that lies on disk before the first step. */
export function btrfs_populate(k: Kernel, inode: number, content: Content): void {
  const size = k.inode.size.get(inode);
  if (size <= PAGE_SIZE && k.inode.nocow.get(inode) === 0 && keep_inline(k, inode, content.slice(0, size))) return;
  const device = device_of(k, inode);
  const pages = pagesOf(content.length);
  for (let at = 0; at < pages;) {
    const n = compresses(k, inode) ? Math.min(CLUSTER, pages - at) : pages - at;
    const part = content.slice(at * PAGE_SIZE, (at + n) * PAGE_SIZE);
    const blocks = alloc_blocks(k, device, n, true, compresses(k, inode) ? compressed_blocks(part, n) : 0);
    const bytes = part.slice(0, blocks.count * PAGE_SIZE);
    k.device.of(device).content.fill(blocks.block, blocks.count, k.contents.layout(bytes, blocks.block));
    map_blocks(k, inode, at, blocks.block, blocks.count);
    at += blocks.count;
  }
}
