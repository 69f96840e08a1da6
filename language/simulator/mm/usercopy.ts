import { common_run_end } from '../state/column';
import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { any, PG, VM } from '../state/flags';
import { target } from '../state/shift';
import { PAGE_SIZE } from '../state/units';
import { check_read, is_newest, is_tracked, stored } from '../fs/newest';
import { folio_content } from './filemap';
import { entry_place } from './hugetlb_share';
import { mshare_place } from './mshare';
import { present_ptes } from './rmap';

/** The bytes of `count` mapped pages from page number `vpn`. */
export function read_memory(k: Kernel, mm: number, vpn: number, count: number): Content {
  const { mm: there, shift } = mshare_place(k, mm, vpn);
  return Content.join(
    present_ptes(k, there, vpn - shift, count).map(({ pfn, count: n }) =>
      pfn === 0 ? Content.zeros(n * PAGE_SIZE) : folio_content(k, pfn, n),
    ),
  );
}

/** Puts bytes into mapped pages, whatever their PTEs permit. */
export function write_memory(k: Kernel, mm: number, addr: number, content: Content): void {
  const place = mshare_place(k, mm, Math.floor(addr / PAGE_SIZE));
  if (place.mm !== mm) return write_memory(k, place.mm, addr - place.shift * PAGE_SIZE, content);
  const end = addr + content.length;
  const { mm: table, offset: shift } = entry_place(k, mm, Math.floor(addr / PAGE_SIZE));
  const { pfn: frames } = k.space4.of(table);
  for (let at = addr; at < end;) {
    const vpn = Math.floor(at / PAGE_SIZE);
    const offset = at - vpn * PAGE_SIZE;
    const pfn = target(vpn - shift, frames.get(vpn - shift));
    const whole = offset === 0 ? Math.floor((end - at) / PAGE_SIZE) : 0;
    const n =
      whole > 0 ? (frames.runEnd(vpn - shift, vpn - shift + whole) - (vpn - shift)) * PAGE_SIZE : Math.min(PAGE_SIZE - offset, end - at);
    const bytes = content.slice(at - addr, at - addr + n);
    write_frames(k, pfn, offset, bytes);
    told(k, mm, vpn, offset, bytes);
    at += n;
  }
}

/** Puts bytes into consecutive frames: whole pages, or a part of the first one. */
function write_frames(k: Kernel, pfn: number, offset: number, bytes: Content): void {
  if (offset === 0 && bytes.length % PAGE_SIZE === 0) k.page.content.fill(pfn, bytes.length / PAGE_SIZE, k.contents.layout(bytes, pfn));
  else {
    const page = folio_content(k, pfn, 1);
    const rest = page.slice(offset + bytes.length, PAGE_SIZE);
    k.page.content.set(pfn, k.contents.page(page.slice(0, offset).concat(bytes).concat(rest)));
  }
  k.trace.effect('the bytes are stored in {frames:0}', 1, pfn);
}

/** Puts bytes into frames from byte `offset` of the first one on, past all page tables; those that a file still has hold its newest content then. */
export function write_pinned(k: Kernel, pfn: number, offset: number, content: Content): void {
  for (let at = 0; at < content.length;) {
    const frame = pfn + Math.floor((offset + at) / PAGE_SIZE);
    const within = (offset + at) % PAGE_SIZE;
    const whole = within === 0 ? Math.floor((content.length - at) / PAGE_SIZE) : 0;
    const pages = whole > 0 ? common_run_end([k.page.mapping, k.page.index], frame, frame + whole) - frame : 1;
    const n = whole > 0 ? pages * PAGE_SIZE : Math.min(PAGE_SIZE - within, content.length - at);
    const bytes = content.slice(at, at + n);
    write_frames(k, frame, within, bytes);
    const mapping = k.page.mapping.get(frame);
    if (mapping > 0) stored(k, k.mapping.host.get(mapping), target(frame, k.page.index.get(frame)) * PAGE_SIZE + within, bytes);
    at += n;
  }
}

/** A store at `offset` of the page at `vpn`: through a shared mapping it is the file's newest content. */
function told(k: Kernel, mm: number, vpn: number, offset: number, bytes: Content): void {
  for (let at = 0; at < bytes.length;) {
    const page = vpn + (at === 0 ? 0 : (offset + at) / PAGE_SIZE);
    const vma = k.space4.of(mm).vma.get(page);
    const mapping = k.vma.mapping.get(vma);
    const end = Math.min(bytes.length, (k.vma.end.get(vma) - vpn) * PAGE_SIZE - offset);
    if (mapping !== 0 && any(k.vma.flags.get(vma), VM.SHARED)) {
      const index = page - k.vma.start.get(vma) + k.vma.pgoff.get(vma);
      stored(k, k.mapping.host.get(mapping), index * PAGE_SIZE + (at === 0 ? offset : 0), bytes.slice(at, end));
    }
    at = end;
  }
}

/**
 * Holds the bytes `from` … `to` of the pages that were loaded, `count` from `vpn`, against the newest write of the files that they map;
 * private copies are nobody's but the process's.
 */
export function check_loads(k: Kernel, mm: number, vpn: number, count: number, from: number, to: number): void {
  const place = mshare_place(k, mm, vpn);
  if (place.mm !== mm) {
    const bytes = place.shift * PAGE_SIZE;
    return check_loads(k, place.mm, vpn - place.shift, count, from - bytes, to - bytes);
  }
  k.space4.of(mm).vma.runs(vpn, count, (start, length, vma) => {
    const mapping = k.vma.mapping.get(vma);
    const inode = mapping === 0 ? 0 : k.mapping.host.get(mapping);
    if (inode === 0 || !is_tracked(k, inode)) return;
    const shift = k.vma.pgoff.get(vma) - k.vma.start.get(vma);
    for (const run of present_ptes(k, mm, start, length)) {
      if (run.pfn === 0) continue;
      k.page.content.runs(run.pfn, run.count, (pfn, n, number) => {
        const at = run.vpn + pfn - run.pfn;
        if (any(k.page.flags.get(pfn), PG.anon) || is_newest(k, inode, at + shift, number, pfn, n)) return;
        const low = Math.max(from, at * PAGE_SIZE);
        const high = Math.min(to, (at + n) * PAGE_SIZE);
        const bytes = folio_content(k, pfn, n).slice(low - at * PAGE_SIZE, high - at * PAGE_SIZE);
        check_read(k, inode, low + shift * PAGE_SIZE, bytes, 'a load');
      });
    }
  });
}
