import { fail } from '../calls';
import type { Outcome } from '../api';
import { any, clear, PG, PTE, set, VM } from '../state/flags';
import { FrameType, type Kernel } from '../state/kernel';
import { folio_runs, is_large } from './folio';
import { flush_tlb } from './mshare';
import { folio_put } from './page_alloc';
import { folio_remove_rmap_ptes, present_ptes, pte_clear, rmap_walk } from './rmap';
import { folio_free_swap } from './swapfile';
import { split_folio } from './split_folio';
import { zap_nonpresent_ptes } from './swap_pte';
import { lruvec_add_folio, lruvec_del_folio } from './swap';

/**
 * `madvise_free_single_vma()`: the pages may go when memory is short, unless they are written again: PTEs become clean and old, and the pages
 * count as file pages from now on. Large folios are split first.
 */
export function madvise_free(k: Kernel, mm: number, vma: number, start: number, end: number): Outcome | undefined {
  if (any(k.vma.flags.get(vma), VM.LOCKED)) return fail('EINVAL', 'the range is locked');
  if (k.vma.mapping.get(vma) !== 0) return fail('EINVAL', 'MADV_FREE is for private anonymous memory, and this maps a file or is shared');
  k.in('madvise_free_pte_range', end - start, () => {
    for (const run of present_ptes(k, mm, start, end - start))
      if (run.pfn !== 0) folio_runs(k, run.pfn, run.count, [], (pfn) => is_large(k, pfn) && split_folio(k, pfn));
    let aged = false;
    for (const run of present_ptes(k, mm, start, end - start)) {
      if (run.pfn === 0) continue;
      folio_runs(k, run.pfn, run.count, ['flags', 'mapcount'], (pfn, n) => {
        const flags = k.page.flags.get(pfn);
        if (any(flags, PG.swapcache + PG.dirty) && k.page.mapcount.get(pfn) !== 1) return;
        if (any(flags, PG.swapcache)) for (let at = pfn; at < pfn + n; at++) if (!folio_free_swap(k, at)) return;
        k.page.flags.update(pfn, n, (old) => clear(old, PG.dirty));
        aged ||= any(run.flags, PTE.ACCESSED + PTE.DIRTY);
        k.space4.of(mm).pte.fill(run.vpn + pfn - run.pfn, n, clear(run.flags, PTE.ACCESSED + PTE.DIRTY));
        folio_mark_lazyfree(k, pfn, n);
      });
    }
    if (aged) flush_tlb(k, mm);
    zap_nonpresent_ptes(k, mm, start, end - start);
  });
  return undefined;
}

/** `folio_mark_lazyfree()`: without PG_swapbacked, onto the inactive file list. */
function folio_mark_lazyfree(k: Kernel, pfn: number, count: number): void {
  const flags = k.page.flags.get(pfn);
  if (!any(flags, PG.swapbacked) || !any(flags, PG.lru) || any(flags, PG.unevictable + PG.swapcache)) return;
  lruvec_del_folio(k, pfn, count, flags);
  k.page.flags.update(pfn, count, (old) => clear(old, PG.active + PG.referenced + PG.swapbacked));
  lruvec_add_folio(k, pfn, count);
  k.trace.effect('{frames:0} may be dropped until written again', count, pfn);
}

/**
 * Reclaim of a page that MADV_FREE was said of (`try_to_unmap_one()` without PG_swapbacked): it is unmapped and freed, unless somebody has written
 * it since, or holds a reference; then it becomes active, and after a write an ordinary anonymous page again. True if it was freed.
 */
export function discard_lazyfree(k: Kernel, pfn: number): boolean {
  let kept = k.page.mapcount.get(pfn) === 0;
  k.in('try_to_unmap', 1, () =>
    rmap_walk(k, pfn, (mm, vpn, vma) => {
      if (kept) return;
      const written = any(k.space4.of(mm).pte.get(vpn), PTE.DIRTY) || any(k.page.flags.get(pfn), PG.dirty);
      kept = written || k.page.refcount.get(pfn) !== k.page.mapcount.get(pfn);
      if (kept) {
        activate(k, pfn, written ? PG.active + PG.dirty + PG.swapbacked : PG.active);
        k.trace.effect(written ? '{frames:0} was written again: it stays' : '{frames:0} stays: somebody holds a reference', 1, pfn);
        return;
      }
      pte_clear(k, mm, vpn, 1);
      folio_remove_rmap_ptes(k, mm, vma, pfn, 1, k.page.flags.get(pfn));
      k.trace.effect('PTE {addresses:0} cleared; {frames:1} is dropped (MADV_FREE)', 1, vpn, pfn);
      folio_put(k, pfn, 1);
    }),
  );
  return k.page.type.get(pfn) === FrameType.Free;
}

function activate(k: Kernel, pfn: number, flags: number): void {
  lruvec_del_folio(k, pfn, 1, k.page.flags.get(pfn));
  k.page.flags.update(pfn, 1, (old) => set(old, flags));
  lruvec_add_folio(k, pfn, 1);
}
