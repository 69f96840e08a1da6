import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { any, PTE } from '../state/flags';
import { target } from '../state/shift';
import { PAGE_SIZE } from '../state/units';
import { folio_content } from './filemap';

/** The bytes of `count` mapped pages from page number `vpn`. */
export function read_memory(k: Kernel, mm: number, vpn: number, count: number): Content {
  const parts: Content[] = [];
  const { pte, pfn } = k.space4.of(mm);
  pte.runs(vpn, count, (start, length, flags) => {
    if (any(flags, PTE.SPECIAL)) parts.push(Content.zeros(length * PAGE_SIZE));
    else
      pfn.runs(start, length, (at, n, value) => {
        parts.push(folio_content(k, target(at, value), n));
      });
  });
  return Content.join(parts);
}

/** Puts bytes into mapped pages, whatever their PTEs permit. */
export function write_memory(k: Kernel, mm: number, addr: number, content: Content): void {
  const { pfn: frames } = k.space4.of(mm);
  const end = addr + content.length;
  for (let at = addr; at < end;) {
    const vpn = Math.floor(at / PAGE_SIZE);
    const offset = at - vpn * PAGE_SIZE;
    const pfn = target(vpn, frames.get(vpn));
    const whole = offset === 0 ? Math.floor((end - at) / PAGE_SIZE) : 0;
    if (whole > 0) {
      const n = frames.runEnd(vpn, vpn + whole) - vpn;
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
