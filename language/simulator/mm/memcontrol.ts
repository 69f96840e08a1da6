import { Impossible, type Kernel } from '../state/kernel';

/** Charges `pages` pages to a control group and those above it. */
export function mem_cgroup_charge(k: Kernel, cgroup: number, pages: number): void {
  for (let at = cgroup; at !== 0; at = k.cgroup.parent.get(at)) {
    const usage = k.cgroup.usage.get(at) + pages;
    const limit = k.cgroup.limit.get(at);
    if (limit !== 0 && usage > limit) {
      const path = k.names.text(k.cgroup.path.get(at));
      throw new Impossible(
        'out-of-memory',
        `cgroup ${path} would hold ${usage} pages, its limit is ${limit}, and its reclaim is not simulated yet`,
      );
    }
    k.cgroup.usage.set(at, usage);
  }
}

export function mem_cgroup_uncharge(k: Kernel, cgroup: number, pages: number): void {
  for (let at = cgroup; at !== 0; at = k.cgroup.parent.get(at)) k.cgroup.usage.set(at, k.cgroup.usage.get(at) - pages);
}
