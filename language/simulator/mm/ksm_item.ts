import type { Kernel } from '../state/kernel';
import { folio_stable_node, remove_node_from_stable_tree } from './ksm_tree';

/** What ksmd knows of a page of a process. `Stable`: it is listed at a stable node. */
export const enum RmapItem {
  None = 0,
  /** Looked at, in no tree. */
  Seen = 1,
  Unstable = 2,
  Stable = 3,
}

/** `count` pages of one mm from page number `vpn`. */
export interface Range {
  readonly mm: number;
  readonly vpn: number;
  readonly count: number;
}

/** `calc_checksum()`: a number that equal pages have in common, never 0. `uniform` runs of frames have one for all. */
export const calc_checksum = (k: Kernel, pfn: number): number => k.contents.alike(k.page.content.get(pfn), pfn) + 1;

/** The checksum of a page of zeros. */
export const ZERO_CHECKSUM = 1;

/** `get_next_rmap_item()`: makes items where there are none yet. The pages agree in that. */
export function get_rmap_items(k: Kernel, { mm, vpn, count }: Range): void {
  const { state } = k.rmapItem.of(mm);
  if (state.get(vpn) !== RmapItem.None) return;
  state.fill(vpn, count, RmapItem.Seen);
  k.count('ksm_rmap_items', count);
}

/** `remove_rmap_item_from_tree()` for items that agree in state and node. */
export function remove_rmap_items_from_tree(k: Kernel, { mm, vpn, count }: Range): void {
  const { state, node } = k.rmapItem.of(mm);
  const was = state.get(vpn);
  if (was < RmapItem.Unstable) return;
  state.fill(vpn, count, RmapItem.Seen);
  if (was === RmapItem.Unstable) {
    k.count('ksm_pages_unshared', -count);
    return;
  }
  const of = node.get(vpn);
  node.fill(vpn, count, 0);
  const pfn = k.stableNode.pfn.get(of);
  if (pfn === 0) return;
  if (folio_stable_node(k, pfn) !== of) {
    remove_node_from_stable_tree(k, of);
    return;
  }
  const left = k.stableNode.length.get(of) - count;
  k.stableNode.length.set(of, left);
  if (left === 0) k.count('ksm_pages_shared', -1);
  k.count('ksm_pages_sharing', left === 0 ? 1 - count : -count);
}

/** `remove_trailing_rmap_items()`, for all items of a range: they leave their trees and are freed. */
export function free_rmap_items(k: Kernel, { mm, vpn, count }: Range): void {
  const { state, node, checksum, age, skips } = k.rmapItem.of(mm);
  const end = vpn + count;
  for (let at = vpn; at < end;) {
    let stop = state.runEnd(at, end);
    if (state.get(at) !== RmapItem.None) {
      stop = node.runEnd(at, stop);
      remove_rmap_items_from_tree(k, { mm, vpn: at, count: stop - at });
      k.count('ksm_rmap_items', at - stop);
      for (const column of [state, checksum, age, skips]) column.fill(at, stop - at, 0);
    }
    at = stop;
  }
}

/** `stable_tree_append()`: the items are listed at a stable node: how the reverse map finds them, and how many they are. */
export function stable_tree_append(k: Kernel, { mm, vpn, count }: Range, of: number): void {
  const { state, node } = k.rmapItem.of(mm);
  state.fill(vpn, count, RmapItem.Stable);
  node.fill(vpn, count, of);
  const length = k.stableNode.length.get(of);
  k.stableNode.length.set(of, length + count);
  if (length === 0) k.count('ksm_pages_shared', 1);
  k.count('ksm_pages_sharing', length === 0 ? count - 1 : count);
}
