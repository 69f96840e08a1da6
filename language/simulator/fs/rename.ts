import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { subvolume_of } from './subvolume';
import type { Kernel } from '../state/kernel';
import { filename_parentat, lookup_one, type Named } from './lookup';
import { is_mountpoint, mnt_want_write } from './mount';
import { parent_of, why_not_found } from './namei';
import { vfs_rename } from './names';
import { may_create, may_delete } from './permission';

export const calls = {
  rename(k, task, oldpath, newpath) {
    const from = filename_parentat(k, task, oldpath);
    if ('kind' in from) return from;
    const to = filename_parentat(k, task, newpath);
    if ('kind' in to) return to;
    if (from.mnt !== to.mnt) return fail('EXDEV', `${oldpath} and ${newpath} are on different mounts`);
    if (from.last !== 'name' || to.last !== 'name') return fail('EBUSY', 'a path ends in "." or "..": what is renamed has a name');
    const readonly = mnt_want_write(k, from) ?? lookup_one(from);
    if (readonly !== undefined) return readonly;
    if (from.inode === 0) return fail('ENOENT', why_not_found(k, from.at));
    const long = lookup_one(to);
    if (long !== undefined) return long;
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
  const refused = may_delete(k, task, from) ?? (to.inode === 0 ? may_create(k, task, to) : may_delete(k, task, to));
  if (refused !== undefined) return refused;
  const replaced = to.inode !== 0 && k.inode.directory.get(to.inode) !== 0;
  if (to.inode !== 0 && directory && !replaced) return fail('ENOTDIR', `${to.at} is not a directory`);
  if (!directory && replaced) return fail('EISDIR', `${to.at} is a directory`);
  return [from, to].some(({ name }) => is_mountpoint(k, name)) ? fail('EBUSY', 'something is mounted on one of the two') : undefined;
}
