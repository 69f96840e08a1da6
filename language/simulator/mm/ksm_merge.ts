import { any, clear, PG, PTE, set, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { refer, target } from '../state/shift';
import { type Range, remove_rmap_items_from_tree, stable_tree_append } from './ksm_item';
import { folio_head, is_large } from './folio';
import { break_ksm } from './ksm_break';
import { folio_set_stable_node, stable_tree_insert } from './ksm_tree';
import { ksm_map_zero_page } from './ksm_zero';
import { mlock_vma_folio } from './mlock';
import { folio_put } from './page_alloc';
import { flush_tlb } from './mshare';
import { add_mm_counter, folio_remove_rmap_ptes } from './rmap';
import { split_folio } from './split_folio';
import { folio_mark_accessed } from './swap';
import { free_swap_cache } from './swapfile';

const frame_at = (k: Kernel, { mm, vpn }: Range): number => target(vpn, k.space4.of(mm).pfn.get(vpn));

/** Merges what `range` maps, pages that agree in PTE and page flags, counts and content, into the page of a stable node; false if the kernel can't. */
export function merge_with_node(k: Kernel, range: Range, node: number): boolean {
  return k.in('try_to_merge_with_ksm_page', range.count, () => {
    const kpfn = k.stableNode.pfn.get(node);
    if (!find_mergeable_vma(k, range.mm, range.vpn) || !try_to_merge_one_page(k, range, kpfn)) return false;
    remove_rmap_items_from_tree(k, range);
    stable_tree_append(k, range, node);
    return true;
  });
}

/** `try_to_merge_two_pages()`: the page being scanned becomes the merged page, the one that waited in the unstable tree is replaced by it. */
export function merge_two(k: Kernel, scanned: Range, waiting: Range): boolean {
  return k.in('try_to_merge_two_pages', 1, () => {
    const pfn = frame_at(k, scanned);
    if (is_large(k, pfn) && folio_head(k, pfn) === folio_head(k, frame_at(k, waiting))) {
      k.trace.effect('both are parts of one huge page, which is split first: nothing is merged this time', 1);
      split_folio(k, pfn);
      return false;
    }
    const first = k.in('try_to_merge_with_ksm_page', 1, () => try_to_merge_one_page(k, scanned, 0));
    if (!first) return false;
    const second = k.in('try_to_merge_with_ksm_page', 1, () => try_to_merge_one_page(k, waiting, pfn));
    if (!second) {
      break_ksm(k, scanned.mm, scanned.vpn, 1);
      return false;
    }
    remove_rmap_items_from_tree(k, waiting);
    const node = stable_tree_insert(k, pfn);
    stable_tree_append(k, waiting, node);
    stable_tree_append(k, scanned, node);
    return true;
  });
}

/** `try_to_merge_with_zero_page()`: pages of zeros give way to the zero page. */
export function merge_with_zero_page(k: Kernel, range: Range): boolean {
  return k.in('try_to_merge_with_zero_page', range.count, () => try_to_merge_one_page(k, range, ZERO_PAGE));
}

/** `find_mergeable_vma()`: whether KSM may merge at page number `vpn` (it may not any more where madvise said so meanwhile). */
export function find_mergeable_vma(k: Kernel, mm: number, vpn: number): boolean {
  const vma = k.space4.of(mm).vma.get(vpn);
  return vma !== 0 && any(k.vma.flags.get(vma), VM.MERGEABLE) && k.vma.anon_vma.get(vma) !== 0;
}

/** Whether the (first) page is still there: splitting a huge page puts the zero page in the place of those that are all zeros. */
const maps = (k: Kernel, range: Range, pfn: number): boolean =>
  !any(k.space4.of(range.mm).pte.get(range.vpn), PTE.SPECIAL) && frame_at(k, range) === pfn;

const ZERO_PAGE = -1;

/** Write-protects, and puts `kpfn` in the place of the pages; with `kpfn` 0 the (one) page itself becomes a merged page. */
function try_to_merge_one_page(k: Kernel, range: Range, kpfn: number): boolean {
  return k.in('try_to_merge_one_page', range.count, () => {
    const pfn = frame_at(k, range);
    if (pfn === kpfn) return true;
    if (is_large(k, pfn) && !(split_folio(k, pfn) && maps(k, range, pfn))) return false;
    if (!write_protect_page(k, range, pfn)) return false;
    if (kpfn !== 0) {
      replace_page(k, range, pfn, kpfn);
      return true;
    }
    folio_set_stable_node(k, pfn, 0);
    folio_mark_accessed(k, pfn, 1);
    k.page.flags.set(pfn, set(k.page.flags.get(pfn), PG.dirty));
    k.trace.effect('{frames:0} is a KSM page: it belongs to no process any more and is never written', 1, pfn);
    return true;
  });
}

/** `write_protect_page()`: refuses where somebody beside the PTEs holds a reference, because he could write. */
function write_protect_page(k: Kernel, { mm, vpn, count }: Range, pfn: number): boolean {
  return k.in('write_protect_page', count, () => {
    const { pte } = k.space4.of(mm);
    const entry = pte.get(vpn);
    const flags = k.page.flags.get(pfn);
    if (!any(entry, PTE.RW + PTE.DIRTY) && !any(flags, PG.anon_exclusive)) return true;
    const cached = any(flags, PG.swapcache) ? 1 : 0;
    if (k.page.mapcount.get(pfn) + cached !== k.page.refcount.get(pfn)) {
      k.trace.effect('{frames:0} cannot be merged: somebody else holds a reference', count, pfn);
      return false;
    }
    const wanted = clear(flags, PG.anon_exclusive);
    k.page.flags.fill(pfn, count, any(entry, PTE.DIRTY) ? set(wanted, PG.dirty) : wanted);
    pte.fill(vpn, count, clear(entry, PTE.RW + PTE.DIRTY));
    flush_tlb(k, mm);
    k.trace.effect('PTE {addresses:0} write-protected', count, vpn);
    return true;
  });
}

/** `replace_page()`: the PTEs map `kpfn` (or the zero page) instead of the pages from `pfn`, which go where nobody else maps them. */
function replace_page(k: Kernel, { mm, vpn, count }: Range, pfn: number, kpfn: number): void {
  k.in('replace_page', count, () => {
    const flags = PTE.PRESENT + PTE.USER + PTE.ACCESSED;
    const { vma: vmas } = k.space4.of(mm);
    folio_remove_rmap_ptes(k, mm, vmas.get(vpn), pfn, count, k.page.flags.get(pfn));
    if (kpfn === ZERO_PAGE) {
      const { pte, pfn: frame } = k.space4.of(mm);
      frame.fill(vpn, count, 0);
      pte.fill(vpn, count, flags + PTE.SPECIAL + PTE.DIRTY);
      ksm_map_zero_page(k, flags + PTE.SPECIAL + PTE.DIRTY, count);
      k.trace.effect('PTE {addresses:0} maps the zero page', count, vpn);
    } else {
      k.page.refcount.add(kpfn, 1, count);
      k.page.mapcount.add(kpfn, 1, count);
      add_mm_counter(k, mm, 'rss_anon', count);
      for (let i = 0; i < count; i++) mlock_vma_folio(k, vmas.get(vpn), kpfn, 1);
      const { pte, pfn: frame } = k.space4.of(mm);
      pte.fill(vpn, count, flags);
      for (let at = vpn; at < vpn + count; at++) frame.set(at, refer(at, kpfn));
      k.trace.effect('PTE {addresses:0} maps frame {1}, read-only', count, vpn, kpfn);
    }
    if (any(k.page.flags.get(pfn), PG.swapcache)) free_swap_cache(k, pfn, count);
    folio_put(k, pfn, count);
  });
}
