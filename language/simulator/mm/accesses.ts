import type { Outcome } from '../api';
import { Impossible } from '../state/impossible';
import { ok, type Calls } from '../calls';
import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { any, PTE } from '../state/flags';
import { target } from '../state/shift';
import { PAGE_SIZE } from '../state/units';
import { folio_content } from './filemap';
import { access, type BadAccess } from './memory';
import { hex } from './mmap';

const PROT_WRITE = 2;

export const calls = {
  load(k, task, addr, len) {
    const pages = range(addr, len);
    if (pages === undefined) return ok(Content.empty);
    const mm = k.task.mm.get(task);
    const parts: Content[] = [];
    const bad = access(k, mm, pages.start, pages.count, false, (vpn, count) => parts.push(read_memory(k, mm, vpn, count)));
    if (bad !== undefined) return raise(bad, 'a load');
    const offset = addr - pages.start * PAGE_SIZE;
    return ok(Content.join(parts).slice(offset, offset + len));
  },

  store(k, task, addr, content) {
    const pages = range(addr, content.length);
    if (pages === undefined) return ok();
    const mm = k.task.mm.get(task);
    const bad = access(k, mm, pages.start, pages.count, true, (vpn, count) => {
      const from = Math.max(addr, vpn * PAGE_SIZE);
      const to = Math.min(addr + content.length, (vpn + count) * PAGE_SIZE);
      write_memory(k, mm, from, content.slice(from - addr, to - addr));
    });
    return bad === undefined ? ok() : raise(bad, 'a store');
  },

  touch(k, task, addr, len, prot) {
    const pages = range(addr, len);
    if (pages === undefined) return ok();
    const write = Math.floor(prot / PROT_WRITE) % 2 === 1;
    const bad = access(k, k.task.mm.get(task), pages.start, pages.count, write);
    return bad === undefined ? ok() : raise(bad, write ? 'a store' : 'a load');
  },
} satisfies Calls;

function range(addr: number, len: number): { start: number; count: number } | undefined {
  if (len < 0) throw new Impossible('wrong-value', `an access of ${len} bytes`);
  if (len === 0) return undefined;
  const start = Math.floor(addr / PAGE_SIZE);
  return { start, count: Math.max(1, Math.ceil((addr + len) / PAGE_SIZE) - start) };
}

/** A bad access: the process dies of the signal, unless the scenario expects it. */
function raise(bad: BadAccess, what: string): Outcome {
  return { kind: 'signal', signal: bad.signal, why: `${what} at ${hex(bad.vpn * PAGE_SIZE)}: ${bad.why}`, fatal: false };
}

/** The bytes of `count` mapped pages from page number `vpn`. */
function read_memory(k: Kernel, mm: number, vpn: number, count: number): Content {
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

/** Stores bytes into pages that are mapped writable. */
function write_memory(k: Kernel, mm: number, addr: number, content: Content): void {
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
