import { clear, PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { folio_free_swap, slot_of } from './swapfile';

/** I/O between frames and slots of swap. Simulator choice: it is done at once, also in `parallel`. */

/** Whether every page of a run is zeros. */
function all_zeros(k: Kernel, pfn: number, count: number): boolean {
  let zeros = true;
  k.page.content.runs(pfn, count, (at, n, number) => {
    for (let i = 0; i < n && zeros && number !== 0; i++) zeros = k.contents.at(number, at + i).isZero();
    return !zeros;
  });
  return zeros;
}

/** `swap_writeout()`: a folio of `count` frames in the swap cache is written to its slots, and is clean. One of zeros is only noted to be so. False where nobody names its slots: they are freed instead. */
export function swap_writeout(k: Kernel, pfn: number, count: number): boolean {
  return k.in('swap_writeout', 1, () => {
    if (folio_free_swap(k, pfn)) return false;
    const slot = slot_of(k, pfn);
    const zeros = all_zeros(k, pfn, count);
    if (zeros) k.swapSlot.content.fill(slot, count, 0);
    else {
      k.page.content.runs(pfn, count, (at, n, number) => {
        k.swapSlot.content.fill(slot + at - pfn, n, k.contents.moved(number, slot - pfn));
      });
      k.count('disk_writes', count);
      k.count('pswpout', count);
    }
    k.page.flags.update(pfn, count, (flags) => clear(flags, PG.dirty));
    k.trace.effect(
      zeros ? '{frames:0} are zeros: noted for {slots:1}, nothing written' : '{frames:0} written to {slots:1} of swap',
      count,
      pfn,
      slot,
    );
    return true;
  });
}

/** `swap_read_folio()`: fills `count` frames from consecutive slots. Slots of zeros are not read. */
export function swap_read_folio(k: Kernel, slot: number, pfn: number, count: number): void {
  k.in('swap_read_folio', 1, () => {
    k.swapSlot.content.runs(slot, count, (at, n, number) => {
      const to = pfn + at - slot;
      k.page.content.fill(to, n, k.contents.moved(number, to - at));
      if (number === 0) {
        k.trace.effect('{slots:0} of swap are zeros: {frames:1} filled with them, nothing read', n, at, to);
        return;
      }
      k.count('disk_reads', n);
      k.count('pswpin', n);
      k.trace.effect('{slots:0} of swap read into {frames:1}', n, at, to);
    });
    k.page.flags.update(pfn, count, (flags) => set(flags, PG.uptodate));
  });
}
