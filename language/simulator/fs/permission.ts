import type { Kernel } from '../state/kernel';

const PERMISSION = { read: 4, write: 2 } as const;

/** Whether the task's user may read or write the inode; uid 0 always may. */
export function permitted(k: Kernel, task: number, inode: number, what: keyof typeof PERMISSION): boolean {
  const uid = k.task.uid.get(task);
  if (uid === 0) return true;
  const mode = k.inode.mode.get(inode);
  const bits = uid === k.inode.uid.get(inode) ? Math.floor(mode / 64) % 8 : mode % 8;
  return Math.floor(bits / PERMISSION[what]) % 2 === 1;
}
