import type { Outcome } from '../api';
import { fail } from '../calls';
import { Content } from '../state/content';
import { any, PG } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { NONE, target } from '../state/shift';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { folio_content } from '../mm/filemap';
import { filemap_invalidate_pages } from '../mm/truncate';
import { blk_io_schedule, in_one_go, once } from '../kernel/sleep';
import { settle_disk_size } from './disk_size';
import { check_read, wrote } from './newest';
import { bmap, device_of } from './extents';
import { type Kiocb, writeback_ops } from './filesystem';
import { filemap_write_and_wait_range } from './writeback';

/** Logical block of the device, bytes: what position and length of direct I/O are multiples of. */
const SECTOR = 512;

export const UNALIGNED = `O_DIRECT: position and length have to be multiples of ${SECTOR} bytes`;

export const aligned = (position: number, length: number): boolean => position % SECTOR === 0 && length % SECTOR === 0;

/** Whether a read asks the device for less than whole sectors: a hole, and what lies behind the blocks, is not asked for. */
export function unaligned_read(k: Kernel, inode: number, position: number, length: number): boolean {
  return [position, position + length].some((at) => at % SECTOR !== 0 && bmap(k, inode, Math.floor(at / PAGE_SIZE), 1).block !== undefined);
}

/** First page and number of pages that `length` bytes at `position` touch. */
function pages_at(position: number, length: number): { first: number; count: number } {
  const first = Math.floor(position / PAGE_SIZE);
  return { first, count: pagesOf(position + length) - first };
}

/** `iomap_dio_rw()` for a read: what is dirty in the range is written back first, then the device is read, past the cache. */
export function direct_read(k: Kernel, file: number, position: number, length: number, iocb: Kiocb = {}): Content | Outcome {
  const inode = k.file.inode.get(file);
  const end = Math.min(position + length, k.inode.size.get(inode));
  if (end <= position) return Content.empty;
  if (unaligned_read(k, inode, position, length)) return fail('EINVAL', UNALIGNED);
  return k.in('iomap_dio_rw', 1, () => {
    const { first, count } = pages_at(position, end - position);
    if (iocb.nowait === true && filemap_range_needs_writeback(k, inode, first, count))
      return fail('EAGAIN', 'a part of the range is dirty, and the call does not wait until it is written');
    once(k, () => k.in('kiocb_write_and_wait', 1, () => filemap_write_and_wait_range(k, inode, first, count)));
    const { bytes, asked } = once(k, () => {
      if (k.nap !== undefined) in_one_go(k, () => filemap_write_and_wait_range(k, inode, first, count));
      const reads = k.counter('disk_reads');
      const pages = read_range(k, inode, first, count, position, length);
      const bytes = pages.slice(position - first * PAGE_SIZE, end - first * PAGE_SIZE);
      if (k.nap !== undefined) check_read(k, inode, position, bytes, 'a read');
      return { bytes, asked: k.counter('disk_reads') > reads };
    });
    if (asked) blk_io_schedule(k);
    return bytes;
  });
}

/** `filemap_range_needs_writeback()`: whether anything cached of the range is dirty or being written. */
function filemap_range_needs_writeback(k: Kernel, inode: number, index: number, count: number): boolean {
  let needs = false;
  k.space.of(k.inode.mapping.get(inode)).pages.runs(index, count, (at, n, value) => {
    if (value !== NONE) k.page.flags.runs(target(at, value), n, (_pfn, _n, flags) => (needs ||= any(flags, PG.dirty + PG.writeback)));
  });
  return needs;
}

/** `kiocb_invalidate_pages()` with IOCB_NOWAIT: why a direct write does not begin where anything of its range is cached. */
export function dio_write_nowait(k: Kernel, inode: number, position: number, length: number): Outcome | undefined {
  const { first, count } = pages_at(position, length);
  const { pages } = k.space.of(k.inode.mapping.get(inode));
  const cached = pages.get(first) !== NONE || pages.runEnd(first, first + count) < first + count;
  return cached ? fail('EAGAIN', 'a part of the range is cached, and the call does not wait until it is dropped') : undefined;
}

