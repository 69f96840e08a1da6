import { constants } from '../../catalogue/constants';
import { Impossible } from '../state/impossible';
import { type Kernel, TaskState } from '../state/kernel';
import { do_group_exit } from '../kernel/exit';
import { in_cgroup } from './memcontrol';
import { attached_regions, oom_reap_regions, owned_pages } from './mshare_oom';

const SIGKILL = Number(constants.SIGKILL.value);

/** Thrown where the OOM killer chose the task that the step runs for: the step ends here. `Machine.step` makes the signal of it. */
export class Killed extends Error {}

/** `oom_badness()` with `oom_score_adj` 0: resident pages, pages in swap and page-table pages; of a region's owner also those of the region, where it answers for them. */
export function oom_badness(k: Kernel, task: number): number {
  const mm = k.task.mm.get(task);
  const resident = k.mm.rss_anon.get(mm) + k.mm.rss_file.get(mm) + k.mm.rss_shmem.get(mm);
  return resident + k.mm.swapents.get(mm) + k.mm.pgtables.get(mm) + owned_pages(k, task);
}

/** Dirty pages of files are not written by reclaim, and no clock starts the flusher threads here: the scenario has to. */
function unwritten(k: Kernel): string {
  const dirty = k.counter('nr_dirty');
  return dirty === 0
    ? ''
    : `; pages of files that are dirty: ${dirty}, which \`kernel: writeback()\` writes, so that they can be reclaimed`;
}

/**
 * `out_of_memory()`: kills the process with the highest badness, the youngest among equals, of `cgroup` (0: of all). Gives it.
 * Throws `Killed` when that is the current one; `Impossible` when there is nobody left to kill.
 */
export function out_of_memory(k: Kernel, cgroup: number, why: string): number {
  const victim = k.in('out_of_memory', 1, () => {
    let worst = 0;
    for (let task = 1; task <= k.tasks.count; task++) {
      if (k.task.state.get(task) !== TaskState.Running || k.task.pinned.get(task) !== 0) continue;
      if (k.task.tgid.get(task) !== task || !in_cgroup(k, k.task.cgroup.get(task), cgroup)) continue;
      if (worst === 0 || oom_badness(k, task) >= oom_badness(k, worst)) worst = task;
    }
    const attached = worst === 0 ? [] : attached_regions(k, worst);
    if (worst === 0 || (oom_badness(k, worst) === 0 && attached.length === 0))
      throw new Impossible('out-of-memory', `${why}, and killing a process would free nothing${unwritten(k)}`);
    k.in('oom_kill_process', 1, () => {
      k.trace.effect('{task:0} is killed: its badness of {1} pages is the highest', 1, worst, oom_badness(k, worst));
      const mm = k.task.mm.get(worst);
      for (let task = worst; task <= k.tasks.count; task++)
        if (k.task.mm.get(task) === mm) do_group_exit(k, task, `the OOM killer killed it (SIGKILL): ${why}`, SIGKILL);
      oom_reap_regions(k, worst, attached, why);
    });
    return worst;
  });
  if (k.current !== 0 && k.task.state.get(k.current) !== TaskState.Running) throw new Killed(why);
  return victim;
}
