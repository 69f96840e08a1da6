import type { Violation } from './api';
import { Difference } from './check_difference';
import { any, PG, PTE } from './state/flags';
import type { Kernel } from './state/kernel';
import { NONE, target } from './state/shift';
import { TASK_PAGES } from './state/units';

/** Swap counted again: which entries name each slot, what is in the swap cache, and who is charged. Part of the full audit. */
export function audit_swap(k: Kernel): Violation[] {
  const found: Violation[] = [];
  const { pages } = k.options.swap;
  if (pages === 0) return found;
  const wrong = (message: string): number => found.push({ invariant: 'I3', message, known: false });
  const slots = new Difference();
  for (let mm = 1; mm <= k.mms.count; mm++) {
    let entries = 0;
    k.swapEntry.of(mm).slot.runs(0, TASK_PAGES, (at, n, value) => {
      if (value === NONE) return;
      entries += n;
      slots.add(target(at, value), n, 1);
    });
    k.space4.of(mm).pte.runs(0, TASK_PAGES, (at, n, flags) => {
      if (!any(flags, PTE.SWAP)) return;
      entries -= n;
      if (any(flags, PTE.PRESENT)) wrong(`the PTE at page ${at} of mm ${mm} is present and a swap entry`);
    });
    if (entries !== 0) wrong(`mm ${mm} has ${entries} more slots than PTEs that are swap entries`);
  }
  for (let mapping = 1; mapping <= k.mappings.count; mapping++) audit_shmem(k, mapping, slots, wrong);
  const used = audit_slots(k, slots, wrong);
  if (used !== k.counter('nr_swap')) wrong(`${k.counter('nr_swap')} slots of swap are said to be in use, counted ${used}`);
  const first = slots.first();
  if (first !== undefined) wrong(`slot ${first.at} of swap: ${first.by} more entries name it than it counts`);
  return found;
}

/** A page of a file of tmpfs is in memory or in swap. */
function audit_shmem(k: Kernel, mapping: number, slots: Difference, wrong: (message: string) => number): void {
  let swapped = 0;
  k.shmemSwap.of(mapping).slot.runs(0, 2 ** 52, (at, n, value) => {
    if (value === NONE) return;
    swapped += n;
    slots.add(target(at, value), n, 1);
    const { pages } = k.space.of(mapping);
    if (pages.get(at) !== NONE || pages.runEnd(at, at + n) < at + n) wrong(`page ${at} of mapping ${mapping} is cached and in swap`);
  });
  if (swapped !== k.mapping.swapped.get(mapping))
    wrong(`mapping ${mapping} says that ${k.mapping.swapped.get(mapping)} of its pages are in swap, counted ${swapped}`);
}

/** Gives how many slots are in use. */
function audit_slots(k: Kernel, slots: Difference, wrong: (message: string) => number): number {
  const { used, count, cache, memcg } = k.swapSlot;
  const charged = new Map<number, number>();
  let taken = 0;
  used.runs(1, k.options.swap.pages, (at, n, value) => {
    taken += n * value;
    for (let slot = at; slot < at + n; slot++) {
      if ((count.get(slot) > 0 || cache.get(slot) !== NONE) !== (value === 1))
        wrong(`slot ${slot} of swap is ${value === 1 ? 'taken and nobody has it' : 'free and somebody has it'}`);
      if (count.get(slot) > 0) slots.add(slot, 1, -count.get(slot));
      for (let group = memcg.get(slot); group !== 0; group = k.cgroup.parent.get(group)) charged.set(group, (charged.get(group) ?? 0) + 1);
      const pfn = cache.get(slot) === NONE ? 0 : target(slot, cache.get(slot));
      if (pfn !== 0 && (!any(k.page.flags.get(pfn), PG.swapcache) || target(pfn, k.page.swap.get(pfn)) !== slot))
        wrong(`frame ${pfn} is in the swap cache for slot ${slot} and does not say so`);
    }
  });
  for (let group = 1; group <= k.cgroups.count; group++)
    if (k.cgroup.swap.get(group) !== (charged.get(group) ?? 0))
      wrong(
        `cgroup ${k.names.text(k.cgroup.path.get(group))} is charged ${k.cgroup.swap.get(group)} slots of swap, counted ${charged.get(group) ?? 0}`,
      );
  return taken;
}
