import type { Outcome } from '../../api';
import { fail, ok } from '../../calls';
import type { Content } from '../../state/content';
import type { Kernel } from '../../state/kernel';
import { NONE, target } from '../../state/shift';
import { PAGE_SIZE, pagesOf } from '../../state/units';
import { filemap_get_pages, folio_content } from '../../mm/filemap';
import { filemap_read } from '../../mm/filemap_read';
import { with_reference } from '../../mm/page_alloc';
import { PG, set } from '../../state/flags';
import { buffered_write } from '../buffered_write';
import { alloc_file, fput, has_flag, O } from '../file';
import { filesystem_of, type AddressSpaceOperations, type FileOperations } from '../filesystem';
import { ihold, iput } from '../inode';
import { vfs_iter_write } from '../iter';
import { copy_pages } from '../read_folio';
import { filemap_write_and_wait_range, folio_clear_dirty_for_io } from '../writeback';
import { number } from '../../calls';
import { AddressSpaceKind } from '../../state/kernel';
import { ovl_copy_up } from './copy_up';
import { cached_inode, has_option, is_upper_file, layer_with_data, Ovl } from './inode';

/** `ovl_file_operations`. With `cache = real` an open file reads, writes and maps the real inode, so that only opening and fsync get here. */
export const ovl_file: FileOperations = {
  open(k, inode, flags) {
    const stacked = has_option(k, k.inode.mount.get(inode), Ovl.Stacked);
    if (stacked && has_flag(flags, O.DIRECT)) return fail('EINVAL', 'an overlay with a cache of its own has no direct I/O');
    const truncates = has_flag(flags, O.TRUNC);
    return k.in('ovl_open', 1, () => {
      if (flags % 4 !== 0 || truncates) ovl_copy_up(k, inode, truncates ? 'empty' : 'data');
      return { inode: cached_inode(k, inode), overlay: stacked ? 0 : inode };
    });
  },

  real_file(k, file) {
    const overlay = k.file.overlay.get(file);
    const now = cached_inode(k, overlay);
    const opened = k.file.inode.get(file);
    if (now === opened || !has_option(k, k.inode.mount.get(overlay), Ovl.Reopen)) return;
    k.in('ovl_real_file', 1, () => {
      ihold(k, now);
      k.file.inode.set(file, now);
      k.file.prev_pos.set(file, 0);
      k.design.closed(k, opened);
      k.design.opened(k, now, false);
      iput(k, opened);
      k.trace.effect('{file:0} was copied up since it was opened: {file:1} takes its place', 1, opened, now);
    });
  },

  fsync(k, file) {
    const inode = k.file.inode.get(file);
    if (k.file.overlay.get(file) === 0) filemap_write_and_wait_range(k, inode, 0, 2 ** 52);
    if (k.file.overlay.get(file) === 0 || !is_upper_file(k, file)) return ok();
    const { fsync } = filesystem_of(k, inode).f_op;
    if (fsync !== undefined) return fsync(k, file);
    k.in('file_write_and_wait_range', 1, () => filemap_write_and_wait_range(k, inode, 0, 2 ** 52));
    return ok();
  },

  read_iter: filemap_read,

  write_iter(k, file, position, content) {
    const inode = k.file.inode.get(file);
    buffered_write(k, 'generic_perform_write', inode, position, content);
    return number(content.length);
  },

  fallocate: (): Outcome => fail('EOPNOTSUPP', 'an overlay with a cache of its own allocates nothing'),
};

/** Simulator choice, for `cache = stacked`: as eCryptfs does it, pages of the overlay's own, filled from and written through the cache of the layer. */
export const ovl_aops: AddressSpaceOperations = {
  kind: AddressSpaceKind.Stacked,

  read_folio(k, mapping, index, pfn, count) {
    const source = layer_below(k, k.mapping.host.get(mapping));
    const end = Math.min(index + count, pagesOf(k.inode.size.get(source)));
    k.in('ovl_read_folio', count, () => {
      with_reference(k, pfn, count, () => {
        for (let at = index; at < end;) {
          const found = k.in('read_mapping_folio', 1, () => filemap_get_pages(k, k.inode.mapping.get(source), at, end - at));
          const to = pfn + at - index;
          copy_pages(k, found.pfn, to, found.count);
          k.trace.effect('{frames:0} copied into {frames:1}', found.count, found.pfn, to);
          at += found.count;
        }
        k.page.flags.update(pfn, count, (flags) => set(flags, PG.uptodate));
      });
    });
  },

  writepages(k, inode, runs) {
    const upper = k.ovlInode.upper.get(inode);
    const file = alloc_file(k, upper, O.WRONLY);
    for (const { at, n } of runs) write_through(k, inode, file, at, n);
    fput(k, file);
    filemap_write_and_wait_range(k, upper, 0, 2 ** 52);
  },
};

/** The inode of the layer through whose cache the pages of an overlay's inode come. */
const layer_below = (k: Kernel, inode: number): number => cached_inode(k, layer_with_data(k, inode));

function write_through(k: Kernel, inode: number, file: number, index: number, count: number): void {
  const mapping = k.inode.mapping.get(inode);
  const { pages } = k.space.of(mapping);
  for (let at = index; at < index + count;) {
    const value = pages.get(at);
    if (value === NONE) throw new Error(`index ${at} is dirty but not cached`);
    const n = pages.runEnd(at, index + count) - at;
    const pfn = target(at, value);
    folio_clear_dirty_for_io(k, mapping, at, pfn, n);
    const inside = Math.min(n * PAGE_SIZE, k.inode.size.get(inode) - at * PAGE_SIZE);
    const content: Content = folio_content(k, pfn, n).slice(0, inside);
    vfs_iter_write(k, file, at * PAGE_SIZE, content);
    at += n;
  }
}
