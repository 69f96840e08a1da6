import { any, PG, PTE } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { target } from '../state/shift';
import { is_ksm_zero_pte } from './ksm_zero';
import { wp_page_copy } from './memory';

/** `break_ksm()`: whatever KSM merged in a range is copied back (`FAULT_FLAG_UNSHARE`): the copies are the process's own, but not writable yet. */
export function break_ksm(k: Kernel, mm: number, vpn: number, count: number): void {
  k.in('break_ksm', 1, () => {
    const { pte, pfn, vma } = k.space4.of(mm);
    const end = vpn + count;
    for (let at = vpn; at < end;) {
      const flags = pte.get(at);
      let stop = pte.runEnd(at, end);
      if (any(flags, PTE.PRESENT)) {
        if (!any(flags, PTE.SPECIAL)) stop = pfn.runEnd(at, stop);
        const merged = is_ksm_zero_pte(flags) || (!any(flags, PTE.SPECIAL) && any(k.page.flags.get(target(at, pfn.get(at))), PG.ksm));
        if (merged) stop = at + unshare(k, mm, vma.get(at), at, stop - at);
      }
      at = stop;
    }
  });
}

/** Copies up to `count` pages that agree; gives how many. */
function unshare(k: Kernel, mm: number, vma: number, vpn: number, count: number): number {
  const { pte, pfn } = k.space4.of(mm);
  const frame = any(pte.get(vpn), PTE.SPECIAL) ? 0 : target(vpn, pfn.get(vpn));
  return k.batch(
    'handle_mm_fault',
    () =>
      k.batch(
        'do_wp_page',
        () => wp_page_copy(k, mm, vma, vpn, frame, frame === 0 ? count : 1, true),
        (n) => n,
      ),
    (n) => n,
  );
}
