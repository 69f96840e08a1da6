import type { Content } from '../state/content';
import { any, clear, PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';

/** Calls that sleep in the middle while the disk reads; every other waits until all reads are over, and does its work in one go. */
export const SLEEPERS: ReadonlySet<string> = new Set(['read', 'pread', 'load', 'store', 'touch']);

/** How far a call that may sleep has come; `Machine.step` hands it on to when the call is woken. */
export interface Nap {
  /** What has been read so far: it is kept, whatever becomes of the pages. */
  parts: Content[];
  /** Where it goes on: a byte of the file, or a page number of memory. */
  at: number | undefined;
  /** Of read(2): the open file, which it holds, and the page that was read last. */
  file: number;
  lastPage: number;
  /** Whether it has had anything read since it went on. */
  missed: boolean;
  /** A fault that let go of its lock to wait (FAULT_FLAG_TRIED) for pages up to `until`; `missed`: none was cached, and it read them. */
  tried: { readonly until: number; readonly missed: boolean } | undefined;
  /** Frames that it sleeps on. */
  on: { readonly pfn: number; readonly count: number } | undefined;
}

/** A call that has not slept yet. */
export const AWAKE: Readonly<Nap> = { parts: [], at: undefined, file: 0, lastPage: 0, missed: false, tried: undefined, on: undefined };

/** Thrown where a call sleeps; what it has done stays. `Machine.step` catches it. */
export class Sleep extends Error {
  constructor(
    readonly pfn: number,
    readonly count: number,
  ) {
    super('the page is locked until the disk has read it');
  }
}

/** `reads`: `disk_reads` before `->read_folio()` was called. Where blocks are read for a call that may sleep, the frames are locked until `end_reads()`. */
export function lock_while_read(k: Kernel, pfn: number, count: number, reads: number): void {
  if (k.nap === undefined || k.counter('disk_reads') === reads) return;
  k.nap.missed = true;
  const id = k.bios.next();
  k.bio.pfn.set(id, pfn);
  k.bio.count.set(id, count);
  k.page.flags.update(pfn, count, (flags) => set(clear(flags, PG.uptodate), PG.locked));
  k.trace.effect('{frames:0} locked while the disk reads', count, pfn);
}

/**
 * How many frames of a run that was looked up can be used: up to the first that is still being read. Where that is the first of all, the caller sleeps
 * (`folio_wait_locked_killable()`) and looks up again when it is woken. At one place it sleeps once: so it comes to an end even where pages go as fast as they come.
 */
export function wait_until_read(k: Kernel, pfn: number, count: number): number {
  if (k.bioList.first.get(0) === k.bios.count) return count;
  const ready = locked_from(k, pfn, count, false);
  if (ready > 0) return ready;
  const locked = locked_from(k, pfn, count, true);
  const { tried, at } = k.nap!;
  if (tried !== undefined && at! < tried.until) {
    k.trace.effect('{frames:0}: it has slept for this once, and waits without letting go', locked, pfn);
    end_reads(k, pfn, locked);
    return locked;
  }
  k.page.flags.update(pfn, locked, (flags) => set(flags, PG.waiters));
  k.trace.effect('asleep on the lock of {frames:0}', locked, pfn);
  throw new Sleep(pfn, locked);
}

/** Frames from `pfn` on that are alike in being locked for reading or not: 0 where the first is otherwise. */
function locked_from(k: Kernel, pfn: number, count: number, locked: boolean): number {
  let found = 0;
  k.page.flags.runs(pfn, count, (_at, n, flags) => {
    if ((any(flags, PG.locked) && !any(flags, PG.uptodate)) !== locked) return true;
    found += n;
    return false;
  });
  return found;
}

/** The disk has read everything that was asked of it, or all that concerns `count` frames from `pfn`: `folio_end_read()`. */
export function end_reads(k: Kernel, pfn = 0, count = Infinity): void {
  const { first } = k.bioList;
  const last = k.bios.count;
  for (let id = first.get(0) + 1; id <= last; id++) {
    const from = k.bio.pfn.get(id);
    const length = k.bio.count.get(id);
    if (length > 0 && from < pfn + count && pfn < from + length) end_read(k, id, from, length);
    if (k.bio.count.get(id) === 0 && first.get(0) === id - 1) first.set(0, id);
  }
}

function end_read(k: Kernel, id: number, pfn: number, count: number): void {
  k.bio.count.set(id, 0);
  k.in('folio_end_read', count, () => {
    k.page.flags.runs(pfn, count, (at, n, flags) => {
      if (any(flags, PG.locked)) k.page.flags.fill(at, n, set(clear(flags, PG.locked + PG.waiters), PG.uptodate));
    });
    k.trace.effect('the disk has read {frames:0}: uptodate and unlocked', count, pfn);
  });
}
