import { fail, number, ok, type Calls } from '../calls';
import { Impossible } from '../state/impossible';
import { type Kernel, TaskState } from '../state/kernel';
import { TASK_PAGES } from '../state/units';
import { exit_files } from '../fs/file';
import { ksm_exit } from '../mm/ksm_mm';
import { creator_exited, pinned_by_region } from '../mm/mshare_exit';
import { free_pgtables, pgd_free } from '../mm/pagetable';
import { release_pins } from '../mm/pin';
import { zap_pte_range } from '../mm/rmap';
import { userfaultfd_exit } from '../mm/userfaultfd_register';
import { forget_userfaults } from '../mm/userfaultfd_wait';
import { all_vmas, remove_vma } from '../mm/vma';

export const calls = {
  exit(k, task, status = 0) {
    const code = ((status % 256) + 256) % 256;
    const death = `it exited with status ${status}`;
    if (k.task.tgid.get(task) === task) do_group_exit(k, task, death, code * 256);
    else do_exit(k, task, death, code * 256);
    return ok();
  },

  wait(k, task, pid) {
    const leader = k.task.tgid.get(task);
    const children: number[] = [];
    for (let child = pid ?? 1; child <= (pid ?? k.tasks.count); child++)
      if (k.task.parent.get(child) === leader && k.task.tgid.get(child) === child && k.task.reaped.get(child) === 0) children.push(child);
    if (children.length === 0) return fail('ECHILD', pid === undefined ? 'it has no child left to wait for' : `${pid} is no child of it`);
    const dead = children.find((child) => k.task.state.get(child) === TaskState.Dead);
    if (dead === undefined)
      throw new Impossible('would-wait', `wait: ${children.length === 1 ? 'the child is' : 'all children are'} alive`);
    k.in('do_wait', 1, () => {
      k.task.reaped.set(dead, 1);
      k.trace.effect('{task:0} is reaped', 1, dead);
    });
    return number(dead);
  },
} satisfies Calls;

/** The living threads of a group, its leader included. */
export function threads_of(k: Kernel, leader: number): number[] {
  const found: number[] = [];
  for (let task = leader; task <= k.tasks.count; task++)
    if (k.task.tgid.get(task) === leader && k.task.state.get(task) === TaskState.Running) found.push(task);
  return found;
}

/** `do_group_exit()`: every thread of the process dies, the leader last. `status` as wait(2) reports it. */
export function do_group_exit(k: Kernel, task: number, death: string, status: number): void {
  const leader = k.task.tgid.get(task);
  k.in('do_group_exit', 1, () => {
    for (const thread of threads_of(k, leader).reverse()) do_exit(k, thread, death, status);
  });
}

/**
 * `do_exit()`: the task dies: it leaves its address space and its descriptors, which go with their last user. `death` completes the sentence
 * "… is dead: …".
 */
export function do_exit(k: Kernel, task: number, death: string, status: number): void {
  k.in('do_exit', 1, () => {
    const leads = k.task.tgid.get(task) === task;
    if (leads && pinned_by_region(k, task, death, status)) return;
    k.task.pinned.set(task, 0);
    forget_userfaults(k, task);
    exit_mm(k, task);
    k.in('exit_files', 1, () => exit_files(k, task));
    k.task.state.set(task, TaskState.Dead);
    k.task.death.set(task, k.names.id(death));
    k.task.status.set(task, status);
    k.trace.effect('{task:0} is dead', 1, task);
    if (leads) creator_exited(k, task);
  });
}

/** `exit_mm()`: the task leaves its address space; a parent that lent it by vfork goes on. */
export function exit_mm(k: Kernel, task: number): void {
  const mm = k.task.mm.get(task);
  k.task.mm.set(task, 0);
  complete_vfork_done(k, task);
  mmput(k, mm);
}

/** `mmput()`: one user of an address space less; the last one takes it down. */
export function mmput(k: Kernel, mm: number): void {
  const users = k.mm.users.get(mm) - 1;
  k.mm.users.set(mm, users);
  if (users > 0) return;
  userfaultfd_exit(k, mm);
  ksm_exit(k, mm);
  k.in('exit_mmap', 1, () => exit_mmap(k, mm));
}

function complete_vfork_done(k: Kernel, task: number): void {
  const lender = k.task.lender.get(task);
  if (lender === 0) return;
  k.task.lender.set(task, 0);
  k.task.vfork.set(lender, 0);
  k.trace.effect('{task:0} goes on: its vfork is over', 1, lender);
}

function exit_mmap(k: Kernel, mm: number): void {
  const vmas = all_vmas(k, mm);
  k.in('unmap_vmas', 1, () => {
    for (const vma of vmas) {
      const start = k.vma.start.get(vma);
      zap_pte_range(k, mm, start, k.vma.end.get(vma) - start, false, true);
    }
  });
  const first = vmas[0];
  if (first !== undefined) free_pgtables(k, mm, k.vma.start.get(first), TASK_PAGES, 0, TASK_PAGES);
  for (const vma of vmas) remove_vma(k, vma);
  release_pins(k, mm);
  pgd_free(k, mm);
  k.mm.exe_file.set(mm, 0);
  k.mm.total_vm.set(mm, 0);
}
