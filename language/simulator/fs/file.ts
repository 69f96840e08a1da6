/* eslint-disable no-bitwise -- open flags are words of fewer than 32 bits. */
import { constants } from '../../catalogue/constants';
import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Kernel } from '../state/kernel';
import { filesystem_of } from './filesystem';
import { ihold, iput } from './inode';
import { errorMessage } from './why';

export const O = {
  WRONLY: Number(constants.O_WRONLY.value),
  RDWR: Number(constants.O_RDWR.value),
  ACCMODE: 3,
  CREAT: Number(constants.O_CREAT.value),
  EXCL: Number(constants.O_EXCL.value),
  TRUNC: Number(constants.O_TRUNC.value),
  APPEND: Number(constants.O_APPEND.value),
  /** Also a part of O_SYNC. */
  DSYNC: Number(constants.O_DSYNC.value),
  DIRECT: Number(constants.O_DIRECT.value),
  DIRECTORY: Number(constants.O_DIRECTORY.value),
  PATH: Number(constants.O_PATH.value),
  NOATIME: Number(constants.O_NOATIME.value),
  /** O_DIRECTORY is a part of it. */
  TMPFILE: Number(constants.O_TMPFILE.value),
  CLOEXEC: Number(constants.O_CLOEXEC.value),
} as const;

/** What posix_fadvise says about an open file (`f_mode`). */
export const FMODE = { RANDOM: 1, NOREUSE: 2 } as const;

export const has_mode = (k: Kernel, file: number, mode: number): boolean => (k.file.f_mode.get(file) & mode) !== 0;

export function set_mode(k: Kernel, file: number, add: number, remove: number): void {
  k.file.f_mode.set(file, (k.file.f_mode.get(file) & ~remove) | add);
}

const FIRST_FD = 3;

/** A new `struct file` on an inode whose user it is, opened through a mount (0: none, it has no name); `overlay`: as in `OpenedFile`. */
export function alloc_file(k: Kernel, inode: number, flags: number, mnt = 0, overlay = 0): number {
  const file = k.files.next();
  k.file.inode.set(file, inode);
  k.file.flags.set(file, flags);
  k.file.mnt.set(file, mnt);
  k.file.refs.set(file, 1);
  k.file.ra_pages.set(file, bdi_ra_pages(k, inode));
  ihold(k, inode);
  if (k.inode.directory.get(inode) === 0) k.design.opened(k, inode, writable(k, file));
  if (overlay === 0) return file;
  k.file.overlay.set(file, overlay);
  k.file.mapped.set(file, inode);
  ihold(k, overlay);
  ihold(k, inode);
  return file;
}

/** `file_ra_state_init()`: the largest readahead window of a file; memory-only filesystems have none. */
export function bdi_ra_pages(k: Kernel, inode: number): number {
  const { device, ra_pages = 0 } = filesystem_of(k, inode);
  return device && k.options.readahead > 0 ? Math.max(k.options.readahead, ra_pages) : 0;
}

/** The lowest free descriptor of the task, from 3 on (0 to 2 are taken in every process). */
export function fd_install(k: Kernel, task: number, file: number, cloexec = false): number {
  const columns = k.descriptors.of(k.task.files.get(task));
  let lowest = FIRST_FD;
  while (columns.fd.get(lowest) !== 0) lowest++;
  columns.fd.set(lowest, file);
  columns.cloexec.set(lowest, cloexec ? 1 : 0);
  return lowest;
}

/** The open file behind a descriptor, with the inode that it stands for now; 0 if there is none or it was opened with O_PATH. A call that may sleep holds it. */
export function fget(k: Kernel, task: number, fd: number): number {
  const { nap } = k;
  if (nap === undefined) return find_file(k, task, fd);
  return nap.once(() => {
    const file = find_file(k, task, fd);
    if (file === 0) return 0;
    get_file(k, file);
    nap.files.push(file);
    return file;
  });
}

