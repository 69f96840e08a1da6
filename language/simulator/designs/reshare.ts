import { filemap_get_entry, filemap_remove_folio } from '../mm/filemap';
import { zap_pte_range } from '../mm/rmap';
import { any, PG } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { baseline } from './baseline';
import type { Lookup } from './design';

/**
 * After a dedupe (`reshare = on_dedupe`): where `shared` has frames for `count` pages of a file from `index`, the file gives up the clean pages of its
 * own that nobody else holds, and `joined` is told of them. What is dirty or pinned stays.
 */
export function drop_private(
  k: Kernel,
  mapping: number,
  index: number,
  count: number,
  shared: (index: number, count: number) => Lookup,
  joined: (index: number, pfn: number, count: number) => void = () => undefined,
): void {
  for (let at = index; at < index + count;) {
    const own = filemap_get_entry(k, mapping, at, index + count - at);
    const other = own.pfn === 0 ? own : shared(at, own.count);
    const n = Math.min(own.count, other.count);
    if (own.pfn !== 0 && other.pfn !== 0) for (let i = 0; i < n; i++) replace(k, mapping, at + i, own.pfn + i, other.pfn + i, joined);
    at += n;
  }
}

function replace(
  k: Kernel,
  mapping: number,
  index: number,
  own: number,
  other: number,
  joined: (index: number, pfn: number, count: number) => void,
): void {
  if (own === other) return;
  k.in('reshare', 1, () => {
    baseline.vmas(k, mapping, index, 1, (vma, vpn, n) => zap_pte_range(k, k.vma.mm.get(vma), vpn, n, true));
    if (any(k.page.flags.get(own), PG.dirty + PG.writeback) || k.page.refcount.get(own) !== 1) return;
    filemap_remove_folio(k, mapping, index, 1);
    k.trace.effect('{indexes:0} of {mapping:1} is shared again: {frames:2}', 1, index, mapping, other);
    joined(index, other, 1);
  });
}
