/* eslint-disable no-bitwise -- mremap's flags are a word of few bits. */
import { constants } from '../../catalogue/constants';
import { fail, number, type Calls } from '../calls';
import type { Outcome } from '../api';
import { any, clear, PTE, set, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { NONE } from '../state/shift';
import { PAGE_SIZE, pagesOf, TASK_PAGES } from '../state/units';
import { mm_populate } from './gup';
import { break_ksm } from './ksm_break';
import { ALL_PAGES, do_munmap, get_unmapped_area, hex, may_unmap, USER_PAGES } from './mmap';
import { HPAGE_PMD_NR, HPAGE_SIZE } from './folio';
import { is_vm_hugetlb_page, move_hugetlb_page_tables, PUD_PAGES } from './hugetlb_share';
import { move_huge_pmds } from './huge_pmd';
import { flush_tlb, in_host, vma_is_mshare } from './mshare';
import { may_change, region_for } from './mshare_change';
import { copy_tables, pud_alloc } from './pagetable';
import { move_pte_markers } from './pte_marker';
import { present_ptes, pte_clear, set_ptes } from './rmap';
import { move_swap_ptes } from './swap_pte';
import { userfaultfd_reset_ctx } from './userfaultfd_register';
import { insert_vma, vma_fields, vma_merge, vmas_in } from './vma';

const FLAG = {
  MAYMOVE: Number(constants.MREMAP_MAYMOVE.value),
  FIXED: Number(constants.MREMAP_FIXED.value),
  DONTUNMAP: Number(constants.MREMAP_DONTUNMAP.value),
} as const;
const MAP_FIXED = Number(constants.MAP_FIXED.value);

/** Page numbers and counts of pages. */
interface Move {
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

export const calls = {
  mremap(k, task, old_addr, old_len, new_len, flags, new_addr = 0) {
    const from = pagesOf(old_len) % ALL_PAGES;
    const problem = refused(old_addr, from, new_len, flags, new_addr);
    if (problem !== undefined) return fail('EINVAL', problem);
    const mm = k.task.mm.get(task);
    const move: Move = { start: old_addr / PAGE_SIZE, from, to: pagesOf(new_len) };
    return k.in('do_mremap', 1, () => do_mremap(k, mm, move, flags, new_addr));
  },
} satisfies Calls;

/** `check_mremap_params()`; `from` is the old length in pages. */
function refused(old_addr: number, from: number, new_len: number, flags: number, new_addr: number): string | undefined {
  const { MAYMOVE, FIXED, DONTUNMAP } = FLAG;
  if ((flags & ~(MAYMOVE | FIXED | DONTUNMAP)) !== 0) return 'unknown flags';
  if (old_addr < 0 || old_addr % PAGE_SIZE !== 0) return `${hex(old_addr)} is not a multiple of the page size`;
  if (new_len === 0) return 'the new length is 0';
  if (pagesOf(new_len) > USER_PAGES) return 'the new length does not fit into user space';
  if ((flags & (FIXED | DONTUNMAP)) === 0) return undefined;
  if (new_addr < 0 || new_addr / PAGE_SIZE + pagesOf(new_len) > USER_PAGES) return 'the new range leaves user space';
  if (new_addr % PAGE_SIZE !== 0) return `${hex(new_addr)} is not a multiple of the page size`;
  if ((flags & MAYMOVE) === 0) return 'MREMAP_FIXED and MREMAP_DONTUNMAP need MREMAP_MAYMOVE';
  if ((flags & DONTUNMAP) !== 0 && from !== pagesOf(new_len)) return 'MREMAP_DONTUNMAP keeps the length';
  const to = new_addr + pagesOf(new_len) * PAGE_SIZE;
  return old_addr < to && new_addr < old_addr + from * PAGE_SIZE ? 'the old and the new range overlap' : undefined;
}

function do_mremap(k: Kernel, mm: number, move: Move, flags: number, new_addr: number): Outcome {
  const { vma: tree } = k.space4.of(mm);
  const vma = tree.get(move.start);
  if (vma === 0) return fail('EFAULT', `nothing is mapped at ${hex(move.start * PAGE_SIZE)}`);
  const changed = mremap_region(k, mm, vma, move, flags, new_addr);
  if (changed !== undefined) return changed;
  if ((flags & FLAG.FIXED) !== 0 && move.from === move.to) return remap_move(k, mm, move, flags, new_addr);
  const huge = is_vm_hugetlb_page(k, vma);
  const { start, from, to } = huge ? whole_huge_pages(move) : move;
  const problem = huge ? hugetlb_problem({ start, from, to }, flags, new_addr) : undefined;
  if (problem !== undefined) return fail('EINVAL', problem);
  const moves = (flags & (FLAG.FIXED | FLAG.DONTUNMAP)) !== 0;
  if (!moves && from >= to) {
    if (start + from > USER_PAGES) return fail('EINVAL', 'the range leaves user space');
    const refused = from > to ? may_unmap(k, mm, start + to, start + from) : undefined;
    if (refused !== undefined) return refused;
    if (from > to) do_munmap(k, mm, start + to, start + from);
    return number(start * PAGE_SIZE);
  }
  if (from === 0 && !any(k.vma.flags.get(vma), VM.SHARED))
    return fail('EINVAL', 'a length of 0 duplicates a shared mapping, and this one is private');
  if (start + Math.min(from, to) > k.vma.end.get(vma)) return fail('EFAULT', 'the old range is not one mapping');
  if (moves) return move_vma(k, mm, { start, from, to }, flags, new_addr);
  const end = start + from;
  if (
    from > 0 &&
    end === k.vma.end.get(vma) &&
    start + to <= TASK_PAGES &&
    tree.runEnd(end, start + to) === start + to &&
    tree.get(end) === 0
  ) {
    expand_vma(k, mm, vma, start + to);
    return number(start * PAGE_SIZE);
  }
  if ((flags & FLAG.MAYMOVE) === 0) return fail('ENOMEM', 'it cannot grow where it is, and MREMAP_MAYMOVE is not given');
  return move_vma(k, mm, move, flags, 0);
}

/** Within a region the host's mappings are moved and resized, for all who map it; nothing leaves a region or comes into it. Undefined: no region is concerned. */
function mremap_region(k: Kernel, mm: number, vma: number, move: Move, flags: number, new_addr: number): Outcome | undefined {
  const fixed = (flags & FLAG.FIXED) !== 0;
  const to = new_addr / PAGE_SIZE;
  const into = fixed ? region_for(k, mm, to, to + move.to) : 0;
  if (typeof into !== 'number') return into;
  const region = vma_is_mshare(k, vma) ? vma : 0;
  if (region === 0 && into === 0) return undefined;
  if (region === 0 || (fixed && into !== region)) return fail('EINVAL', 'memory cannot be moved into a region or out of it');
  const limit = k.vma.end.get(vma);
  if (move.start + Math.max(move.from, move.to) > limit) return fail('EINVAL', 'a region does not grow, and is not moved');
  if (move.start === k.vma.start.get(vma) && move.start + move.from === limit)
    return fail('EINVAL', 'a region does not grow, and is not moved');
  const refused = may_change(k, vma);
  if (refused !== undefined) return refused;
  return in_host(k, vma, (host, shift) => {
    const kept = fixed ? flags : flags & ~FLAG.MAYMOVE;
    const done = do_mremap(k, host, { ...move, start: move.start - shift }, kept, new_addr - shift * PAGE_SIZE);
    return done.kind === 'ok' ? number((fixed ? to : move.start) * PAGE_SIZE) : done;
  });
}

/** `remap_move()`: a range that only moves may be several VMAs, with gaps between them; each is moved for itself. */
function remap_move(k: Kernel, mm: number, { start, from }: Move, flags: number, new_addr: number): Outcome {
  const found = vmas_in(k, mm, start, Math.min(start + from, USER_PAGES));
  if (found.some((vma) => vma_is_mshare(k, vma))) return fail('EINVAL', 'memory cannot be moved into a region or out of it');
  const pieces = found.map((vma) => ({ at: Math.max(start, k.vma.start.get(vma)), end: Math.min(start + from, k.vma.end.get(vma)) }));
  for (const { at, end } of pieces) {
    const huge = is_vm_hugetlb_page(k, k.space4.of(mm).vma.get(at));
    const piece = { start: at, from: end - at, to: end - at };
    const address = new_addr + (at - start) * PAGE_SIZE;
    const problem = huge ? hugetlb_problem(piece, flags, address) : undefined;
    if (problem !== undefined) return fail('EINVAL', problem);
    const moved = move_vma(k, mm, huge ? whole_huge_pages(piece) : piece, flags, address);
    if (moved.kind !== 'ok') return moved;
  }
  return number(new_addr);
}

const whole_huge_pages = ({ start, from, to }: Move): Move => ({ start, from: whole(from), to: whole(to) });
const whole = (pages: number): number => Math.ceil(pages / HPAGE_PMD_NR) * HPAGE_PMD_NR;

/** Why a mapping of hugetlb pages can't be moved or resized so. */
function hugetlb_problem({ start, from, to }: Move, flags: number, new_addr: number): string | undefined {
  if (start % HPAGE_PMD_NR !== 0 || new_addr % HPAGE_SIZE !== 0) return 'the range would cut a huge page';
  if (to > from) return 'a mapping of hugetlb pages does not grow';
  return (flags & FLAG.DONTUNMAP) !== 0 ? 'MREMAP_DONTUNMAP is not for hugetlb pages' : undefined;
}

/** The VMA grows upwards into free space. */
function expand_vma(k: Kernel, mm: number, vma: number, end: number): void {
  const old = k.vma.end.get(vma);
  k.vma.end.set(vma, end);
  k.space4.of(mm).vma.fill(old, end - old, vma);
  k.mm.total_vm.set(mm, k.mm.total_vm.get(mm) + end - old);
  k.trace.effect('the VMA grows by {addresses:0}', end - old, old);
  const locked = any(k.vma.flags.get(vma), VM.LOCKED);
  vma_merge(k, vma);
  if (locked) mm_populate(k, mm, old, end - old);
}

function move_vma(k: Kernel, mm: number, move: Move, flags: number, new_addr: number): Outcome {
  const { start, to } = move;
  const fixed = (flags & FLAG.FIXED) !== 0;
  const refused = fixed ? may_unmap(k, mm, new_addr / PAGE_SIZE, new_addr / PAGE_SIZE + to) : undefined;
  if (refused !== undefined) return refused;
  if (fixed) do_munmap(k, mm, new_addr / PAGE_SIZE, new_addr / PAGE_SIZE + to);
  let { from } = move;
  if (from > to && start + from > USER_PAGES) return fail('EINVAL', 'the old range leaves user space');
  const cut = from > to ? may_unmap(k, mm, start + to, start + from) : undefined;
  if (cut !== undefined) return cut;
  if (from > to) {
    do_munmap(k, mm, start + to, start + from);
    from = to;
  }
  if (k.space4.of(mm).vma.get(start) === 0)
    return fail('EFAULT', `nothing is mapped at ${hex(start * PAGE_SIZE)} any more: the new range replaced it`);
  const place = get_unmapped_area(k, mm, new_addr, to, fixed ? MAP_FIXED : 0);
  if (typeof place !== 'number') return place;
  return k.in('move_vma', 1, () => {
    const vma = k.space4.of(mm).vma.get(start);
    const old = vma_fields(k, vma);
    if (any(old.flags, VM.MERGEABLE) && old.anon_vma !== 0) break_ksm(k, mm, start, from);
    const untouched = old.mapping === 0 && old.anon_vma === 0;
    const pgoff = untouched ? place : old.pgoff + start - old.start;
    const copy = insert_vma(k, { ...old, start: place, end: place + to, pgoff, ...userfaultfd_reset_ctx(set(old.flags, VM.SOFTDIRTY)) });
    k.mm.total_vm.set(mm, k.mm.total_vm.get(mm) + to);
    k.trace.effect('a VMA like the one at {addresses:1} at {addresses:0}', to, place, start);
    k.vma.resv_map.set(vma, 0);
    if (from > 0) k.in('move_page_tables', from, () => move_page_tables(k, mm, start, place, from));
    vma_merge(k, copy);
    if ((flags & FLAG.DONTUNMAP) !== 0) {
      const left = k.space4.of(mm).vma.get(start);
      k.vma.flags.set(left, clear(k.vma.flags.get(left), VM.LOCKED));
      k.trace.effect('the old VMA stays, empty', from, start);
    } else if (from > 0) do_munmap(k, mm, start, start + from);
    if (any(old.flags, VM.LOCKED)) mm_populate(k, mm, place + from, to - from);
    return number(place * PAGE_SIZE);
  });
}

/** `alloc_new_pud()`: where there is a PMD table, a PUD table is made at the new place, whether anything of that PMD table is moved or not. */
function alloc_new_puds(k: Kernel, mm: number, from: number, to: number, count: number): void {
  const first = Math.floor(from / PUD_PAGES);
  const last = Math.floor((from + count - 1) / PUD_PAGES);
  k.space4.of(mm).pmd.runs(first, last - first + 1, (at, n, table) => {
    if (table === NONE) return;
    const start = Math.max(from, at * PUD_PAGES);
    pud_alloc(k, mm, start - from + to, Math.min(from + count, (at + n) * PUD_PAGES) - start);
  });
}

/**
 * `move_page_tables()`: `count` entries from page number `from` go to `to`, which gets tables where there are any at `from`; no page is copied and
 * no count changes.
 */
function move_page_tables(k: Kernel, mm: number, from: number, to: number, count: number): void {
  if (is_vm_hugetlb_page(k, k.space4.of(mm).vma.get(from))) return move_hugetlb_page_tables(k, mm, from, to, count);
  const { pte } = k.space4.of(mm);
  alloc_new_puds(k, mm, from, to, count);
  move_huge_pmds(k, mm, from, to, count);
  copy_tables(k, mm, mm, from, count, to);
  move_pte_markers(k, mm, from, to, count);
  const moved = present_ptes(k, mm, from, count);
  for (const run of moved) {
    const there = run.vpn - from + to;
    const flags = set(clear(run.flags, PTE.UFFD_WP), PTE.SOFT_DIRTY);
    pte_clear(k, mm, run.vpn, run.count);
    if (run.pfn === 0) pte.fill(there, run.count, flags);
    else set_ptes(k, mm, there, run.count, run.pfn, flags);
    k.trace.effect('PTE {addresses:0} moved to {addresses:1}', run.count, run.vpn, there);
  }
  if (moved.length > 0) flush_tlb(k, mm);
  move_swap_ptes(k, mm, from, to, count);
}
