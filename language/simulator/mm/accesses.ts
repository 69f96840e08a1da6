import type { Outcome } from '../api';
import { Impossible } from '../state/impossible';
import { ok, type Calls } from '../calls';
import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';
import { access, type BadAccess } from './memory';
import { hex } from './mmap';
import { check_loads, read_memory, write_memory } from './usercopy';

const PROT_WRITE = 2;

export const calls = {
  load(k, task, addr, len) {
    const pages = range(addr, len);
    if (pages === undefined) return ok(Content.empty);
    const mm = k.task.mm.get(task);
    const parts: Content[] = [];
    const load = (vpn: number, count: number): void => {
      parts.push(read_memory(k, mm, vpn, count));
      check_loads(k, mm, vpn, count, addr, addr + len);
    };
    const bad = in_user_mode(k, addr, () => access(k, mm, pages.start, pages.count, false, load, parts));
    if (bad !== undefined) return raise(bad, 'a load');
    const offset = addr - pages.start * PAGE_SIZE;
    return ok(Content.join(parts).slice(offset, offset + len));
  },

  store(k, task, addr, content) {
    const pages = range(addr, content.length);
    if (pages === undefined) return ok();
    const mm = k.task.mm.get(task);
    const store = (vpn: number, count: number): void => {
      const from = Math.max(addr, vpn * PAGE_SIZE);
      const to = Math.min(addr + content.length, (vpn + count) * PAGE_SIZE);
      write_memory(k, mm, from, content.slice(from - addr, to - addr));
    };
    const bad = in_user_mode(k, addr, () => access(k, mm, pages.start, pages.count, true, store));
    return bad === undefined ? ok() : raise(bad, 'a store');
  },

  touch(k, task, addr, len, prot) {
    const pages = range(addr, len);
    if (pages === undefined) return ok();
    const write = Math.floor(prot / PROT_WRITE) % 2 === 1;
    const bad = in_user_mode(k, addr, () => access(k, k.task.mm.get(task), pages.start, pages.count, write));
    return bad === undefined ? ok() : raise(bad, write ? 'a store' : 'a load');
  },
} satisfies Calls;

/** The CPU accesses memory from `addr` on itself. */
function in_user_mode<T>(k: Kernel, addr: number, body: () => T): T {
  k.userAccess = addr;
  try {
    return body();
  } finally {
    k.userAccess = undefined;
  }
}

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
