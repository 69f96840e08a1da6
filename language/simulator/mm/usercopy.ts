import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { target } from '../state/shift';
import { PAGE_SIZE } from '../state/units';
import { folio_content } from './filemap';
import { entry_place } from './hugetlb_share';
import { present_ptes } from './rmap';

/** The bytes of `count` mapped pages from page number `vpn`. */
export function read_memory(k: Kernel, mm: number, vpn: number, count: number): Content {
  return Content.join(
    present_ptes(k, mm, vpn, count).map(({ pfn, count: n }) => (pfn === 0 ? Content.zeros(n * PAGE_SIZE) : folio_content(k, pfn, n))),
  );
}

/** Puts bytes into mapped pages, whatever their PTEs permit. */
export function write_memory(k: Kernel, mm: number, addr: number, content: Content): void {
  const end = addr + content.length;
  const { mm: table, offset: shift } = entry_place(k, mm, Math.floor(addr / PAGE_SIZE));
  const { pfn: frames } = k.space4.of(table);
  for (let at = addr; at < end;) {
    const vpn = Math.floor(at / PAGE_SIZE);
    const offset = at - vpn * PAGE_SIZE;
    const pfn = target(vpn - shift, frames.get(vpn - shift));
    const whole = offset === 0 ? Math.floor((end - at) / PAGE_SIZE) : 0;
    if (whole > 0) {
      const n = frames.runEnd(vpn - shift, vpn - shift + whole) - (vpn - shift);
      const bytes = content.slice(at - addr, at - addr + n * PAGE_SIZE);
      k.page.content.fill(pfn, n, k.contents.layout(bytes, pfn));
      at += n * PAGE_SIZE;
    } else {
      const n = Math.min(PAGE_SIZE - offset, end - at);
      const page = folio_content(k, pfn, 1);
      const bytes = content.slice(at - addr, at - addr + n);
      k.page.content.set(
        pfn,
        k.contents.page(
          page
            .slice(0, offset)
            .concat(bytes)
            .concat(page.slice(offset + n, PAGE_SIZE)),
        ),
      );
      at += n;
    }
    k.trace.effect('the bytes are stored in {frames:0}', 1, pfn);
  }
}
