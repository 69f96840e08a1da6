import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { pagesOf } from '../state/units';
import { do_close_on_exec, dup_fd, exit_files, writable } from '../fs/file';
import { cached_inode } from '../fs/overlayfs/inode';
import { user_path_at } from '../fs/lookup';
import { permitted } from '../fs/permission';
import { filemap_get_pages } from '../mm/filemap';
import { ksm_execve, ksm_vma_flags } from '../mm/ksm_mm';
import { access } from '../mm/memory';
import { mmap_region } from '../mm/mmap';
import { do_exit, exit_mm, threads_of } from './exit';
import { mm_alloc } from './fork';

/** Where a program that is linked to a fixed address is mapped (x86-64), in pages. */
const TEXT = 0x400;
/** Top of the stack without address-space randomisation, and its first size (132 KiB), in pages. */
const STACK_TOP = 0x7ffffffff;
const STACK_PAGES = 33;
const MAY = VM.MAYREAD + VM.MAYWRITE + VM.MAYEXEC;

export const calls = {
  execve(k, task, path) {
    const inode = bprm_open(k, task, path);
    if (typeof inode !== 'number') return inode;
    return k.in('do_execveat_common', 1, () => {
      filemap_get_pages(k, k.inode.mapping.get(cached_inode(k, inode)), 0, 1);
      const leader = begin_new_exec(k, task, inode);
      load_binary(k, leader, inode);
      return ok();
    });
  },
} satisfies Calls;

/** `do_open_execat()`: the program's inode, or why it can't be executed. */
function bprm_open(k: Kernel, task: number, path: string): number | Outcome {
  const to = user_path_at(k, task, path);
  if ('kind' in to) return to;
  const { inode, at } = to;
  if (k.inode.directory.get(inode) !== 0) return fail('EACCES', `${at} is a directory`);
  if (!executable(k, task, inode)) return fail('EACCES', `${at} may not be executed: its mode is 0${k.inode.mode.get(inode).toString(8)}`);
  if (open_for_writing(k, inode)) return fail('ETXTBSY', `somebody has ${at} open for writing`);
  if (k.inode.size.get(inode) === 0) return fail('ENOEXEC', `${at} is empty`);
  return inode;
}

/** Root needs one of the execute bits too. */
function executable(k: Kernel, task: number, inode: number): boolean {
  const mode = k.inode.mode.get(inode);
  if (k.task.uid.get(task) === 0) return [1, 8, 64].some((bit) => Math.floor(mode / bit) % 2 === 1);
  return permitted(k, task, inode, 'search');
}

/** `i_writecount` above 0. */
function open_for_writing(k: Kernel, inode: number): boolean {
  for (let file = 1; file <= k.files.count; file++)
    if ((k.file.inode.get(file) === inode || k.file.overlay.get(file) === inode) && writable(k, file)) return true;
  return false;
}

/** Whether a living process runs the file: nobody may open it for writing then (`deny_write_access()`). */
export function is_running(k: Kernel, inode: number): boolean {
  let running = false;
  k.mm.exe_file.runs(1, k.mms.count, (_at, _n, program) => {
    running ||= program === inode;
    return running;
  });
  return running;
}

/**
 * `begin_new_exec()`: the point of no return. All other threads die, and the thread that called takes over the leader's place
 * (`de_thread()`); the address space is replaced. Gives the task that goes on.
 */
function begin_new_exec(k: Kernel, task: number, inode: number): number {
  return k.in('begin_new_exec', 1, () => {
    const leader = k.task.tgid.get(task);
    const death = 'a thread of its process called execve';
    if (task !== leader) {
      const files = k.task.files.get(task);
      exit_files(k, leader);
      k.task.files.set(leader, files);
      k.filesTable.users.set(files, k.filesTable.users.get(files) + 1);
    }
    for (const thread of threads_of(k, leader).reverse()) if (thread !== leader) do_exit(k, thread, death, 0);
    if (k.filesTable.users.get(k.task.files.get(leader)) > 1) unshare_files(k, leader);
    k.in('exec_mmap', 1, () => {
      const cgroup = k.task.cgroup.get(leader);
      const merge_any = k.mm.merge_any.get(k.task.mm.get(leader));
      exit_mm(k, leader);
      k.task.mm.set(leader, mm_alloc(k, cgroup));
      if (merge_any !== 0) ksm_execve(k, k.task.mm.get(leader));
    });
    k.mm.exe_file.set(k.task.mm.get(leader), inode);
    do_close_on_exec(k, leader);
    return leader;
  });
}

/** The descriptor table becomes the task's own (a child of vfork or clone may share it). */
function unshare_files(k: Kernel, task: number): void {
  const shared = k.task.files.get(task);
  dup_fd(k, task, task);
  k.filesTable.users.set(shared, k.filesTable.users.get(shared) - 1);
}

/** The program's file (of an overlay the real one), mapped whole, and a stack whose first page holds the arguments. */
function load_binary(k: Kernel, task: number, inode: number): void {
  const mm = k.task.mm.get(task);
  const count = pagesOf(k.inode.size.get(inode));
  k.in('load_elf_binary', 1, () => {
    const start = STACK_TOP - STACK_PAGES;
    const stack = VM.READ + VM.WRITE + VM.GROWSDOWN + MAY;
    mmap_region(k, mm, start, STACK_PAGES, { vm: stack, inode: 0, index: 0 });
    access(k, mm, STACK_TOP - 1, 1, true);
    mmap_region(k, mm, TEXT, count, { vm: ksm_vma_flags(k, mm, VM.READ + VM.EXEC + MAY), inode: cached_inode(k, inode), index: 0 });
  });
}
