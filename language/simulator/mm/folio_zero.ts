import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';

/** `folio_zero_segment()`: bytes of a page become zeros, and nothing else hears of it. */
export function folio_zero_segment(k: Kernel, pfn: number, from: number, to = PAGE_SIZE): void {
  const page = k.contents.at(k.page.content.get(pfn), pfn);
  k.page.content.set(pfn, k.contents.page(Content.join([page.slice(0, from), Content.zeros(to - from), page.slice(to, PAGE_SIZE)])));
}

/** What lies behind the end of the file in the page that holds it, if it is one of `count` from `index` in frames from `pfn`, becomes zeros. */
export function zero_behind_eof(k: Kernel, inode: number, index: number, pfn: number, count: number): void {
  const size = k.inode.size.get(inode);
  const last = Math.floor(size / PAGE_SIZE);
  if (size % PAGE_SIZE !== 0 && last >= index && last < index + count) folio_zero_segment(k, pfn + last - index, size % PAGE_SIZE);
}
