import type { Outcome } from '../api';
import { fail, ok, type Calls } from '../calls';
import { Content } from '../state/content';
import { any, PTE } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { NONE } from '../state/shift';
import { PAGE_SIZE } from '../state/units';
import { permitted } from '../fs/permission';
import { is_vm_hugetlb_page } from './hugetlb_share';
import { uptodate_runs } from './folio_wait';
import { covered, hex, page_range } from './mmap';
import { in_host, vma_is_mshare } from './mshare';
import { may_walk } from './mshare_change';
import { present_ptes } from './rmap';
import { shmem_swapped } from './shmem_swap';
import { swap_ptes } from './swap_pte';
import { vmas_in } from './vma';

const IN = Content.of(new Uint8Array([1]));

export const calls = {
  mincore(k, task, addr, len) {
    if (addr % PAGE_SIZE !== 0) return fail('EINVAL', `${hex(addr)} is not a multiple of the page size`);
    const range = page_range(addr, len);
    if (typeof range === 'string') return fail('ENOMEM', range);
    const parts: Content[] = [];
    const { start, end } = range;
    const refused = k.in('do_mincore', end - start, () => do_mincore(k, task, k.task.mm.get(task), start, end, parts));
    return refused ?? ok(Content.join(parts));
  },
} satisfies Calls;

function do_mincore(k: Kernel, task: number, mm: number, start: number, end: number, parts: Content[]): Outcome | undefined {
  const vmas = vmas_in(k, mm, start, end);
  if (covered(k, vmas, start, end) < end) return fail('ENOMEM', 'a part of the range is not mapped');
  for (const vma of vmas) {
    const from = Math.max(start, k.vma.start.get(vma));
    const to = Math.min(end, k.vma.end.get(vma));
    const refused = vma_is_mshare(k, vma) ? mincore_region(k, task, vma, from, to, parts) : residency(k, task, vma, from, to, parts);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** What of a region is resident: the host knows. */
const mincore_region = (k: Kernel, task: number, vma: number, from: number, to: number, parts: Content[]): Outcome | undefined =>
  may_walk(k, vma) ?? in_host(k, vma, (host, shift) => do_mincore(k, task, host, from - shift, to - shift, parts));

const bytes = (resident: boolean, count: number): Content => (resident ? IN.repeat(count) : Content.zeros(count));

function residency(k: Kernel, task: number, vma: number, from: number, to: number, parts: Content[]): undefined {
  const mapping = k.vma.mapping.get(vma);
  if (is_vm_hugetlb_page(k, vma)) {
    mincore_hugetlb(k, k.vma.mm.get(vma), from, to, parts);
    return;
  }
  if (mapping !== 0 && !can_do_mincore(k, task, mapping)) {
    parts.push(bytes(true, to - from));
    return;
  }
  k.space4.of(k.vma.mm.get(vma)).pte.runs(from, to - from, (at, n, pte) => {
    if (any(pte, PTE.SWAP)) swapped_pages(k, k.vma.mm.get(vma), at, n, parts);
    else if (any(pte, PTE.PRESENT) || mapping === 0) parts.push(bytes(any(pte, PTE.PRESENT), n));
    else unmapped(k, mapping, at - k.vma.start.get(vma) + k.vma.pgoff.get(vma), n, parts);
  });
}

/** `mincore_swap()`: what is in swap is resident as far as the swap cache has it. */
function swapped_pages(k: Kernel, mm: number, vpn: number, count: number, parts: Content[]): void {
  for (const run of swap_ptes(k, mm, vpn, count))
    k.swapSlot.cache.runs(run.slot, run.count, (_at, n, cached) => parts.push(bytes(cached !== NONE, n)) < 0);
}

/** `mincore_hugetlb()`: only what is mapped is resident. */
function mincore_hugetlb(k: Kernel, mm: number, from: number, to: number, parts: Content[]): void {
  let at = from;
  for (const run of present_ptes(k, mm, from, to - from)) {
    parts.push(bytes(false, run.vpn - at), bytes(true, run.count));
    at = run.vpn + run.count;
  }
  parts.push(bytes(false, to - at));
}

/** `__mincore_unmapped_range()`: what no PTE maps is resident if the page cache has it, uptodate, or, where it is in swap, the swap cache. */
function unmapped(k: Kernel, mapping: number, index: number, count: number, parts: Content[]): void {
  const [swapped] = shmem_swapped(k, mapping, index, count);
  const end = index + count;
  const limit = swapped === undefined ? end : swapped.index;
  for (let at = index; at < limit;) {
    const found = k.design.lookup(k, mapping, at, limit - at);
    if (found.pfn === 0) parts.push(bytes(false, found.count));
    else uptodate_runs(k, found.pfn, found.count, (uptodate, n) => parts.push(bytes(uptodate, n)));
    at += found.count;
  }
  if (swapped === undefined) return;
  k.swapSlot.cache.runs(swapped.slot, swapped.count, (_at, n, cached) => parts.push(bytes(cached !== NONE, n)) < 0);
  const rest = swapped.index + swapped.count;
  if (rest < end) unmapped(k, mapping, rest, end - rest, parts);
}

/** `can_do_mincore()`: who could neither write the file nor owns it learns nothing: everything is said to be resident. */
function can_do_mincore(k: Kernel, task: number, mapping: number): boolean {
  const inode = k.mapping.host.get(mapping);
  return k.task.uid.get(task) === k.inode.uid.get(inode) || permitted(k, task, inode, 'write');
}
