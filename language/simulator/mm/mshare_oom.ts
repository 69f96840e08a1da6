import { constants } from '../../catalogue/constants';
import { do_group_exit } from '../kernel/exit';
import { type Kernel, TaskState } from '../state/kernel';
import { attachers } from './mshare';
import { mshare_teardown, regions } from './mshare_exit';
import { policy } from './mshare_policy';

const SIGKILL = Number(constants.SIGKILL.value);

/** Regions that a process maps. */
export const attached_regions = (k: Kernel, task: number): number[] => regions(k).filter((region) => attachers(k, region).includes(task));

/** `oom = owner_teardown`: what killing a process frees beside its own memory: the regions that it made, in pages. */
export function owned_pages(k: Kernel, task: number): number {
  let pages = 0;
  for (const region of regions(k)) {
    if (k.mshare.creator.get(region) !== task || policy(k, region, 'oom') !== 'owner_teardown') continue;
    const host = k.mshare.mm.get(region);
    pages += k.mm.rss_anon.get(host) + k.mm.rss_file.get(host) + k.mm.rss_shmem.get(host) + k.mm.pgtables.get(host);
  }
  return pages;
}

/** The OOM killer chose a process that maps or made these regions: what becomes of them and of the others who map them. */
export function oom_reap_regions(k: Kernel, victim: number, attached: readonly number[], why: string): void {
  for (const region of regions(k)) {
    const what = policy(k, region, 'oom');
    if (what === 'kill_all_attachers' && attached.includes(region))
      k.in('oom_kill_attachers', 1, () => {
        for (const task of attachers(k, region))
          if (k.task.state.get(task) === TaskState.Running) {
            k.trace.effect('{task:0} maps the same region: it is killed too', 1, task);
            do_group_exit(k, task, `the OOM killer killed all who map a region (SIGKILL): ${why}`, SIGKILL);
          }
        if (regions(k).includes(region)) mshare_teardown(k, region);
      });
    else if (what === 'owner_teardown' && k.mshare.creator.get(region) === victim) mshare_teardown(k, region);
  }
}
