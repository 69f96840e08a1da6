import { fail, ok, type Calls } from '../calls';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { out_of_memory } from '../mm/oom_kill';
import { shrink_node } from '../mm/vmscan';

/** The group of a path; 0 without one, undefined where there is none. */
function group(k: Kernel, path: string | undefined): number | undefined {
  if (path === undefined) return 0;
  for (let id = 1; id <= k.cgroups.count; id++) if (k.names.text(k.cgroup.path.get(id)) === path) return id;
  return undefined;
}

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
