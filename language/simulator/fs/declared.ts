import { NONE } from '../state/shift';
import type { Content } from '../state/content';
import { PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';
import { filemap_add_folio } from '../mm/filemap';
import { filemap_dirty_folio } from '../mm/filemap_dirty';
import { alloc_pages } from '../mm/page_alloc';

/** A file that exists on tmpfs before the first step: zeros are a hole, anything else is resident and dirty, charged to nobody. */
export function write_new(k: Kernel, inode: number, content: Content, pages: number): void {
  if (content.isZero()) return;
  const mapping = k.inode.mapping.get(inode);
  for (let at = 0; at < pages;) {
    const { pfn, count } = alloc_pages(k, pages - at, NONE);
    filemap_add_folio(k, mapping, at, pfn, count);
    k.page.content.fill(pfn, count, k.contents.layout(content.slice(at * PAGE_SIZE, (at + count) * PAGE_SIZE), pfn));
    k.page.flags.update(pfn, count, (flags) => set(flags, PG.uptodate));
    filemap_dirty_folio(k, pfn, count);
    at += count;
  }
}
