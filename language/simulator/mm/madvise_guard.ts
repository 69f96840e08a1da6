import { fail } from '../calls';
import type { Outcome } from '../api';
import { any, MARKER, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { anon_vma_prepare } from './memory';
import { pte_alloc } from './pagetable';
import { clear_pte_markers, pte_markers, set_pte_markers } from './pte_marker';
import { zap_pte_range } from './rmap';

/**
 * `madvise_guard_install()`: every access to page numbers `start` to `end` of one VMA raises SIGSEGV from now on; what is mapped there goes. The VMA
 * is not cut, and a child inherits the guards: that is why the VMA gets an anon_vma.
 */
export function madvise_guard_install(k: Kernel, mm: number, vma: number, start: number, end: number): Outcome | undefined {
  const refused = is_valid_guard_vma(k, vma, false);
  if (refused !== undefined) return refused;
  k.in('madvise_guard_install', end - start, () => {
    anon_vma_prepare(k, vma);
    zap_pte_range(k, mm, start, end - start);
    pte_alloc(k, mm, start, end - start);
    const before = pte_markers(k, mm, start, end - start).reduce((sum, run) => sum + (any(run.flags, MARKER.GUARD) ? run.count : 0), 0);
    set_pte_markers(k, mm, start, end - start, MARKER.GUARD);
    if (before < end - start) k.trace.effect('{addresses:0} are guards: an access is a SIGSEGV', end - start, start);
  });
  return undefined;
}

/** `madvise_guard_remove()`: no guards any more; what was there before is gone all the same. */
export function madvise_guard_remove(k: Kernel, mm: number, vma: number, start: number, end: number): Outcome | undefined {
  const refused = is_valid_guard_vma(k, vma, true);
  if (refused !== undefined) return refused;
  k.in('madvise_guard_remove', end - start, () => {
    const cleared = clear_pte_markers(k, mm, start, end - start, MARKER.GUARD);
    if (cleared > 0) k.trace.effect('{pages} guards are gone', cleared);
  });
  return undefined;
}

function is_valid_guard_vma(k: Kernel, vma: number, allowLocked: boolean): Outcome | undefined {
  const vm = k.vma.flags.get(vma);
  if (any(vm, VM.HUGETLB)) return fail('EINVAL', 'a mapping of hugetlb pages has no guards');
  return any(vm, VM.LOCKED) && !allowLocked ? fail('EINVAL', 'the range is locked: its pages may not be taken') : undefined;
}
