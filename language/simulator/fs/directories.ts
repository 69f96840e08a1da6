import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { filesystem_of } from './filesystem';
import { filename_create, filename_parentat, lookup_one, user_path_at } from './lookup';
import { is_mountpoint, mnt_want_write, sb_permission } from './mount';
import { why_not_found } from './namei';
import { drop_name, has_entries, vfs_create } from './names';
import { may_create, may_delete, permitted } from './permission';
import { truncate_checked } from './truncate';

export const calls = {
  mkdir(k, task, path, mode) {
    const to = filename_create(k, task, path);
    if ('kind' in to) return to;
    const refused = mnt_want_write(k, to) ?? may_create(k, task, to);
    if (refused !== undefined) return refused;
    const inode = vfs_create(k, to.name, { mode: mode ?? 0o755, uid: k.task.uid.get(task), directory: true });
    k.trace.effect('{file:0} created, a directory', 1, inode);
    return ok();
  },

  rmdir(k, task, path) {
    const to = filename_parentat(k, task, path);
    if ('kind' in to) return to;
    if (to.last === '.') return fail('EINVAL', `${path} ends in ".": a directory is removed by its name`);
    if (to.last === '..') return fail('ENOTEMPTY', `${path} ends in "..": what lies above holds something`);
    const readonly = mnt_want_write(k, to) ?? lookup_one(to);
    if (readonly !== undefined) return readonly;
    if (to.inode === 0) return fail('ENOENT', why_not_found(k, to.at));
    const refused = may_delete(k, task, to);
    if (refused !== undefined) return refused;
    if (k.inode.directory.get(to.inode) === 0) return fail('ENOTDIR', `${to.at} is a file`);
    if (is_mountpoint(k, to.name)) return fail('EBUSY', `a filesystem is mounted at ${to.at}`);
    if (has_entries(k, to.name)) return fail('ENOTEMPTY', `${to.at} has entries`);
    drop_name(k, to.name);
    return ok();
  },

  chmod: (k, task, path, mode) =>
    notify_change(k, task, path, (inode) => {
      const uid = k.task.uid.get(task);
      if (uid !== 0 && uid !== k.inode.uid.get(inode)) return fail('EPERM', `${path} does not belong to uid ${uid}`);
      for (const changed of setattr(k, inode)) k.inode.mode.set(changed, mode % 0o10000);
      k.trace.effect('{file:0} has other permissions', 1, inode);
      return ok();
    }),

  chown: (k, task, path, uid) =>
    notify_change(k, task, path, (inode) => {
      const own = k.task.uid.get(task) === k.inode.uid.get(inode) && uid === k.inode.uid.get(inode);
      if (k.task.uid.get(task) !== 0 && !own) return fail('EPERM', `uid ${k.task.uid.get(task)} may not give ${path} away`);
      for (const changed of setattr(k, inode)) k.inode.uid.set(changed, uid);
      k.trace.effect('{file:0} belongs to uid {1}', 1, inode, uid);
      return ok();
    }),

  utimensat: (k, task, path) =>
    notify_change(k, task, path, (inode) => {
      const uid = k.task.uid.get(task);
      if (uid !== k.inode.uid.get(inode) && !permitted(k, task, inode, 'write')) return fail('EACCES', `uid ${uid} may not touch ${path}`);
      setattr(k, inode);
      k.trace.effect('the times of {file:0} are set', 1, inode);
      return ok();
    }),

  truncate(k, task, path, size) {
    if (size < 0) return fail('EINVAL', 'a size cannot be negative');
    const to = user_path_at(k, task, path);
    if ('kind' in to) return to;
    const { inode } = to;
    if (k.inode.directory.get(inode) !== 0) return fail('EISDIR', `${path} is a directory`);
    const readonly = sb_permission(k, to);
    if (readonly !== undefined) return readonly;
    if (!permitted(k, task, inode, 'write')) return fail('EACCES', `uid ${k.task.uid.get(task)} may not write ${path}`);
    const unwritable = mnt_want_write(k, to);
    if (unwritable !== undefined) return unwritable;
    return truncate_checked(k, filesystem_of(k, inode).i_op.prepare_setattr?.(k, inode, true) ?? inode, size);
  },
} satisfies Calls;

/** A change of what the inode itself says, for who may write to the mount; `change` knows who else may. */
function notify_change(k: Kernel, task: number, path: string, change: (inode: number) => Outcome): Outcome {
  const to = user_path_at(k, task, path);
  return 'kind' in to ? to : (mnt_want_write(k, to) ?? change(to.inode));
}

/** Where owner and permissions are set: in the inode, and in the one that it takes them from. */
function setattr(k: Kernel, inode: number): number[] {
  const real = filesystem_of(k, inode).i_op.prepare_setattr?.(k, inode, false) ?? inode;
  return real === inode ? [inode] : [inode, real];
}
