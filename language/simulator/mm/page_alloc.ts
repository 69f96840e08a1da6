import { any, PG } from '../state/flags';
import { FrameType, Impossible, type Kernel } from '../state/kernel';
import { mem_cgroup_charge, mem_cgroup_uncharge } from './memcontrol';
import { lru_del } from './swap';

/** `count` frames from `pfn`. */
export interface Frames {
  readonly pfn: number;
  readonly count: number;
}

/**
 * Allocates up to `count` consecutive data frames, at least one, from the lowest free frame upwards, charged to `memcg` (0: nobody).
 * Simulator choice: data grows from the bottom of memory, page tables from its top, as the kernel keeps movable and unmovable pages apart.
 */
export function alloc_pages(k: Kernel, count: number, memcg: number): Frames {
  const { type } = k.page;
  const end = k.options.memory + 1;
  let pfn = Math.max(1, k.allocator.lowest.get(0));
  if (type.get(pfn) !== FrameType.Free) pfn = type.runEnd(pfn, end);
  while (pfn < end && type.get(pfn) !== FrameType.Free) pfn = type.runEnd(pfn, end);
  if (pfn >= end) out_of_memory(k, count);
  const got = count === 1 ? 1 : type.runEnd(pfn, Math.min(end, pfn + count)) - pfn;
  k.allocator.lowest.set(0, pfn + got);
  take(k, pfn, got, FrameType.Page);
  if (memcg !== 0) {
    mem_cgroup_charge(k, memcg, got);
    k.page.memcg.fill(pfn, got, memcg);
  }
  return { pfn, count: got };
}

/** Allocates up to `count` consecutive frames for page tables, from the highest free frame downwards; `pfn` is the lowest of them. */
export function pagetable_alloc(k: Kernel, count: number, mm: number): Frames {
  const { type } = k.page;
  let end = k.allocator.highest.get(0) || k.options.memory + 1;
  while (end > 1 && type.get(end - 1) !== FrameType.Free) end = type.runStart(end - 1, 1);
  if (end <= 1) out_of_memory(k, count);
  const pfn = count === 1 ? end - 1 : Math.max(type.runStart(end - 1, 1), end - count);
  k.allocator.highest.set(0, pfn);
  take(k, pfn, end - pfn, FrameType.PageTable);
  k.page.mapping.fill(pfn, end - pfn, mm);
  const memcg = k.mm.cgroup.get(mm);
  if (memcg !== 0) {
    mem_cgroup_charge(k, memcg, end - pfn);
    k.page.memcg.fill(pfn, end - pfn, memcg);
  }
  k.count('nr_page_table_pages', end - pfn);
  return { pfn, count: end - pfn };
}

function take(k: Kernel, pfn: number, count: number, type: FrameType): void {
  k.page.type.fill(pfn, count, type);
  k.page.refcount.fill(pfn, count, 1);
  k.count('nr_used', count);
}

/** Drops `references` references to each of `count` frames and frees those that nobody holds any more. */
export function folio_put(k: Kernel, pfn: number, count: number, references = 1): void {
  k.page.refcount.add(pfn, count, -references);
  if (count === 1) {
    if (k.page.refcount.get(pfn) === 0) free_frames(k, pfn, 1);
    return;
  }
  const end = pfn + count;
  for (let at = pfn; at < end;) {
    const stop = k.page.refcount.runEnd(at, end);
    if (k.page.refcount.get(at) === 0) free_frames(k, at, stop - at);
    at = stop;
  }
}

/** Frees page-table frames. */
export function pagetable_free(k: Kernel, pfn: number, count: number): void {
  k.page.refcount.fill(pfn, count, 0);
  k.count('nr_page_table_pages', -count);
  free_frames(k, pfn, count);
}

function free_frames(k: Kernel, pfn: number, count: number): void {
  const { page } = k;
  page.flags.runs(pfn, count, (at, n, flags) => {
    if (any(flags, PG.lru)) lru_del(k, at, n, flags);
  });
  page.memcg.runs(pfn, count, (_at, n, memcg) => {
    if (memcg !== 0) mem_cgroup_uncharge(k, memcg, n);
  });
  for (const column of [page.type, page.flags, page.mapping, page.index, page.content, page.memcg]) column.fill(pfn, count, 0);
  k.count('nr_used', -count);
  if (pfn < k.allocator.lowest.get(0)) k.allocator.lowest.set(0, pfn);
  if (pfn + count > k.allocator.highest.get(0)) k.allocator.highest.set(0, pfn + count);
  k.trace.effect(count === 1 ? '{frames:0} is free' : '{frames:0} are free', count, pfn);
}

function out_of_memory(k: Kernel, count: number): never {
  throw new Impossible(
    'out-of-memory',
    `no free frame for ${count === 1 ? 'one more page' : `${count} more pages`}: all ${k.options.memory} frames of memory are in use, and reclaim is not simulated yet (machine { memory = … } gives more)`,
  );
}
