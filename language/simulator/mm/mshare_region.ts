import { fail } from '../calls';
import type { Outcome } from '../api';
import { mmput } from '../kernel/exit';
import { mm_alloc } from '../kernel/fork';
import { PAGE_SIZE } from '../state/units';
import type { Kernel } from '../state/kernel';
import { mmap_region, shmem_zero_setup } from './mmap';
import { PGDIR_PAGES, vma_is_mshare } from './mshare';
import { charged, policy } from './mshare_policy';
import { move_to_host } from './mshare_move';
import { VM } from '../state/flags';
import { split_vma, vmas_in } from './vma';

const MAY = VM.SHARED + VM.MAYSHARE + VM.MAYREAD + VM.MAYWRITE + VM.MAYEXEC;

/**
 * A region for a file on msharefs: its host, an address space without a task, gets what `task` has mapped in the `size` pages from `start`, VMAs, tables and
 * pages; or, if that is nothing, shared anonymous memory with protection `prot`. Gives the region.
 */
export function mshare_create(k: Kernel, task: number, inode: number, start: number, size: number, prot?: number): number | Outcome {
  const mm = k.task.mm.get(task);
  const end = start + Math.ceil(size / PGDIR_PAGES) * PGDIR_PAGES;
  const refused = may_take(k, mm, start, start + size, end);
  if (refused !== undefined) return refused;
  return k.in('mshare_create', 1, () => {
    const region = new_region(k, task, inode, start, size);
    const host = k.mshare.mm.get(region);
    for (const at of [start, start + size]) {
      const vma = k.space4.of(mm).vma.get(at);
      if (vma !== 0 && k.vma.start.get(vma) < at) split_vma(k, vma, at);
    }
    const taken = vmas_in(k, mm, start, start + size);
    if (taken.length > 0) move_to_host(k, mm, host, taken);
    else if (prot !== undefined) mmap_region(k, host, start, size, { vm: (prot % 8) + MAY, inode: shmem_zero_setup(k, size), index: 0 });
    return region;
  });
}

/** Why what a process has mapped in a range can't become a region; `end` is that of the last PGD entry. */
function may_take(k: Kernel, mm: number, start: number, stop: number, end: number): Outcome | undefined {
  for (const vma of vmas_in(k, mm, start, end)) {
    if (vma_is_mshare(k, vma)) return fail('EINVAL', 'a part of the range is a region already');
    if (k.vma.end.get(vma) > stop)
      return fail('EINVAL', 'something else is mapped in the last 512 GiB of the range: its tables would be shared too');
  }
  return undefined;
}

/** The host and what is known of the region: an address space with a PGD of its own, and nothing in it. */
export function new_region(k: Kernel, task: number, inode: number, start: number, size: number): number {
  const region = k.mshares.next();
  const cgroup = k.task.cgroup.get(task);
  k.mshare.inode.set(region, inode);
  k.mshare.creator.set(region, k.task.tgid.get(task));
  k.mshare.cgroup.set(region, cgroup);
  const host = mm_alloc(k, charged(k, region));
  if (policy(k, region, 'charge') === 'first_toucher') k.mm.cgroup.set(host, 0);
  k.mm.mshare.set(host, region);
  k.mshare.mm.set(region, host);
  k.mshare.start.set(region, start);
  k.mshare.size.set(region, size);
  k.msharefs.mshare.set(inode, region);
  k.inode.size.set(inode, size * PAGE_SIZE);
  k.trace.effect('{file:1} has a region at {addresses:0}: an address space without a task is its host', size, start, inode);
  return region;
}

/** The file of a region goes, and with it the region: nobody maps it any more. */
export function mshare_evict(k: Kernel, inode: number): void {
  const region = k.msharefs.mshare.get(inode);
  if (region === 0) return;
  k.msharefs.mshare.set(inode, 0);
  mmput(k, k.mshare.mm.get(region));
  k.mm.mshare.set(k.mshare.mm.get(region), 0);
}
