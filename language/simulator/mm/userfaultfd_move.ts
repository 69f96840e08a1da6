/* eslint-disable no-bitwise -- VMA flags are words of fewer than 32 bits. */
import type { Outcome } from '../api';
import { fail } from '../calls';
import { any, PG, PTE, set, VM } from '../state/flags';
import { type Kernel, Leaf } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';
import { HPAGE_PMD_NR, is_large } from './folio';
import { is_vm_hugetlb_page } from './hugetlb_share';
import { leaf_of, pmd_index, split_huge_pmd } from './huge_pmd';
import { anon_vma_prepare, WRITTEN } from './memory';
import type { Filled } from './mfill_atomic';
import { flush_tlb, in_host, vma_is_mshare } from './mshare';
import { move_pte_tables, pte_alloc } from './pagetable';
import { is_pinned } from './pin';
import { is_pte_marker } from './pte_marker';
import { pte_clear, set_ptes } from './rmap';
import { split_folio } from './split_folio';
import { clear_swap_ptes, set_swap_ptes, swap_ptes } from './swap_pte';
import { swap_cache_get_folio } from './swapfile';

/** A move of `count` pages; page numbers. */
export interface PageMove {
  readonly dst: number;
  readonly src: number;
  readonly count: number;
  /** UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES: where nothing is at the source nothing is done. */
  readonly holes: boolean;
}

const stopped = (done: number, problem: Outcome): Filled => ({ done, problem });

/** `move_pages()`: exclusive anonymous pages go from `src` to `dst`, which `ctx` watches over; nothing is copied. Up to the first that can't be moved. */
export function move_pages(k: Kernel, ctx: number, mm: number, move: PageMove): Filled {
  const { vma: tree } = k.space4.of(mm);
  const { dst, src, count } = move;
  const to = tree.get(dst);
  const from = tree.get(src);
  if (to === 0) return stopped(0, fail('ENOENT', 'nothing is mapped at dst'));
  if (from === 0) return stopped(0, fail('ENOENT', 'nothing is mapped at src'));
  if (src + count > k.vma.end.get(from) || dst + count > k.vma.end.get(to))
    return stopped(0, fail('EINVAL', 'each range has to lie in one mapping'));
  if (vma_is_mshare(k, to) && to === from)
    return in_host(k, to, (host, shift) => move_pages(k, ctx, host, { ...move, dst: dst - shift, src: src - shift }));
  const refused = validate_move_areas(k, ctx, from, to);
  if (refused !== undefined) return stopped(0, refused);
  anon_vma_prepare(k, to);
  return k.batch(
    'move_pages',
    () => {
      for (let done = 0; done < count;) {
        const moved = move_at(k, mm, to, { ...move, dst: dst + done, src: src + done, count: count - done });
        if (typeof moved !== 'number') return stopped(done, moved);
        done += moved;
      }
      return { done: count };
    },
    ({ done }) => Math.max(1, done),
  );
}

const ACCESS = VM.READ + VM.WRITE + VM.EXEC + VM.LOCKED;

function validate_move_areas(k: Kernel, ctx: number, from: number, to: number): Outcome | undefined {
  const flags = k.vma.flags.get(from);
  if ((flags & ACCESS) !== (k.vma.flags.get(to) & ACCESS))
    return fail('EINVAL', 'the two mappings differ in protection, or in being locked');
  if (!any(flags, VM.WRITE)) return fail('EINVAL', 'the mappings may not be written');
  if ([from, to].some((vma) => is_vm_hugetlb_page(k, vma) || vma_is_mshare(k, vma)))
    return fail('EINVAL', 'pages of hugetlb, and of regions, are not moved');
  if (k.vma.uffd.get(to) !== ctx) return fail('EINVAL', 'the mapping at dst is not registered with this userfaultfd');
  return k.vma.mapping.get(from) !== 0 || k.vma.mapping.get(to) !== 0 ? fail('EINVAL', 'only anonymous memory is moved') : undefined;
}

