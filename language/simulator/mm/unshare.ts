import { common_run_end } from '../state/column';
import { any, PG, PTE, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { target } from '../state/shift';
import { split_huge_pmds } from './huge_pmd';
import { mm_account_fault, wp_can_reuse_anon_folio, wp_page_copy } from './memory';

/**
 * A fault with FAULT_FLAG_UNSHARE on up to `count` present pages whose PTEs agree: afterwards they are this process's own, still mapped for
 * reading only. Gives how many it was done for.
 */
export function unshare_fault(k: Kernel, mm: number, vma: number, vpn: number, count: number): number {
  const pages = (done: number): number => done;
  return k.batch('handle_mm_fault', () => k.batch('do_wp_page', () => do_unshare_page(k, mm, vma, vpn, count), pages), pages);
}

function do_unshare_page(k: Kernel, mm: number, vma: number, vpn: number, count: number): number {
  split_huge_pmds(k, mm, vpn, count);
  const { pte, pfn: frame } = k.space4.of(mm);
  if (any(pte.get(vpn), PTE.SPECIAL)) return wp_page_copy(k, mm, vma, vpn, 0, count, true);
  const pfn = target(vpn, frame.get(vpn));
  const n = common_run_end([k.page.flags, k.page.refcount, k.page.mapcount], pfn, pfn + count) - pfn;
  const flags = k.page.flags.get(pfn);
  if (!any(flags, PG.anon) || !wp_can_reuse_anon_folio(k, mm, vpn, pfn)) return wp_page_copy(k, mm, vma, vpn, pfn, n, true);
  const own = any(flags, PG.swapcache) ? 1 : n;
  k.page.flags.update(pfn, own, (old) => set(old, PG.anon_exclusive));
  k.trace.effect('{frames:0}: nobody else holds a reference, exclusive to this process from now on', own, pfn);
  mm_account_fault(k, own, false);
  return own;
}
