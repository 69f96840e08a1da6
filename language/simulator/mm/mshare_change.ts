import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Kernel } from '../state/kernel';
import { do_munmap, may_unmap } from './mmap';
import { in_host, vma_is_mshare } from './mshare';
import { policy } from './mshare_policy';
import { vmas_in } from './vma';

/** Page numbers. */
interface Range {
  readonly start: number;
  readonly end: number;
}

const is_cut = (k: Kernel, vma: number, { start, end }: Range): boolean => k.vma.start.get(vma) < start || k.vma.end.get(vma) > end;

/** The regions of an address space that a range covers in part only. */
const cut_regions = (k: Kernel, mm: number, range: Range): number[] =>
  vmas_in(k, mm, range.start, range.end).filter((vma) => vma_is_mshare(k, vma) && is_cut(k, vma, range));

/**
 * munmap(2) of a part of a region unmaps it in the host, for everybody: a region is changed through the addresses at which it is mapped. Gives what is left
 * of the range to unmap in the process itself.
 */
export function munmap_in_regions(k: Kernel, mm: number, range: Range): Range {
  let { start, end } = range;
  for (const vma of cut_regions(k, mm, range)) {
    const from = Math.max(range.start, k.vma.start.get(vma));
    const to = Math.min(range.end, k.vma.end.get(vma));
    in_host(k, vma, (host, shift) => do_munmap(k, host, from - shift, to - shift));
    if (from === range.start) start = to;
    else end = from;
  }
  return { start, end };
}

/** Why a process may not change what lies behind its VMA of a region through its own addresses: in 2025 that is what ioctls are for. */
export function may_change(k: Kernel, vma: number): Outcome | undefined {
  if (policy(k, k.vma.mshare.get(vma), 'interface') !== 'ioctl_2025') return undefined;
  return fail('EINVAL', 'a region is mapped and unmapped whole; its content is changed through its file');
}

/** The same for the regions that a range covers in part, and what is mapped there in their hosts. */
export function may_cut(k: Kernel, mm: number, start: number, end: number): Outcome | undefined {
  for (const vma of cut_regions(k, mm, { start, end })) {
    const from = Math.max(start, k.vma.start.get(vma));
    const to = Math.min(end, k.vma.end.get(vma));
    const refused = may_change(k, vma) ?? in_host(k, vma, (host, shift) => may_unmap(k, host, from - shift, to - shift));
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** The region that a new mapping of this range would become a part of (its VMA; 0: of none), or why it can't be placed there. */
export function region_for(k: Kernel, mm: number, start: number, end: number): number | Outcome {
  const cut = cut_regions(k, mm, { start, end });
  const [vma] = cut;
  if (vma === undefined) return 0;
  if (cut.length > 1 || k.vma.start.get(vma) > start || k.vma.end.get(vma) < end)
    return fail('EINVAL', 'the range lies partly in a region whose page tables are shared');
  return may_change(k, vma) ?? vma;
}

/** Why a walk over the page tables of a region is refused (`walkers = refuse`). */
export function may_walk(k: Kernel, vma: number): Outcome | undefined {
  if (policy(k, k.vma.mshare.get(vma), 'walkers') === 'translate') return undefined;
  return fail('EINVAL', 'the page tables are a region’s, and walks over them are refused (walkers = refuse)');
}
