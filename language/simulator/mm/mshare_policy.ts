import { mountOptions } from '../../catalogue/options/mounts';
import type { Options } from '../api';
import { type Kernel, TaskState } from '../state/kernel';

const CHOICES = mountOptions.msharefs;

/** What is disputed about regions: the options of a mount of msharefs. */
export type Policy = keyof typeof CHOICES;
export type Choice<P extends Policy> = (typeof CHOICES)[P]['values'][number];

export const policies = Object.keys(CHOICES) as Policy[];

/** Notes what a mount says; the first value of each is the default. */
export function set_policies(k: Kernel, mount: number, options: Options): void {
  for (const name of policies) {
    const { values }: { values: readonly string[] } = CHOICES[name];
    k.msharefsMount[name].set(mount, Math.max(0, values.indexOf(String(options[name]))));
  }
}

/** What a mount says. */
export const mount_policy = <P extends Policy>(k: Kernel, mount: number, name: P): Choice<P> =>
  CHOICES[name].values[k.msharefsMount[name].get(mount)]! as Choice<P>;

/** The same for the mount that a file of msharefs lies on. */
export const inode_policy = <P extends Policy>(k: Kernel, inode: number, name: P): Choice<P> =>
  mount_policy(k, k.inode.mount.get(inode), name);

/** The same for a region. */
export const policy = <P extends Policy>(k: Kernel, region: number, name: P): Choice<P> =>
  inode_policy(k, k.mshare.inode.get(region), name);

/** Whose control group pays for what is allocated in a region now; 0: nobody's. */
export function charged(k: Kernel, region: number): number {
  const creator = k.mshare.creator.get(region);
  switch (policy(k, region, 'charge')) {
    case 'first_toucher':
      return k.task.cgroup.get(k.current);
    case 'creator':
      return k.mshare.cgroup.get(region);
    case 'owner':
      return k.task.state.get(creator) === TaskState.Running ? k.task.cgroup.get(creator) : 0;
    case 'none':
      return 0;
  }
}
