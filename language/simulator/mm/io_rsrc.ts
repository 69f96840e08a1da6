import { LOFF_END } from '../arguments';
import { fail, ok } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { whole_folios } from './folio';
import { RLIMIT_MEMLOCK } from './mlock';
import { hex, page_range, wraps } from './mmap';
import { pin_buffer, pinned_runs, unpin_buffer } from './pin';

/** The longest buffer, bytes (SZ_1G). */
const LONGEST = 2 ** 30;

/** `__io_account_mem()`: so many pages more are locked by `user` (of a ring: uid + 1, 0: nobody pays); or why they may not. */
export function io_account_mem(k: Kernel, user: number, pages: number): string | undefined {
  const uid = user - 1;
  if (uid < 0) return undefined;
  const locked = k.user.locked_vm.get(uid) + pages;
  if (locked > RLIMIT_MEMLOCK) return `the rings of uid ${uid} would lock ${locked} pages, and may ${RLIMIT_MEMLOCK} (RLIMIT_MEMLOCK)`;
  k.user.locked_vm.set(uid, locked);
  return undefined;
}

export function io_unaccount_mem(k: Kernel, ring: number, pages: number): void {
  const uid = k.ring.user.get(ring) - 1;
  if (uid >= 0) k.user.locked_vm.set(uid, k.user.locked_vm.get(uid) - pages);
}

/** `io_sqe_buffers_register()`, of one buffer; without address and length its place in the table stays empty. */
export function io_sqe_buffers_register(k: Kernel, mm: number, ring: number, addr: number, len: number): Outcome {
  if (k.ring.registered.get(ring) !== 0) return fail('EBUSY', 'the ring has a buffer already');
  if (len >= LOFF_END) return fail('EINVAL', 'a length is a signed number here, and this one is negative');
  const range = buffer_range(addr, len);
  if ('kind' in range) return range;
  return k.in('io_sqe_buffers_register', 1, () => {
    const bad = pin_buffer(k, mm, ring, range.start, range.end);
    if (bad !== undefined) return fail('EFAULT', bad);
    const pages = buffer_pages(k, ring, range.start, range.end);
    const over = io_account_mem(k, k.ring.user.get(ring), pages);
    if (over !== undefined) {
      unpin_buffer(k, ring);
      return fail('ENOMEM', over);
    }
    k.ring.registered.set(ring, 1);
    k.ring.ubuf.set(ring, addr);
    k.ring.len.set(ring, len);
    k.ring.acct_pages.set(ring, pages);
    return ok();
  });
}

/** `io_validate_user_buf_range()`: the pages that hold a buffer. */
function buffer_range(addr: number, len: number): { readonly start: number; readonly end: number } | Outcome {
  if (addr === 0 && len === 0) return { start: 0, end: 0 };
  if (addr === 0) return fail('EFAULT', 'a buffer has an address');
  if (len === 0 || len > LONGEST) return fail('EFAULT', `a buffer has 1 to ${LONGEST} bytes`);
  if (wraps(addr, len)) return fail('EOVERFLOW', 'the range wraps around');
  const start = Math.floor(addr / PAGE_SIZE);
  const range = page_range(start * PAGE_SIZE, (pagesOf(addr + len) - start) * PAGE_SIZE);
  return typeof range === 'string' ? fail('EFAULT', range) : range;
}

/** `io_buffer_account_pin()`: pages that a buffer locks: of each large folio that it has a page of, all. */
function buffer_pages(k: Kernel, ring: number, start: number, end: number): number {
  let pages = 0;
  const folios: { pfn: number; count: number }[] = [];
  for (const run of pinned_runs(k, ring, start, end))
    k.folio.order.runs(run.pfn, run.count, (pfn, count, order) => {
      if (order === 0) pages += count;
      else folios.push(whole_folios(k, pfn, count));
    });
  let done = 0;
  for (const { pfn, count } of folios.sort((a, b) => a.pfn - b.pfn)) {
    pages += Math.max(0, pfn + count - Math.max(done, pfn));
    done = Math.max(done, pfn + count);
  }
  return pages;
}

/** `io_sqe_buffers_unregister()`. */
export function io_sqe_buffers_unregister(k: Kernel, ring: number): Outcome {
  if (k.ring.registered.get(ring) === 0) return fail('ENXIO', 'the ring has no buffer');
  k.in('io_sqe_buffers_unregister', 1, () => {
    unpin_buffer(k, ring);
    io_unaccount_mem(k, ring, k.ring.acct_pages.get(ring));
    for (const field of ['registered', 'ubuf', 'len', 'acct_pages'] as const) k.ring[field].set(ring, 0);
  });
  return ok();
}

/** `io_ring_ctx_free()`: nobody has the ring open any more. */
export function io_ring_ctx_free(k: Kernel, ring: number): void {
  if (k.ring.registered.get(ring) !== 0) io_sqe_buffers_unregister(k, ring);
  io_unaccount_mem(k, ring, queue_pages(k.ring.entries.get(ring)));
  k.ring.user.set(ring, 0);
  k.ring.entries.set(ring, 0);
}

/** Pages of the queues of a ring: both rings in one piece (a header of 320 bytes, 16 bytes a completion, twice as many of these, 4 an index), and 64 bytes a submission. */
export const queue_pages = (entries: number): number => pagesOf(320 + 2 * entries * 16 + entries * 4) + pagesOf(entries * 64);

/** `validate_fixed_range()`: why [addr, addr + len) is not within the ring's buffer `index`; undefined: it is. */
export function validate_fixed_range(k: Kernel, ring: number, addr: number, len: number, index: number): string | undefined {
  const ubuf = k.ring.ubuf.get(ring);
  if (ubuf === 0 || index !== 0) return `the ring has no buffer ${index}`;
  const end = ubuf + k.ring.len.get(ring);
  if (addr >= ubuf && addr + len <= end) return undefined;
  return `${len} bytes from ${hex(addr)} are not within the buffer, ${hex(ubuf)} to ${hex(end)}`;
}
