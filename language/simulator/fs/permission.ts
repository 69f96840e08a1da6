import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Kernel } from '../state/kernel';
import type { Named } from './lookup';
import { parent_of } from './namei';

const SETUID = 0o4000;
const STICKY = 0o1000;
const PERMISSION = { read: 4, write: 2, search: 1 } as const;

/** Whether the task's user may read or write the inode, or look something up in a directory; uid 0 always may. */
export function permitted(k: Kernel, task: number, inode: number, what: keyof typeof PERMISSION): boolean {
  const uid = k.task.uid.get(task);
  if (uid === 0) return true;
  const mode = k.inode.mode.get(inode);
  const bits = uid === k.inode.uid.get(inode) ? Math.floor(mode / 64) % 8 : mode % 8;
  return Math.floor(bits / PERMISSION[what]) % 2 === 1;
}

/** `may_delete()`: why the task may not take what lies under a name out of its directory: it may not write that, or the sticky bit keeps it. */
export function may_delete(k: Kernel, task: number, { at, inode, parent }: Named): Outcome | undefined {
  const uid = k.task.uid.get(task);
  if (!permitted(k, task, parent, 'write')) return fail('EACCES', `uid ${uid} may not write ${parent_of(at)}`);
  const sticky = Math.floor(k.inode.mode.get(parent) / STICKY) % 2 === 1;
  if (!sticky || uid === 0 || uid === k.inode.uid.get(inode) || uid === k.inode.uid.get(parent)) return undefined;
  return fail('EPERM', `${parent_of(at)} is sticky, and neither it nor ${at} belongs to uid ${uid}`);
}

/** `may_create()`: why the task may not put a new name into the directory. */
export function may_create(k: Kernel, task: number, { at, parent }: Named): Outcome | undefined {
  if (permitted(k, task, parent, 'write')) return undefined;
  return fail('EACCES', `uid ${k.task.uid.get(task)} may not write ${parent_of(at)}`);
}

/**
 * `may_linkat()` with fs.protected_hardlinks = 1: a user links what is theirs, else only files that they may read and write, and that are not set-uid.
 */
export function may_linkat(k: Kernel, task: number, { at, inode }: Named): Outcome | undefined {
  const uid = k.task.uid.get(task);
  if (uid === 0 || uid === k.inode.uid.get(inode)) return undefined;
  const safe = k.inode.directory.get(inode) === 0 && Math.floor(k.inode.mode.get(inode) / SETUID) % 2 === 0;
  if (safe && permitted(k, task, inode, 'read') && permitted(k, task, inode, 'write')) return undefined;
  return fail('EPERM', `${at} belongs to uid ${k.inode.uid.get(inode)}, and uid ${uid} may not read and write it (fs.protected_hardlinks)`);
}
