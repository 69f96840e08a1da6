/* eslint-disable no-bitwise -- prot is a word of few bits. */
import type { Outcome } from '../api';
import { fail, ok, type Calls } from '../calls';
import { any, clear, PTE, set, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf, TASK_PAGES } from '../state/units';
import { populate_vma_page_range } from './gup';
import { HPAGE_PMD_NR } from './folio';
import { hugetlb_change_protection, is_vm_hugetlb_page } from './hugetlb_share';
import { hex, wraps } from './mmap';
import { flush_tlb, in_host, vma_is_mshare } from './mshare';
import { may_change } from './mshare_change';
import { frame_runs, present_ptes } from './rmap';
import { userfaultfd_wp } from './userfaultfd_wait';
import { can_change_pte_writable } from './userfaultfd_wp';
import { split_vma, vma_merge, vmas_in } from './vma';

/** PROT_GROWSDOWN and PROT_GROWSUP, and what else there is: READ, WRITE, EXEC, SEM. */
const PROT = { GROWSDOWN: 0x1000000, GROWSUP: 0x2000000, KNOWN: 15 } as const;

export const calls = {
  mprotect(k, task, addr, len, prot) {
    const grows = prot & (PROT.GROWSDOWN | PROT.GROWSUP);
    if (grows === (PROT.GROWSDOWN | PROT.GROWSUP)) return fail('EINVAL', 'PROT_GROWSDOWN and PROT_GROWSUP exclude each other');
    if (addr % PAGE_SIZE !== 0) return fail('EINVAL', `${hex(addr)} is not a multiple of the page size`);
    if (len === 0) return ok();
    if (wraps(addr, len)) return fail('ENOMEM', 'the range wraps around');
    if ((prot & ~(grows | PROT.KNOWN)) !== 0) return fail('EINVAL', 'unknown protection bits');
    const start = addr / PAGE_SIZE;
    const end = start + pagesOf(len);
    const [first] = vmas_in(k, k.task.mm.get(task), Math.min(start, TASK_PAGES), Math.min(end, TASK_PAGES));
    if (first === undefined || (grows !== PROT.GROWSDOWN && k.vma.start.get(first) > start))
      return fail('ENOMEM', 'a part of the range is not mapped');
    if (grows !== 0 && (grows === PROT.GROWSUP || !any(k.vma.flags.get(first), VM.GROWSDOWN)))
      return fail('EINVAL', 'the mapping does not grow that way');
    const range = { start: grows === 0 ? start : k.vma.start.get(first), end };
    return k.in('do_mprotect_pkey', 1, () => protect(k, k.task.mm.get(task), range, prot));
  },
} satisfies Calls;

/** VMA after VMA, up to the first that is missing or may not be changed so. */
function protect(k: Kernel, mm: number, range: { start: number; end: number }, prot: number): Outcome {
  for (let at = range.start; at < range.end;) {
    const vma = k.space4.of(mm).vma.get(at);
    if (vma === 0) return fail('ENOMEM', 'a part of the range is not mapped');
    if (vma_is_mshare(k, vma)) {
      const part = { start: at, end: Math.min(range.end, k.vma.end.get(vma)) };
      const done =
        may_change(k, vma) ?? in_host(k, vma, (host, by) => protect(k, host, { start: part.start - by, end: part.end - by }, prot));
      if (done.kind !== 'ok') return done;
      at = part.end;
      continue;
    }
    if ((prot & 2) !== 0 && !any(k.vma.flags.get(vma), VM.MAYWRITE))
      return fail('EACCES', 'the file is mapped shared and not open for writing');
    const end = Math.min(range.end, k.vma.end.get(vma));
    if (is_vm_hugetlb_page(k, vma) && (at % HPAGE_PMD_NR !== 0 || end % HPAGE_PMD_NR !== 0))
      return fail('EINVAL', 'the range would cut a huge page');
    at = end;
    change_protection(k, mm, vma, range, prot & 7);
  }
  return ok();
}

function change_protection(k: Kernel, mm: number, vma: number, range: { start: number; end: number }, prot: number): void {
  const flags = k.vma.flags.get(vma);
  const wanted = set(clear(flags, VM.READ | VM.WRITE | VM.EXEC), prot);
  if (wanted === flags) return;
  if (any(wanted, VM.WRITE) && any(flags, VM.SHARED) && !any(flags, VM.WRITE))
    k.design.mapped_writable(k, k.mapping.host.get(k.vma.mapping.get(vma)));
  let middle = vma;
  if (k.vma.start.get(middle) < range.start) middle = split_vma(k, middle, range.start);
  if (k.vma.end.get(middle) > range.end) split_vma(k, middle, range.end);
  k.vma.flags.set(middle, wanted);
  const start = k.vma.start.get(middle);
  const count = k.vma.end.get(middle) - start;
  if (is_vm_hugetlb_page(k, middle)) hugetlb_change_protection(k, mm, start, count, (prot & 2) !== 0);
  else if ((prot & 2) === 0) {
    k.space4.of(mm).pte.update(start, count, (pte) => (any(pte, PTE.PRESENT) ? clear(pte, PTE.RW) : pte));
    k.trace.effect('the PTEs of {addresses:0} lose the right to write', count, start);
    flush_tlb(k, mm);
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
      const page = k.page.flags.get(pfn);
      if ((shmem && !userfaultfd_wp(k, vma)) || can_change_pte_writable(k, vma, run.flags, page))
        pte.update(run.vpn + pfn - run.pfn, n, (old) => set(old, PTE.RW));
    });
  }
}
