/* eslint-disable no-bitwise -- fallocate's mode is a word of fewer than 32 bits. */
import type { Outcome } from '../api';
import { fail, ok } from '../calls';
import { with_iocb_lock } from '../kernel/locks';
import type { Content } from '../state/content';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { uptodate_pages } from '../mm/folio_wait';
import { folio_mark_accessed } from '../mm/swap';
import { clear, PG } from '../state/flags';
import { filemap_get_entry, filemap_get_pages } from '../mm/filemap';
import { zero_page } from './buffered_write';
import {
  dio_whole_blocks,
  direct_write_iter,
  disk_read_iter,
  disk_write_iter,
  is_direct,
  populate_blocks,
  type WritePath,
} from './disk_file';
import { alloc_blocks, bmap, convert_unwritten, device_of, free_extents, map_blocks, mark_unwritten } from './extents';
import { type Edge, FL, pieces } from './fallocate';
import { dio_write_nowait } from './direct_io';
import type { Filesystem, Kiocb, Target } from './filesystem';
import { filemap_flush, flush_on_close, has_delayed_blocks, mark_flush_on_close } from './flush_on_close';
import { truncate_inode_pages } from './inode';
import { shift_extents } from './shift_extents';
import { iomap_read_folio } from './read_folio';
import { extend, free_behind, truncate_setsize } from './truncate';
import { alloc_file_blocks } from './unwritten';

/** ext4: blocks are overwritten in place and never shared. */
export const ext4: Filesystem = {
  name: 'ext4',
  device: true,
  mmap_sync: true,
  maxBytes: 2 ** 44 - PAGE_SIZE,
  options: ['device', 'size', 'sharedext'],
  populate: populate_blocks,
  f_op: {
    read_iter: ext4_file_read_iter,
    writes_shared: ext4_dio_writes_shared,
    write_iter: (k, file, position, content, iocb) => disk_write_iter(k, file, position, content, ext4_writes, iocb),
    nowait: true,
    dontcache: true,
    write_nowait: ext4_write_nowait,
    fallocate: ext4_fallocate,
    release: (k, inode) => flush_on_close(k, inode, true),
  },
  a_ops: {
    kind: AddressSpaceKind.Disk,
    large_folios: 'anywhere',
    read_folio: iomap_read_folio,
    writeback: { map_blocks: ext4_map_blocks, needs_block, end_io: ext4_end_io },
  },
  i_op: {
    setattr_size: ext4_setattr_size,
    truncated: (k, inode, size) => void (size === 0 && mark_flush_on_close(k, inode)),
    renamed_over: (k, inode) => void (has_delayed_blocks(k, inode) && filemap_flush(k, inode)),
  },
};

/** `ext4_file_read_iter()`: only direct reads take the inode's lock. */
function ext4_file_read_iter(k: Kernel, file: number, position: number, length: number, iocb?: Kiocb): Content | Outcome {
  const read = (): Content | Outcome => disk_read_iter(k, file, position, length, iocb);
  return is_direct(k, file) ? with_iocb_lock(k, k.file.inode.get(file), true, iocb, read) : read();
}

/** `ext4_buffered_write_iter()` does not know IOCB_NOWAIT; a direct write does not wait where it overwrites blocks and nothing of its range is cached. */
function ext4_write_nowait(k: Kernel, file: number, position: number, length: number): Outcome | undefined {
  if (!is_direct(k, file)) return fail('EOPNOTSUPP', 'ext4 writes through the cache wait');
  if (!ext4_dio_writes_shared(k, file, position, length)) return fail('EAGAIN', 'the write needs the lock of the inode for itself');
  return dio_write_nowait(k, k.file.inode.get(file), position, length);
}

/** `ext4_dio_write_checks()`: shared where blocks of the file are overwritten. */
function ext4_dio_writes_shared(k: Kernel, file: number, position: number, length: number): boolean {
  const inode = k.file.inode.get(file);
  if (!dio_whole_blocks(k, file, position, length) || position + length > k.inode.size.get(inode)) return false;
  const { needed, count } = needs_block(k, inode, position / PAGE_SIZE, length / PAGE_SIZE);
  return !needed && count === length / PAGE_SIZE;
}

const ext4_writes: WritePath = {
  buffered: 'generic_perform_write',
  zero_between: ext4_zero_partial_blocks,
  direct: direct_write_iter,
};

/** Where pages are written to: blocks that the file has, or new ones for holes. */
function ext4_map_blocks(k: Kernel, inode: number, index: number, count: number): Target {
  const { block, unwritten, count: run } = bmap(k, inode, index, count);
  if (unwritten !== undefined) return { block: unwritten, count: run, fresh: 'unwritten' };
  if (block !== undefined) return { block, count: run, fresh: undefined };
  return { ...alloc_blocks(k, device_of(k, inode), run), fresh: 'hole' };
}

function needs_block(k: Kernel, inode: number, index: number, count: number): { needed: boolean; count: number } {
  const { block, unwritten, count: run } = bmap(k, inode, index, count);
  return { needed: block === undefined && unwritten === undefined, count: run };
}

function ext4_end_io(k: Kernel, inode: number, index: number, to: Target): void {
  if (to.fresh === undefined) return;
  const name = to.fresh === 'hole' ? 'ext4_da_update_reserve_space' : 'ext4_convert_unwritten_extents';
  k.in(name, to.count, () => {
    if (to.fresh === 'hole') map_blocks(k, inode, index, to.block, to.count);
    else convert_unwritten(k, inode, index, to.count);
    k.trace.effect('{indexes:0} of {file:2} lies in {blocks:1}', to.count, index, to.block, inode);
  });
}

