import { any, PG } from '../state/flags';
import { FrameType, type Kernel } from '../state/kernel';
import {
  active_memcg,
  get_mem_cgroup_from_mm,
  mem_cgroup_charge,
  mem_cgroup_margin,
  mem_cgroup_uncharge,
  reclaim_in_cgroup,
  try_charge_memcg,
} from './memcontrol';
import { out_of_memory } from './oom_kill';
import { deferred_split, folio_nr_pages, folio_test_hugetlb, head_of, is_unused } from './folio';
import { free_huge_folio } from './hugetlb_pool';
import { lruvec_del_folio } from './swap';
import { shrink_node } from './vmscan';

/** `count` frames from `pfn`. */
export interface Frames {
  readonly pfn: number;
  readonly count: number;
}

/**
 * Allocates up to `count` consecutive data frames, at least one, from the lowest free frame upwards, charged to `memcg` (0: nobody).
 * Simulator choice: data grows from the bottom of memory, page tables from its top, as the kernel keeps movable and unmovable pages apart.
 * Where memory or the group is full, it reclaims, and kills if that frees nothing.
 */
export function alloc_pages(k: Kernel, count: number, memcg: number): Frames {
  return take_pages(k, make_room(k, count, memcg), memcg);
}

/** As `alloc_pages()`, but nobody is killed for it: none are allocated where reclaim makes no room (`__GFP_NORETRY`). */
export function alloc_pages_noretry(k: Kernel, count: number, memcg: number): Frames {
  const room = reclaim_for(k, count, memcg);
  return room > 0 ? take_pages(k, room, memcg) : { pfn: 0, count: 0 };
}

/** The lowest free frames, at most `wanted`. */
function take_pages(k: Kernel, wanted: number, memcg: number): Frames {
  const { type } = k.page;
  const end = k.options.memory + 1;
  let pfn = Math.max(1, k.allocator.lowest.get(0));
  while (type.get(pfn) !== FrameType.Free) pfn = type.runEnd(pfn, end);
  const got = wanted === 1 ? 1 : type.runEnd(pfn, Math.min(end, pfn + wanted)) - pfn;
  k.allocator.lowest.set(0, pfn + got);
  take(k, pfn, got, FrameType.Page, memcg);
  return { pfn, count: got };
}

/** Allocates up to `count` consecutive frames for page tables, from the highest free frame downwards; `pfn` is the lowest of them. */
export function pagetable_alloc(k: Kernel, count: number, mm: number): Frames {
  const { type } = k.page;
  const memcg = get_mem_cgroup_from_mm(k, mm);
  const wanted = make_room(k, count, memcg);
  let end = k.allocator.highest.get(0) || k.options.memory + 1;
  while (type.get(end - 1) !== FrameType.Free) end = type.runStart(end - 1, 1);
  const pfn = wanted === 1 ? end - 1 : Math.max(type.runStart(end - 1, 1), end - wanted);
  k.allocator.highest.set(0, pfn);
  take(k, pfn, end - pfn, FrameType.PageTable, memcg);
  k.page.mapping.fill(pfn, end - pfn, mm);
  k.count('nr_page_table_pages', end - pfn);
  return { pfn, count: end - pfn };
}

const free_pages = (k: Kernel): number => k.options.memory - k.counter('nr_used');

/** How many of `count` pages there is room for, after reclaim where memory or the group is full. */
export function reclaim_for(k: Kernel, count: number, memcg: number): number {
  if (free_pages(k) < count) k.in('try_to_free_pages', 1, () => shrink_node(k, count - free_pages(k), 0));
  const wanted = Math.min(count, free_pages(k));
  if (memcg === 0 || mem_cgroup_margin(k, memcg) >= wanted) return wanted;
  return Math.min(wanted, reclaim_in_cgroup(k, memcg, wanted));
}

/** The same, but at least one: something is killed where nothing could be reclaimed. */
function make_room(k: Kernel, count: number, memcg: number): number {
  if (free_pages(k) < count) k.in('try_to_free_pages', 1, () => shrink_node(k, count - free_pages(k), 0));
  while (free_pages(k) === 0) out_of_memory(k, 0, `all ${k.options.memory} frames of memory are in use`);
  const wanted = Math.min(count, free_pages(k));
  if (memcg === 0 || mem_cgroup_margin(k, memcg) >= wanted) return wanted;
  const margin = reclaim_in_cgroup(k, memcg, wanted);
  if (margin > 0) return Math.min(wanted, margin);
  try_charge_memcg(k, memcg, 1);
  return 1;
}

