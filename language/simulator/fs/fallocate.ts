/* eslint-disable no-bitwise -- fallocate's mode is a word of fewer than 32 bits. */
import { constants } from '../../catalogue/constants';
import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { Content } from '../state/content';
import { PG, set } from '../state/flags';
import { Impossible } from '../state/impossible';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_add_folio, filemap_get_entry } from '../mm/filemap';
import { filemap_dirty_folio } from '../mm/filemap_dirty';
import { alloc_pages } from '../mm/page_alloc';
import { write_page } from './buffered_write';
import { alloc_blocks, bmap, device_of, free_extents, map_blocks, mapped } from './extents';
import { ebadf, fget, writable } from './file';
import { truncate_inode_pages } from './inode';
import { read_folio } from './read_folio';
import { xfs_flush_unmap_range } from './remap_range';
import { do_truncate } from './truncate';
import { filemap_write_and_wait_range } from './writeback';

const FL = {
  KEEP_SIZE: Number(constants.FALLOC_FL_KEEP_SIZE.value),
  PUNCH_HOLE: Number(constants.FALLOC_FL_PUNCH_HOLE.value),
  COLLAPSE_RANGE: Number(constants.FALLOC_FL_COLLAPSE_RANGE.value),
  ZERO_RANGE: Number(constants.FALLOC_FL_ZERO_RANGE.value),
  INSERT_RANGE: Number(constants.FALLOC_FL_INSERT_RANGE.value),
  UNSHARE_RANGE: Number(constants.FALLOC_FL_UNSHARE_RANGE.value),
} as const;

const MAX_BYTES = 2 ** 63;

export const calls = {
  fallocate(k, task, fd, mode, offset, len) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (offset < 0 || len <= 0) return fail('EINVAL', 'the offset is negative, or the length not positive');
    const what = mode & ~FL.KEEP_SIZE;
    if (![0, ...Object.values(FL)].includes(what) || what === FL.KEEP_SIZE) return fail('EOPNOTSUPP', 'these modes do not go together');
    if (what === FL.PUNCH_HOLE && (mode & FL.KEEP_SIZE) === 0)
      return fail('EOPNOTSUPP', 'a hole keeps the size: FALLOC_FL_KEEP_SIZE is missing');
    if (!writable(k, file)) return fail('EBADF', `descriptor ${fd} is not open for writing`);
    const inode = k.file.inode.get(file);
    if (k.inode.directory.get(inode) !== 0) return fail('EISDIR', `descriptor ${fd} is a directory`);
    if (offset + len >= MAX_BYTES) return fail('EFBIG', 'no file can be that large');
    return k.in('vfs_fallocate', 1, () => vfs_fallocate(k, inode, what, (mode & FL.KEEP_SIZE) !== 0, offset, len));
  },
} satisfies Calls;

const on_disk = (k: Kernel, inode: number): boolean => k.mapping.aops.get(k.inode.mapping.get(inode)) === AddressSpaceKind.Disk;

function vfs_fallocate(k: Kernel, inode: number, what: number, keepSize: boolean, offset: number, len: number): Outcome {
  if (what === FL.PUNCH_HOLE) {
    punch_hole(k, inode, offset, len);
    return ok();
  }
  if (!on_disk(k, inode)) {
    if (what !== 0) return fail('EOPNOTSUPP', 'tmpfs knows allocation and holes only');
    k.in('shmem_fallocate', 1, () => shmem_allocate(k, inode, offset, len));
  } else if (what === FL.ZERO_RANGE) {
    k.in('xfs_falloc_zero_range', 1, () => {
      xfs_free_file_space(k, inode, offset, len);
      xfs_alloc_file_space(k, inode, offset, len);
    });
  } else if (what === FL.UNSHARE_RANGE) {
    k.in('xfs_falloc_unshare_range', 1, () => {
      xfs_reflink_unshare(k, inode, offset, len);
      xfs_alloc_file_space(k, inode, offset, len);
    });
  } else if (what === 0) k.in('xfs_falloc_allocate_range', 1, () => xfs_alloc_file_space(k, inode, offset, len));
  else throw new Impossible('not-implemented', 'FALLOC_FL_COLLAPSE_RANGE and FALLOC_FL_INSERT_RANGE are not simulated yet');
  if (!keepSize && offset + len > k.inode.size.get(inode)) do_truncate(k, inode, offset + len);
  return ok();
}

/** FALLOC_FL_PUNCH_HOLE: whole pages of the range go from the cache, from shared mappings and from disk; private copies stay. */
export function punch_hole(k: Kernel, inode: number, offset: number, len: number): void {
  if (on_disk(k, inode)) k.in('xfs_free_file_space', 1, () => xfs_free_file_space(k, inode, offset, len));
  else k.in('shmem_fallocate', 1, () => shmem_punch_hole(k, inode, offset, len));
}

/** The whole pages within `len` bytes from `offset`, and the parts of pages at its edges. */
function pieces(offset: number, len: number): { first: number; count: number; edges: { index: number; from: number; to: number }[] } {
  const end = offset + len;
  const first = pagesOf(offset);
  const last = Math.floor(end / PAGE_SIZE);
  const edges: { index: number; from: number; to: number }[] = [];
  const head = Math.floor(offset / PAGE_SIZE);
  if (offset % PAGE_SIZE !== 0) edges.push({ index: head, from: offset % PAGE_SIZE, to: Math.min(PAGE_SIZE, end - head * PAGE_SIZE) });
  if (end % PAGE_SIZE !== 0 && (last > head || offset % PAGE_SIZE === 0)) edges.push({ index: last, from: 0, to: end % PAGE_SIZE });
  return { first, count: Math.max(0, last - first), edges };
}

