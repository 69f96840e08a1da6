import { beyond, LOFF_END } from '../arguments';
import { fail, number, ok, record, type Calls } from '../calls';
import type { Outcome } from '../api';
import { Content } from '../state/content';
import { Impossible } from '../state/impossible';
import { PG } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_get_pages, folio_content } from '../mm/filemap';
import { get_user_pages } from '../mm/gup';
import { access_ok, hex } from '../mm/mmap';
import { alloc_pages, folio_put } from '../mm/page_alloc';
import { alloc_file, ebadf, fd_install, fget, O, readable, writable } from './file';
import type { Kiocb } from './filesystem';
import { new_inode } from './inode';

/** `PIPE_DEF_BUFFERS`: pages that a pipe holds. */
const BUFFERS = 16;

export const calls = {
  pipe(k, task) {
    const inode = new_inode(k, 0, 'pipe', { mode: 0o600, uid: k.task.uid.get(task) });
    k.mapping.pipe.set(k.inode.mapping.get(inode), 1);
    const read = fd_install(k, task, alloc_file(k, inode, 0));
    return record('pipe', { read, write: fd_install(k, task, alloc_file(k, inode, O.WRONLY)) });
  },

  splice(k, task, fd_in, fd_out, len) {
    if (len === 0) return number(0);
    const from = fget(k, task, fd_in);
    const to = fget(k, task, fd_out);
    if (from === 0 || !readable(k, from)) return ebadf(fd_in);
    if (to === 0 || !writable(k, to)) return ebadf(fd_out);
    if (is_pipe(k, from)) throw new Impossible('not-implemented', 'splice out of a pipe is not simulated yet: read it');
    if (!is_pipe(k, to)) return fail('EINVAL', 'neither descriptor is a pipe');
    if (k.inode.directory.get(k.file.inode.get(from)) !== 0) return fail('EINVAL', `descriptor ${fd_in} is a directory`);
    if (beyond(k.file.position.get(from), len)) return fail('EINVAL', 'the range reaches beyond the largest offset');
    return k.in('filemap_splice_read', 1, () => splice_from_file(k, from, to, len));
  },

  vmsplice(k, task, fd, addr, len) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (len >= LOFF_END) return fail('EINVAL', 'a length is a signed number here, and this one is negative');
    if (!access_ok(addr, len)) return fail('EFAULT', `${len} bytes from ${hex(addr)} leave user space`);
    if (len === 0) return number(0);
    if (!is_pipe(k, file)) return fail('EBADF', `descriptor ${fd} is no pipe`);
    if (!writable(k, file)) throw new Impossible('not-implemented', 'vmsplice out of a pipe is not simulated: read it');
    const first = Math.floor(addr / PAGE_SIZE);
    const pages = Math.min(pagesOf(addr + len) - first, free_buffers(k, file));
    const end = Math.min(addr + len, (first + pages) * PAGE_SIZE);
    let taken = 0;
    const bad = get_user_pages(k, k.task.mm.get(task), first, pages, { write: false }, (vpn, pfn, count) => {
      for (let i = 0; i < count; i++) {
        const at = Math.max(addr, (vpn + i) * PAGE_SIZE);
        const length = Math.min(end, (vpn + i + 1) * PAGE_SIZE) - at;
        add_buffer(k, file, pfn === 0 ? 0 : pfn + i, at % PAGE_SIZE, length);
        taken += length;
      }
    });
    return bad !== undefined && taken === 0 ? fail('EFAULT', bad.why) : number(taken);
  },
} satisfies Calls;

export const is_pipe = (k: Kernel, file: number): boolean => k.mapping.pipe.get(k.inode.mapping.get(k.file.inode.get(file))) !== 0;

/** Ids of the buffers of a pipe, oldest first. */
function buffers_of(k: Kernel, inode: number): number[] {
  const found: number[] = [];
  for (let id = 1; id <= k.pipeBuffers.count; id++)
    if (k.pipeBuffer.inode.get(id) === inode && k.pipeBuffer.length.get(id) > 0) found.push(id);
  return found;
}

const is_full = (k: Kernel, file: number): boolean => buffers_of(k, k.file.inode.get(file)).length === BUFFERS;

/** Free places of a pipe; where there is none, the writer would wait. */
function free_buffers(k: Kernel, file: number): number {
  const free = BUFFERS - buffers_of(k, k.file.inode.get(file)).length;
  if (free === 0) throw new Impossible('would-wait', `the pipe is full: ${BUFFERS} pages`);
  return free;
}

