import { FrameType, type Kernel } from '../state/kernel';
import { mem_cgroup_margin } from './memcontrol';
import { type Frames, reclaim_for, take } from './page_alloc';
import { type FolioAt, pages_of } from './ra_sizes';

/**
 * Up to `count` folios of 2^order pages one behind the other, naturally aligned as the buddy allocator has them, charged to `memcg`; `count` of them
 * in the result, 0 where no such stretch is free or the group has no room. Nothing is reclaimed for them: whoever asks falls back to smaller ones.
 */
export function folio_alloc(k: Kernel, order: number, count: number, memcg: number): Frames {
  const { type } = k.page;
  const size = 2 ** order;
  const end = k.options.memory + 1;
  const most = Math.min(count, Math.floor(mem_cgroup_margin(k, memcg) / size));
  if (most === 0) return { pfn: 0, count: 0 };
  for (let at = Math.max(1, k.allocator.lowest.get(0)); at < end;) {
    const stop = type.runEnd(at, end);
    const pfn = Math.ceil(at / size) * size;
    const got = Math.min(most, Math.floor((stop - pfn) / size));
    if (got > 0 && type.get(at) === FrameType.Free) {
      take(k, pfn, got * size, FrameType.Page, memcg);
      if (order > 0) k.folio.order.fill(pfn, got * size, order);
      return { pfn, count: got };
    }
    at = stop;
  }
  return { pfn: 0, count: 0 };
}

/**
 * `folios` (one behind the other, of a file's pages) as one stretch of frames, so that each folio is naturally aligned; charged to `memcg`. `count` is 0
 * where there is no such stretch, even after memory was reclaimed for it (`__GFP_NORETRY`): whoever asks takes them one by one.
 * Simulator choice: folios that are read together lie side by side.
 */
export function folios_alloc(k: Kernel, folios: readonly FolioAt[], memcg: number): Frames {
  const [first] = folios;
  if (first === undefined) return { pfn: 0, count: 0 };
  const count = pages_of(folios);
  const size = folios.reduce((most, folio) => Math.max(most, folio.count), 1);
  let pfn = aligned_stretch(k, first.index % size, size, count, memcg);
  if (pfn === 0 && reclaim_for(k, count, memcg) === count) pfn = aligned_stretch(k, first.index % size, size, count, memcg);
  if (pfn === 0) return { pfn, count: 0 };
  take(k, pfn, count, FrameType.Page, memcg);
  for (let at = 0; at < folios.length;) {
    const folio = folios[at]!;
    let stop = at + 1;
    while (folios[stop]?.count === folio.count) stop++;
    if (folio.count > 1) k.folio.order.fill(pfn + folio.index - first.index, (stop - at) * folio.count, Math.log2(folio.count));
    at = stop;
  }
  return { pfn, count };
}

/** The first of `count` free frames whose number is `rest` more than a multiple of `size`; 0 if there is none, or the group has no room for them. */
function aligned_stretch(k: Kernel, rest: number, size: number, count: number, memcg: number): number {
  const { type } = k.page;
  const end = k.options.memory + 1;
  if (mem_cgroup_margin(k, memcg) < count) return 0;
  for (let at = Math.max(1, k.allocator.lowest.get(0)); at < end;) {
    const stop = type.runEnd(at, end);
    const pfn = at + ((((rest - at) % size) + size) % size);
    if (type.get(at) === FrameType.Free && pfn + count <= stop) return pfn;
    at = stop;
  }
  return 0;
}
