import { fail, number, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { link_path_walk, permitted } from './permission';
import { alloc_file, ebadf, fd_install, fget, fput, get_file, has_flag, O } from './file';
import { do_truncate } from './truncate';
import { d_instantiate, evict_if_unused, new_inode } from './inode';
import { is_mountpoint, mnt_want_write, sb_permission } from './mount';
import { mount_of, name_on_host, normalize, parent_of, parent_path, path_lookup, user_path, why_not_found, type Path } from './namei';
import { is_running } from '../kernel/exec';
import { Impossible } from '../state/impossible';

export const calls = {
  open(k, task, path, flags, mode) {
    const at = normalize(path);
    if (at === undefined) return fail('ENOENT', `${path} is not absolute, and a scenario has no working directory`);
    const blocked = link_path_walk(k, task, at);
    if (blocked !== undefined) return blocked;
    const to = user_path(k, at);
    let inode = path_lookup(k, to.name);
    if (inode === 0) {
      if (!has_flag(flags, O.CREAT)) return fail('ENOENT', why_not_found(k, at));
      const parent = path_lookup(k, parent_of(to.name));
      if (parent === 0 || to.mnt === 0) return fail('ENOENT', why_not_found(k, at));
      const readonly = mnt_want_write(k, to);
      if (readonly !== undefined) return readonly;
      if (!permitted(k, task, parent, 'write'))
        return fail('EACCES', `uid ${k.task.uid.get(task)} may not create files in ${parent_of(at)}`);
      inode = new_inode(k, mount_of(k, to.name), to.name, { mode: mode ?? 0o644, uid: k.task.uid.get(task) });
      d_instantiate(k, to.name, inode);
      k.trace.effect('{file:0} created, empty', 1, inode);
    } else {
      if (has_flag(flags, O.CREAT) && has_flag(flags, O.EXCL)) return fail('EEXIST', `${at} exists`);
      const problem = may_open(k, task, to, inode, flags);
      if (problem !== undefined) return problem;
      if (has_flag(flags, O.TRUNC) && k.inode.directory.get(inode) === 0) do_truncate(k, inode, 0);
    }
    const fd = fd_install(k, task, alloc_file(k, inode, flags, to.mnt), has_flag(flags, O.CLOEXEC));
    k.trace.effect('descriptor {1}: {file:0}', 1, inode, fd);
    return number(fd);
  },

  close(k, task, fd) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    k.descriptors.of(k.task.files.get(task)).fd.set(fd, 0);
    k.trace.effect('descriptor {0} closed', 1, fd);
    fput(k, file);
    return ok();
  },

  dup(k, task, fd) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    get_file(k, file);
    return number(fd_install(k, task, file));
  },

  lseek(k, task, fd, offset, whence) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (whence > 2) throw new Impossible('not-implemented', 'SEEK_DATA and SEEK_HOLE are not simulated yet');
    const base = whence === 0 ? 0 : whence === 1 ? k.file.position.get(file) : k.inode.size.get(k.file.inode.get(file));
    if (base + offset < 0) return fail('EINVAL', `${base} + ${offset} lies before the start of the file`);
    k.file.position.set(file, base + offset);
    return number(base + offset);
  },

  unlink(k, task, path) {
    const at = normalize(path) ?? path;
    const blocked = link_path_walk(k, task, at);
    if (blocked !== undefined) return blocked;
    const to = parent_path(k, at);
    const readonly = mnt_want_write(k, to);
    if (readonly !== undefined) return readonly;
    const inode = path_lookup(k, to.name);
    if (inode === 0) return fail('ENOENT', why_not_found(k, at));
    if (!permitted(k, task, path_lookup(k, parent_of(to.name)), 'write'))
      return fail('EACCES', `uid ${k.task.uid.get(task)} may not write ${parent_of(at)}`);
    if (k.inode.directory.get(inode) !== 0) return fail('EISDIR', `${at} is a directory`);
    if (is_mountpoint(k, to.name)) return fail('EBUSY', `something is mounted on ${at}`);
    drop_name(k, to.name);
    return ok();
  },

  link(k, _task, oldpath, newpath) {
    const from = user_path(k, oldpath);
    const to = parent_path(k, newpath);
    const inode = path_lookup(k, from.name);
    if (inode === 0) return fail('ENOENT', why_not_found(k, oldpath));
    if (path_lookup(k, to.name) !== 0) return fail('EEXIST', `${newpath} exists`);
    if (path_lookup(k, parent_of(to.name)) === 0) return fail('ENOENT', why_not_found(k, newpath));
    const readonly = mnt_want_write(k, to);
    if (readonly !== undefined) return readonly;
    if (from.mnt !== to.mnt) return fail('EXDEV', `${oldpath} and ${newpath} are on different mounts`);
    if (k.inode.directory.get(inode) !== 0) return fail('EPERM', `${oldpath} is a directory`);
    d_instantiate(k, to.name, inode);
    k.trace.effect('{file:0} has one more name: {name:1}', 1, inode, k.names.id(to.name));
    return ok();
  },

  rename(k, _task, oldpath, newpath) {
    const from = parent_path(k, oldpath);
    const to = parent_path(k, newpath);
    if (path_lookup(k, parent_of(from.name)) === 0) return fail('ENOENT', why_not_found(k, oldpath));
    if (path_lookup(k, parent_of(to.name)) === 0) return fail('ENOENT', why_not_found(k, newpath));
    if (from.mnt !== to.mnt) return fail('EXDEV', `${oldpath} and ${newpath} are on different mounts`);
    const readonly = mnt_want_write(k, from);
    if (readonly !== undefined) return readonly;
    const inode = path_lookup(k, from.name);
    if (inode === 0) return fail('ENOENT', why_not_found(k, oldpath));
    if (k.inode.directory.get(inode) !== 0) throw new Impossible('not-implemented', 'renaming a directory is not simulated yet');
    const old = path_lookup(k, to.name);
    if (old === inode) return ok();
    if (old !== 0 && k.inode.directory.get(old) !== 0) return fail('EISDIR', `${newpath} is a directory, ${oldpath} is not`);
    for (const { name } of [from, to]) if (is_mountpoint(k, name)) return fail('EBUSY', 'something is mounted on one of the two');
    if (old !== 0) drop_name(k, to.name);
    d_instantiate(k, to.name, inode);
    drop_name(k, from.name);
    k.inode.path.set(inode, k.names.id(to.name));
    return ok();
  },

  memfd_create(k, task, name, flags) {
    if (flags > 2) throw new Impossible('not-implemented', 'memfd_create with hugetlb pages or MFD_NOEXEC_SEAL is not simulated yet');
    const inode = new_inode(k, 0, `memfd:${name}`, { mode: 0o777, uid: k.task.uid.get(task) });
    return number(fd_install(k, task, alloc_file(k, inode, O.RDWR), flags % 2 === 1));
  },
} satisfies Calls;

