import { do_exit } from '../kernel/exit';
import type { Kernel } from '../state/kernel';
import { do_munmap } from './mmap';
import { attachers, charge_to } from './mshare';
import { charged, policy } from './mshare_policy';

/** Regions that exist. */
export function regions(k: Kernel): number[] {
  const found: number[] = [];
  for (let region = 1; region <= k.mshares.count; region++)
    if (k.msharefs.mshare.get(k.mshare.inode.get(region)) === region) found.push(region);
  return found;
}

/** Everything in a region goes, for all who map it: they get SIGSEGV from now on. Its name stays. */
export function mshare_teardown(k: Kernel, region: number): void {
  const start = k.mshare.start.get(region);
  k.in('mshare_teardown', 1, () => {
    charge_to(k, charged(k, region), () => do_munmap(k, k.mshare.mm.get(region), start, start + k.mshare.size.get(region)));
    k.trace.effect('nothing is left in the region of {file:0}', 1, k.mshare.inode.get(region));
  });
}

/** A process belongs to another control group now, and with it the regions for which it pays (`charge = owner`). */
export function owner_moved(k: Kernel, task: number, cgroup: number): void {
  for (const region of regions(k))
    if (k.mshare.creator.get(region) === task && policy(k, region, 'charge') === 'owner') k.mm.cgroup.set(k.mshare.mm.get(region), cgroup);
}

/** The creator of regions is dead: `creator_exit = teardown` takes them down with it. */
export function creator_exited(k: Kernel, task: number): void {
  for (const region of regions(k))
    if (k.mshare.creator.get(region) === task && policy(k, region, 'creator_exit') === 'teardown') mshare_teardown(k, region);
}

/** `creator_exit = pin_process`: whether a process that is to end has to stay, because others map a region that it made. Its end is noted then. */
export function pinned_by_region(k: Kernel, task: number, death: string, status: number): boolean {
  const stays = regions(k).some((region) => pins(k, region, task));
  if (!stays) return false;
  k.task.pinned.set(task, 1);
  k.task.death.set(task, k.names.id(death));
  k.task.status.set(task, status);
  k.trace.effect('{task:0} cannot end: others map a region that it made, and it is kept for its sake', 1, task);
  return true;
}

const pins = (k: Kernel, region: number, task: number): boolean =>
  k.mshare.creator.get(region) === task &&
  policy(k, region, 'creator_exit') === 'pin_process' &&
  attachers(k, region).some((other) => other !== task);

/** A process no longer maps a region: its creator, if it was only kept for that, ends now. */
export function mshare_detached(k: Kernel, region: number): void {
  const creator = k.mshare.creator.get(region);
  if (k.task.pinned.get(creator) === 0 || regions(k).some((other) => pins(k, other, creator))) return;
  const status = k.task.status.get(creator);
  do_exit(k, creator, k.names.text(k.task.death.get(creator)), status);
}
