import { fail, number, ok, record, type Calls } from '../calls';
import type { Outcome } from '../api';
import { Content } from '../state/content';
import { Impossible } from '../state/impossible';
import { PG } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { folio_content } from '../mm/filemap';
import { alloc_pages, folio_put } from '../mm/page_alloc';
import { alloc_file, fd_install, O } from './file';
import type { Kiocb } from './filesystem';
import { new_inode } from './inode';

/** `PIPE_DEF_BUFFERS`: pages that a pipe holds. */
const BUFFERS = 16;

export const calls = {
  pipe(k, task) {
    const inode = new_inode(k, 0, 'pipe', { mode: 0o600, uid: k.task.uid.get(task) });
    const reader = alloc_file(k, inode, 0);
    const writer = alloc_file(k, inode, O.WRONLY);
    k.pipe.reader.set(inode, reader);
    k.pipe.writer.set(inode, writer);
    const read = fd_install(k, task, reader);
    return record('pipe', { read, write: fd_install(k, task, writer) });
  },
} satisfies Calls;

export const is_pipe = (k: Kernel, file: number): boolean => is_pipe_inode(k, k.file.inode.get(file));

export const is_pipe_inode = (k: Kernel, inode: number): boolean => k.pipe.reader.get(inode) !== 0;

/** Ids of the buffers of a pipe, oldest first. */
function buffers_of(k: Kernel, inode: number): number[] {
  const found: number[] = [];
  for (let id = k.pipe.head.get(inode); id !== 0; id = k.pipeBuffer.next.get(id)) found.push(id);
  return found;
}

const is_full = (k: Kernel, file: number): boolean => buffers_of(k, k.file.inode.get(file)).length === BUFFERS;

/** Free places of a pipe; where there is none, the writer would wait. */
export function free_buffers(k: Kernel, file: number): number {
  const free = BUFFERS - buffers_of(k, k.file.inode.get(file)).length;
  if (free === 0) throw new Impossible('would-wait', `the pipe is full: ${BUFFERS} pages`);
  return free;
}

/** Another page in the pipe, which holds a reference to it (frame 0, the zero page, needs none). */
export function add_buffer(k: Kernel, file: number, pfn: number, offset: number, length: number): void {
  const id = k.pipeBuffers.next();
  const inode = k.file.inode.get(file);
  const newest = k.pipe.tail.get(inode);
  if (newest === 0) k.pipe.head.set(inode, id);
  else k.pipeBuffer.next.set(newest, id);
  k.pipe.tail.set(inode, id);
  k.pipeBuffer.pfn.set(id, pfn);
  k.pipeBuffer.offset.set(id, offset);
  k.pipeBuffer.length.set(id, length);
  if (pfn === 0) return;
  k.page.refcount.add(pfn, 1, 1);
  k.page.pipes.add(pfn, 1, 1);
  k.trace.effect('{frames:0}: the pipe holds a reference', 1, pfn);
}

/** The oldest page leaves the pipe. */
function drop_buffer(k: Kernel, inode: number): void {
  const id = k.pipe.head.get(inode);
  const pfn = k.pipeBuffer.pfn.get(id);
  k.pipe.head.set(inode, k.pipeBuffer.next.get(id));
  if (k.pipe.tail.get(inode) === id) k.pipe.tail.set(inode, 0);
  if (pfn === 0) return;
  k.page.pipes.add(pfn, 1, -1);
  folio_put(k, pfn, 1);
}

/** What the pages of a pipe hold now, at most `len` bytes; a pipe that is empty has nothing once all writers are gone. */
export function pipe_content(k: Kernel, file: number, len: number, iocb: Kiocb = {}): Content | Outcome {
  const inode = k.file.inode.get(file);
  const parts: Content[] = [];
  for (const { pfn, offset, length } of buffers_within(k, inode, len)) {
    const bytes = pfn === 0 ? Content.zeros(PAGE_SIZE) : folio_content(k, pfn, 1);
    parts.push(bytes.slice(offset, offset + length));
  }
  if (parts.length > 0 || len === 0 || !is_open(k, inode, true)) return Content.join(parts);
  if (iocb.nowait === true) return fail('EAGAIN', 'the pipe is empty');
  throw new Impossible('would-wait', 'the pipe is empty, and somebody may still write');
}

/** `pipe_read()`: what the pages in the pipe hold now. */
export function pipe_read(k: Kernel, file: number, len: number, iocb: Kiocb = {}): Outcome {
  const content = pipe_content(k, file, len, iocb);
  if ('kind' in content) return content;
  pipe_consume(k, file, content.length);
  return ok(content);
}

/** The oldest `len` bytes leave the pipe. */
export function pipe_consume(k: Kernel, file: number, len: number): void {
  const { offset, length } = k.pipeBuffer;
  const inode = k.file.inode.get(file);
  for (const { id, length: n } of buffers_within(k, inode, len)) {
    if (n === length.get(id)) drop_buffer(k, inode);
    else {
      offset.set(id, offset.get(id) + n);
      length.set(id, length.get(id) - n);
    }
  }
}

/** As many of the oldest `len` bytes as another pipe has room for go there too (`link_pipe()`): both hold the pages. Gives how many. */
export function pipe_link(k: Kernel, from: number, to: number, len: number): number {
  let linked = 0;
  for (const { pfn, offset, length } of buffers_within(k, k.file.inode.get(from), len).slice(0, free_buffers(k, to))) {
    add_buffer(k, to, pfn, offset, length);
    linked += length;
  }
  return linked;
}

/** The buffers that have the oldest `len` bytes of a pipe, the last one as far as these go. */
function buffers_within(k: Kernel, inode: number, len: number): { id: number; pfn: number; offset: number; length: number }[] {
  const { pfn, offset, length } = k.pipeBuffer;
  const found: { id: number; pfn: number; offset: number; length: number }[] = [];
  let left = len;
  for (const id of buffers_of(k, inode)) {
    if (left === 0) break;
    const n = Math.min(left, length.get(id));
    found.push({ id, pfn: pfn.get(id), offset: offset.get(id), length: n });
    left -= n;
  }
  return found;
}

/** `pipe_write()`: copies into pages of the pipe's own. */
export function pipe_write(k: Kernel, file: number, content: Content, iocb: Kiocb = {}): Outcome {
  const broken = nobody_reads(k, file);
  if (broken !== undefined) return broken;
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

/** A pipe that nobody has open for reading takes nothing. */
export const nobody_reads = (k: Kernel, file: number): Outcome | undefined =>
  is_open(k, k.file.inode.get(file), false) ? undefined : fail('EPIPE', 'nobody has the pipe open for reading');

/** Whether anybody has that end of a pipe open. */
const is_open = (k: Kernel, inode: number, write: boolean): boolean =>
  k.file.refs.get((write ? k.pipe.writer : k.pipe.reader).get(inode)) > 0;

/** `free_pipe_info()`: nobody has it open any more. */
export function free_pipe(k: Kernel, inode: number): void {
  while (k.pipe.head.get(inode) !== 0) drop_buffer(k, inode);
}
