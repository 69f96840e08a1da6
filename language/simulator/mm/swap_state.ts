import { any, clear, PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { HPAGE_PMD_NR, head_of } from './folio';
import { lruvec_add_folio } from './swap';
import { add_to_swap_cache, swap_cache_get_folio } from './swapfile';
import { swap_read_folio } from './page_io';
import { alloc_pages, alloc_pages_noretry, folio_put, with_reference } from './page_alloc';
import { swap_ptes } from './swap_pte';
import { workingset_refault, recent_in_swap } from './workingset';

/** The swap cache: a page of swap that is in memory, found by its slot, so that all who have the entry share it. */

/** `read_swap_cache_async()`: the page of a slot that is not in memory, read into the swap cache, charged to whom the slot is charged. 0 where `gladly` finds no room without killing. */
export function read_swap_cache(k: Kernel, slot: number, gladly: boolean): number {
  const memcg = k.swapSlot.memcg.get(slot);
  const { pfn, count } = gladly ? alloc_pages_noretry(k, 1, memcg) : alloc_pages(k, 1, memcg);
  if (count === 0) return 0;
  k.in('read_swap_cache_async', 1, () => {
    add_to_swap_cache(k, pfn, slot, 1);
    folio_put(k, pfn, 1);
    lruvec_add_folio(k, pfn, 1);
    swap_read_folio(k, slot, pfn, 1);
    workingset_refault(k, pfn, recent_in_swap(k, slot, 1));
  });
  return pfn;
}

/** MADV_WILLNEED of what is in swap: the slots' pages are read into the swap cache, as far as there is room; entries stay. */
export function swapin(k: Kernel, slot: number, count: number): void {
  for (let at = slot; at < slot + count; at++) if (swap_cache_get_folio(k, at) === 0 && read_swap_cache(k, at, true) === 0) return;
}

/** The last fault on swap in a VMA counts as far as this (SWAP_RA_HITS_MAX), and a VMA begins with that many hits. */
const SWAP_RA_HITS_MAX = 63;
const FIRST_HITS = 4;

/** `swap_update_readahead()`: a page was found in the swap cache; `hit`: readahead had brought it. */
export function swap_update_readahead(k: Kernel, vma: number, vpn: number, pfn: number): void {
  const flags = k.page.flags.get(pfn);
  const hit = any(flags, PG.reclaim) && !any(flags, PG.writeback);
  if (hit) k.page.flags.set(pfn, clear(flags, PG.reclaim));
  if (k.options.swap.pageCluster === 0) return;
  const { at, win, hits } = k.swapReadahead;
  hits.set(vma, Math.min(SWAP_RA_HITS_MAX, (at.get(vma) === 0 ? FIRST_HITS : hits.get(vma)) + (hit ? 1 : 0)));
  if (at.get(vma) === 0) win.set(vma, 0);
  at.set(vma, vpn + 1);
}

/** `__swapin_nr_pages()`: how many pages to read, from how many of the last ones were wanted and whether faults go from page to page. */
function swapin_nr_pages(previous: number, vpn: number, hits: number, most: number, last: number): number {
  let pages = hits + 2;
  if (pages === 2) {
    if (vpn !== previous + 1 && vpn !== previous - 1) pages = 1;
  } else {
    let round = 4;
    while (round < pages) round *= 2;
    pages = round;
  }
  return Math.max(Math.min(pages, most), Math.floor(last / 2));
}

/** `swap_vma_ra_win()`: page numbers of the window to read around a fault at `vpn`, which the VMA remembers. */
function swap_vma_ra_win(k: Kernel, vma: number, vpn: number): { start: number; end: number } {
  const most = 2 ** Math.min(k.options.swap.pageCluster, 5);
  if (most === 1) return { start: vpn, end: vpn + 1 };
  const { at, win, hits } = k.swapReadahead;
  const fresh = at.get(vma) === 0;
  const previous = at.get(vma) - 1;
  const pages = swapin_nr_pages(fresh ? 0 : previous, vpn, fresh ? FIRST_HITS : hits.get(vma), most, win.get(vma));
  at.set(vma, vpn + 1);
  win.set(vma, pages);
  hits.set(vma, 0);
  let start = vpn - Math.floor((pages - 1) / 2);
  if (vpn === previous + 1) start = vpn;
  else if (vpn + 1 === previous) start = vpn - pages + 1;
  const table = head_of(vpn, HPAGE_PMD_NR);
  return {
    start: Math.max(start, k.vma.start.get(vma), table),
    end: Math.min(start + pages, k.vma.end.get(vma), table + HPAGE_PMD_NR),
  };
}

/** `swapin_readahead()`: the page of the slot that the swap entry at `vpn` names is read into the swap cache, and those of the entries around it, as far as there is room. Gives its frame. */
export function swapin_readahead(k: Kernel, mm: number, vma: number, vpn: number, slot: number): number {
  return k.in('swapin_readahead', 1, () => {
    const { start, end } = swap_vma_ra_win(k, vma, vpn);
    const pfn = read_swap_cache(k, slot, false);
    if (end - start > 1) with_reference(k, pfn, 1, () => read_around(k, mm, start, end - start, slot));
    return pfn;
  });
}

function read_around(k: Kernel, mm: number, vpn: number, count: number, wanted: number): void {
  for (const run of swap_ptes(k, mm, vpn, count)) {
    for (let at = run.slot; at < run.slot + run.count; at++) {
      if (at === wanted || swap_cache_get_folio(k, at) !== 0) continue;
      const pfn = read_swap_cache(k, at, true);
      if (pfn === 0) return;
      k.page.flags.set(pfn, set(k.page.flags.get(pfn), PG.reclaim));
      k.trace.effect('{slots:0} read ahead into {frames:1}', 1, at, pfn);
    }
  }
}
