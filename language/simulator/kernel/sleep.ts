import type { Content } from '../state/content';
import type { Kernel } from '../state/kernel';

/** What a call that sleeps waits for. */
export type Wait =
  /** `folio_lock()`, `folio_wait_writeback()`: the disk reads or writes `count` frames from `pfn`. */
  | { readonly kind: 'read' | 'writeback'; readonly pfn: number; readonly count: number }
  /** `blk_io_schedule()`: the device works on the caller's own buffer. */
  | { readonly kind: 'device' }
  /** `handle_userfault()`: somebody resolves the fault (mm/userfaultfd_wait.ts); `minor`: it was the CPU's in user mode, and had nothing read before. */
  | { readonly kind: 'userfault'; readonly wait: number; readonly minor: boolean }
  | { readonly kind: 'lock'; readonly lock: Lock };

/** A lock that a call holds while it sleeps, or waits for (kernel/locks.ts). `of`: an inode for `i_rwsem`, an open file for `f_pos_lock`. */
export interface Lock {
  readonly kind: LockKind;
  readonly of: number;
  readonly shared: boolean;
}

export const enum LockKind {
  i_rwsem = 1,
  f_pos_lock = 2,
}

/** Thrown where a call sleeps; what it has done stays. `Machine.step` catches it. */
export class Sleep extends Error {
  constructor(
    readonly on: Wait,
    why: string,
  ) {
    super(why);
  }
}

/** What has been done, and what came of it. `depth`: how many things that are being done it is a part of. */
interface Done {
  readonly depth: number;
  readonly value: unknown;
}

/** How far a call has come that sleeps; `Machine.step` hands it on to when the call is woken. Never changed. */
export interface Asleep {
  readonly done: readonly Done[];
  readonly files: readonly number[];
  readonly locks: readonly Lock[];
  readonly tried: Tried | undefined;
  readonly on: Wait;
}

/**
 * A place at which the call slept until pages up to `until` were read. `missed`: none was cached, and it had them read itself. `userfault`: it slept until
 * somebody resolved the fault. The `first` such sleep of an access in user mode is not counted as one (the fault held the lock of its VMA only), unless it had a page read before.
 */
interface Tried {
  readonly until: number;
  readonly missed: boolean;
  readonly userfault?: 'first' | 'again';
}

/** Of a call that waits before it has done anything. */
export const NOTHING_DONE: Asleep = { done: [], files: [], locks: [], tried: undefined, on: { kind: 'device' } };

interface Gathered {
  readonly at: number;
  readonly parts: readonly Content[];
}

/**
 * A call that may sleep, while it runs. When it is woken the call is made again from its beginning, and goes past what it has done already: that is kept in
 * `done`, in order, a part of something only until all of it is done. What is not kept is done again, as the kernel starts again where it let go of a lock.
 */
export class Nap {
  private readonly done: Done[];
  /** How many of `done` it has passed, and the loops that it is in, by their place there. */
  private passed = 0;
  private readonly loops: number[] = [];
  private depth = 0;
  /** Whether it has slept before. */
  readonly slept: boolean;
  /** Open files that it holds. */
  readonly files: number[];
  /** Locks that it holds. */
  readonly locks: Lock[] = [];
  /** Where it works: a page number of memory or of a file; whether it has had anything read there, and whether it slept there before. */
  private place = NaN;
  missed = false;
  private tried: Tried | undefined;

  constructor(before: Asleep | undefined) {
    this.done = [...(before?.done ?? [])];
    this.files = [...(before?.files ?? [])];
    this.tried = before?.tried;
    this.slept = before !== undefined;
  }

  /** Does `body`, unless it has been done: then gives what came of it. */
  once<T>(body: () => T): T {
    const kept = this.done[this.passed];
    if (kept?.depth === this.depth) {
      this.passed++;
      return kept.value as T;
    }
    const { depth, passed } = this;
    const loops = this.loops.length;
    this.depth++;
    const value = body();
    this.depth = depth;
    this.loops.length = loops;
    this.keep(passed, value);
    this.tried = undefined;
    return value;
  }

  /** A loop begins, and goes on from what was last `reached`. */
  loop<S>(start: S): S {
    const at = this.passed;
    const kept = this.done[at];
    const state = kept?.depth === this.depth ? (kept.value as S) : start;
    if (kept?.depth === this.depth) this.passed++;
    else this.keep(at, start);
    this.loops.push(at);
    this.depth++;
    return state;
  }

  /** The innermost loop has come so far. */
  reached(state: unknown): void {
    this.depth--;
    this.keep(this.loops[this.loops.length - 1]!, state);
    this.depth++;
  }

  /** A loop over pages that gathers `parts`: those that it had are put there, and where it goes on is returned. */
  gathering(start: number, parts: Content[] | undefined): number {
    const state = this.loop<Gathered>({ at: start, parts: parts?.slice() ?? [] });
    parts?.splice(0, parts.length, ...state.parts);
    return state.at;
  }

  gathered(at: number, parts: readonly Content[] | undefined): void {
    this.reached({ at, parts: parts?.slice() ?? [] } satisfies Gathered);
  }

  /** The innermost loop is over. */
  end(): void {
    const at = this.loops.pop()!;
    this.depth--;
    this.done.length = at + 1;
    this.passed = at + 1;
  }

  /** It works at `place` now. */
  at(place: number): void {
    this.place = place;
    this.missed = false;
  }

  /** FAULT_FLAG_TRIED: whether it has slept for what is at this place, for what it had read itself (`missed`) or others had. */
  get retry(): 'missed' | 'waited' | undefined {
    const tried = this.triedHere;
    return tried === undefined || tried.userfault === 'first' ? undefined : tried.missed ? 'missed' : 'waited';
  }

  /** Whether somebody has resolved a fault at this place. */
  get resolved(): boolean {
    return this.triedHere?.userfault !== undefined;
  }

  private get triedHere(): Tried | undefined {
    return this.tried !== undefined && this.place < this.tried.until ? this.tried : undefined;
  }

  /** Sleeps here, but only once. */
  sleep(on: Wait, why: string): void {
    if (this.done[this.passed]?.depth === this.depth) {
      this.passed++;
      return;
    }
    this.keep(this.passed, undefined);
    throw new Sleep(on, why);
  }

  asleep(on: Wait): Asleep {
    return { done: [...this.done], files: [...this.files], locks: [...this.locks], tried: this.trying(on), on };
  }

  private trying(on: Wait): Tried | undefined {
    if (on.kind === 'read') return { until: this.place + on.count, missed: this.missed };
    if (on.kind !== 'userfault') return undefined;
    return { until: this.place + 1, missed: false, userfault: on.minor && !this.resolved ? 'first' : 'again' };
  }

  private keep(at: number, value: unknown): void {
    this.done.length = at;
    this.done.push({ depth: this.depth, value });
    this.passed = at + 1;
  }
}

/** What is not done again by a call that sleeps later. */
export const once = <T>(k: Kernel, body: () => T): T => (k.nap === undefined ? body() : k.nap.once(body));

/** Done without sleeping: what it needs of the disk it has at once. */
export function in_one_go<T>(k: Kernel, body: () => T): T {
  const { nap } = k;
  if (nap === undefined) return body();
  k.nap = undefined;
  try {
    return body();
  } finally {
    k.nap = nap;
  }
}

/** `blk_io_schedule()`: the call sleeps until the device has done what it was asked for. */
export function blk_io_schedule(k: Kernel): void {
  k.nap?.sleep({ kind: 'device' }, 'the device works on its buffer');
}
