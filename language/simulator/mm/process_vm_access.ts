import { fail, number, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { LOFF_END } from '../arguments';
import { Content } from '../state/content';
import { type Kernel, TaskState } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { once } from '../kernel/sleep';
import { get_user_pages, type Gup, set_page_dirty } from './gup';
import { hex } from './mmap';
import { check_loads, read_memory, write_memory } from './usercopy';

export const calls = {
  process_vm_readv(k, task, pid, addr, len) {
    if (len >= LOFF_END) return fail('EINVAL', 'a length is a signed number here, and this one is negative');
    if (len === 0) return ok(Content.empty);
    const mm = once(k, () => mm_access(k, task, pid));
    if (typeof mm !== 'number') return mm;
    return k.in('process_vm_rw', 1, () => {
      const { content, why } = read_remote(k, mm, addr, len, { write: false, pin: true });
      return content.length === 0 && len > 0 ? fail('EFAULT', why) : ok(content);
    });
  },

  process_vm_writev(k, task, pid, addr, content) {
    if (content.length === 0) return number(0);
    const mm = once(k, () => mm_access(k, task, pid));
    if (typeof mm !== 'number') return mm;
    return k.in('process_vm_rw', 1, () => {
      const { written, why } = write_remote(k, mm, addr, content, { write: true, pin: true });
      return written === 0 && content.length > 0 ? fail('EFAULT', why) : number(written);
    });
  },

  proc_mem_write(k, task, pid, addr, content) {
    const uid = k.task.uid.get(task);
    if (k.task.state.get(pid) !== TaskState.None && uid !== 0 && uid !== k.task.uid.get(pid))
      return fail('EACCES', `/proc/${pid}/mem belongs to uid ${k.task.uid.get(pid)}`);
    const mm = once(k, () => mm_access(k, task, pid));
    if (typeof mm !== 'number') return mm;
    const last = addr % PAGE_SIZE === 0 ? addr + content.length : addr + pagesOf(content.length) * PAGE_SIZE;
    if (content.length > 0 && last >= 2 ** 64) return fail('EOVERFLOW', 'the range ends behind the largest address');
    return k.in('mem_rw', 1, () => {
      const { written, why } = write_remote(k, mm, addr, content, { write: true, force: true });
      return written === 0 && content.length > 0 ? fail('EIO', why) : number(written);
    });
  },
} satisfies Calls;

/** The address space of another process, if the task's user may look into it: `mm_access()`. */
function mm_access(k: Kernel, task: number, pid: number): number | Outcome {
  if (k.task.state.get(pid) !== TaskState.Running) return fail('ESRCH', `there is no process ${pid}`);
  return ptrace_may_access(k, task, pid) ?? k.task.mm.get(pid);
}

/** `ptrace_may_access()`: why a task's user may not look into another process; undefined: they may. */
export function ptrace_may_access(k: Kernel, task: number, pid: number): Outcome | undefined {
  const uid = k.task.uid.get(task);
  if (uid === 0 || uid === k.task.uid.get(pid)) return undefined;
  return fail('EPERM', `uid ${uid} may not look into a process of uid ${k.task.uid.get(pid)}`);
}

const pages_of = (addr: number, len: number): { start: number; count: number } => {
  const start = Math.floor(addr / PAGE_SIZE);
  return { start, count: Math.max(1, Math.ceil((addr + len) / PAGE_SIZE) - start) };
};

/** Reads up to the first page that can't be had; `why` says of which. */
export function read_remote(k: Kernel, mm: number, addr: number, len: number, how: Gup): { content: Content; why: string } {
  const { start, count } = pages_of(addr, len);
  const parts: Content[] = [];
  const bad =
    len === 0
      ? undefined
      : get_user_pages(
          k,
          mm,
          start,
          count,
          how,
          (vpn, _pfn, n) => {
            parts.push(read_memory(k, mm, vpn, n));
            check_loads(k, mm, vpn, n, addr, addr + len);
          },
          parts,
        );
  const offset = addr - start * PAGE_SIZE;
  const all = Content.join(parts);
  return { content: all.slice(Math.min(offset, all.length), Math.min(all.length, offset + len)), why: because(bad) };
}

/** Writes up to the first page that can't be had; what is written is dirty. */
export function write_remote(k: Kernel, mm: number, addr: number, content: Content, how: Gup): { written: number; why: string } {
  const { start, count } = pages_of(addr, content.length);
  const write = (vpn: number, pfn: number, n: number): void => {
    const from = Math.max(addr, vpn * PAGE_SIZE);
    const to = Math.min(addr + content.length, (vpn + n) * PAGE_SIZE);
    write_memory(k, mm, from, content.slice(from - addr, to - addr));
    set_page_dirty(k, pfn, n);
  };
  const bad = content.length === 0 ? undefined : get_user_pages(k, mm, start, count, how, write);
  const written = bad === undefined ? content.length : Math.max(0, bad.vpn * PAGE_SIZE - addr);
  return { written, why: because(bad) };
}

const because = (bad: { vpn: number; why: string } | undefined): string =>
  bad === undefined ? '' : `the page at ${hex(bad.vpn * PAGE_SIZE)}: ${bad.why}`;
