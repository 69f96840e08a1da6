import { number, type Calls } from '../calls';
import { any, clear, PG, PTE, VM } from '../state/flags';
import { Impossible } from '../state/impossible';
import { type Kernel, TaskState } from '../state/kernel';
import { open_files } from '../fs/file';
import { do_exit } from './exit';
import { Killed } from '../mm/oom_kill';
import { is_cow_mapping, pte_wrprotect } from '../mm/memory';
import { copy_tables, pgd_alloc } from '../mm/pagetable';
import { add_mm_counter, frame_runs, mm_counter, present_ptes, set_ptes } from '../mm/rmap';
import { all_vmas, insert_vma, vma_fields } from '../mm/vma';

/** FOLL_PIN adds this to the reference count. */
const GUP_PIN_COUNTING_BIAS = 1024;

export const calls = {
  fork: (k, task) => number(k.in('kernel_clone', 1, () => k.in('copy_process', 1, () => copy_process(k, task)))),
} satisfies Calls;

export interface TaskFields {
  readonly name: string;
  readonly uid: number;
  readonly cgroup: number;
}

/** A task with an empty address space and no open files. */
export function new_task(k: Kernel, fields: TaskFields): number {
  const task = k.tasks.next();
  const mm = k.mms.next();
  k.task.mm.set(task, mm);
  k.task.files.set(task, task);
  k.task.state.set(task, TaskState.Running);
  k.task.uid.set(task, fields.uid);
  k.task.cgroup.set(task, fields.cgroup);
  k.task.name.set(task, k.names.id(fields.name));
  k.mm.users.set(mm, 1);
  k.mm.cgroup.set(mm, fields.cgroup);
  pgd_alloc(k, mm);
  return task;
}

function copy_process(k: Kernel, parent: number): number {
  const task = new_task(k, {
    name: k.names.text(k.task.name.get(parent)),
    uid: k.task.uid.get(parent),
    cgroup: k.task.cgroup.get(parent),
  });
  k.task.parent.set(task, parent);
  k.trace.effect('process {0} is born, a child of {task:1}', 1, task, parent);
  for (const [fd, file] of open_files(k, parent)) {
    k.descriptors.of(task).fd.set(fd, file);
    k.file.refs.set(file, k.file.refs.get(file) + 1);
  }
  try {
    k.in('dup_mm', 1, () => dup_mmap(k, k.task.mm.get(parent), k.task.mm.get(task)));
  } catch (problem) {
    if (problem instanceof Killed) do_exit(k, task, 'its parent was killed while forking it');
    throw problem;
  }
  return task;
}

function dup_mmap(k: Kernel, parent: number, child: number): void {
  k.in('dup_mmap', 1, () => {
    for (const vma of all_vmas(k, parent)) {
      const fields = vma_fields(k, vma);
      const count = fields.end - fields.start;
      if (any(fields.flags, VM.DONTCOPY)) {
        k.trace.effect('the VMA at {addresses:0} is not inherited (MADV_DONTFORK)', count, fields.start);
        continue;
      }
      const wipe = any(fields.flags, VM.WIPEONFORK);
      const copy = insert_vma(k, { ...fields, mm: child, flags: clear(fields.flags, VM.LOCKED), ...(wipe ? { anon_vma: 0 } : {}) });
      k.mm.total_vm.set(child, k.mm.total_vm.get(child) + count);
      if (wipe) k.trace.effect('the VMA at {addresses:0} is inherited empty (MADV_WIPEONFORK)', count, fields.start);
      else if (vma_needs_copy(k, vma)) k.in('copy_page_range', 1, () => copy_page_range(k, parent, child, vma, copy));
      else
        k.trace.effect('the VMA at {addresses:0} is inherited without its PTEs: they can be faulted in again', count, k.vma.start.get(vma));
    }
  });
}

/** `vma_needs_copy()`: only what has anonymous pages is copied; the rest is faulted in again. */
function vma_needs_copy(k: Kernel, vma: number): boolean {
  return k.vma.anon_vma.get(vma) !== 0;
}

function copy_page_range(k: Kernel, parent: number, child: number, vma: number, copy: number): void {
  const start = k.vma.start.get(vma);
  const count = k.vma.end.get(vma) - start;
  const cow = is_cow_mapping(k.vma.flags.get(vma));
  copy_tables(k, parent, child, start, count);
  for (const run of present_ptes(k, parent, start, count)) {
    const flags = clear(cow ? pte_wrprotect(run.flags) : run.flags, PTE.ACCESSED);
    const childFlags = any(k.vma.flags.get(copy), VM.SHARED) ? clear(flags, PTE.DIRTY) : flags;
    if (run.pfn === 0) {
      k.space4.of(child).pte.fill(run.vpn, run.count, childFlags);
      continue;
    }
    frame_runs(k, run.pfn, run.count, ['flags', 'refcount'], (pfn, n) => {
      const page = k.page.flags.get(pfn);
      if (any(page, PG.anon) && k.page.refcount.get(pfn) >= GUP_PIN_COUNTING_BIAS)
        throw new Impossible('not-implemented', 'fork with a pinned page is not simulated yet');
      const at = run.vpn + pfn - run.pfn;
      k.in('copy_present_ptes', n, () => {
        if (any(page, PG.anon)) k.page.flags.fill(pfn, n, clear(page, PG.anon_exclusive));
        if (cow) k.space4.of(parent).pte.fill(at, n, pte_wrprotect(run.flags));
        set_ptes(k, child, at, n, pfn, childFlags);
        k.page.mapcount.add(pfn, n, 1);
        k.page.refcount.add(pfn, n, 1);
        add_mm_counter(k, child, mm_counter(page), n);
        k.trace.effect('{frames:0} shared with the child: both PTEs at {addresses:1} are write-protected', n, pfn, at);
      });
    });
  }
}
