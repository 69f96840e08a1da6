import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Kernel } from '../state/kernel';
import { kern_path, parent_of } from './namei';

const PERMISSION = { read: 4, write: 2, search: 1 } as const;

/** Whether the task's user may read or write the inode, or look something up in a directory; uid 0 always may. */
export function permitted(k: Kernel, task: number, inode: number, what: keyof typeof PERMISSION): boolean {
  const uid = k.task.uid.get(task);
  if (uid === 0) return true;
  const mode = k.inode.mode.get(inode);
  const bits = uid === k.inode.uid.get(inode) ? Math.floor(mode / 64) % 8 : mode % 8;
  return Math.floor(bits / PERMISSION[what]) % 2 === 1;
}

/** `link_path_walk()`: why the task cannot get to `path`: something above it is no directory, or may not be searched. Undefined: it can. */
export function link_path_walk(k: Kernel, task: number, path: string): Outcome | undefined {
  for (let at = parent_of(path); ; at = parent_of(at)) {
    const inode = kern_path(k, at);
    if (inode !== 0 && k.inode.directory.get(inode) === 0) return fail('ENOTDIR', `${at} is a file, not a directory`);
    if (inode !== 0 && !permitted(k, task, inode, 'search')) return fail('EACCES', `uid ${k.task.uid.get(task)} may not search ${at}`);
    if (at === '/') return undefined;
  }
}
