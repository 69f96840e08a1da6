import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { subvolume_of } from './subvolume';
import type { Kernel } from '../state/kernel';
import { filename_parentat, type Named } from './lookup';
import { is_mountpoint, mnt_want_write } from './mount';
import { parent_of, why_not_found } from './namei';
import { has_entries, vfs_rename } from './names';
import { permitted } from './permission';

export const calls = {
  rename(k, task, oldpath, newpath) {
    const from = filename_parentat(k, task, oldpath);
    if ('kind' in from) return from;
    const to = filename_parentat(k, task, newpath);
    if ('kind' in to) return to;
    if (from.mnt !== to.mnt) return fail('EXDEV', `${oldpath} and ${newpath} are on different mounts`);
    const readonly = mnt_want_write(k, from);
    if (readonly !== undefined) return readonly;
    if (from.inode === 0) return fail('ENOENT', why_not_found(k, from.at));
    if (subvolume_of(k, parent_of(from.name)) !== subvolume_of(k, parent_of(to.name)))
      return fail('EXDEV', `${oldpath} and ${newpath} are in different subvolumes`);
    const refused = may_rename(k, task, from, to);
    if (refused !== undefined) return refused;
    if (to.inode === from.inode) return ok();
    return vfs_rename(k, from.name, to.name) ?? ok();
  },
} satisfies Calls;

function may_rename(k: Kernel, task: number, from: Named, to: Named): Outcome | undefined {
  const directory = k.inode.directory.get(from.inode) !== 0;
  if (!directory && (from.slash || to.slash)) return fail('ENOTDIR', `${from.at} is no directory, and a path ends in a slash`);
  if (to.name.startsWith(`${from.name}/`)) return fail('EINVAL', `${to.at} lies in ${from.at}`);
  if (from.name.startsWith(`${to.name}/`)) return fail('ENOTEMPTY', `${to.at} holds ${from.at}`);
  if (to.inode === from.inode) return undefined;
  for (const { at, parent } of [from, to])
    if (!permitted(k, task, parent, 'write')) return fail('EACCES', `uid ${k.task.uid.get(task)} may not write ${parent_of(at)}`);
  const replaced = to.inode !== 0 && k.inode.directory.get(to.inode) !== 0;
  if (to.inode !== 0 && directory && !replaced) return fail('ENOTDIR', `${to.at} is not a directory`);
  if (!directory && replaced) return fail('EISDIR', `${to.at} is a directory`);
  if ([from, to].some(({ name }) => is_mountpoint(k, name))) return fail('EBUSY', 'something is mounted on one of the two');
  return replaced && has_entries(k, to.name) ? fail('ENOTEMPTY', `${to.at} has entries`) : undefined;
}