/** Moves what the entry at `src` maps; gives for how many pages that is. */
function move_at(k: Kernel, mm: number, to: number, { dst, src, count, holes }: PageMove): number | Outcome {
  const { pte, pfn: frames } = k.space4.of(mm);
  if (leaf_of(k, mm, src) !== Leaf.None) {
    if (moves_whole(k, mm, dst, src, count)) return move_huge(k, mm, to, dst, src);
    split_huge_pmd(k, mm, src);
  }
  if (pte.get(dst) !== 0) return fail('EEXIST', 'something is at dst already');
  const flags = pte.get(src);
  if (flags === 0)
    return holes ? Math.min(pte.runEnd(src, src + count) - src, pte.runEnd(dst, dst + count) - dst) : fail('ENOENT', 'nothing is at src');
  if (is_pte_marker(flags)) return fail('EFAULT', 'there is a marker at src');
  pte_alloc(k, mm, dst, 1);
  if (any(flags, PTE.SWAP)) return move_swap_pte(k, mm, to, dst, src);
  flush_tlb(k, mm);
  if (any(flags, PTE.SPECIAL)) {
    pte.set(src, 0);
    pte.set(dst, PTE.PRESENT + PTE.USER + PTE.ACCESSED + PTE.SPECIAL);
    k.trace.effect('the zero page is mapped at {addresses:0} instead of {addresses:1}', 1, dst, src);
    return 1;
  }
  const pfn = target(src, frames.get(src));
  const busy = why_busy(k, pfn, 1);
  if (busy !== undefined) return fail('EBUSY', busy);
  if (is_large(k, pfn)) split_folio(k, pfn);
  pte_clear(k, mm, src, 1);
  set_ptes(k, mm, dst, 1, pfn, moved_pte(flags));
  folio_move_anon_rmap(k, to, dst, pfn, 1);
  k.trace.effect('{frames:0} moved from {addresses:1} to {addresses:2}', 1, pfn, src, dst);
  return 1;
}

/** `move_swap_pte()`: a swap entry, with the page of the swap cache that it has. */
function move_swap_pte(k: Kernel, mm: number, to: number, dst: number, src: number): number | Outcome {
  const [entry] = swap_ptes(k, mm, src, 1);
  if (entry === undefined || !any(entry.flags, PTE.SWP_EXCLUSIVE)) return fail('EBUSY', 'the page in swap is not this process’s alone');
  const cached = swap_cache_get_folio(k, entry.slot);
  clear_swap_ptes(k, mm, src, 1);
  set_swap_ptes(k, mm, { ...entry, vpn: dst, flags: set(entry.flags, PTE.SOFT_DIRTY) });
  if (cached !== 0) folio_move_anon_rmap(k, to, dst, cached, 1);
  k.trace.effect('the swap entry at {addresses:0} moved to {addresses:1}', 1, src, dst);
  return 1;
}

/** Soft-dirty, so that the move can be noticed. */
const moved_pte = (flags: number): number => set(WRITTEN - PTE.DIRTY, any(flags, PTE.DIRTY) ? PTE.DIRTY : 0);

function why_busy(k: Kernel, pfn: number, count: number): string | undefined {
  if (!any(k.page.flags.get(pfn), PG.anon_exclusive))
    return 'the page is not this process’s alone, as after fork or once KSM has merged it';
  return is_pinned(k, pfn, count) ? 'the page is pinned' : undefined;
}

function folio_move_anon_rmap(k: Kernel, vma: number, vpn: number, pfn: number, count: number): void {
  k.page.mapping.fill(pfn, count, -k.vma.anon_vma.get(vma));
  k.page.index.fill(pfn, count, refer(pfn, vpn - k.vma.start.get(vma) + k.vma.pgoff.get(vma)));
}

/** Whether a huge PMD can be moved as it is: all of it, into an empty one. */
function moves_whole(k: Kernel, mm: number, dst: number, src: number, count: number): boolean {
  const aligned = src % HPAGE_PMD_NR === 0 && dst % HPAGE_PMD_NR === 0 && count >= HPAGE_PMD_NR;
  return aligned && leaf_of(k, mm, dst) === Leaf.None && k.space4.of(mm).pt.get(pmd_index(dst)) === NONE;
}

/** `move_pages_huge_pmd()`. */
function move_huge(k: Kernel, mm: number, to: number, dst: number, src: number): number | Outcome {
  const { pte, pfn: frames, leaf } = k.space4.of(mm);
  const flags = pte.get(src);
  const zero = any(flags, PTE.SPECIAL);
  const pfn = zero ? 0 : target(src, frames.get(src));
  const busy = zero ? undefined : why_busy(k, pfn, HPAGE_PMD_NR);
  if (busy !== undefined) return fail('EBUSY', busy);
  leaf.set(pmd_index(src), Leaf.None);
  leaf.set(pmd_index(dst), Leaf.Pmd);
  move_pte_tables(k, mm, pmd_index(src), pmd_index(dst), 1);
  pte_clear(k, mm, src, HPAGE_PMD_NR);
  if (zero) pte.fill(dst, HPAGE_PMD_NR, flags);
  else {
    set_ptes(k, mm, dst, HPAGE_PMD_NR, pfn, moved_pte(flags));
    folio_move_anon_rmap(k, to, dst, pfn, HPAGE_PMD_NR);
  }
  flush_tlb(k, mm);
  k.trace.effect('the huge page at {addresses:0} moved to {addresses:1} whole', HPAGE_PMD_NR, src, dst);
  return HPAGE_PMD_NR;
}
