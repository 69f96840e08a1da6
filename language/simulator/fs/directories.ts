import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { d_instantiate, new_inode } from './inode';
import { is_mountpoint, mnt_want_write, sb_permission } from './mount';
import { mount_of, name_on_host, normalize, parent_of, parent_path, path_lookup, user_path, why_not_found } from './namei';
import { drop_name } from './open';
import { permitted } from './permission';
import { do_truncate } from './truncate';

/** Largest file of xfs and tmpfs, bytes. */
const MAX_BYTES = 2 ** 63;

export const calls = {
  mkdir(k, task, path, mode) {
    const at = normalize(path) ?? path;
    const to = parent_path(k, at);
    const parent = path_lookup(k, parent_of(to.name));
    if (path_lookup(k, to.name) !== 0) return fail('EEXIST', `${at} exists`);
    if (parent === 0 || to.mnt === 0) return fail('ENOENT', why_not_found(k, at));
    if (k.inode.directory.get(parent) === 0) return fail('ENOTDIR', `${parent_of(at)} is a file`);
    const readonly = mnt_want_write(k, to);
    if (readonly !== undefined) return readonly;
    const uid = k.task.uid.get(task);
    if (!permitted(k, task, parent, 'write')) return fail('EACCES', `uid ${uid} may not create anything in ${parent_of(at)}`);
    const inode = new_inode(k, mount_of(k, to.name), to.name, { mode: mode ?? 0o755, uid, directory: true });
    d_instantiate(k, to.name, inode);
    k.trace.effect('{file:0} created, a directory', 1, inode);
    return ok();
  },

  rmdir(k, task, path) {
    const at = normalize(path) ?? path;
    const to = parent_path(k, at);
    const readonly = mnt_want_write(k, to);
    if (readonly !== undefined) return readonly;
    const inode = path_lookup(k, to.name);
    if (inode === 0) return fail('ENOENT', why_not_found(k, at));
    if (k.inode.directory.get(inode) === 0) return fail('ENOTDIR', `${at} is a file`);
    if (is_mountpoint(k, to.name)) return fail('EBUSY', `a filesystem is mounted at ${at}`);
    if (!permitted(k, task, path_lookup(k, parent_of(to.name)), 'write'))
      return fail('EACCES', `uid ${k.task.uid.get(task)} may not remove anything from ${parent_of(at)}`);
    if (has_entries(k, to.name)) return fail('ENOTEMPTY', `${at} has entries`);
    drop_name(k, to.name);
    return ok();
  },

  chmod: (k, task, path, mode) =>
    notify_change(k, path, (inode) => {
      const uid = k.task.uid.get(task);
      if (uid !== 0 && uid !== k.inode.uid.get(inode)) return fail('EPERM', `${path} does not belong to uid ${uid}`);
      k.inode.mode.set(inode, mode % 0o10000);
      k.trace.effect('{file:0} has other permissions', 1, inode);
      return ok();
    }),

  chown: (k, task, path, uid) =>
    notify_change(k, path, (inode) => {
      const own = k.task.uid.get(task) === k.inode.uid.get(inode) && uid === k.inode.uid.get(inode);
      if (k.task.uid.get(task) !== 0 && !own) return fail('EPERM', `uid ${k.task.uid.get(task)} may not give ${path} away`);
      k.inode.uid.set(inode, uid);
      k.trace.effect('{file:0} belongs to uid {1}', 1, inode, uid);
      return ok();
    }),

  utimensat: (k, task, path) =>
    notify_change(k, path, (inode) => {
      const uid = k.task.uid.get(task);
      if (uid !== k.inode.uid.get(inode) && !permitted(k, task, inode, 'write')) return fail('EACCES', `uid ${uid} may not touch ${path}`);
      k.trace.effect('the times of {file:0} are set', 1, inode);
      return ok();
    }),

  truncate(k, task, path, size) {
    if (size < 0) return fail('EINVAL', 'a size cannot be negative');
    const to = user_path(k, path);
    const inode = path_lookup(k, to.name);
    if (inode === 0) return fail('ENOENT', why_not_found(k, path));
    if (k.inode.directory.get(inode) !== 0) return fail('EISDIR', `${path} is a directory`);
    const readonly = sb_permission(k, to);
    if (readonly !== undefined) return readonly;
    if (!permitted(k, task, inode, 'write')) return fail('EACCES', `uid ${k.task.uid.get(task)} may not write ${path}`);
    const unwritable = mnt_want_write(k, to);
    if (unwritable !== undefined) return unwritable;
    if (size >= MAX_BYTES) return fail('EFBIG', 'no file can be that large');
    do_truncate(k, inode, size);
    return ok();
  },
} satisfies Calls;

/** A change of what the inode itself says, for who may write to the mount; `change` knows who else may. */
function notify_change(k: Kernel, path: string, change: (inode: number) => Outcome): Outcome {
  const to = user_path(k, path);
  const inode = path_lookup(k, to.name);
  if (inode === 0) return fail('ENOENT', why_not_found(k, path));
  return mnt_want_write(k, to) ?? change(inode);
}

/** Whether any name lies below a directory. */
function has_entries(k: Kernel, path: string): boolean {
  let found = false;
  const end = k.dentry.runStart(Number.MAX_SAFE_INTEGER, 0);
  k.dentry.runs(0, end, (at, n, inode) => {
    for (let name = at; inode !== 0 && name < at + n; name++) found ||= k.names.text(name).startsWith(`${name_on_host(k, path)}/`);
    return found;
  });
  return found;
}
