import { any, PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';

/** `folio_stable_node()`: the stable node of a merged page; 0 if it is none (any more). */
export const folio_stable_node = (k: Kernel, pfn: number): number => (any(k.page.flags.get(pfn), PG.ksm) ? -k.page.mapping.get(pfn) : 0);

/** `is_page_sharing_candidate()`: whether a merged page takes `more` further rmap_items. */
const is_page_sharing_candidate = (k: Kernel, node: number, more = 1): boolean =>
  k.stableNode.length.get(node) + more <= k.options.ksm.maxPageSharing;

/** `ksm_get_folio()`: whether the page of a stable node is still there; a stale node is dropped. */
function ksm_get_folio(k: Kernel, node: number): boolean {
  if (folio_stable_node(k, k.stableNode.pfn.get(node)) === node) return true;
  remove_node_from_stable_tree(k, node);
  return false;
}

/** `remove_node_from_stable_tree()`: the node of a page that is gone, and with it what its rmap_items counted. */
export function remove_node_from_stable_tree(k: Kernel, node: number): void {
  const { pfn, content, length, next } = k.stableNode;
  const items = length.get(node);
  if (items > 0) {
    k.count('ksm_pages_shared', -1);
    k.count('ksm_pages_sharing', 1 - items);
  }
  unlink(k, node);
  for (const column of [pfn, content, length, next]) column.set(node, 0);
}

function unlink(k: Kernel, node: number): void {
  const { content, next } = k.stableNode;
  const of = content.get(node);
  const first = k.stableTree.first.get(of);
  if (first === node) k.stableTree.first.set(of, next.get(node));
  else {
    let before = first;
    while (next.get(before) !== node) before = next.get(before);
    next.set(before, next.get(node));
  }
}

function link(k: Kernel, node: number): void {
  const of = k.stableNode.content.get(node);
  k.stableNode.next.set(node, k.stableTree.first.get(of));
  k.stableTree.first.set(of, node);
}

/**
 * `stable_tree_search()`: a merged page of that content that takes another rmap_item; 0 if there is none. The kernel's chains of full pages are
 * the list of nodes with one content. Simulator choice: they are not pruned by the clock.
 */
export function stable_tree_search(k: Kernel, content: number): number {
  return k.in('stable_tree_search', 1, () => {
    for (let node = k.stableTree.first.get(content), next = 0; node !== 0; node = next) {
      next = k.stableNode.next.get(node);
      if (!ksm_get_folio(k, node) || !is_page_sharing_candidate(k, node)) continue;
      if (k.stableTree.first.get(content) !== node && is_page_sharing_candidate(k, node, 2)) {
        unlink(k, node);
        link(k, node);
      }
      return node;
    }
    return 0;
  });
}

/** How many further rmap_items a stable node takes. */
export const room = (k: Kernel, node: number): number => k.options.ksm.maxPageSharing - k.stableNode.length.get(node);

/** `stable_tree_insert()`: a page that has just become a merged page gets its stable node. */
export function stable_tree_insert(k: Kernel, pfn: number): number {
  return k.in('stable_tree_insert', 1, () => {
    const node = k.stableNodes.next();
    const content = k.contents.alike(k.page.content.get(pfn), pfn);
    k.stableNode.pfn.set(node, pfn);
    k.stableNode.content.set(node, content);
    if (k.stableTree.first.get(content) !== 0)
      k.trace.effect('another page of this content, because each takes {0} mappings', 1, k.options.ksm.maxPageSharing);
    link(k, node);
    folio_set_stable_node(k, pfn, node);
    k.trace.effect('{frames:0} is in the stable tree', 1, pfn);
    return node;
  });
}

/** `folio_set_stable_node()`: from here on the reverse map goes by way of the stable node (0: none yet), not by the anon_vma. */
export function folio_set_stable_node(k: Kernel, pfn: number, node: number): void {
  k.page.flags.set(pfn, set(k.page.flags.get(pfn), PG.ksm));
  k.page.mapping.set(pfn, -node);
}
