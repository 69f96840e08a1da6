/* eslint-disable no-bitwise -- clone's flags are a word of 32 bits. */
import { constants } from '../../catalogue/constants';
import type { Outcome } from '../api';
import { fail, number, type Calls } from '../calls';
import type { Column } from '../state/column';
import { any, clear, has, PG, PTE, VM } from '../state/flags';
import { type Kernel, Leaf, TaskState } from '../state/kernel';
import { dup_fd } from '../fs/file';
import { do_exit } from './exit';
import { Killed } from '../mm/oom_kill';
import { copy_pages } from '../fs/read_folio';
import { is_cow_mapping, new_anon_folio, pte_wrprotect } from '../mm/memory';
import { alloc_pages } from '../mm/page_alloc';
import { is_pinned } from '../mm/pin';
import { copy_huge_pmds, leaf_of, split_huge_pmds } from '../mm/huge_pmd';
import { copy_hugetlb_page_range } from '../mm/hugetlb';
import { is_vm_hugetlb_page } from '../mm/hugetlb_share';
import { ksm_fork } from '../mm/ksm_mm';
import { ksm_map_zero_page } from '../mm/ksm_zero';
import { copy_tables, pgd_alloc } from '../mm/pagetable';
import { copy_pte_markers } from '../mm/pte_marker';
import { add_mm_counter, frame_runs, mm_counter, present_ptes, set_ptes } from '../mm/rmap';
import { copy_nonpresent_ptes } from '../mm/swap_pte';
import { userfaultfd_reset_ctx } from '../mm/userfaultfd_register';
import { all_vmas, insert_vma, vma_fields } from '../mm/vma';

const SIGKILL = Number(constants.SIGKILL.value);

const flag = (name: keyof typeof constants): number => Number(constants[name].value);
const CLONE = {
  VM: flag('CLONE_VM'),
  FS: flag('CLONE_FS'),
  FILES: flag('CLONE_FILES'),
  SIGHAND: flag('CLONE_SIGHAND'),
  VFORK: flag('CLONE_VFORK'),
  THREAD: flag('CLONE_THREAD'),
} as const;
/** What pthread_create asks for. */
const THREAD = CLONE.VM | CLONE.FS | CLONE.FILES | CLONE.SIGHAND | CLONE.THREAD;

export const calls = {
  fork: (k, task) => kernel_clone(k, task, 0),
  vfork: (k, task) => kernel_clone(k, task, CLONE.VFORK | CLONE.VM),
  clone: (k, task, flags = THREAD) => kernel_clone(k, task, flags),
} satisfies Calls;

export interface TaskFields {
  readonly name: string;
  readonly uid: number;
  readonly cgroup: number;
}

/** A task with an empty address space and no open files, the only one of its process. */
export function new_task(k: Kernel, fields: TaskFields): number {
  const task = alloc_task(k, fields);
  k.task.tgid.set(task, task);
  k.task.mm.set(task, mm_alloc(k, fields.cgroup));
  k.task.files.set(task, task);
  k.filesTable.users.set(task, 1);
  return task;
}

function alloc_task(k: Kernel, fields: TaskFields): number {
  const task = k.tasks.next();
  k.task.state.set(task, TaskState.Running);
  k.task.uid.set(task, fields.uid);
  k.task.cgroup.set(task, fields.cgroup);
  k.task.name.set(task, k.names.id(fields.name));
  return task;
}

/** An empty address space, whose pages are charged to `cgroup`. */
export function mm_alloc(k: Kernel, cgroup: number): number {
  const mm = k.mms.next();
  k.mm.users.set(mm, 1);
  k.mm.cgroup.set(mm, cgroup);
  pgd_alloc(k, mm);
  return mm;
}

/** fork, vfork and clone: a child or a thread of `task`. With CLONE_VFORK `task` does nothing more until the child has left the address space. */
function kernel_clone(k: Kernel, task: number, flags: number): Outcome {
  if (has(flags, CLONE.THREAD) && !has(flags, CLONE.SIGHAND)) return fail('EINVAL', 'CLONE_THREAD needs CLONE_SIGHAND');
  if (has(flags, CLONE.SIGHAND) && !has(flags, CLONE.VM)) return fail('EINVAL', 'CLONE_SIGHAND needs CLONE_VM');
  return number(
    k.in('kernel_clone', 1, () => {
      const child = k.in('copy_process', 1, () => copy_process(k, task, flags));
      if (has(flags, CLONE.VFORK)) {
        k.task.vfork.set(task, child);
        k.task.lender.set(child, task);
        k.trace.effect('{task:0} waits until {task:1} calls execve or exit', 1, task, child);
      }
      return child;
    }),
  );
}

function copy_process(k: Kernel, parent: number, flags: number): number {
  const task = alloc_task(k, {
    name: k.names.text(k.task.name.get(parent)),
    uid: k.task.uid.get(parent),
    cgroup: k.task.cgroup.get(parent),
  });
  const leader = k.task.tgid.get(parent);
  const thread = has(flags, CLONE.THREAD);
  k.task.tgid.set(task, thread ? leader : task);
  k.task.parent.set(task, thread ? k.task.parent.get(leader) : leader);
  k.trace.effect(thread ? 'thread {0} is born in {task:1}' : 'process {0} is born, a child of {task:1}', 1, task, leader);
  if (has(flags, CLONE.FILES)) share(k.task.files, k.filesTable.users, parent, task);
  else dup_fd(k, parent, task);
  if (has(flags, CLONE.VM)) {
    share(k.task.mm, k.mm.users, parent, task);
    return task;
  }
  k.task.mm.set(task, mm_alloc(k, k.task.cgroup.get(parent)));
  try {
    k.in('dup_mm', 1, () => dup_mmap(k, k.task.mm.get(parent), k.task.mm.get(task)));
  } catch (problem) {
    if (problem instanceof Killed) do_exit(k, task, 'its parent was killed while forking it', SIGKILL);
    throw problem;
  }
  return task;
}

