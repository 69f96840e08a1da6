import { any, PG, set } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { Content } from '../state/content';
import { PAGE_SIZE } from '../state/units';
import { filemap_add_folio, filemap_get_entry, folio_content } from '../mm/filemap';
import { filemap_dirty_folio } from '../mm/filemap_dirty';
import { alloc_pages } from '../mm/page_alloc';
import { is_large } from '../mm/folio';
import { shmem_get_entry } from '../mm/shmem_swap';
import { folio_clear_dropbehind } from '../mm/dropbehind';
import { folio_mark_accessed } from '../mm/swap';
import { in_one_go } from '../kernel/sleep';
import { folio_wait_writeback, lock_while_read, wait_until_read } from '../mm/folio_wait';
import { grows_in_cache } from './disk_size';
import { filesystem_of } from './filesystem';
import { wrote } from './newest';
import { read_folio } from './read_folio';
import { alloc_write_folio } from './write_folio';
import { active_memcg } from '../mm/memcontrol';

/** Writes `content` at `position` (bytes) through the page cache; `name`: the function that the filesystem does it by. */
export function buffered_write(k: Kernel, name: string, inode: number, position: number, content: Content): void {
  k.in(name, 1, () => {
    const end = position + content.length;
    const { nap } = k;
    for (let at = nap === undefined ? position : nap.loop(position); at < end; nap?.reached(at)) {
      const index = Math.floor(at / PAGE_SIZE);
      const offset = at - index * PAGE_SIZE;
      const most = alloc_write_folio(k, inode, index, offset, end - at);
      const whole = offset === 0 ? Math.min(most, Math.floor((end - at) / PAGE_SIZE)) : 0;
      const from = at - position;
      nap?.at(index);
      if (whole > 0) at += write_pages(k, inode, index, content.slice(from, from + whole * PAGE_SIZE), whole) * PAGE_SIZE;
      else {
        const length = Math.min(PAGE_SIZE - offset, end - at);
        write_page(k, inode, index, offset, content.slice(from, from + length));
        at += length;
      }
      if (nap !== undefined) wrote(k, inode, position + from, content.slice(from, at - position));
      if (at > k.inode.size.get(inode)) {
        if (filesystem_of(k, inode).device) grows_in_cache(k, inode);
        k.inode.size.set(inode, at);
        k.trace.effect('{file:0} is now {1} bytes long', 1, inode, at);
      }
    }
    nap?.end();
    k.in('balance_dirty_pages_ratelimited', 1, () => undefined);
  });
}

/** Whole pages from `index`, as many as one path serves; nothing is read. Gives how many. */
function write_pages(k: Kernel, inode: number, index: number, content: Content, count: number): number {
  const mapping = k.inode.mapping.get(inode);
  return k.batch(
    'write_begin',
    () => {
      in_one_go(k, () => k.design.own(k, mapping, index, count, false));
      const { pfn, count: n } = entry_or_new(k, mapping, index, count);
      k.page.content.fill(pfn, n, 0);
      k.page.content.fill(pfn, n, k.contents.layout(content.slice(0, n * PAGE_SIZE), pfn));
      write_end(k, mapping, index, pfn, n);
      return n;
    },
    (n) => n,
  );
}

/** A part of the page at `index`, from `offset` on. The rest is what is cached, else what is on disk below the end of the file, else zeros. */
export function write_page(k: Kernel, inode: number, index: number, offset: number, content: Content): void {
  const mapping = k.inode.mapping.get(inode);
  k.in('write_begin', 1, () => {
    in_one_go(k, () => k.design.own(k, mapping, index, 1, true));
    const { pfn, cached } = entry_or_new(k, mapping, index, 1);
    /* A small folio that is cached has its block, uptodate or not; a large one may have been made for this write. */
    if (!any(k.page.flags.get(pfn), PG.uptodate) && (!cached || is_large(k, pfn))) {
      if (index * PAGE_SIZE < k.inode.size.get(inode)) {
        k.trace.effect('only a part of {indexes:0} is written: the rest must be read first', 1, index);
        const reads = k.counter('disk_reads');
        in_one_go(k, () => read_folio(k, mapping, index, pfn, 1));
        lock_while_read(k, pfn, 1, reads);
        wait_until_read(k, pfn, 1);
      } else k.trace.effect('only a part of {indexes:0} is written, and it lies behind the end of the file: the rest is zeros', 1, index);
    }
    const page = folio_content(k, pfn, 1);
    const written = page
      .slice(0, offset)
      .concat(content)
      .concat(page.slice(offset + content.length, PAGE_SIZE));
    k.page.content.set(pfn, k.contents.page(written));
    write_end(k, mapping, index, pfn, 1);
  });
}

/** Zeroes the bytes `from` to `to` of the page at `index` through the cache (`iomap_zero_iter()`): other than a write this is an access of the page. */
export function zero_page(k: Kernel, inode: number, index: number, from: number, to: number): void {
  write_page(k, inode, index, from, Content.zeros(to - from));
  folio_mark_accessed(k, filemap_get_entry(k, k.inode.mapping.get(inode), index, 1).pfn, 1);
}

/** `__filemap_get_folio(FGP_WRITEBEGIN)`: what the file's own cache holds from `index` and nobody reads or must not change, or new frames in it. */
function entry_or_new(k: Kernel, mapping: number, index: number, count: number): { pfn: number; count: number; cached: boolean } {
  const found = shmem_get_entry(k, mapping, index, count);
  if (found.pfn !== 0) {
    const n = wait_until_read(k, found.pfn, found.count);
    folio_clear_dropbehind(k, found.pfn, n);
    if (filesystem_of(k, k.mapping.host.get(mapping)).a_ops.stable_writes === true) folio_wait_writeback(k, found.pfn, n);
    return { pfn: found.pfn, count: n, cached: true };
  }
  const frames = alloc_pages(k, found.count, active_memcg(k));
  filemap_add_folio(k, mapping, index, frames.pfn, frames.count, true);
  return { ...frames, cached: false };
}

function write_end(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  k.in('write_end', count, () => {
    k.page.flags.update(pfn, count, (flags) => set(flags, PG.uptodate));
    k.trace.effect('{indexes:0} written into {frames:1}', count, index, pfn);
    filemap_dirty_folio(k, pfn, count);
    if (k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem) folio_mark_accessed(k, pfn, count);
  });
}
