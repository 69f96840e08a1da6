/* eslint-disable no-bitwise -- fallocate's mode is a word of fewer than 32 bits. */
import type { Outcome } from '../api';
import { fail, ok } from '../calls';
import { Content } from '../state/content';
import { PG, set } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE } from '../state/shift';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_add_folio, folio_content } from '../mm/filemap';
import { filemap_dirty_folio } from '../mm/filemap_dirty';
import { filemap_update_page } from '../mm/folio_wait';
import { folio_zero_segment } from '../mm/folio_zero';
import { alloc_pages } from '../mm/page_alloc';
import { shmem_get_entry, shmem_get_folio_read } from '../mm/shmem_swap';
import { folio_head, folio_runs } from '../mm/folio';
import { folio_mark_accessed } from '../mm/swap';
import { buffered_write_iter } from './disk_file';
import { FL, pieces } from './fallocate';
import type { Filesystem, Kiocb } from './filesystem';
import { truncate_inode_pages } from './inode';
import { do_truncate, truncate_setsize } from './truncate';
import { active_memcg } from '../mm/memcontrol';

/** tmpfs, and the kernel's own mount of it for memfd and shared anonymous memory: the page cache is all there is. */
export const tmpfs: Filesystem = {
  name: 'tmpfs',
  device: false,
  root_mode: 0o1777,
  options: ['size'],
  mount(k, mount, { size }) {
    if (typeof size === 'bigint' && size < 0n) return 'size is not negative';
    k.mount.limit.set(mount, typeof size === 'bigint' ? pagesOf(Number(size)) : Math.floor(k.options.memory / 2));
    return undefined;
  },
  populate,
  f_op: {
    read_iter: shmem_file_read_iter,
    write_iter(k, file, position, content) {
      return buffered_write_iter(k, 'generic_perform_write', k.file.inode.get(file), position, content);
    },
    fallocate_prepare: shmem_fallocate_prepare,
    fallocate: shmem_fallocate,
  },
  a_ops: {
    kind: AddressSpaceKind.Shmem,
    read_folio(k, _mapping, _index, pfn, count) {
      k.page.flags.update(pfn, count, (flags) => set(flags, PG.uptodate));
      k.trace.effect('{frames:0} filled with zeros', count, pfn);
    },
  },
  i_op: { setattr_size: truncate_setsize },
};

/** `shmem_file_read_iter()`: as `filemap_read()`, but holes are read as zeros and nothing is allocated for them. A folio is accessed by who reads its first byte, or splices. */
function shmem_file_read_iter(k: Kernel, file: number, position: number, length: number, iocb?: Kiocb): Content {
  const inode = k.file.inode.get(file);
  const mapping = k.inode.mapping.get(inode);
  const size = k.inode.size.get(inode);
  const end = Math.min(position + length, size);
  const parts: Content[] = [];
  k.in('shmem_file_read_iter', 1, () => {
    /* Of a length of 0 it learns when it has the first page. */
    for (let at = position, begins = true; begins ? at < size : at < end; begins = false) {
      const index = Math.floor(at / PAGE_SIZE);
      const { pfn, count } = shmem_get_folio_read(k, mapping, index, Math.max(1, pagesOf(end) - index));
      const from = at - index * PAGE_SIZE;
      const to = Math.min(end - index * PAGE_SIZE, count * PAGE_SIZE);
      if (pfn === NONE) {
        parts.push(Content.zeros(to - from));
        k.trace.effect('{indexes:0} is a hole: zeros, nothing allocated', count, index);
      } else {
        const skip = from > 0 && iocb?.splice !== true ? 1 : 0;
        folio_runs(k, pfn + skip, count - skip, [], (first, n) => {
          if (iocb?.splice === true || first === folio_head(k, first)) folio_mark_accessed(k, first, n);
        });
        parts.push(folio_content(k, pfn, count).slice(from, to));
        k.trace.effect('{indexes:0}: copied to the reader from {frames:1}', count, index, pfn);
      }
      at = index * PAGE_SIZE + to;
    }
  });
  return Content.join(parts);
}

function shmem_fallocate_prepare(mode: number): Outcome | undefined {
  const known = (mode & ~(FL.KEEP_SIZE | FL.PUNCH_HOLE)) === 0;
  return known ? undefined : fail('EOPNOTSUPP', 'tmpfs knows allocation and holes only');
}

function shmem_fallocate(k: Kernel, inode: number, mode: number, offset: number, len: number): Outcome {
  const what = mode & ~FL.KEEP_SIZE;
  k.in('shmem_fallocate', 1, () => (what === 0 ? shmem_allocate : shmem_punch_hole)(k, inode, offset, len));
  if ((mode & FL.KEEP_SIZE) === 0 && offset + len > k.inode.size.get(inode)) do_truncate(k, inode, offset + len);
  return ok();
}

/** Pages for the holes of the range, charged to the caller. They become uptodate when they are first used, or allocated once more. */
function shmem_allocate(k: Kernel, inode: number, offset: number, len: number): void {
  const mapping = k.inode.mapping.get(inode);
  const end = pagesOf(offset + len);
  for (let at = Math.floor(offset / PAGE_SIZE); at < end;) {
    let { pfn, count: n } = shmem_get_entry(k, mapping, at, end - at);
    if (pfn === 0) {
      ({ pfn, count: n } = alloc_pages(k, n, active_memcg(k)));
      filemap_add_folio(k, mapping, at, pfn, n);
    } else n = filemap_update_page(k, pfn, n).count;
    filemap_dirty_folio(k, pfn, n);
    at += n;
  }
}

function shmem_punch_hole(k: Kernel, inode: number, offset: number, len: number): void {
  const { first, count, edges } = pieces(offset, len);
  if (count > 0) truncate_inode_pages(k, inode, first, count, false);
  for (const { index, from, to } of edges) {
    const { pfn } = shmem_get_entry(k, k.inode.mapping.get(inode), index, 1);
    if (pfn === 0) continue;
    folio_zero_segment(k, pfn, from, to);
    filemap_dirty_folio(k, pfn, 1);
    k.trace.effect('bytes {1} to {2} of {frames:0} zeroed', 1, pfn, from, to);
  }
}

/** A file that exists on tmpfs before the first step: zeros are a hole, anything else has been written, is resident and dirty, charged to nobody. */
function populate(k: Kernel, inode: number, content: Content): void {
  if (content.isZero()) return;
  const pages = pagesOf(content.length);
  const mapping = k.inode.mapping.get(inode);
  for (let at = 0; at < pages;) {
    const { pfn, count } = alloc_pages(k, pages - at, NONE);
    filemap_add_folio(k, mapping, at, pfn, count);
    k.page.content.fill(pfn, count, k.contents.layout(content.slice(at * PAGE_SIZE, (at + count) * PAGE_SIZE), pfn));
    k.page.flags.update(pfn, count, (flags) => set(flags, PG.uptodate + PG.referenced));
    filemap_dirty_folio(k, pfn, count);
    at += count;
  }
}
