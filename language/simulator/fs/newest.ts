import type { Outcome } from '../api';
import { Killed } from '../mm/oom_kill';
import { Content } from '../state/content';
import type { Column } from '../state/column';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE, target } from '../state/shift';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { device_of } from './extents';

/**
 * What a read of each file has to return: the newest write, kept beside the page cache and the disk and by nothing but the calls and stores that
 * change a file (`k.newest`, page index → content's number), whatever design is on and on whatever host they run. Bytes of a file on disk behind its
 * end are zeros here: stores there are nobody's promise. On tmpfs they stay, as its pages are all there is.
 */
const contents_of = (k: Kernel, inode: number): Column => k.newest.of(inode).content;

/** Whether what a file must return is known: not of pipes, nor of an overlay's own pages (`cache = stacked`), which nothing keeps in step with its layers. */
export function is_tracked(k: Kernel, inode: number): boolean {
  const kind = k.mapping.aops.get(k.inode.mapping.get(inode));
  return kind === AddressSpaceKind.Disk || kind === AddressSpaceKind.Shmem;
}

const is_shmem = (k: Kernel, inode: number): boolean => k.mapping.aops.get(k.inode.mapping.get(inode)) === AddressSpaceKind.Shmem;

/** The newest bytes of `count` pages from `index`. */
export function newest_pages(k: Kernel, inode: number, index: number, count: number): Content {
  const parts: Content[] = [];
  contents_of(k, inode).runs(index, count, (at, n, number) => parts.push(k.contents.run(number, at, n)));
  return parts.length === 1 ? parts[0]! : Content.join(parts);
}

/** The newest `length` bytes from `position`. */
export function newest_bytes(k: Kernel, inode: number, position: number, length: number): Content {
  const index = Math.floor(position / PAGE_SIZE);
  const from = position - index * PAGE_SIZE;
  return newest_pages(k, inode, index, pagesOf(from + length)).slice(from, from + length);
}

/** Whether `count` frames (or blocks) from `address`, which hold `number`, are what the file must return from page `index` on; without what lies behind its end. */
export function is_newest(k: Kernel, inode: number, index: number, number: number, address: number, count: number): boolean {
  const column = contents_of(k, inode);
  const expected = k.contents.moved(number, index - address);
  if (column.get(index) === expected && column.runEnd(index, index + count) === index + count) return true;
  const bytes = Math.min(count * PAGE_SIZE, k.inode.size.get(inode) - index * PAGE_SIZE);
  if (bytes <= 0) return true;
  return k.contents
    .run(number, address, count)
    .slice(0, bytes)
    .equals(newest_pages(k, inode, index, count).slice(0, bytes));
}

/** `content` was written at `position` (bytes). */
export function wrote(k: Kernel, inode: number, position: number, content: Content): void {
  if (!is_tracked(k, inode)) return;
  const column = contents_of(k, inode);
  const end = position + content.length;
  for (let at = position; at < end;) {
    const index = Math.floor(at / PAGE_SIZE);
    const offset = at - index * PAGE_SIZE;
    const whole = offset === 0 ? Math.floor((end - at) / PAGE_SIZE) : 0;
    const length = whole > 0 ? whole * PAGE_SIZE : Math.min(PAGE_SIZE - offset, end - at);
    const bytes = content.slice(at - position, at - position + length);
    if (whole > 0) column.fill(index, whole, k.contents.layout(bytes, index));
    else {
      const page = newest_pages(k, inode, index, 1);
      column.set(index, k.contents.page(Content.join([page.slice(0, offset), bytes, page.slice(offset + length, PAGE_SIZE)])));
    }
    at += length;
  }
}

/** `content` was stored through a shared mapping. */
export function stored(k: Kernel, inode: number, position: number, content: Content): void {
  const inside = is_shmem(k, inode) ? content.length : k.inode.size.get(inode) - position;
  if (inside > 0) wrote(k, inode, position, content.slice(0, inside));
}

/** The bytes `from` … `to` of a file are zeros now. */
function zeroed(k: Kernel, inode: number, from: number, to: number): void {
  if (to <= from) return;
  const first = pagesOf(from);
  const last = Math.floor(to / PAGE_SIZE);
  if (first > last) return wrote(k, inode, from, Content.zeros(to - from));
  wrote(k, inode, from, Content.zeros(first * PAGE_SIZE - from));
  if (last > first) contents_of(k, inode).fill(first, last - first, 0);
  wrote(k, inode, last * PAGE_SIZE, Content.zeros(to - last * PAGE_SIZE));
}

/** The size changes: what lay behind a smaller one is gone. `old`: in bytes, before. */
function resized(k: Kernel, inode: number, old: number): void {
  const size = k.inode.size.get(inode);
  if (size < old) zeroed(k, inode, size, Math.max(pagesOf(old), written_end(k, inode)) * PAGE_SIZE);
}

const written_end = (k: Kernel, inode: number): number => contents_of(k, inode).runStart(Number.MAX_SAFE_INTEGER, 0);

