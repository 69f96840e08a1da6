import { any, PTE } from '../state/flags';
import type { Kernel } from '../state/kernel';

/** Whether a PTE maps the zero page because KSM put it there (`is_ksm_zero_pte()`: its dirty bit says so). */
export const is_ksm_zero_pte = (flags: number): boolean => any(flags, PTE.SPECIAL) && any(flags, PTE.DIRTY);

/** `ksm_map_zero_page()` for `count` PTEs with these flags, where KSM put the zero page there. */
export function ksm_map_zero_page(k: Kernel, flags: number, count: number): void {
  if (is_ksm_zero_pte(flags)) k.count('ksm_zero_pages', count);
}

/** `ksm_might_unmap_zero_page()` for `count` PTEs with these flags. */
export function ksm_might_unmap_zero_page(k: Kernel, flags: number, count: number): void {
  if (is_ksm_zero_pte(flags)) k.count('ksm_zero_pages', -count);
}