/** Whether the current task can have `pages` more pages without reclaim. */
export const has_room = (k: Kernel, pages: number): boolean => free_pages(k) >= pages && mem_cgroup_margin(k, active_memcg(k)) >= pages;

/**
 * Whether allocating `pages` pages, and the tables that map `count` pages, could mean reclaim. Faults then go no further at once than the one table
 * that they have made sure of, so that nothing they hold can be reclaimed under them.
 */
export function is_tight(k: Kernel, mm: number, pages: number, count: number): boolean {
  const needed = pages + Math.ceil(count / 512) + Math.ceil(count / 2 ** 18) + 4;
  return (
    free_pages(k) < needed || mem_cgroup_margin(k, get_mem_cgroup_from_mm(k, mm)) < needed || mem_cgroup_margin(k, active_memcg(k)) < needed
  );
}

/** Makes `count` free frames from `pfn` used ones, each with one reference, charged to `memcg` (0: nobody). */
export function take(k: Kernel, pfn: number, count: number, type: FrameType, memcg: number): void {
  k.page.type.fill(pfn, count, type);
  k.page.refcount.fill(pfn, count, 1);
  k.count('nr_used', count);
  if (memcg === 0) return;
  mem_cgroup_charge(k, memcg, count);
  k.page.memcg.fill(pfn, count, memcg);
}

/** Keeps `count` frames from going while `work` allocates: a temporary reference to each. */
export function with_reference<T>(k: Kernel, pfn: number, count: number, work: () => T): T {
  k.page.refcount.add(pfn, count, 1);
  try {
    return work();
  } finally {
    folio_put(k, pfn, count);
  }
}

/** Drops `references` references to each of `count` frames and frees those that nobody holds any more. */
export function folio_put(k: Kernel, pfn: number, count: number, references = 1): void {
  k.page.refcount.add(pfn, count, -references);
  if (count === 1) {
    if (k.page.refcount.get(pfn) === 0) free_unused(k, pfn, 1);
    return;
  }
  const end = pfn + count;
  for (let at = pfn; at < end;) {
    const stop = k.page.refcount.runEnd(at, end);
    if (k.page.refcount.get(at) === 0) free_unused(k, at, stop - at);
    at = stop;
  }
}

/** Frees `count` frames that nobody holds; those of a large folio only together with all of it. */
function free_unused(k: Kernel, pfn: number, count: number): void {
  const { order } = k.folio;
  for (let at = pfn; at < pfn + count;) {
    const stop = order.runEnd(at, pfn + count);
    const size = folio_nr_pages(k, at);
    if (size === 1) free_frames(k, at, stop - at);
    else {
      let from = head_of(at, size);
      let to = head_of(stop - 1, size) + size;
      if (!is_unused(k, from, size)) {
        deferred_split(k, from);
        from += size;
      }
      if (to - size > from && !is_unused(k, to - size, size)) {
        to -= size;
        deferred_split(k, to);
      }
      if (from < to) (folio_test_hugetlb(k, from) ? free_huge_folio : free_frames)(k, from, to - from);
    }
    at = stop;
  }
}

/** Frees page-table frames. */
export function pagetable_free(k: Kernel, pfn: number, count: number): void {
  k.page.refcount.fill(pfn, count, 0);
  k.count('nr_page_table_pages', -count);
  free_frames(k, pfn, count);
}

/** Frees frames that nobody holds, whatever folio they were part of. */
export function free_frames(k: Kernel, pfn: number, count: number): void {
  const { page } = k;
  if (k.folio.order.get(pfn) !== 0) {
    k.folio.order.fill(pfn, count, 0);
    k.folio.deferred.fill(pfn, count, 0);
  }
  page.flags.runs(pfn, count, (at, n, flags) => {
    if (any(flags, PG.lru)) lruvec_del_folio(k, at, n, flags);
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