function xfs_free_file_space(k: Kernel, inode: number, offset: number, len: number): void {
  const start = Math.floor(offset / PAGE_SIZE);
  xfs_flush_unmap_range(k, inode, start, pagesOf(offset + len) - start);
  const { first, count } = pieces(offset, len);
  if (count > 0) free_extents(k, inode, first, count);
  const inside = Math.min(len, k.inode.size.get(inode) - offset);
  if (inside <= 0) return;
  for (const { index, from, to } of pieces(offset, inside).edges)
    if (bmap(k, inode, index, 1).block !== undefined)
      k.in('iomap_zero_range', 1, () => {
        write_page(k, inode, index, from, Content.zeros(to - from));
      });
  const end = offset + inside;
  if (end === k.inode.size.get(inode) && end % PAGE_SIZE !== 0) filemap_write_and_wait_range(k, inode, Math.floor(end / PAGE_SIZE), 1);
}

/** Every hole of the range gets blocks, which read as zeros until they are written. */
function xfs_alloc_file_space(k: Kernel, inode: number, offset: number, len: number): void {
  const end = pagesOf(offset + len);
  k.in('xfs_alloc_file_space', 1, () => {
    for (let at = Math.floor(offset / PAGE_SIZE); at < end;) {
      const { block, unwritten, count } = bmap(k, inode, at, end - at);
      at += block === undefined && unwritten === undefined ? fill_hole(k, inode, at, count) : count;
    }
  });
}

function fill_hole(k: Kernel, inode: number, index: number, count: number): number {
  const blocks = alloc_blocks(k, device_of(k, inode), count);
  map_blocks(k, inode, index, blocks.block, blocks.count, true);
  k.trace.effect('{indexes:0} of {file:2} gets {blocks:1}, unwritten', blocks.count, index, blocks.block, inode);
  return blocks.count;
}

/** Shared blocks of the range are read into the cache, made dirty and written back, which gives the file blocks of its own. */
function xfs_reflink_unshare(k: Kernel, inode: number, offset: number, len: number): void {
  const start = Math.floor(offset / PAGE_SIZE);
  const count = pagesOf(Math.min(offset + len, k.inode.size.get(inode))) - start;
  const { refcount } = k.device.of(device_of(k, inode));
  k.in('xfs_reflink_unshare', 1, () => {
    for (const run of mapped(k, inode, start, count)) {
      if (run.unwritten) continue;
      const shared: { index: number; count: number }[] = [];
      refcount.runs(run.block, run.count, (block, n, references) => {
        if (references > 1) shared.push({ index: run.index + block - run.block, count: n });
      });
      for (const part of shared) iomap_file_unshare(k, inode, part.index, part.count);
    }
    filemap_write_and_wait_range(k, inode, start, count);
  });
}

function iomap_file_unshare(k: Kernel, inode: number, index: number, count: number): void {
  const mapping = k.inode.mapping.get(inode);
  k.in('iomap_file_unshare', count, () => {
    k.design.own(k, mapping, index, count, true);
    for (let at = index; at < index + count;) {
      let { pfn, count: n } = filemap_get_entry(k, mapping, at, index + count - at);
      if (pfn === 0) {
        ({ pfn, count: n } = alloc_pages(k, n, k.task.cgroup.get(k.current)));
        filemap_add_folio(k, mapping, at, pfn, n);
        read_folio(k, mapping, at, pfn, n);
      }
      filemap_dirty_folio(k, pfn, n);
      at += n;
    }
  });
}

/** Pages for the holes of the range, charged to the caller. Simulator choice: they are filled with zeros at once (the kernel waits for the first use). */
function shmem_allocate(k: Kernel, inode: number, offset: number, len: number): void {
  const mapping = k.inode.mapping.get(inode);
  const end = pagesOf(offset + len);
  for (let at = Math.floor(offset / PAGE_SIZE); at < end;) {
    let { pfn, count: n } = filemap_get_entry(k, mapping, at, end - at);
    if (pfn === 0) {
      ({ pfn, count: n } = alloc_pages(k, n, k.task.cgroup.get(k.current)));
      filemap_add_folio(k, mapping, at, pfn, n);
      k.page.flags.update(pfn, n, (flags) => set(flags, PG.uptodate));
    }
    filemap_dirty_folio(k, pfn, n);
    at += n;
  }
}

function shmem_punch_hole(k: Kernel, inode: number, offset: number, len: number): void {
  const { first, count, edges } = pieces(offset, len);
  if (count > 0) truncate_inode_pages(k, inode, first, count, false);
  for (const { index, from, to } of edges) {
    const { pfn } = filemap_get_entry(k, k.inode.mapping.get(inode), index, 1);
    if (pfn === 0) continue;
    const page = k.contents.at(k.page.content.get(pfn), pfn);
    k.page.content.set(pfn, k.contents.page(Content.join([page.slice(0, from), Content.zeros(to - from), page.slice(to, PAGE_SIZE)])));
    filemap_dirty_folio(k, pfn, 1);
    k.trace.effect('bytes {1} to {2} of {frames:0} zeroed', 1, pfn, from, to);
  }
}