/** `length` bytes of `source` from `from` (whole pages, or up to the end) are now `target`'s from `to`, too. */
export function cloned(k: Kernel, source: number, target: number, from: number, to: number, length: number): void {
  const column = contents_of(k, target);
  const [index, first] = [from / PAGE_SIZE, to / PAGE_SIZE];
  const runs: { at: number; n: number; number: number }[] = [];
  contents_of(k, source).runs(index, pagesOf(length), (at, n, number) => runs.push({ at, n, number }));
  for (const { at, n, number } of runs) column.fill(at - index + first, n, k.contents.moved(number, first - index));
}

/** All of `source` is `target`'s content, too (snapshots, declared reflinks). */
export function cloned_whole(k: Kernel, source: number, target: number): void {
  if (source === target) return;
  cloned(k, source, target, 0, 0, Math.max(written_end(k, source), written_end(k, target)) * PAGE_SIZE);
}

/** FALLOC_FL_COLLAPSE_RANGE and FALLOC_FL_INSERT_RANGE: pages behind the range change their place. */
function shifted(k: Kernel, inode: number, insert: boolean, first: number, count: number): void {
  const end = written_end(k, inode);
  const from = insert ? first : first + count;
  const by = insert ? count : -count;
  if (end > from) cloned(k, inode, inode, from * PAGE_SIZE, (from + by) * PAGE_SIZE, (end - from) * PAGE_SIZE);
  if (insert) contents_of(k, inode).fill(first, count, 0);
  else if (end > first) contents_of(k, inode).fill(Math.max(first, end - count), Math.min(count, end - first), 0);
}

/** What fallocate(2) changes in a file. */
export type Allocation = 'zero' | 'insert' | 'collapse' | undefined;

export function allocated(k: Kernel, inode: number, what: Allocation, offset: number, length: number): void {
  if (!is_tracked(k, inode)) return;
  if (what === 'zero') zeroed(k, inode, offset, offset + length);
  else if (what !== undefined) shifted(k, inode, what === 'insert', offset / PAGE_SIZE, length / PAGE_SIZE);
}

/** What is there becomes what must be there: where a step ended in the middle of a change. */
function accept(k: Kernel, inode: number): void {
  if (!is_tracked(k, inode)) return;
  const mapping = k.inode.mapping.get(inode);
  const column = contents_of(k, inode);
  const end = Math.max(pagesOf(k.inode.size.get(inode)), written_end(k, inode));
  if (end > 0) column.fill(0, end, 0);
  for (let at = 0; at < end;) {
    const { pfn, count } = k.design.lookup(k, mapping, at, end - at);
    if (pfn !== 0)
      k.page.content.runs(pfn, count, (frame, n, number) => column.fill(at + frame - pfn, n, k.contents.moved(number, at - pfn)));
    else if (!is_shmem(k, inode)) accept_disk(k, inode, at, count);
    at += count;
  }
  const size = k.inode.size.get(inode);
  if (!is_shmem(k, inode)) zeroed(k, inode, size, end * PAGE_SIZE);
}

function accept_disk(k: Kernel, inode: number, index: number, count: number): void {
  const column = contents_of(k, inode);
  const { blocks, unwritten } = k.extents.of(inode);
  const { content } = k.device.of(device_of(k, inode));
  blocks.runs(index, count, (start, length, value) => {
    if (value === NONE) return;
    unwritten.runs(start, length, (at, n, fresh) => {
      const block = target(at, value);
      if (fresh === 0)
        content.runs(block, n, (from, some, number) => column.fill(at + from - block, some, k.contents.moved(number, at - block)));
    });
  });
  const kept = k.inode.inline.get(inode);
  if (kept !== 0 && index === 0) column.set(0, k.contents.moved(kept - 1, 0));
}

/** Runs `change` of a file's content; where the OOM killer ends it in the middle, whatever it has done counts. */
export function changing<T>(k: Kernel, inode: number, change: () => T): T {
  try {
    return change();
  } catch (problem) {
    if (problem instanceof Killed) accept(k, inode);
    throw problem;
  }
}

/** Runs `change` of a file's size. */
export function resizing(k: Kernel, inode: number, change: () => void): void {
  const old = k.inode.size.get(inode);
  changing(k, inode, change);
  if (is_tracked(k, inode)) resized(k, inode, old);
}

/** A read or a load did not return the newest write: told, and counted in `stale_reads`, once a step. */
export function stale_read(k: Kernel, inode: number, what: string): void {
  if (k.violated.some(({ invariant }) => invariant === 'stale_read')) return;
  k.count('stale_reads', 1);
  k.trace.effect('stale read: {file:0} was written since', 1, inode);
  k.violate('stale_read', `${what} of ${k.names.text(k.inode.path.get(inode))} did not return the newest write`);
}

/** Holds what a read returned from `position` on against the newest write. */
export function check_read(k: Kernel, inode: number, position: number, content: Content, what: string): void {
  if (content.length === 0 || !is_tracked(k, inode)) return;
  const inside = Math.min(content.length, k.inode.size.get(inode) - position);
  if (inside > 0 && !content.slice(0, inside).equals(newest_bytes(k, inode, position, inside)))
    stale_read(k, inode, `${what} at byte ${position}`);
}

/** Bytes that a `write_iter()` has written; 0 where it failed. */
export const bytes_written = (outcome: Outcome): number => (outcome.kind === 'ok' ? Number(outcome.value) : 0);
