/* eslint-disable no-bitwise -- memfd_create's flags are a word of few bits. */
import { fail, number, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { filename_create, filename_lookup, filename_parentat, lookup_one, user_path_at, type Named } from './lookup';
import { may_create, may_delete, may_linkat, permitted } from './permission';
import { hugetlb_file_setup, hugetlb_size } from './hugetlbfs';
import { alloc_file, ebadf, fd_install, fget_raw, fput, get_file, has_flag, O } from './file';
import { subvolume_of } from './subvolume';
import { do_truncate } from './truncate';
import { filesystem_of, type OpenedFile } from './filesystem';
import { new_inode } from './inode';
import { is_mountpoint, mnt_want_write, sb_permission } from './mount';
import { mount_of, parent_of, why_not_found } from './namei';
import { drop_name, vfs_create, vfs_link } from './names';
import { Xattr } from './overlayfs/inode';
import { is_running } from '../kernel/exec';

const MFD = { CLOEXEC: 1, ALLOW_SEALING: 2, HUGETLB: 4, NOEXEC_SEAL: 8, EXEC: 16, NAME_MAX: 249, HUGE_MASK: 63 << 26 } as const;

export const calls = {
  open(k, task, path, flags, mode) {
    if (has_flag(flags, O.PATH)) return open_path(k, task, path, flags);
    const opened = do_filp_open(k, task, path, flags, mode);
    return 'kind' in opened ? opened : install(k, task, opened.inode, flags, opened.mnt, opened.overlay);
  },

  close(k, task, fd) {
    const file = fget_raw(k, task, fd);
    if (file === 0) return ebadf(fd);
    k.descriptors.of(k.task.files.get(task)).fd.set(fd, 0);
    k.trace.effect('descriptor {0} closed', 1, fd);
    fput(k, file);
    return ok();
  },

  dup(k, task, fd) {
    const file = fget_raw(k, task, fd);
    if (file === 0) return ebadf(fd);
    get_file(k, file);
    return number(fd_install(k, task, file));
  },

  unlink(k, task, path) {
    const to = filename_parentat(k, task, path);
    if ('kind' in to) return to;
    if (to.last !== 'name') return fail('EISDIR', `${to.at} is a directory`);
    const readonly = mnt_want_write(k, to) ?? lookup_one(to);
    if (readonly !== undefined) return readonly;
    if (to.inode === 0) return fail('ENOENT', why_not_found(k, to.at));
    const directory = k.inode.directory.get(to.inode) !== 0;
    if (!directory && to.slash) return fail('ENOTDIR', `${to.at} is no directory, and the path ends in a slash`);
    const refused = may_delete(k, task, to);
    if (refused !== undefined) return refused;
    if (directory) return fail('EISDIR', `${to.at} is a directory`);
    if (is_mountpoint(k, to.name)) return fail('EBUSY', `something is mounted on ${to.at}`);
    drop_name(k, to.name);
    return ok();
  },

  link(k, task, oldpath, newpath) {
    const from = user_path_at(k, task, oldpath);
    if ('kind' in from) return from;
    const to = filename_create(k, task, newpath);
    if ('kind' in to) return to;
    if (to.slash) return fail('ENOENT', `${newpath} ends in a slash: it could only name a directory`);
    const readonly = mnt_want_write(k, to);
    if (readonly !== undefined) return readonly;
    if (from.mnt !== to.mnt) return fail('EXDEV', `${oldpath} and ${newpath} are on different mounts`);
    const refused = may_linkat(k, task, from) ?? may_create(k, task, to);
    if (refused !== undefined) return refused;
    if (subvolume_of(k, from.name) !== subvolume_of(k, to.name))
      return fail('EXDEV', `${oldpath} and ${newpath} are in different subvolumes`);
    if (k.inode.directory.get(from.inode) !== 0) return fail('EPERM', `${oldpath} is a directory`);
    vfs_link(k, from.inode, to.name);
    return ok();
  },

  memfd_create(k, task, name, flags) {
    const { CLOEXEC, ALLOW_SEALING, HUGETLB, NOEXEC_SEAL, EXEC } = MFD;
    if ((flags & ~(CLOEXEC | ALLOW_SEALING | HUGETLB | NOEXEC_SEAL | EXEC | ((flags & HUGETLB) !== 0 ? MFD.HUGE_MASK : 0))) !== 0)
      return fail('EINVAL', 'unknown flags');
    if ((flags & NOEXEC_SEAL) !== 0 && (flags & EXEC) !== 0) return fail('EINVAL', 'MFD_EXEC and MFD_NOEXEC_SEAL exclude each other');
    const huge = (flags & HUGETLB) !== 0;
    if (name.length > MFD.NAME_MAX) return fail('EINVAL', `a name has at most ${MFD.NAME_MAX} bytes`);
    const size = huge ? hugetlb_size(flags, 'ENODEV') : undefined;
    if (size !== undefined) return size;
    const inode = huge
      ? hugetlb_file_setup(k, `memfd:${name}`, 0)
      : new_inode(k, 0, `memfd:${name}`, { mode: 0o777, uid: k.task.uid.get(task) });
    return number(fd_install(k, task, alloc_file(k, inode, O.RDWR), flags % 2 === 1));
  },
} satisfies Calls;

/** `do_filp_open()`: what an open file of this path is made of: found, or created (O_CREAT), permitted, and cut to nothing (O_TRUNC). */
export function do_filp_open(
  k: Kernel,
  task: number,
  path: string,
  flags: number,
  mode: number | undefined,
): (OpenedFile & { readonly mnt: number }) | Outcome {
  if (has_flag(flags, O.DIRECTORY) && has_flag(flags, O.CREAT)) return fail('EINVAL', 'O_CREAT makes no directories');
  if (has_flag(flags, O.TMPFILE) && flags % 4 === 0) return fail('EINVAL', 'O_TMPFILE needs O_WRONLY or O_RDWR');
  const to = filename_lookup(k, task, path);
  if ('kind' in to) return to;
  let { inode } = to;
  const there = inode;
  if (to.slash && has_flag(flags, O.CREAT)) return fail('EISDIR', `${path} ends in a slash: it could only name a directory`);
  if (inode === 0) {
    if (!has_flag(flags, O.CREAT)) return fail('ENOENT', why_not_found(k, to.at));
    const readonly = mnt_want_write(k, to);
    if (readonly !== undefined) return readonly;
    if (!permitted(k, task, to.parent, 'write'))
      return fail('EACCES', `uid ${k.task.uid.get(task)} may not create files in ${parent_of(to.at)}`);
    inode = vfs_create(k, to.name, { mode: mode ?? 0o644, uid: k.task.uid.get(task) });
    k.trace.effect('{file:0} created, empty', 1, inode);
  } else {
    const problem = may_open(k, task, to, flags);
    if (problem !== undefined) return problem;
    if (has_flag(flags, O.TMPFILE)) {
      const at = filesystem_of(k, inode).names?.tmpfile(k, mount_of(k, to.name), to.name) ?? to.name;
      inode = new_inode(k, mount_of(k, at), `${at}/#tmpfile`, { mode: mode ?? 0o644, uid: k.task.uid.get(task) });
      k.trace.effect('a file without a name in {name:0}', 1, k.names.id(to.at));
    }
  }
  const opened = do_dentry_open(k, inode, flags);
  if ('kind' in opened) return opened;
  if (has_flag(flags, O.TRUNC) && inode === there && k.inode.directory.get(inode) === 0) do_truncate(k, opened.inode, 0);
  return { ...opened, mnt: to.mnt };
}

/** `may_open()`, and what `do_open()` checks besides: why the task may not open what is there so. */
function may_open(k: Kernel, task: number, path: Named, flags: number): Outcome | undefined {
  const { inode, at, slash } = path;
  const directory = k.inode.directory.get(inode) !== 0;
  const uid = k.task.uid.get(task);
  if (has_flag(flags, O.CREAT) && has_flag(flags, O.EXCL)) return fail('EEXIST', `${at} exists`);
  if (!directory && (slash || has_flag(flags, O.DIRECTORY))) return fail('ENOTDIR', `${at} is not a directory`);
  if (directory && has_flag(flags, O.TMPFILE)) {
    const readonly = mnt_want_write(k, path);
    if (readonly !== undefined || permitted(k, task, inode, 'write')) return readonly;
    return fail('EACCES', `uid ${uid} may not create files in ${at}`);
  }
  const writes = flags % 4 !== 0;
  const changes = writes || has_flag(flags, O.TRUNC);
  if (directory && (changes || has_flag(flags, O.CREAT))) return fail('EISDIR', `${at} is a directory`);
  const readonly = changes ? sb_permission(k, path) : undefined;
  if (readonly !== undefined) return readonly;
  if (flags % 4 !== O.WRONLY && !permitted(k, task, inode, 'read')) return fail('EACCES', `uid ${uid} may not read ${at}`);
  if (changes && !permitted(k, task, inode, 'write')) return fail('EACCES', `uid ${uid} may not write ${at}`);
  if (has_flag(flags, O.NOATIME) && uid !== 0 && uid !== k.inode.uid.get(inode))
    return fail('EPERM', `O_NOATIME, and ${at} belongs to somebody else`);
  if (!changes) return undefined;
  const unwritable = mnt_want_write(k, path);
  if (unwritable !== undefined) return unwritable;
  return writes && is_running(k, inode) ? fail('ETXTBSY', `${at} is being executed`) : undefined;
}

/** O_PATH: a descriptor that names the place and cannot be read or written; of the other flags only O_DIRECTORY counts. */
function open_path(k: Kernel, task: number, path: string, flags: number): Outcome {
  const to = user_path_at(k, task, path);
  if ('kind' in to) return to;
  if (has_flag(flags, O.DIRECTORY) && k.inode.directory.get(to.inode) === 0) return fail('ENOTDIR', `${path} is not a directory`);
  return install(k, task, to.inode, O.PATH + (has_flag(flags, O.CLOEXEC) ? O.CLOEXEC : 0), to.mnt);
}

/** `->open()` of the filesystem: what the descriptor stands for. */
function do_dentry_open(k: Kernel, inode: number, flags: number): OpenedFile | Outcome {
  if (k.inode.xattr.get(inode) === Xattr.Whiteout) return fail('ENXIO', 'it is a whiteout, a device that does not exist');
  if (k.inode.directory.get(inode) !== 0 && has_flag(flags, O.DIRECT) && filesystem_of(k, inode).directory_dio !== true)
    return fail('EINVAL', 'a directory is not read past the page cache');
  const refused = k.inode.directory.get(inode) === 0 ? k.design.may_open(k, inode, flags) : undefined;
  if (refused !== undefined) return refused;
  const open = k.inode.directory.get(inode) === 0 ? filesystem_of(k, inode).f_op.open : undefined;
  return open?.(k, inode, flags) ?? { inode, overlay: 0 };
}

function install(k: Kernel, task: number, inode: number, flags: number, mnt: number, overlay = 0): Outcome {
  const fd = fd_install(k, task, alloc_file(k, inode, flags, mnt, overlay), has_flag(flags, O.CLOEXEC));
  k.trace.effect('descriptor {1}: {file:0}', 1, inode, fd);
  return number(fd);
}
