import { fail, ok, type Calls } from '../calls';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { cgroup_of } from '../mm/memcontrol';
import { out_of_memory } from '../mm/oom_kill';
import { shrink_node } from '../mm/vmscan';

/** The group of a path; 0 without one, undefined where there is none. */
const group = (k: Kernel, path: string | undefined): number | undefined => (path === undefined ? 0 : cgroup_of(k, path));

export const calls = {
  reclaim(k, _task, n, path) {
    const cgroup = group(k, path);
    if (cgroup === undefined) return fail('ENOENT', `there is no cgroup ${path}`);
    let freed = 0;
    if (n === 'all') for (let more = shrink_node(k, Infinity, cgroup); more > 0; more = shrink_node(k, Infinity, cgroup)) freed += more;
    else freed = shrink_node(k, pagesOf(n), cgroup);
    return ok(BigInt(freed) * BigInt(PAGE_SIZE));
  },

  oom_kill(k, _task, path) {
    const cgroup = group(k, path);
    if (cgroup === undefined) return fail('ENOENT', `there is no cgroup ${path}`);
    return ok(BigInt(out_of_memory(k, cgroup, 'oom_kill() was asked for')));
  },
} satisfies Calls;
