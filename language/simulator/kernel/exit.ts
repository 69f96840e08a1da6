import { ok, type Calls } from '../calls';
import { type Kernel, TaskState } from '../state/kernel';
import { TASK_PAGES } from '../state/units';
import { close_files } from '../fs/file';
import { free_pgtables, pgd_free } from '../mm/pagetable';
import { zap_pte_range } from '../mm/rmap';
import { all_vmas, remove_vma } from '../mm/vma';

export const calls = {
  exit(k, task, status) {
    do_exit(k, task, `it exited with status ${status}`);
    return ok();
  },
} satisfies Calls;

/** The task dies: its address space and its descriptors go. `death` completes the sentence "… is dead: …". */
export function do_exit(k: Kernel, task: number, death: string): void {
  k.in('do_exit', 1, () => {
    k.in('exit_mmap', 1, () => exit_mmap(k, k.task.mm.get(task)));
    k.in('exit_files', 1, () => close_files(k, task));
    k.task.state.set(task, TaskState.Dead);
    k.task.death.set(task, k.names.id(death));
    k.trace.effect('{task:0} is dead', 1, task);
  });
}

function exit_mmap(k: Kernel, mm: number): void {
  const vmas = all_vmas(k, mm);
  k.in('unmap_vmas', 1, () => {
    for (const vma of vmas) {
      const start = k.vma.start.get(vma);
      zap_pte_range(k, mm, start, k.vma.end.get(vma) - start);
    }
  });
  const first = vmas[0];
  if (first !== undefined) free_pgtables(k, mm, k.vma.start.get(first), TASK_PAGES, 0, TASK_PAGES);
  for (const vma of vmas) remove_vma(k, vma);
  pgd_free(k, mm);
  k.mm.users.set(mm, 0);
  k.mm.total_vm.set(mm, 0);
}