function find_file(k: Kernel, task: number, fd: number): number {
  const file = fget_raw(k, task, fd);
  if (has_flag(k.file.flags.get(file), O.PATH)) return 0;
  const overlay = k.file.overlay.get(file);
  if (overlay !== 0) filesystem_of(k, overlay).f_op.real_file?.(k, file);
  return file;
}

/** The open file behind a descriptor, however it was opened. */
export function fget_raw(k: Kernel, task: number, fd: number): number {
  return fd >= 0 ? k.descriptors.of(k.task.files.get(task)).fd.get(fd) : 0;
}

/** The inode that was found by the name under which a file was opened: `file_inode()`. */
export const file_inode = (k: Kernel, file: number): number => k.file.overlay.get(file) || k.file.inode.get(file);

/** Open for reading, and for writing. */
export const readable = (k: Kernel, file: number): boolean => (k.file.flags.get(file) & O.ACCMODE) !== O.WRONLY;
export const writable = (k: Kernel, file: number): boolean => (k.file.flags.get(file) & O.ACCMODE) !== 0;
export const has_flag = (flags: number, flag: number): boolean => (flags & flag) === flag;

export const ebadf = (fd: number): Outcome => fail('EBADF', errorMessage.badFd(fd));

/** Another user of an open file: a descriptor, or a mapping. */
export function get_file(k: Kernel, file: number): void {
  k.file.refs.set(file, k.file.refs.get(file) + 1);
}

/** Drops a reference to an open file; the last one closes it. */
export function fput(k: Kernel, file: number): void {
  const refs = k.file.refs.get(file) - 1;
  k.file.refs.set(file, refs);
  if (refs > 0) return;
  k.file.mnt.set(file, 0);
  const real = new Set([k.file.inode.get(file), k.file.mapped.get(file)]);
  for (const inode of real) {
    if (inode === 0 || k.inode.directory.get(inode) !== 0) continue;
    filesystem_of(k, inode).f_op.release?.(k, inode);
    k.design.closed(k, inode);
  }
  for (const name of ['inode', 'mapped', 'overlay'] as const) {
    const inode = k.file[name].get(file);
    k.file[name].set(file, 0);
    if (inode !== 0) iput(k, inode);
  }
}

/** `exit_files()`: the task leaves its descriptor table; the last one closes everything in it. */
export function exit_files(k: Kernel, task: number): void {
  const files = k.task.files.get(task);
  const users = k.filesTable.users.get(files) - 1;
  k.filesTable.users.set(files, users);
  if (users > 0) return;
  const { fd } = k.descriptors.of(files);
  for (const [number, file] of open_files(k, task)) {
    fd.set(number, 0);
    fput(k, file);
  }
}

/** `dup_fd()`: the child gets a table of its own with the same open files in it. */
export function dup_fd(k: Kernel, parent: number, child: number): void {
  const from = k.descriptors.of(k.task.files.get(parent));
  k.task.files.set(child, child);
  k.filesTable.users.set(child, 1);
  const to = k.descriptors.of(child);
  for (const [fd, file] of open_files(k, parent)) {
    to.fd.set(fd, file);
    to.cloexec.set(fd, from.cloexec.get(fd));
    k.file.refs.set(file, k.file.refs.get(file) + 1);
  }
}

/** `do_close_on_exec()`: closes what was opened with O_CLOEXEC. */
export function do_close_on_exec(k: Kernel, task: number): void {
  const { fd, cloexec } = k.descriptors.of(k.task.files.get(task));
  for (const [number, file] of open_files(k, task)) {
    if (cloexec.get(number) === 0) continue;
    fd.set(number, 0);
    k.trace.effect('descriptor {0} closed (O_CLOEXEC)', 1, number);
    fput(k, file);
  }
}

/** Descriptor and open file of everything that the task has open. */
export function open_files(k: Kernel, task: number): [fd: number, file: number][] {
  const found: [number, number][] = [];
  const { fd } = k.descriptors.of(k.task.files.get(task));
  fd.runs(0, fd.runStart(Number.MAX_SAFE_INTEGER, 0), (at, n, file) => {
    if (file !== 0) for (let i = 0; i < n; i++) found.push([at + i, file]);
  });
  return found;
}