/** The child uses what its parent uses, and counts as one more user. */
function share(what: Column, users: Column, parent: number, child: number): void {
  const shared = what.get(parent);
  what.set(child, shared);
  users.set(shared, users.get(shared) + 1);
}

function dup_mmap(k: Kernel, parent: number, child: number): void {
  ksm_fork(k, parent, child);
  k.in('dup_mmap', 1, () => {
    for (const vma of all_vmas(k, parent)) {
      const fields = vma_fields(k, vma);
      const count = fields.end - fields.start;
      if (any(fields.flags, VM.DONTCOPY)) {
        k.trace.effect('the VMA at {addresses:0} is not inherited (MADV_DONTFORK)', count, fields.start);
        continue;
      }
      const wipe = any(fields.flags, VM.WIPEONFORK);
      const copy = insert_vma(k, {
        ...fields,
        mm: child,
        ...userfaultfd_reset_ctx(clear(fields.flags, VM.LOCKED)),
        resv_map: 0,
        ...(wipe ? { anon_vma: 0 } : {}),
      });
      k.vma.inherited.set(copy, k.vma.anon_vma.get(copy) === 0 ? 0 : copy);
      k.mm.total_vm.set(child, k.mm.total_vm.get(child) + count);
      if (wipe) k.trace.effect('the VMA at {addresses:0} is inherited empty (MADV_WIPEONFORK)', count, fields.start);
      else if (vma_needs_copy(k, vma) && is_vm_hugetlb_page(k, vma)) copy_hugetlb_page_range(k, parent, child, vma);
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
  copy_tables(k, parent, child, start, count);
  const anonymous = k.vma.mapping.get(vma) === 0;
  if (anonymous && k.pins.count > 0) split_pinned_pmds(k, parent, start, count);
  if (anonymous) copy_huge_pmds(k, parent, child, start, count);
  copy_pte_markers(k, parent, child, start, count);
  for (let at = start; at < start + count;) at = copy_pte_range(k, parent, child, vma, copy, at, start + count);
  copy_nonpresent_ptes(k, parent, child, start, count);
}

/** `copy_pte_range()` from page number `start` on: to `end`, or behind pages that were copied: memory for them may have cost the parent others. Gives where it goes on. */
function copy_pte_range(k: Kernel, parent: number, child: number, vma: number, copy: number, start: number, end: number): number {
  const cow = is_cow_mapping(k.vma.flags.get(vma));
  const anonymous = k.vma.mapping.get(vma) === 0;
  let next = end;
  for (const run of present_ptes(k, parent, start, end - start)) {
    if (next < end) break;
    if (!anonymous && leaf_of(k, parent, run.vpn) !== Leaf.None) continue;
    const flags = clear(cow ? pte_wrprotect(run.flags) : run.flags, PTE.ACCESSED);
    const childFlags = clear(flags, PTE.UFFD_WP + (any(k.vma.flags.get(copy), VM.SHARED) ? PTE.DIRTY : 0));
    if (run.pfn === 0) {
      k.space4.of(child).pte.fill(run.vpn, run.count, childFlags);
      ksm_map_zero_page(k, childFlags, run.count);
      continue;
    }
    frame_runs(k, run.pfn, run.count, ['flags', 'pincount'], (pfn, n) => {
      if (next < end) return;
      const page = k.page.flags.get(pfn);
      const at = run.vpn + pfn - run.pfn;
      if (any(page, PG.anon_exclusive) && is_pinned(k, pfn, 1)) {
        copy_present_page(k, parent, child, copy, at, pfn, n);
        next = at + n;
        return;
      }
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
  return next;
}

/** A huge PMD with a pinned page is split, so that the page can be copied. */
function split_pinned_pmds(k: Kernel, mm: number, vpn: number, count: number): void {
  for (const run of present_ptes(k, mm, vpn, count))
    if (run.pfn !== 0 && is_pinned(k, run.pfn, run.count)) split_huge_pmds(k, mm, run.vpn, run.count);
}

/** `copy_present_page()`: pinned pages stay the parent's, writable as they are; the child gets copies at once, charged to the parent's group. */
function copy_present_page(k: Kernel, parent: number, child: number, vma: number, vpn: number, pfn: number, count: number): void {
  for (let done = 0; done < count;) {
    const from = pfn + done;
    const at = vpn + done;
    done += k.batch(
      'copy_present_page',
      () => {
        const { pfn: copy, count: n } = alloc_pages(k, count - (from - pfn), k.mm.cgroup.get(parent));
        copy_pages(k, from, copy, n);
        k.count('copies', n);
        new_anon_folio(k, child, vma, at, copy, n);
        k.trace.effect('{frames:0} is pinned: copied to {frames:1} for the child, at {addresses:2}', n, from, copy, at);
        return n;
      },
      (n) => n,
    );
  }
}