/** `ext4_setattr()` with a size. */
function ext4_setattr_size(k: Kernel, inode: number, size: number): void {
  const old = k.inode.size.get(inode);
  if (size > old) ext4_block_truncate_page(k, inode, old);
  truncate_setsize(k, inode, size);
  if (size > old) return;
  ext4_block_truncate_page(k, inode, size);
  free_behind(k, inode, size);
}

/** Zeroes from `end` to the end of its page. */
function ext4_block_truncate_page(k: Kernel, inode: number, end: number): void {
  if (end % PAGE_SIZE === 0) return;
  k.in('ext4_block_truncate_page', 1, () => {
    ext4_block_zero_page_range(k, inode, { index: Math.floor(end / PAGE_SIZE), from: end % PAGE_SIZE, to: PAGE_SIZE });
  });
}

/** Zeroes the parts of pages at the edges of [start, end). */
function ext4_zero_partial_blocks(k: Kernel, inode: number, start: number, end: number): void {
  const { edges } = pieces(start, end - start);
  if (edges.length === 0) return;
  k.in('ext4_zero_partial_blocks', 1, () => {
    for (const edge of edges) ext4_block_zero_page_range(k, inode, edge);
  });
}

/**
 * Zeroes a part of a page, which becomes dirty; over a hole the page is only brought into the cache. A page that was not uptodate before is not afterwards: its
 * block alone was read.
 */
function ext4_block_zero_page_range(k: Kernel, inode: number, { index, from, to }: Edge): void {
  const mapping = k.inode.mapping.get(inode);
  const before = filemap_get_entry(k, mapping, index, 1).pfn;
  const uptodate = before !== 0 && uptodate_pages(k, before, 1) === 1;
  if (has_data(k, inode, index)) zero_page(k, inode, index, from, to);
  else folio_mark_accessed(k, before === 0 ? filemap_get_pages(k, mapping, index, 1).pfn : before, 1);
  if (uptodate) return;
  const { pfn } = filemap_get_entry(k, mapping, index, 1);
  k.page.flags.update(pfn, 1, (flags) => clear(flags, PG.uptodate));
  k.trace.effect('{frames:0} is not uptodate: its block alone is', 1, pfn);
}

/** Whether the page has a block, or will get one when it is written. */
const has_data = (k: Kernel, inode: number, index: number): boolean =>
  k.space.of(k.inode.mapping.get(inode)).dirty.get(index) !== 0 || bmap(k, inode, index, 1).block !== undefined;

/** `ext4_fallocate()`. */
function ext4_fallocate(k: Kernel, inode: number, mode: number, offset: number, len: number): Outcome {
  const what = mode & ~FL.KEEP_SIZE;
  if (what === FL.UNSHARE_RANGE) return fail('EOPNOTSUPP', 'ext4 shares no blocks');
  if (what === FL.COLLAPSE_RANGE || what === FL.INSERT_RANGE) return shift_extents(k, inode, what === FL.INSERT_RANGE, offset, len);
  const grows = (mode & FL.KEEP_SIZE) === 0 && offset + len > k.inode.size.get(inode);
  if (what === 0) k.in('ext4_do_fallocate', 1, () => ext4_alloc_file_blocks(k, inode, offset, len, grows));
  else if (what === FL.PUNCH_HOLE) k.in('ext4_punch_hole', 1, () => ext4_punch_hole(k, inode, offset, len));
  else k.in('ext4_zero_range', 1, () => ext4_zero_range(k, inode, offset, len, grows));
  if (grows) extend(k, inode, offset + len);
  return ok();
}

/** Allocates what is alike at a time, and each time zeroes what lies between the old end of the file and the new one. */
function ext4_alloc_file_blocks(k: Kernel, inode: number, offset: number, len: number, grows: boolean): void {
  const { dirty } = k.space.of(k.inode.mapping.get(inode));
  const size = k.inode.size.get(inode);
  const end = pagesOf(offset + len);
  k.in('ext4_alloc_file_blocks', 1, () => {
    for (let at = Math.floor(offset / PAGE_SIZE); at < end;) {
      const { block, unwritten } = bmap(k, inode, at, 1);
      const hole = block === undefined && unwritten === undefined;
      at += alloc_file_blocks(k, inode, at, (hole ? dirty.runEnd(at, end) : end) - at);
      const reached = Math.min(at * PAGE_SIZE, offset + len);
      if (grows && reached > size) ext4_zero_partial_blocks(k, inode, size, reached);
    }
  });
}

/** The blocks of the whole pages are freed, and nothing is written back; the edges are zeroed through the cache. */
function ext4_punch_hole(k: Kernel, inode: number, offset: number, len: number): void {
  const size = k.inode.size.get(inode);
  /* A hole that reaches behind the end of the file takes the block in which that lies whole. */
  const end = offset + len >= size ? Math.max(offset, pagesOf(size) * PAGE_SIZE) : offset + len;
  const { first, count } = pieces(offset, end - offset);
  truncate_inode_pages(k, inode, first, count, false);
  free_extents(k, inode, first, count);
  if (end > offset) ext4_zero_partial_blocks(k, inode, offset, end);
}

/** The blocks of the whole pages stay, unwritten, holes get some; the edges are zeroed through the cache. */
function ext4_zero_range(k: Kernel, inode: number, offset: number, len: number, grows: boolean): void {
  const { first, count, edges } = pieces(offset, len);
  if (edges.length > 0) ext4_alloc_file_blocks(k, inode, offset, len, grows);
  truncate_inode_pages(k, inode, first, count, false);
  mark_unwritten(k, inode, first, count);
  if (edges.length === 0) ext4_alloc_file_blocks(k, inode, offset, len, grows);
  else ext4_zero_partial_blocks(k, inode, offset, offset + len);
}
