import { fail, ok, type Calls } from '../calls';
import { cgroup_of } from '../mm/memcontrol';
import { owner_moved } from '../mm/mshare_exit';
import { threads_of } from './exit';

export const calls = {
  cgroup_attach(k, task, path) {
    const cgroup = cgroup_of(k, path);
    if (cgroup === undefined) return fail('ENOENT', `there is no cgroup ${path}`);
    k.in('cgroup_attach_task', 1, () => {
      const leader = k.task.tgid.get(task);
      for (const thread of threads_of(k, leader)) k.task.cgroup.set(thread, cgroup);
      k.mm.cgroup.set(k.task.mm.get(leader), cgroup);
      owner_moved(k, leader, cgroup);
      k.trace.effect('{task:0} belongs to another group now; what it was charged for stays where it is', 1, leader);
    });
    return ok();
  },
} satisfies Calls;