/** The content of `count` pages from `first`; the device reads of it what lies in `length` bytes from `position`. */
function read_range(k: Kernel, inode: number, first: number, count: number, position: number, length: number): Content {
  const parts: Content[] = [];
  for (let at = first; at < first + count;) {
    const { block, count: run } = bmap(k, inode, at, first + count - at);
    const { pfn, count: n } = block === undefined ? { pfn: 0, count: run } : k.design.direct(k, k.inode.mapping.get(inode), at, run);
    if (block === undefined) {
      parts.push(Content.zeros(n * PAGE_SIZE));
      k.trace.effect('{indexes:0} is a hole: zeros, nothing read', n, at);
    } else if (pfn !== 0) {
      parts.push(folio_content(k, pfn, n));
      k.trace.effect('{indexes:0}: copied to the buffer from {frames:1}, the device is not asked', n, at, pfn);
    } else {
      parts.push(read_blocks(k, inode, block, n));
      submit_read(k, block, n, bytes_within(at, n, position, position + length));
    }
    at += n;
  }
  return Content.join(parts);
}

/** Bytes of `count` pages from `index` that lie between two positions. */
const bytes_within = (index: number, count: number, from: number, to: number): number =>
  Math.min(to, (index + count) * PAGE_SIZE) - Math.max(from, index * PAGE_SIZE);

function submit_read(k: Kernel, block: number, count: number, bytes: number): void {
  k.in('submit_bio', count, () => {
    k.count('disk_reads', bytes / PAGE_SIZE);
    k.trace.effect('{blocks:0} read from disk into the buffer, past the page cache', count, block);
  });
}

function read_blocks(k: Kernel, inode: number, block: number, count: number): Content {
  const parts: Content[] = [];
  k.device.of(device_of(k, inode)).content.runs(block, count, (at, n, number) => {
    parts.push(k.contents.run(number, at, n));
  });
  return Content.join(parts);
}

/** `iomap_dio_rw()` for a write: the cached range is written back and dropped, from mappings too, before and after the device is written. */
export function direct_write(k: Kernel, inode: number, position: number, content: Content): void {
  k.in('iomap_dio_rw', 1, () => {
    const { first, count } = pages_at(position, content.length);
    if (k.nap !== undefined) once(k, () => filemap_write_and_wait_range(k, inode, first, count));
    once(k, () =>
      in_one_go(k, () => {
        k.design.own(k, k.inode.mapping.get(inode), first, count, false);
        filemap_invalidate_pages(k, inode, first, count);
        for (let at = first; at < first + count;) at += write_run(k, inode, at, first + count - at, position, content);
      }),
    );
    if (k.nap !== undefined) once(k, () => wrote(k, inode, position, content));
    blk_io_schedule(k);
    const end = position + content.length;
    if (end > k.inode.size.get(inode)) {
      k.inode.size.set(inode, end);
      settle_disk_size(k, inode);
      k.trace.effect('{file:0} is now {1} bytes long', 1, inode, end);
    }
    k.in('kiocb_invalidate_post_direct_write', 1, () => {
      in_one_go(k, () => filemap_invalidate_pages(k, inode, first, count));
    });
  });
}

/** Writes what of `content` (at `position`) falls on the longest run of pages from `index` that goes to one place; gives its pages. */
function write_run(k: Kernel, inode: number, index: number, count: number, position: number, content: Content): number {
  const device = device_of(k, inode);
  const writeback = writeback_ops(k, inode);
  const to = writeback.map_blocks(k, inode, index, count);
  const start = index * PAGE_SIZE;
  const from = Math.max(position, start);
  const end = Math.min(position + content.length, start + to.count * PAGE_SIZE);
  const old = to.fresh === undefined ? edges(k, inode, to.block, to.count) : { first: zeros, last: zeros };
  const bytes = Content.join([
    old.first.slice(0, from - start),
    content.slice(from - position, end - position),
    old.last.slice(PAGE_SIZE - (start + to.count * PAGE_SIZE - end), PAGE_SIZE),
  ]);
  k.in('submit_bio', to.count, () => {
    const column = k.device.of(device).content;
    column.fill(to.block, to.count, 0);
    column.fill(to.block, to.count, k.contents.layout(bytes, to.block));
    k.count('disk_writes', (end - from) / PAGE_SIZE);
    k.trace.effect('{blocks:0} written from the buffer, past the page cache', to.count, to.block);
  });
  writeback.end_io(k, inode, index, to);
  k.design.device_written(k, device, to.block, to.count, to.fresh !== undefined);
  return to.count;
}

const zeros = Content.zeros(PAGE_SIZE);

/** The first and the last of `count` blocks. */
const edges = (k: Kernel, inode: number, block: number, count: number): { first: Content; last: Content } => ({
  first: read_blocks(k, inode, block, 1),
  last: read_blocks(k, inode, block + count - 1, 1),
});
