import { common_run_end } from '../state/column';
import { any, clear, PTE, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';
import { free_swap_and_cache, swap_duplicate } from './swapfile';

/** Swap entries: PTEs that are not present and name a slot. `flags` are PTE.SWAP, PTE.SWP_EXCLUSIVE, PTE.SOFT_DIRTY and PTE.UFFD_WP. */

/** A stretch of swap entries with equal flags that name consecutive slots. */
export interface SwapRun {
  readonly vpn: number;
  readonly count: number;
  readonly flags: number;
  readonly slot: number;
}

/** The slot that the swap entry at `vpn` names. */
export const swp_slot = (k: Kernel, mm: number, vpn: number): number => target(vpn, k.swapEntry.of(mm).slot.get(vpn));

/** The swap entries of `count` pages from `vpn`, in runs. Collected first: the caller may change them. */
export function swap_ptes(k: Kernel, mm: number, vpn: number, count: number): SwapRun[] {
  const found: SwapRun[] = [];
  if (k.mm.swapents.get(mm) === 0) return found;
  const { slot } = k.swapEntry.of(mm);
  const { pte } = k.space4.of(mm);
  slot.runs(vpn, count, (at, n, value) => {
    if (value !== NONE)
      pte.runs(at, n, (first, length, flags) => found.push({ vpn: first, count: length, flags, slot: target(first, value) }));
  });
  return found;
}

/** End (at most `limit`) of the stretch of swap entries from `vpn` that are alike and name consecutive slots. */
export const swap_pte_batch = (k: Kernel, mm: number, vpn: number, limit: number): number =>
  common_run_end([k.space4.of(mm).pte, k.swapEntry.of(mm).slot], vpn, limit);

/** Puts swap entries for consecutive slots where nothing is; the references to the slots are the caller's. */
export function set_swap_ptes(k: Kernel, mm: number, { vpn, count, flags, slot }: SwapRun): void {
  k.swapEntry.of(mm).slot.fill(vpn, count, refer(vpn, slot));
  k.space4.of(mm).pte.fill(vpn, count, flags);
  k.mm.swapents.set(mm, k.mm.swapents.get(mm) + count);
}

/** Takes swap entries away; the references to the slots are the caller's. */
export function clear_swap_ptes(k: Kernel, mm: number, vpn: number, count: number): void {
  k.swapEntry.of(mm).slot.fill(vpn, count, NONE);
  k.space4.of(mm).pte.fill(vpn, count, 0);
  k.mm.swapents.set(mm, k.mm.swapents.get(mm) - count);
}

/** `zap_nonpresent_ptes()`: the swap entries of a range go, with what they alone named. */
export function zap_nonpresent_ptes(k: Kernel, mm: number, vpn: number, count: number): void {
  for (const run of swap_ptes(k, mm, vpn, count)) {
    clear_swap_ptes(k, mm, run.vpn, run.count);
    k.trace.effect('swap entry {addresses:0} cleared; {slots:1} named once less', run.count, run.vpn, run.slot);
    free_swap_and_cache(k, run.slot, run.count);
  }
}

/** `copy_nonpresent_pte()`: the child of a fork has the same swap entries; neither side's are exclusive any more. */
export function copy_nonpresent_ptes(k: Kernel, parent: number, child: number, vpn: number, count: number): void {
  for (const run of swap_ptes(k, parent, vpn, count)) {
    const flags = clear(run.flags, PTE.SWP_EXCLUSIVE);
    if (any(run.flags, PTE.SWP_EXCLUSIVE)) k.space4.of(parent).pte.fill(run.vpn, run.count, flags);
    k.in('copy_nonpresent_pte', run.count, () => {
      swap_duplicate(k, run.slot, run.count);
      set_swap_ptes(k, child, { ...run, flags: clear(flags, PTE.UFFD_WP) });
      k.trace.effect('{slots:0} of swap named by the child, too, at {addresses:1}', run.count, run.slot, run.vpn);
    });
  }
}

/** The swap entries of `count` pages from `from` move to `to`. */
export function move_swap_ptes(k: Kernel, mm: number, from: number, to: number, count: number): void {
  for (const run of swap_ptes(k, mm, from, count)) {
    clear_swap_ptes(k, mm, run.vpn, run.count);
    set_swap_ptes(k, mm, { ...run, vpn: run.vpn - from + to, flags: set(clear(run.flags, PTE.UFFD_WP), PTE.SOFT_DIRTY) });
    k.trace.effect('swap entry {addresses:0} moved to {addresses:1}', run.count, run.vpn, run.vpn - from + to);
  }
}
