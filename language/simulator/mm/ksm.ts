import { ok, type Calls } from '../calls';
import { any, PG, PTE, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { target } from '../state/shift';
import { TASK_PAGES } from '../state/units';
import { is_large } from './folio';
import { break_ksm } from './ksm_break';
import {
  calc_checksum,
  free_rmap_items,
  get_rmap_items,
  type Range,
  remove_rmap_items_from_tree,
  RmapItem,
  stable_tree_append,
  ZERO_CHECKSUM,
} from './ksm_item';
import { find_mergeable_vma, merge_two, merge_with_node, merge_with_zero_page } from './ksm_merge';
import { ksm_leave, ksm_mms } from './ksm_mm';
import { folio_stable_node, remove_node_from_stable_tree, room, stable_tree_search } from './ksm_tree';
import { should_skip_rmap_item } from './ksm_smart';
import { all_vmas } from './vma';

export const calls = {
  ksm_scan(k) {
    ksm_do_scan(k);
    return ok();
  },

  ksm_unmerge(k) {
    unmerge_and_remove_all_rmap_items(k);
    return ok();
  },
} satisfies Calls;

/** The unstable tree: content → the page that waits for a partner. It lasts for one full scan. */
type UnstableTree = Map<number, { readonly mm: number; readonly vpn: number }>;

/** `ksm_do_scan()`, one full pass: every mm in order, its mergeable VMAs ascending. */
function ksm_do_scan(k: Kernel): void {
  k.in('ksm_do_scan', 1, () => {
    const unstable: UnstableTree = new Map();
    for (const mm of ksm_mms(k)) scan_mm(k, mm, unstable);
  });
}

/** An mm without any mergeable VMA is forgotten. */
function scan_mm(k: Kernel, mm: number, unstable: UnstableTree): void {
  let next = 0;
  let any_mergeable = false;
  for (const vma of all_vmas(k, mm)) {
    if (!any(k.vma.flags.get(vma), VM.MERGEABLE)) continue;
    any_mergeable = true;
    if (k.vma.anon_vma.get(vma) !== 0) next = scan_vma(k, vma, next, unstable);
  }
  free_rmap_items(k, { mm, vpn: next, count: TASK_PAGES - next });
  if (!any_mergeable) ksm_leave(k, mm);
}

/** `scan_get_next_rmap_item()` over one VMA: items of pages that are gone are freed on the way, from page number `next` on. Gives where it got to. */
function scan_vma(k: Kernel, vma: number, next: number, unstable: UnstableTree): number {
  const mm = k.vma.mm.get(vma);
  const { pte, pfn: frames } = k.space4.of(mm);
  const end = k.vma.end.get(vma);
  let done = next;
  for (let at = k.vma.start.get(vma); at < end;) {
    const flags = pte.get(at);
    let stop = pte.runEnd(at, end);
    if (any(flags, PTE.PRESENT) && !any(flags, PTE.SPECIAL)) {
      stop = frames.runEnd(at, stop);
      const pfn = target(at, frames.get(at));
      if (stop > at + 1)
        for (const field of ['flags', 'refcount', 'mapcount', 'content'] as const)
          stop = at + k.page[field].runEnd(pfn, pfn + stop - at) - pfn;
      if (any(k.page.flags.get(pfn), PG.anon)) {
        if (done < at) free_rmap_items(k, { mm, vpn: done, count: at - done });
        stop =
          folio_stable_node(k, pfn) !== 0 ? scan_merged(k, mm, at, end) : at + cmp_and_merge_pages(k, mm, at, stop - at, pfn, unstable);
        done = stop;
      }
    }
    at = stop;
  }
  return done;
}

/** `cmp_and_merge_page()` for pages that are merged already, as far as they follow each other: one that a fork brought joins its node, whatever that holds. */
function scan_merged(k: Kernel, mm: number, from: number, end: number): number {
  const { pte, pfn: frames } = k.space4.of(mm);
  const { node } = k.rmapItem.of(mm);
  return k.batch(
    'cmp_and_merge_page',
    () => {
      let at = from;
      for (; at < end; at++) {
        const flags = pte.get(at);
        if (!any(flags, PTE.PRESENT) || any(flags, PTE.SPECIAL)) break;
        const pfn = target(at, frames.get(at));
        const of = folio_stable_node(k, pfn);
        if (of === 0) break;
        if (node.get(at) === of) continue;
        const range = { mm, vpn: at, count: 1 };
        get_rmap_items(k, range);
        remove_rmap_items_from_tree(k, range);
        stable_tree_append(k, range, of);
        k.trace.effect('{frames:0} came by fork: PTE {addresses:1} joins its stable node', 1, pfn, at);
      }
      return at;
    },
    (at) => at - from,
  );
}

/** `cmp_and_merge_page()` for up to `count` pages that agree in PTE and page; gives how many it was done for. */
function cmp_and_merge_pages(k: Kernel, mm: number, vpn: number, count: number, pfn: number, unstable: UnstableTree): number {
  const items = k.rmapItem.of(mm);
  const single =
    is_large(k, pfn) || k.options.ksm.smartScan || items.state.get(vpn) === RmapItem.Stable || !k.contents.uniform(k.page.content.get(pfn));
  let n = single ? 1 : count;
  if (n > 1) for (const column of [items.state, items.checksum]) n = column.runEnd(vpn, vpn + n) - vpn;
  const range = { mm, vpn, count: n };
  get_rmap_items(k, range);
  if (should_skip_rmap_item(k, range)) return n;
  return k.batch(
    'cmp_and_merge_page',
    () => {
      const checksum = calc_checksum(k, pfn);
      remove_rmap_items_from_tree(k, range);
      if (items.checksum.get(vpn) !== checksum) {
        items.checksum.fill(vpn, n, checksum);
        k.trace.effect('{addresses:0}: new or changed since the last scan, its checksum is remembered', n, vpn);
        return n;
      }
      return merge(k, range, pfn, checksum, unstable);
    },
    (done) => done,
  );
}

/** Pages that have not changed since the last scan: the zero page, the stable tree, the unstable tree, in that order. */
function merge(k: Kernel, range: Range, pfn: number, checksum: number, unstable: UnstableTree): number {
  const { mm, vpn, count } = range;
  const content = checksum - 1;
  if (checksum === ZERO_CHECKSUM && k.options.ksm.useZeroPages && merge_with_zero_page(k, range)) return count;
  const node = stable_tree_search(k, content);
  const some = { mm, vpn, count: node === 0 ? 1 : Math.min(count, room(k, node)) };
  if (node !== 0) merge_with_node(k, some, node);
  else unstable_tree_search_insert(k, some, pfn, content, unstable);
  return some.count;
}

/** `unstable_tree_search_insert()`: merges with the page that waits there, or waits itself. */
function unstable_tree_search_insert(k: Kernel, range: Range, pfn: number, content: number, unstable: UnstableTree): void {
  const { mm, vpn } = range;
  const waiting = k.in('unstable_tree_search_insert', 1, () => {
    const found = unstable.get(content);
    if (found !== undefined && is_waiting(k, found.mm, found.vpn, content)) return found;
    unstable.set(content, { mm, vpn });
    k.rmapItem.of(mm).state.set(vpn, RmapItem.Unstable);
    k.count('ksm_pages_unshared', 1);
    k.trace.effect('{addresses:0}: no equal page yet; it waits in the unstable tree', 1, vpn);
    return undefined;
  });
  if (waiting === undefined) return;
  if (target(waiting.vpn, k.space4.of(waiting.mm).pfn.get(waiting.vpn)) === pfn) {
    k.trace.effect('{addresses:0}: the equal page is this one, shared by fork', 1, vpn);
    return;
  }
  if (merge_two(k, range, { ...waiting, count: 1 })) unstable.delete(content);
}

/** Whether the page in the unstable tree can still be had (`get_mergeable_page()`) and has still this content. */
function is_waiting(k: Kernel, mm: number, vpn: number, content: number): boolean {
  if (k.rmapItem.of(mm).state.get(vpn) !== RmapItem.Unstable || !find_mergeable_vma(k, mm, vpn)) return false;
  const { pte, pfn: frames } = k.space4.of(mm);
  const flags = pte.get(vpn);
  if (!any(flags, PTE.PRESENT) || any(flags, PTE.SPECIAL)) return false;
  const pfn = target(vpn, frames.get(vpn));
  return any(k.page.flags.get(pfn), PG.anon) && calc_checksum(k, pfn) === content + 1;
}

/** `unmerge_and_remove_all_rmap_items()`: `run = 2`. Mappings stay mergeable. */
function unmerge_and_remove_all_rmap_items(k: Kernel): void {
  k.in('unmerge_and_remove_all_rmap_items', 1, () => {
    for (const mm of ksm_mms(k)) {
      for (const vma of all_vmas(k, mm)) {
        const start = k.vma.start.get(vma);
        if (find_mergeable_vma(k, mm, start)) break_ksm(k, mm, start, k.vma.end.get(vma) - start);
      }
      free_rmap_items(k, { mm, vpn: 0, count: TASK_PAGES });
      if (k.mm.users.get(mm) === 0) ksm_leave(k, mm);
    }
    for (let node = 1; node <= k.stableNodes.count; node++) {
      const pfn = k.stableNode.pfn.get(node);
      if (pfn !== 0 && folio_stable_node(k, pfn) !== node) remove_node_from_stable_tree(k, node);
    }
  });
}
