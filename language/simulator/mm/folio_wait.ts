import { filesystem_of } from '../fs/filesystem';
import { type Asleep, Sleep } from '../kernel/sleep';
import { any, clear, PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { NONE, target } from '../state/shift';
import { is_dropbehind } from './dropbehind';
import { whole_folios } from './folio';
import { frame_runs } from './rmap';
import { folio_rotate_reclaimable } from './swap';

const nothing_under_way = (k: Kernel): boolean => k.bioList.first.get(0) === k.bios.count;

/** `reads`: `disk_reads` before `->read_folio()` was called. Where blocks are read for a call that may sleep, the frames are locked until `end_io()`. */
export function lock_while_read(k: Kernel, pfn: number, count: number, reads: number): void {
  if (k.nap === undefined || k.counter('disk_reads') === reads) return;
  k.nap.missed = true;
  submit(k, pfn, count, false);
  k.page.flags.update(pfn, count, (flags) => set(clear(flags, PG.uptodate), PG.locked));
  k.trace.effect('{frames:0} locked while the disk reads', count, pfn);
}

/** Frames that have been given to the disk to be written: they stay under writeback until it has, which is at once where nobody may sleep. */
export function write_submitted(k: Kernel, pfn: number, count: number): void {
  if (k.nap === undefined) folio_end_writeback(k, pfn, count);
  else submit(k, pfn, count, true);
}

function submit(k: Kernel, pfn: number, count: number, write: boolean): void {
  const id = k.bios.next();
  k.bio.pfn.set(id, pfn);
  k.bio.count.set(id, count);
  k.bio.write.set(id, write ? 1 : 0);
}

/**
 * How many frames of a run that was looked up can be used: up to the first that is still being read. Where that is the first of all, the caller sleeps
 * (`folio_wait_locked_killable()`) and looks up again when it is woken. At one place it sleeps once: so it comes to an end even where pages go as fast as they come.
 */
export function wait_until_read(k: Kernel, pfn: number, count: number): number {
  if (nothing_under_way(k)) return count;
  const ready = alike(k, pfn, count, is_read, false);
  if (ready > 0) return ready;
  const locked = alike(k, pfn, count, is_read, true);
  if (k.nap !== undefined && k.nap.retry === undefined) {
    k.page.flags.update(pfn, locked, (flags) => set(flags, PG.waiters));
    k.trace.effect('asleep on the lock of {frames:0}', locked, pfn);
    throw new Sleep({ kind: 'read', pfn, count: locked }, 'the page is locked until the disk has read it');
  }
  if (k.nap !== undefined) k.trace.effect('{frames:0}: it has slept for this once, and waits without letting go', locked, pfn);
  end_io(k, pfn, locked);
  return locked;
}

/** How many of `count` frames from `pfn` on are uptodate, up to the first that is not. */
export const uptodate_pages = (k: Kernel, pfn: number, count: number): number => alike(k, pfn, count, is_uptodate, true);

/** How many of `count` frames from `pfn` on are not uptodate, up to the first that is. */
export const not_uptodate_pages = (k: Kernel, pfn: number, count: number): number => alike(k, pfn, count, is_uptodate, false);

/**
 * `filemap_update_page()`: frames that are cached and not uptodate, though nobody reads them, hold what they should; the first use says so. Gives how many of
 * `count` frames from `pfn` are of one kind, and whether this happened to them.
 */
export function filemap_update_page(k: Kernel, pfn: number, count: number): { readonly count: number; readonly updated: boolean } {
  const ready = uptodate_pages(k, pfn, count);
  if (ready > 0) return { count: ready, updated: false };
  const n = not_uptodate_pages(k, pfn, count);
  k.page.flags.update(pfn, n, (flags) => set(flags, PG.uptodate));
  k.trace.effect('{frames:0} is uptodate from now on: it holds all that it should, and nothing is read', n, pfn);
  return { count: n, updated: true };
}

/** Runs of `count` frames from `pfn` that are uptodate, and that are not. */
export function uptodate_runs(k: Kernel, pfn: number, count: number, visit: (uptodate: boolean, count: number) => void): void {
  for (let done = 0; done < count;) {
    const ready = uptodate_pages(k, pfn + done, count - done);
    const n = ready > 0 ? ready : not_uptodate_pages(k, pfn + done, count - done);
    visit(ready > 0, n);
    done += n;
  }
}

/** `folio_wait_writeback()`: sleeps while any of `count` frames is being written. */
export function folio_wait_writeback(k: Kernel, pfn: number, count: number): void {
  if (nothing_under_way(k)) return;
  const first = pfn + alike(k, pfn, count, is_written, false);
  if (first === pfn + count) return;
  const n = alike(k, first, pfn + count - first, is_written, true);
  if (k.nap === undefined) {
    end_io(k, pfn, count);
    return;
  }
  k.page.flags.update(first, n, (flags) => set(flags, PG.waiters));
  k.trace.effect('asleep until {frames:0} are written', n, first);
  throw new Sleep({ kind: 'writeback', pfn: first, count: n }, 'the page is under writeback until the disk has written it');
}

/** Sleeps while any page that is cached of `count` from `index` is being written, and with `reads` while it is being read. */
export function wait_for_io(k: Kernel, mapping: number, index: number, count: number, reads: boolean): void {
  if (nothing_under_way(k)) return;
  k.space.of(mapping).pages.runs(index, count, (at, n, value) => {
    if (value === NONE) return;
    const pfn = target(at, value);
    for (let done = 0; reads && done < n;) done += wait_until_read(k, pfn + done, n - done);
    folio_wait_writeback(k, pfn, n);
  });
}

const is_read = (flags: number): boolean => any(flags, PG.locked) && !any(flags, PG.uptodate);
const is_uptodate = (flags: number): boolean => any(flags, PG.uptodate);
const is_written = (flags: number): boolean => any(flags, PG.writeback);

/** Frames from `pfn` on of which `what` is as `wanted`: 0 where the first is otherwise. */
function alike(k: Kernel, pfn: number, count: number, what: (flags: number) => boolean, wanted: boolean): number {
  let found = 0;
  k.page.flags.runs(pfn, count, (_at, n, flags) => {
    if (what(flags) !== wanted) return true;
    found += n;
    return false;
  });
  return found;
}

/** The disk has done everything that was asked of it, or all that concerns `count` frames from `pfn`. */
export function end_io(k: Kernel, pfn = 0, count = Infinity): void {
  if (nothing_under_way(k)) return;
  const { first } = k.bioList;
  const last = k.bios.count;
  for (let id = first.get(0) + 1; id <= last; id++) {
    const from = k.bio.pfn.get(id);
    const length = k.bio.count.get(id);
    if (length > 0 && concerns(k, from, length, pfn, count)) {
      k.bio.count.set(id, 0);
      if (k.bio.write.get(id) === 1) {
        folio_end_writeback(k, from, length);
        folio_end_dropbehind(k, from, length);
      } else folio_end_read(k, from, length);
    }
    if (k.bio.count.get(id) === 0 && first.get(0) === id - 1) first.set(0, id);
  }
}

/** `folio_end_dropbehind()`: such pages have been written. */
export function folio_end_dropbehind(k: Kernel, pfn: number, count: number): void {
  if (!is_dropbehind(k, pfn, count)) return;
  const { end_dropbehind } = filesystem_of(k, k.mapping.host.get(k.page.mapping.get(pfn))).a_ops;
  if (end_dropbehind) k.in('folio_end_dropbehind', count, () => end_dropbehind(k, pfn, count));
  else k.trace.effect('{frames:0}: written, as an interrupt says: nothing can be dropped there', count, pfn);
}

/** Whether the folios of `length` frames from `from` have any of `count` from `pfn`. */
function concerns(k: Kernel, from: number, length: number, pfn: number, count: number): boolean {
  const folios = whole_folios(k, from, length);
  return folios.pfn < pfn + count && pfn < folios.pfn + folios.count;
}

/** What a call has slept for has happened. */
export function woken(k: Kernel, { on }: Asleep): void {
  if (on.kind === 'read' || on.kind === 'writeback') end_io(k, on.pfn, on.count);
}

function folio_end_read(k: Kernel, pfn: number, count: number): void {
  k.in('folio_end_read', count, () => {
    k.page.flags.runs(pfn, count, (at, n, flags) => {
      if (any(flags, PG.locked)) k.page.flags.fill(at, n, set(clear(flags, PG.locked + PG.waiters), PG.uptodate));
    });
    k.trace.effect('the disk has read {frames:0}: uptodate and unlocked', count, pfn);
  });
}

function folio_end_writeback(k: Kernel, pfn: number, count: number): void {
  k.in('folio_end_writeback', count, () => {
    const folios = whole_folios(k, pfn, count);
    frame_runs(k, folios.pfn, folios.count, ['flags'], (first, n) => {
      const flags = k.page.flags.get(first);
      k.page.flags.fill(first, n, clear(flags, PG.writeback + PG.reclaim + PG.waiters));
      if (any(flags, PG.reclaim)) folio_rotate_reclaimable(k, first, n);
    });
    const again = any(k.page.flags.get(pfn), PG.dirty);
    k.trace.effect(again ? '{frames:0} written, and dirty again meanwhile' : '{frames:0} clean', count, pfn);
  });
}
