import type { Kernel } from '../state/kernel';
import { out_of_memory } from './oom_kill';
import { shrink_node } from './vmscan';

/** The memory control group of that name: 0 for "/", undefined where there is none. */
export function cgroup_of(k: Kernel, path: string): number | undefined {
  if (path === '/') return 0;
  for (let id = 1; id <= k.cgroups.count; id++) if (k.names.text(k.cgroup.path.get(id)) === path) return id;
  return undefined;
}

/** `active_memcg()`: the group that pays for what is allocated now: the current task's, or the one that was set for a while. */
export const active_memcg = (k: Kernel): number => k.activeMemcg ?? k.task.cgroup.get(k.current);

/** `get_mem_cgroup_from_mm()`: the same for memory of an address space. */
export const get_mem_cgroup_from_mm = (k: Kernel, mm: number): number => k.activeMemcg ?? k.mm.cgroup.get(mm);

/** Whether `cgroup` is `group` or lies below it; group 0 has everything in it. */
export function in_cgroup(k: Kernel, cgroup: number, group: number): boolean {
  if (group === 0) return true;
  let at = cgroup;
  while (at !== 0 && at !== group) at = k.cgroup.parent.get(at);
  return at === group;
}

/** Pages that may still be charged to a control group before it or one above it is at its limit. */
export function mem_cgroup_margin(k: Kernel, cgroup: number): number {
  let margin = Infinity;
  for (let at = cgroup; at !== 0; at = k.cgroup.parent.get(at)) {
    const limit = k.cgroup.limit.get(at);
    if (limit !== 0) margin = Math.min(margin, limit - k.cgroup.usage.get(at));
  }
  return margin;
}

/** The lowest group from `cgroup` upwards that `pages` more would take over its limit; 0 if there is none. */
function over_limit(k: Kernel, cgroup: number, pages: number): number {
  for (let at = cgroup; at !== 0; at = k.cgroup.parent.get(at)) {
    const limit = k.cgroup.limit.get(at);
    if (limit !== 0 && k.cgroup.usage.get(at) + pages > limit) return at;
  }
  return 0;
}

/** Reclaims so that `pages` pages fit into a group and those above it, as far as it can; gives the room there is then. */
export function reclaim_in_cgroup(k: Kernel, cgroup: number, pages: number): number {
  const full = over_limit(k, cgroup, pages);
  if (full !== 0) k.in('try_charge_memcg', 1, () => shrink_node(k, k.cgroup.usage.get(full) + pages - k.cgroup.limit.get(full), full));
  return mem_cgroup_margin(k, cgroup);
}

/** `try_charge_memcg()`: makes room for `pages` pages: reclaims from the group that is full, and kills in it when that frees too little. */
export function try_charge_memcg(k: Kernel, cgroup: number, pages: number): void {
  for (let full = over_limit(k, cgroup, pages); full !== 0; full = over_limit(k, cgroup, pages)) {
    const excess = k.cgroup.usage.get(full) + pages - k.cgroup.limit.get(full);
    const group = full;
    const freed = k.in('try_charge_memcg', 1, () => shrink_node(k, excess, group));
    if (freed < excess && over_limit(k, cgroup, pages) === group)
      out_of_memory(k, group, `cgroup ${k.names.text(k.cgroup.path.get(group))} is at its limit of ${k.cgroup.limit.get(group)} pages`);
  }
}

/** Charges `pages` pages to a control group and those above it. */
export function mem_cgroup_charge(k: Kernel, cgroup: number, pages: number): void {
  for (let at = cgroup; at !== 0; at = k.cgroup.parent.get(at)) k.cgroup.usage.set(at, k.cgroup.usage.get(at) + pages);
}

export function mem_cgroup_uncharge(k: Kernel, cgroup: number, pages: number): void {
  for (let at = cgroup; at !== 0; at = k.cgroup.parent.get(at)) k.cgroup.usage.set(at, k.cgroup.usage.get(at) - pages);
}

/** `mem_cgroup_get_nr_swap_pages()`: slots that a group and those above it may still have. */
export function mem_cgroup_get_nr_swap_pages(k: Kernel, cgroup: number): number {
  let left = Infinity;
  for (let at = cgroup; at !== 0; at = k.cgroup.parent.get(at))
    if (k.cgroup.swap_limited.get(at) !== 0) left = Math.min(left, k.cgroup.swap_limit.get(at) - k.cgroup.swap.get(at));
  return left;
}

/** `mem_cgroup_swap_full()`: a group has more than half of what it may have in swap. */
export function mem_cgroup_swap_full(k: Kernel, cgroup: number): boolean {
  for (let at = cgroup; at !== 0; at = k.cgroup.parent.get(at))
    if (k.cgroup.swap_limited.get(at) !== 0 && k.cgroup.swap.get(at) * 2 >= k.cgroup.swap_limit.get(at)) return true;
  return false;
}

/** `mem_cgroup_try_charge_swap()`: charges slots to a group and those above it; false where one of them may have no more. */
export function mem_cgroup_try_charge_swap(k: Kernel, cgroup: number, pages: number): boolean {
  if (mem_cgroup_get_nr_swap_pages(k, cgroup) < pages) return false;
  for (let at = cgroup; at !== 0; at = k.cgroup.parent.get(at)) k.cgroup.swap.set(at, k.cgroup.swap.get(at) + pages);
  return true;
}

export const mem_cgroup_uncharge_swap = (k: Kernel, cgroup: number, pages: number): void => {
  for (let at = cgroup; at !== 0; at = k.cgroup.parent.get(at)) k.cgroup.swap.set(at, k.cgroup.swap.get(at) - pages);
};
