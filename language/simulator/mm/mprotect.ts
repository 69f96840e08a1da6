/* eslint-disable no-bitwise -- prot is a word of few bits. */
import { fail, ok, type Calls } from '../calls';
import { any, clear, PG, PTE, set, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { populate_vma_page_range } from './gup';
import { covered, page_range } from './mmap';
import { frame_runs, present_ptes } from './rmap';
import { split_vma, vma_merge, vmas_in } from './vma';

export const calls = {
  mprotect(k, task, addr, len, prot) {
    const range = page_range(addr, len);
    if (typeof range === 'string') return fail('EINVAL', range);
    const mm = k.task.mm.get(task);
    const vmas = vmas_in(k, mm, range.start, range.end);
    if (covered(k, vmas, range.start, range.end) < range.end) return fail('ENOMEM', 'a part of the range is not mapped');
    for (const vma of vmas)
      if ((prot & 2) !== 0 && !any(k.vma.flags.get(vma), VM.MAYWRITE))
        return fail('EACCES', 'the file is mapped shared and not open for writing');
    k.in('do_mprotect_pkey', 1, () => {
      for (let at = range.start; at < range.end;) {
        const vma = k.space4.of(mm).vma.get(at);
        at = Math.min(range.end, k.vma.end.get(vma));
        change_protection(k, mm, vma, range, prot & 7);
      }
    });
    return ok();
  },
} satisfies Calls;

function change_protection(k: Kernel, mm: number, vma: number, range: { start: number; end: number }, prot: number): void {
  const flags = k.vma.flags.get(vma);
  const wanted = set(clear(flags, VM.READ | VM.WRITE | VM.EXEC), prot);
  if (wanted === flags) return;
  let middle = vma;
  if (k.vma.start.get(middle) < range.start) middle = split_vma(k, middle, range.start);
  if (k.vma.end.get(middle) > range.end) split_vma(k, middle, range.end);
  k.vma.flags.set(middle, wanted);
  const start = k.vma.start.get(middle);
  const count = k.vma.end.get(middle) - start;
  if ((prot & 2) === 0) {
    k.space4.of(mm).pte.update(start, count, (pte) => (any(pte, PTE.PRESENT) ? clear(pte, PTE.RW) : pte));
    k.trace.effect('the PTEs of {addresses:0} lose the right to write', count, start);
  } else make_writable(k, mm, middle, start, count);
  const locked = any(flags, VM.LOCKED) && !any(flags, VM.WRITE + VM.SHARED) && (prot & 2) !== 0;
  if (locked) populate_vma_page_range(k, mm, middle, start, start + count);
  vma_merge(k, middle);
}

/** `can_change_pte_writable()`: exclusive anonymous pages, and shared pages that are dirty already or of shmem, become writable at once. */
function make_writable(k: Kernel, mm: number, vma: number, start: number, count: number): void {
  const { pte } = k.space4.of(mm);
  const shared = any(k.vma.flags.get(vma), VM.SHARED);
  const shmem = shared && k.mapping.aops.get(k.vma.mapping.get(vma)) === AddressSpaceKind.Shmem;
  for (const run of present_ptes(k, mm, start, count)) {
    if (run.pfn === 0) continue;
    frame_runs(k, run.pfn, run.count, ['flags'], (pfn, n) => {
      const own = !shared && any(k.page.flags.get(pfn), PG.anon_exclusive);
      if (shmem || own || (shared && any(run.flags, PTE.DIRTY))) pte.update(run.vpn + pfn - run.pfn, n, (old) => set(old, PTE.RW));
    });
  }
}
