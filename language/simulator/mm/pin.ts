import { fail, ok, type Calls } from '../calls';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { get_user_pages } from './gup';
import { hex, page_range, wraps } from './mmap';
import { folio_put } from './page_alloc';

/** GUP_PIN_COUNTING_BIAS: what a pin adds to the reference count. */
export const GUP_PIN_COUNTING_BIAS = 1024;

const PROT_WRITE = 2;

export const calls = {
  pin(k, task, addr, len, prot = 3) {
    if (addr % PAGE_SIZE !== 0) return fail('EINVAL', `${hex(addr)} is not a multiple of the page size`);
    if (len === 0) return fail('EINVAL', 'the length is not positive');
    if (wraps(addr, len)) return fail('EOVERFLOW', 'the range wraps around');
    const range = page_range(addr, len);
    if (typeof range === 'string') return fail('EFAULT', range);
    const mm = k.task.mm.get(task);
    const { start, end } = range;
    const write = Math.floor(prot / PROT_WRITE) % 2 === 1;
    return k.in('pin_user_pages', end - start, () => {
      const how = { write, pin: true, longterm: true, fast: true };
      const bad = get_user_pages(k, mm, start, end - start, how, (vpn, pfn, count) => add_pin(k, mm, vpn, pfn, count));
      if (bad === undefined) return ok();
      release(k, mm, start, bad.vpn);
      return fail('EFAULT', `the page at ${hex(bad.vpn * PAGE_SIZE)} cannot be pinned: ${bad.why}`);
    });
  },

  unpin(k, task, addr, len) {
    const range = page_range(addr, len);
    if (typeof range === 'string') return fail('EINVAL', range);
    const mm = k.task.mm.get(task);
    const pages = pagesOf(len);
    const released = k.in('unpin_user_pages', pages, () => release(k, mm, range.start, range.end));
    return released > 0 ? ok() : fail('EINVAL', `nothing is pinned in the ${pages} pages from ${hex(addr)}`);
  },
} satisfies Calls;

/** Another run is pinned, for `mm` or (0) for a ring. The zero page needs no pin. */
function add_pin(k: Kernel, mm: number, vpn: number, pfn: number, count: number): void {
  if (pfn === 0) return;
  k.page.refcount.add(pfn, count, GUP_PIN_COUNTING_BIAS);
  k.page.pincount.add(pfn, count, 1);
  note(k, mm, vpn, pfn, count);
  k.trace.effect('{frames:0} pinned: 1024 more references', count, pfn);
}

function note(k: Kernel, mm: number, vpn: number, pfn: number, count: number): void {
  const id = k.pins.next();
  if (mm !== 0) {
    k.pin.next.set(id, k.mm.pins.get(mm));
    k.mm.pins.set(mm, id);
  }
  k.pin.vpn.set(id, vpn);
  k.pin.pfn.set(id, pfn);
  k.pin.count.set(id, count);
}

/** Lets go of what `mm` has pinned in a range, the newest pin of each page; gives how many pages that were. */
function release(k: Kernel, mm: number, start: number, end: number): number {
  if (start >= end) return 0;
  for (let id = k.mm.pins.get(mm); id !== 0; id = k.pin.next.get(id)) {
    const vpn = k.pin.vpn.get(id);
    const count = k.pin.count.get(id);
    if (count === 0 || vpn >= end || vpn + count <= start) continue;
    const from = Math.max(start, vpn);
    const to = Math.min(end, vpn + count);
    const pfn = k.pin.pfn.get(id);
    k.pin.count.set(id, from - vpn);
    if (to < vpn + count) note(k, mm, to, pfn + to - vpn, vpn + count - to);
    unpin_frames(k, pfn + from - vpn, to - from);
    return to - from + release(k, mm, start, from) + release(k, mm, to, end);
  }
  return 0;
}

function unpin_frames(k: Kernel, pfn: number, count: number): void {
  k.page.pincount.add(pfn, count, -1);
  k.trace.effect('{frames:0} no longer pinned', count, pfn);
  folio_put(k, pfn, count, GUP_PIN_COUNTING_BIAS);
}

/** What still held pins of an address space goes with it. */
export function release_pins(k: Kernel, mm: number): void {
  for (let id = k.mm.pins.get(mm); id !== 0; id = k.pin.next.get(id)) release_pin(k, id);
  k.mm.pins.set(mm, 0);
}

function release_pin(k: Kernel, id: number): void {
  const count = k.pin.count.get(id);
  if (count === 0) return;
  k.pin.count.set(id, 0);
  unpin_frames(k, k.pin.pfn.get(id), count);
}

/** `io_release_ubuf()`: lets go of a ring's buffer. */
export function unpin_buffer(k: Kernel, ring: number): void {
  for (let id = k.ring.pins.get(ring); id < k.ring.pins_end.get(ring); id++) release_pin(k, id);
  k.ring.pins.set(ring, 0);
  k.ring.pins_end.set(ring, 0);
}

/** `io_pin_pages()`: all pages that hold a ring's buffer, for writing and for long, or none of them; then why. */
export function pin_buffer(k: Kernel, mm: number, ring: number, start: number, end: number): string | undefined {
  const how = { write: true, pin: true, longterm: true, fast: true };
  k.ring.pins.set(ring, k.pins.count + 1);
  const bad = get_user_pages(k, mm, start, end - start, how, (vpn, pfn, count) => add_pin(k, 0, vpn, pfn, count));
  k.ring.pins_end.set(ring, k.pins.count + 1);
  if (bad === undefined) return undefined;
  unpin_buffer(k, ring);
  return `the page at ${hex(bad.vpn * PAGE_SIZE)} cannot be pinned: ${bad.why}`;
}

/** A run of a ring's buffer: page number in the address space that it was registered from, and frames. */
export interface PinnedRun {
  readonly vpn: number;
  readonly pfn: number;
  readonly count: number;
}

/** The pages of a ring's buffer that lie in [start, end), ascending. */
export function pinned_runs(k: Kernel, ring: number, start: number, end: number): PinnedRun[] {
  const found: PinnedRun[] = [];
  const last = k.ring.pins_end.get(ring);
  let id = k.ring.pins.get(ring);
  for (let high = last; id < high;) {
    const middle = Math.floor((id + high) / 2);
    if (k.pin.vpn.get(middle) + k.pin.count.get(middle) <= start) id = middle + 1;
    else high = middle;
  }
  for (; id < last && k.pin.vpn.get(id) < end; id++) {
    const vpn = k.pin.vpn.get(id);
    const from = Math.max(start, vpn);
    const to = Math.min(end, vpn + k.pin.count.get(id));
    if (from < to) found.push({ vpn: from, pfn: k.pin.pfn.get(id) + from - vpn, count: to - from });
  }
  return found;
}

/** Whether anything of `count` frames is pinned. */
export const is_pinned = (k: Kernel, pfn: number, count: number): boolean =>
  k.page.pincount.get(pfn) !== 0 || (count > 1 && k.page.pincount.runEnd(pfn, pfn + count) < pfn + count);
