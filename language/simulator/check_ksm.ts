import type { Violation } from './api';
import { is_ksm_zero_pte } from './mm/ksm_zero';
import { RmapItem } from './mm/ksm_item';
import type { Counter, Kernel } from './state/kernel';
import { TASK_PAGES } from './state/units';

/** KSM's counts again from its rmap_items and the page tables: part of the full audit. */
export function audit_ksm(k: Kernel): Violation[] {
  const found: Violation[] = [];
  const wrong = (message: string): number => found.push({ invariant: 'I3', message, known: false });
  const items = new Map<number, number>();
  const counts = { ksm_rmap_items: 0, ksm_pages_unshared: 0, ksm_pages_shared: 0, ksm_pages_sharing: 0, ksm_zero_pages: 0 };
  for (let mm = 1; mm <= k.mms.count; mm++) {
    const { state, node } = k.rmapItem.of(mm);
    state.runs(0, TASK_PAGES, (at, n, value) => {
      if (value !== RmapItem.None) counts.ksm_rmap_items += n;
      if (value === RmapItem.Unstable) counts.ksm_pages_unshared += n;
      if (value === RmapItem.Stable) node.runs(at, n, (_at, length, of) => items.set(of, (items.get(of) ?? 0) + length));
    });
    k.space4.of(mm).pte.runs(0, TASK_PAGES, (_at, n, flags) => {
      if (is_ksm_zero_pte(flags)) counts.ksm_zero_pages += n;
    });
  }
  for (let node = 1; node <= k.stableNodes.count; node++) {
    if (k.stableNode.pfn.get(node) === 0) continue;
    const length = k.stableNode.length.get(node);
    if (length !== (items.get(node) ?? 0)) wrong(`stable node ${node} says ${length} rmap_items and has ${items.get(node) ?? 0}`);
    if (length === 0) continue;
    counts.ksm_pages_shared++;
    counts.ksm_pages_sharing += length - 1;
  }
  for (const [name, counted] of Object.entries(counts))
    if (k.counter(name as Counter) !== counted) wrong(`${name} is ${k.counter(name as Counter)}, counted ${counted}`);
  return found;
}
