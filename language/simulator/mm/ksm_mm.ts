import { any, clear, set, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { TASK_PAGES } from '../state/units';
import { break_ksm } from './ksm_break';
import { RmapItem } from './ksm_item';
import { all_vmas, vma_modify_flags } from './vma';

/** The list grows at its end, and at its front where an mm that exits is put. */
const MIDDLE = 2 ** 30;

/** `__ksm_enter()`: ksmd will look at this mm, after all others. */
export function ksm_enter(k: Kernel, mm: number): void {
  if (k.mm.ksm_slot.get(mm) !== 0) return;
  if (k.ksmList.first.get(0) === 0) {
    k.ksmList.first.set(0, MIDDLE);
    k.ksmList.last.set(0, MIDDLE - 1);
  }
  const slot = k.ksmList.last.get(0) + 1;
  k.ksmList.last.set(0, slot);
  k.ksmSlot.mm.set(slot, mm);
  k.mm.ksm_slot.set(mm, slot);
}

/** The mm leaves ksmd's list. */
export function ksm_leave(k: Kernel, mm: number): void {
  k.ksmSlot.mm.set(k.mm.ksm_slot.get(mm), 0);
  k.mm.ksm_slot.set(mm, 0);
  k.mm.merge_any.set(mm, 0);
}

/** The address spaces that ksmd knows, in its order. */
export function ksm_mms(k: Kernel): number[] {
  const mms: number[] = [];
  for (let slot = k.ksmList.first.get(0); slot <= k.ksmList.last.get(0); slot++) {
    const mm = k.ksmSlot.mm.get(slot);
    if (mm !== 0) mms.push(mm);
  }
  return mms;
}

/** `ksm_exit()`: the rmap_items of an mm that ends are left to the next scan, which begins with them. */
export function ksm_exit(k: Kernel, mm: number): void {
  if (k.mm.ksm_slot.get(mm) === 0) return;
  const { state } = k.rmapItem.of(mm);
  const used = state.get(0) !== RmapItem.None || state.runEnd(0, TASK_PAGES) < TASK_PAGES;
  ksm_leave(k, mm);
  if (!used) return;
  const slot = k.ksmList.first.get(0) - 1;
  k.ksmList.first.set(0, slot);
  k.ksmSlot.mm.set(slot, mm);
  k.mm.ksm_slot.set(mm, slot);
}

/** `ksm_fork()`: a child of a mergeable process is mergeable. */
export function ksm_fork(k: Kernel, parent: number, child: number): void {
  if (k.mm.ksm_slot.get(parent) === 0) return;
  ksm_enter(k, child);
  k.mm.merge_any.set(child, k.mm.merge_any.get(parent));
}

/** `ksm_execve()`: the new address space of a process with PR_SET_MEMORY_MERGE has it too. */
export function ksm_execve(k: Kernel, mm: number): void {
  ksm_enter(k, mm);
  k.mm.merge_any.set(mm, 1);
}

/** `vma_ksm_compatible()`: shared mappings cannot be merged. */
export const vma_ksm_compatible = (vm: number): boolean => !any(vm, VM.SHARED);

/** `ksm_vma_flags()`: with PR_SET_MEMORY_MERGE new mappings are mergeable. */
export const ksm_vma_flags = (k: Kernel, mm: number, vm: number): number =>
  k.mm.merge_any.get(mm) !== 0 && vma_ksm_compatible(vm) ? set(vm, VM.MERGEABLE) : vm;

/** `ksm_madvise(MADV_MERGEABLE)` for one VMA's part of a range; without effect where nothing can be merged. */
export function madvise_mergeable(k: Kernel, vma: number, start: number, end: number): undefined {
  const vm = k.vma.flags.get(vma);
  if (any(vm, VM.MERGEABLE) || !vma_ksm_compatible(vm)) {
    k.trace.effect('{addresses:0}: nothing changes', end - start, start);
    return;
  }
  ksm_enter(k, k.vma.mm.get(vma));
  vma_modify_flags(k, vma, start, end, set(vm, VM.MERGEABLE));
  k.trace.effect('{addresses:0}: KSM may merge', end - start, start);
}

/** `ksm_madvise(MADV_UNMERGEABLE)`: what is merged is copied back at once. */
export function madvise_unmergeable(k: Kernel, vma: number, start: number, end: number): undefined {
  const vm = k.vma.flags.get(vma);
  if (!any(vm, VM.MERGEABLE)) return;
  if (k.vma.anon_vma.get(vma) !== 0) break_ksm(k, k.vma.mm.get(vma), start, end - start);
  vma_modify_flags(k, vma, start, end, clear(vm, VM.MERGEABLE));
  k.trace.effect('{addresses:0}: KSM may not merge', end - start, start);
}

/** `ksm_enable_merge_any()`: PR_SET_MEMORY_MERGE, for every VMA there is and will be. */
export function ksm_enable_merge_any(k: Kernel, mm: number): void {
  if (k.mm.merge_any.get(mm) !== 0) return;
  ksm_enter(k, mm);
  k.mm.merge_any.set(mm, 1);
  for (const vma of all_vmas(k, mm))
    if (vma_ksm_compatible(k.vma.flags.get(vma))) madvise_mergeable(k, vma, k.vma.start.get(vma), k.vma.end.get(vma));
}

/** `ksm_disable_merge_any()`: as MADV_UNMERGEABLE for all of it. */
export function ksm_disable_merge_any(k: Kernel, mm: number): void {
  if (k.mm.merge_any.get(mm) === 0) return;
  for (const vma of all_vmas(k, mm)) madvise_unmergeable(k, vma, k.vma.start.get(vma), k.vma.end.get(vma));
  k.mm.merge_any.set(mm, 0);
}