/** `may_open()`, and what `do_open()` checks besides: why the task may not open this inode so. */
function may_open(k: Kernel, task: number, path: Path, inode: number, flags: number): Outcome | undefined {
  const directory = k.inode.directory.get(inode) !== 0;
  const writes = flags % 4 !== 0;
  const uid = k.task.uid.get(task);
  const name = k.names.text(k.inode.path.get(inode));
  if (directory && writes) return fail('EISDIR', `${name} is a directory`);
  if (!directory && has_flag(flags, O.DIRECTORY)) return fail('ENOTDIR', `${name} is not a directory`);
  const truncates = has_flag(flags, O.TRUNC) && !directory;
  const readonly = writes || truncates ? sb_permission(k, path) : undefined;
  if (readonly !== undefined) return readonly;
  if (flags % 4 !== O.WRONLY && !permitted(k, task, inode, 'read')) return fail('EACCES', `uid ${uid} may not read ${name}`);
  if ((writes || truncates) && !permitted(k, task, inode, 'write')) return fail('EACCES', `uid ${uid} may not write ${name}`);
  if (!writes && !truncates) return undefined;
  const unwritable = mnt_want_write(k, path);
  if (unwritable !== undefined) return unwritable;
  return writes && is_running(k, inode) ? fail('ETXTBSY', `${name} is being executed`) : undefined;
}

/** `vfs_unlink()`: the name goes; without other names and users, so does the inode. */
export function drop_name(k: Kernel, path: string): void {
  const inode = path_lookup(k, path);
  k.dentry.set(k.names.id(name_on_host(k, path)), 0);
  k.inode.nlink.set(inode, k.inode.nlink.get(inode) - 1);
  k.trace.effect('the name {name:0} is gone', 1, k.names.id(path));
  evict_if_unused(k, inode);
}