/** Another page in the pipe, which holds a reference to it (frame 0, the zero page, needs none). */
function add_buffer(k: Kernel, file: number, pfn: number, offset: number, length: number): void {
  const id = k.pipeBuffers.next();
  k.pipeBuffer.inode.set(id, k.file.inode.get(file));
  k.pipeBuffer.pfn.set(id, pfn);
  k.pipeBuffer.offset.set(id, offset);
  k.pipeBuffer.length.set(id, length);
  if (pfn === 0) return;
  k.page.refcount.add(pfn, 1, 1);
  k.page.pipes.add(pfn, 1, 1);
  k.trace.effect('{frames:0}: the pipe holds a reference', 1, pfn);
}

function drop_buffer(k: Kernel, id: number): void {
  const pfn = k.pipeBuffer.pfn.get(id);
  k.pipeBuffer.length.set(id, 0);
  if (pfn === 0) return;
  k.page.pipes.add(pfn, 1, -1);
  folio_put(k, pfn, 1);
}

function splice_from_file(k: Kernel, from: number, to: number, len: number): Outcome {
  const inode = k.file.inode.get(from);
  const start = k.file.position.get(from);
  let left = free_buffers(k, to);
  let at = start;
  for (const end = Math.min(start + len, k.inode.size.get(inode)); at < end && left > 0; left--) {
    const index = Math.floor(at / PAGE_SIZE);
    const { pfn } = filemap_get_pages(k, k.inode.mapping.get(inode), index, 1);
    const length = Math.min(end, (index + 1) * PAGE_SIZE) - at;
    add_buffer(k, to, pfn, at % PAGE_SIZE, length);
    at += length;
  }
  k.file.position.set(from, at);
  return number(at - start);
}

/** `pipe_read()`: what the pages in the pipe hold now; nothing once all writers are gone. */
export function pipe_read(k: Kernel, file: number, len: number, iocb: Kiocb = {}): Outcome {
  const inode = k.file.inode.get(file);
  const parts: Content[] = [];
  let left = len;
  for (const id of buffers_of(k, inode)) {
    if (left === 0) break;
    const { pfn, offset, length } = k.pipeBuffer;
    const n = Math.min(left, length.get(id));
    const from = offset.get(id);
    const bytes = pfn.get(id) === 0 ? Content.zeros(PAGE_SIZE) : folio_content(k, pfn.get(id), 1);
    parts.push(bytes.slice(from, from + n));
    left -= n;
    if (n === length.get(id)) drop_buffer(k, id);
    else {
      offset.set(id, from + n);
      length.set(id, length.get(id) - n);
    }
  }
  const empty = parts.length === 0 && len > 0 && is_open(k, inode, true);
  if (empty && iocb.nowait === true) return fail('EAGAIN', 'the pipe is empty');
  if (empty) throw new Impossible('would-wait', 'the pipe is empty, and somebody may still write');
  return ok(Content.join(parts));
}

/** `pipe_write()`: copies into pages of the pipe's own. */
export function pipe_write(k: Kernel, file: number, content: Content, iocb: Kiocb = {}): Outcome {
  if (!is_open(k, k.file.inode.get(file), false)) return fail('EPIPE', 'nobody has the pipe open for reading');
  if (iocb.nowait === true && is_full(k, file)) return fail('EAGAIN', 'the pipe is full');
  const pages = Math.min(pagesOf(content.length), free_buffers(k, file));
  for (let i = 0; i < pages; i++) {
    const { pfn } = alloc_pages(k, 1, k.task.cgroup.get(k.current));
    const bytes = content.slice(i * PAGE_SIZE, Math.min(content.length, (i + 1) * PAGE_SIZE));
    k.page.flags.set(pfn, PG.uptodate);
    k.page.content.set(pfn, k.contents.page(bytes.concat(Content.zeros(PAGE_SIZE - bytes.length))));
    add_buffer(k, file, pfn, 0, bytes.length);
    folio_put(k, pfn, 1);
  }
  return number(Math.min(content.length, pages * PAGE_SIZE));
}

/** Whether anybody has that end of a pipe open. */
function is_open(k: Kernel, inode: number, write: boolean): boolean {
  for (let file = 1; file <= k.files.count; file++)
    if (k.file.refs.get(file) > 0 && k.file.inode.get(file) === inode && (write ? writable : readable)(k, file)) return true;
  return false;
}

/** `free_pipe_info()`: nobody has it open any more. */
export function free_pipe(k: Kernel, inode: number): void {
  for (const id of buffers_of(k, inode)) drop_buffer(k, id);
}
