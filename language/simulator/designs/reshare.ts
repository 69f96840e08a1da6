import { filemap_get_entry, filemap_remove_folio } from '../mm/filemap';
import { frame_runs, zap_pte_range } from '../mm/rmap';
import { any, PG } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { baseline } from './baseline';
import type { Lookup } from './design';

/**
 * After a dedupe (`reshare = on_dedupe`): where `shared` has frames for `count` pages of a file from `index`, the file gives up the clean pages of its
 * own that nobody else holds, and `joined` is told of them. What is dirty or pinned stays.
 */
export function share_again(
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
    if (own.pfn !== 0 && other.pfn !== 0 && own.pfn !== other.pfn)
      k.in('share_again', n, () => replace(k, mapping, at, own.pfn, other.pfn, n, joined));
    at += n;
  }
}

function replace(
  k: Kernel,
  mapping: number,
  index: number,
  own: number,
  other: number,
  count: number,
  joined: (index: number, pfn: number, count: number) => void,
): void {
  baseline.vmas(k, mapping, index, count, (vma, vpn, n) => zap_pte_range(k, k.vma.mm.get(vma), vpn, n, true));
  frame_runs(k, own, count, ['flags', 'refcount'], (pfn, n) => {
    if (any(k.page.flags.get(pfn), PG.dirty + PG.writeback) || k.page.refcount.get(pfn) !== 1) return;
    const at = index + pfn - own;
    const to = other + pfn - own;
    filemap_remove_folio(k, mapping, at, n);
    k.trace.effect('{indexes:0} of {mapping:1} is shared again: {frames:2}', n, at, mapping, to);
    joined(at, to, n);
  });
}
