import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { d_instantiate, new_inode } from './inode';
import { mount_of, name_on_host, normalize, parent_of, path_lookup, why_not_found } from './namei';
import { drop_name } from './open';
import { permitted } from './permission';
import { do_truncate } from './truncate';

/** Largest file of xfs and tmpfs, bytes. */
const MAX_BYTES = 2 ** 63;

export const calls = {
  mkdir(k, task, path, mode) {
    const at = normalize(path) ?? path;
    const parent = path_lookup(k, parent_of(at));
    if (path_lookup(k, at) !== 0) return fail('EEXIST', `${at} exists`);
    if (parent === 0 || mount_of(k, at) === 0) return fail('ENOENT', why_not_found(k, at));
    if (k.inode.directory.get(parent) === 0) return fail('ENOTDIR', `${parent_of(at)} is a file`);
    const uid = k.task.uid.get(task);
    if (!permitted(k, task, parent, 'write')) return fail('EACCES', `uid ${uid} may not create anything in ${parent_of(at)}`);
    const inode = new_inode(k, mount_of(k, at), at, { mode: mode ?? 0o755, uid, directory: true });
    d_instantiate(k, at, inode);
    k.trace.effect('{file:0} created, a directory', 1, inode);
    return ok();
  },

  rmdir(k, task, path) {
    const at = normalize(path) ?? path;
    const inode = path_lookup(k, at);
    if (inode === 0) return fail('ENOENT', why_not_found(k, at));
    if (k.inode.directory.get(inode) === 0) return fail('ENOTDIR', `${at} is a file`);
    for (let mount = 1; mount <= k.mounts.count; mount++)
      if (k.names.text(k.mount.path.get(mount)) === at) return fail('EBUSY', `a filesystem is mounted at ${at}`);
    if (!permitted(k, task, path_lookup(k, parent_of(at)), 'write'))
      return fail('EACCES', `uid ${k.task.uid.get(task)} may not remove anything from ${parent_of(at)}`);
    if (has_entries(k, at)) return fail('ENOTEMPTY', `${at} has entries`);
    drop_name(k, at);
    return ok();
  },

  chmod: (k, task, path, mode) =>
    as_owner(k, task, path, (inode) => {
      k.inode.mode.set(inode, mode % 0o10000);
      k.trace.effect('{file:0} has other permissions', 1, inode);
    }),

  chown(k, task, path, uid) {
    const inode = path_lookup(k, normalize(path) ?? path);
    if (inode === 0) return fail('ENOENT', why_not_found(k, path));
    const own = k.task.uid.get(task) === k.inode.uid.get(inode) && uid === k.inode.uid.get(inode);
    if (k.task.uid.get(task) !== 0 && !own) return fail('EPERM', `uid ${k.task.uid.get(task)} may not give ${path} away`);
    k.inode.uid.set(inode, uid);
    k.trace.effect('{file:0} belongs to uid {1}', 1, inode, uid);
    return ok();
  },

  utimensat(k, task, path) {
    const inode = path_lookup(k, normalize(path) ?? path);
    if (inode === 0) return fail('ENOENT', why_not_found(k, path));
    const uid = k.task.uid.get(task);
    if (uid !== k.inode.uid.get(inode) && !permitted(k, task, inode, 'write')) return fail('EACCES', `uid ${uid} may not touch ${path}`);
    k.trace.effect('the times of {file:0} are set', 1, inode);
    return ok();
  },

  truncate(k, task, path, size) {
    const inode = path_lookup(k, normalize(path) ?? path);
    if (inode === 0) return fail('ENOENT', why_not_found(k, path));
    if (k.inode.directory.get(inode) !== 0) return fail('EISDIR', `${path} is a directory`);
    if (!permitted(k, task, inode, 'write')) return fail('EACCES', `uid ${k.task.uid.get(task)} may not write ${path}`);
    if (size < 0) return fail('EINVAL', 'a size cannot be negative');
    if (size >= MAX_BYTES) return fail('EFBIG', 'no file can be that large');
    do_truncate(k, inode, size);
    return ok();
  },
} satisfies Calls;

function as_owner(k: Kernel, task: number, path: string, change: (inode: number) => void): Outcome {
  const inode = path_lookup(k, normalize(path) ?? path);
  const uid = k.task.uid.get(task);
  if (inode === 0) return fail('ENOENT', why_not_found(k, path));
  if (uid !== 0 && uid !== k.inode.uid.get(inode)) return fail('EPERM', `${path} does not belong to uid ${uid}`);
  change(inode);
  return ok();
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
