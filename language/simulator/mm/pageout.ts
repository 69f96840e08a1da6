import { fail } from '../calls';
import type { Outcome } from '../api';
import { any, clear, PG, set, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { permitted } from '../fs/permission';
import { folio_nr_pages, folio_runs } from './folio';
import { is_folio_of } from './huge_memory';
import { present_ptes } from './rmap';
import { split_partial_folios } from './split_folio';
import { lruvec_add_folio, lruvec_del_folio } from './swap';
import { reclaim_folio_list } from './vmscan';

/** MADV_PAGEOUT: reclaims now what only this process maps. Pages of a shared file only for those who may write it. */
export function madvise_pageout(k: Kernel, mm: number, vma: number, start: number, end: number): Outcome | undefined {
  const vm = k.vma.flags.get(vma);
  if (any(vm, VM.LOCKED)) return fail('EINVAL', 'the range is locked');
  const mapping = k.vma.mapping.get(vma);
  const file = mapping === 0 || can_do_file_pageout(k, k.mapping.host.get(mapping));
  if (!file && any(vm, VM.MAYSHARE)) return undefined;
  const found: { pfn: number; n: number }[] = [];
  k.in('madvise_cold_or_pageout_pte_range', end - start, () => {
    split_partial_folios(k, mm, start, end);
    for (const run of present_ptes(k, mm, start, end - start)) {
      if (run.pfn === 0) continue;
      folio_runs(k, run.pfn, run.count, ['flags', 'mapcount'], (pfn, n) => {
        const flags = k.page.flags.get(pfn);
        if (!file && !any(flags, PG.anon)) return;
        if (
          n < folio_nr_pages(k, pfn) ||
          k.page.mapcount.get(pfn) !== 1 ||
          !any(flags, PG.lru) ||
          !is_folio_of(k, mm, run.vpn + pfn - run.pfn, pfn)
        )
          return;
        if (any(flags, PG.unevictable)) return;
        lruvec_del_folio(k, pfn, n, flags);
        k.page.flags.fill(pfn, n, set(clear(flags, PG.lru + PG.active + PG.referenced), any(flags, PG.active) ? PG.workingset : 0));
        lruvec_add_folio(k, pfn, n);
        found.push({ pfn, n });
      });
    }
  });
  k.in('reclaim_pages', 1, () => {
    for (const { pfn, n } of found) reclaim_folio_list(k, pfn, n);
  });
  return undefined;
}

/** Who could find out by timing what others read may not push it out of the cache. */
function can_do_file_pageout(k: Kernel, inode: number): boolean {
  return k.current === 0 || k.task.uid.get(k.current) === k.inode.uid.get(inode) || permitted(k, k.current, inode, 'write');
}
