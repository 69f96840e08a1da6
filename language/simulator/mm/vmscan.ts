import { any, clear, PG, PTE, set, VM } from '../state/flags';
import { common_run_end } from '../state/column';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { LRU, type LruList } from '../state/lru';
import { NONE, target } from '../state/shift';
import { filemap_dirty_folio } from './filemap_dirty';
import { end_io } from './folio_wait';
import { in_cgroup } from './memcontrol';
import { folio_mapped, is_large, whole_folios } from './folio';
import { split_huge_pmd, whole_entries } from './huge_pmd';
import { split_file_folio } from './large_split';
import { discard_lazyfree } from './lazyfree';
import { mlock_missed } from './mlock';
import { flush_tlb } from './mshare';
import { folio_put } from './page_alloc';
import { is_pinned } from './pin';
import { folio_remove_rmap_ptes, pte_clear, rmap_walk, vma_has_recency } from './rmap';
import { deferred_split_scan, split_folio } from './split_folio';
import { shmem_writeout } from './shmem_swap';
import { swap_out } from './swap_out';
import { can_reclaim_anon_pages } from './swapfile';
import { pte_install_uffd_wp_if_needed } from './userfaultfd_wp';
import { workingset_eviction } from './workingset';
import { lru_places, lruvec_add_folio, lruvec_del_folio, lruvec_lru_size } from './swap';

const DEF_PRIORITY = 12;

/** Consecutive frames. */
interface Run {
  readonly pfn: number;
  readonly count: number;
}

type References = 'RECLAIM' | 'RECLAIM_CLEAN' | 'KEEP' | 'ACTIVATE';

/** Direct reclaim is tried so often before the OOM killer comes. */
const MAX_RECLAIM_RETRIES = 16;

/**
 * `shrink_node()`: frees up to `wanted` pages, only of `cgroup` (0: of anyone), from the tails of the inactive lists: priority 12 down to 0, each
 * pass looking at the list's size >> priority. Anonymous and shmem pages have nowhere to go without swap; with it, it is tried again while they do not go.
 * Gives the pages freed. What is being read or written is over then: the kernel would try until it is.
 */
export function shrink_node(k: Kernel, wanted: number, cgroup: number): number {
  end_io(k);
  return k.in('shrink_node', 1, () => {
    let freed = shrink_lruvec(k, wanted, cgroup, false);
    if (freed === 0 && cgroup !== 0) freed = shrink_lruvec(k, wanted, cgroup, true);
    for (let retry = 0; freed === 0 && retry < MAX_RECLAIM_RETRIES && swappable(k, cgroup); retry++)
      freed = shrink_lruvec(k, wanted, cgroup, true);
    freed += deferred_split_scan(k, cgroup);
    return freed;
  });
}

/** Whether there is swap, and anything that could go there. */
const swappable = (k: Kernel, cgroup: number): boolean =>
  can_reclaim_anon_pages(k, cgroup) && lruvec_lru_size(k, LRU.INACTIVE_ANON, cgroup) + lruvec_lru_size(k, LRU.ACTIVE_ANON, cgroup) > 0;

/**
 * The passes of `shrink_node()`. A group's active pages are aged only with `force`, where nothing could be freed otherwise: what the kernel knows of a
 * group's lists (`inactive_is_low()`) is up to two seconds old, so at once it finds neither list long [measured; simulator choice: always so].
 */
function shrink_lruvec(k: Kernel, wanted: number, cgroup: number, force: boolean): number {
  let freed = 0;
  for (let priority = DEF_PRIORITY; priority >= 0 && freed < wanted; priority--) {
    const { file, anon } = get_scan_count(k, priority, cgroup);
    if (anon > 0) freed += shrink_list(k, ANON, priority, anon, wanted - freed, cgroup, force);
    if (file > 0) freed += shrink_list(k, FILE, priority, file, wanted - freed, cgroup, force);
  }
  return freed;
}

/** The active and the inactive list of a kind. */
const ANON = [LRU.ACTIVE_ANON, LRU.INACTIVE_ANON] as const;
const FILE = [LRU.ACTIVE_FILE, LRU.INACTIVE_FILE] as const;

/**
 * `get_scan_count()`: which part (0 to 1) of each kind's lists a pass looks at. Without swap only files. As long as the inactive list of files is not the
 * shorter one only files, too; then both, weighed by swappiness, and in the last pass both in full. Where no file is left, only anonymous memory.
 * Simulator choice: what reclaim of each kind has cost so far does not count.
 */
function get_scan_count(k: Kernel, priority: number, cgroup: number): { file: number; anon: number } {
  const { swappiness } = k.options.swap;
  if (swappiness === 0 || !can_reclaim_anon_pages(k, cgroup)) return { file: 1, anon: 0 };
  const inactive = lruvec_lru_size(k, LRU.INACTIVE_FILE, cgroup);
  const active = lruvec_lru_size(k, LRU.ACTIVE_FILE, cgroup);
  if (inactive + active === 0) return { file: 0, anon: 1 };
  if (priority === 0) return { file: 1, anon: 1 };
  if (inactive > 0 && inactive >= active) return { file: 1, anon: 0 };
  return { file: 1 - swappiness / 200, anon: swappiness / 200 };
}

/** One pass over the two lists of a kind, of which it looks at a `part`. */
function shrink_list(
  k: Kernel,
  [active, inactive]: typeof ANON | typeof FILE,
  priority: number,
  part: number,
  wanted: number,
  cgroup: number,
  force: boolean,
): number {
  if (wanted <= 0) return 0;
  const size = lruvec_lru_size(k, active, cgroup);
  const low = cgroup === 0 && lruvec_lru_size(k, inactive) < size;
  if (force || low) shrink_active_list(k, active, share(size * part, priority), cgroup);
  return shrink_inactive_list(k, inactive, share(lruvec_lru_size(k, inactive, cgroup) * part, priority), wanted, cgroup);
}

/** Pages of a list of `size` that a pass at `priority` looks at. */
const share = (size: number, priority: number): number => Math.max(1, Math.floor(size / 2 ** priority));

/** `isolate_lru_folios()`: the next `count` frames from the tail of a list that are charged to `cgroup`. */
function isolate_lru_folios(k: Kernel, list: LruList, count: number, cgroup: number): Run[] {
  const { places } = k.lruList.of(list);
  const found: Run[] = [];
  let left = count;
  const { from, to } = lru_places(k, list);
  places.runs(from, to - from, (at, n, value) => {
    if (value === NONE) return false;
    k.page.memcg.runs(target(at, value), n, (pfn, length, memcg) => {
      if (left > 0 && in_cgroup(k, memcg, cgroup)) {
        found.push({ pfn, count: Math.min(length, left) });
        left -= Math.min(length, left);
      }
    });
    return left === 0;
  });
  return found;
}

function shrink_inactive_list(k: Kernel, list: LruList, scan: number, wanted: number, cgroup: number): number {
  return k.in('shrink_inactive_list', 1, () => {
    let freed = 0;
    for (const run of isolate_lru_folios(k, list, scan, cgroup)) freed += shrink_folio_list(k, run, wanted - freed, cgroup);
    return freed;
  });
}

/** `reclaim_folio_list()`: reclaims consecutive frames whatever their references say; what can't go stays on a list. */
export function reclaim_folio_list(k: Kernel, pfn: number, count: number): number {
  end_io(k, pfn, count);
  return shrink_folio_list(k, { pfn, count }, Infinity, 'ignore references');
}

/** Whose references count: those of a group's processes (0: of all), or nobody's. */
type Referrers = number | 'ignore references';

/** The group whose memory is short; 0: memory as a whole is, or somebody asked. */
const target_memcg = (who: Referrers): number => (typeof who === 'number' ? who : 0);

/** Looks at consecutive frames of an inactive list; gives how many it freed, at most `wanted` and the rest of the last folio. */
function shrink_folio_list(k: Kernel, run: Run, wanted: number, who: Referrers): number {
  const { flags, mapcount, refcount, mapping, index } = k.page;
  const { order } = k.folio;
  let freed = 0;
  const end = run.pfn + run.count;
  for (let at = run.pfn; at < end && freed < wanted;) {
    if (!any(flags.get(at), PG.lru)) {
      at = flags.runEnd(at, end);
      continue;
    }
    if (is_large(k, at)) {
      const folio = whole_folios(k, at, 1);
      freed += shrink_large_folio(k, folio, who);
      at = folio.pfn + folio.count;
      continue;
    }
    const mapped = k.page.mapcount.get(at) > 0;
    const stop = mapped
      ? at + 1
      : common_run_end([flags, mapcount, refcount, mapping, index, order], at, Math.min(end, at + wanted - freed));
    if (reclaim_folios(k, at, stop - at, who)) freed += stop - at;
    at = stop;
  }
  return freed;
}

/** A folio goes or stays as a whole; one of anonymous memory that is not mapped whole or has nowhere to go, and one that a design has made differ within itself, is split. */
function shrink_large_folio(k: Kernel, folio: Run, who: Referrers): number {
  const { pfn, count } = folio;
  const { flags, mapping, index } = k.page;
  const anon = any(flags.get(pfn), PG.anon);
  const whole = anon ? is_swapped_whole(k, pfn, count) : common_run_end([flags, mapping, index], pfn, pfn + count) === pfn + count;
  if (whole) {
    if (reclaim_folios(k, pfn, count, who)) return count;
    return is_large(k, pfn) ? 0 : shrink_folio_list(k, folio, Infinity, who);
  }
  if ((anon ? split_folio : split_file_folio)(k, pfn)) return shrink_folio_list(k, folio, Infinity, who);
  move(k, pfn, count, true);
  return 0;
}

/** Whether a large anonymous folio can go to swap as it is: there is some, nobody but page tables holds it, and no part of it has been given up. */
function is_swapped_whole(k: Kernel, pfn: number, count: number): boolean {
  const { refcount, flags } = k.page;
  if (!any(flags.get(pfn), PG.swapbacked) || k.folio.deferred.get(pfn) !== 0) return false;
  if (any(flags.get(pfn), PG.swapcache)) return true;
  return can_reclaim_anon_pages(k, k.page.memcg.get(pfn)) && refcount.get(pfn) > 0 && refcount.runEnd(pfn, pfn + count) === pfn + count;
}

/** Tries to free `count` frames that agree in everything (one, if it is mapped), or one large folio. */
function reclaim_folios(k: Kernel, pfn: number, count: number, who: Referrers): boolean {
  const references = who === 'ignore references' ? 'RECLAIM' : folio_check_references(k, pfn, count, who);
  if (references === 'ACTIVATE' || any(k.page.flags.get(pfn), PG.unevictable)) return move(k, pfn, count, true);
  if (references === 'KEEP') return move(k, pfn, count, false);
  if (any(k.page.flags.get(pfn), PG.anon)) {
    if (!any(k.page.flags.get(pfn), PG.swapbacked)) return discard_lazyfree(k, pfn);
    const fate = swap_out(k, pfn, count, target_memcg(who));
    if (fate === 'keep' || fate === 'activate') return move(k, pfn, count, fate === 'activate');
    return fate === 'freed';
  }
  if (folio_mapped(k, pfn)) try_to_unmap(k, pfn);
  if (is_pinned(k, pfn, count)) return move(k, pfn, count, true);
  const flags = k.page.flags.get(pfn);
  if (any(flags, PG.dirty)) {
    if (
      any(flags, PG.swapbacked) &&
      can_writeout(k, pfn, count) &&
      k.in('pageout', 1, () => shmem_writeout(k, pfn, count, target_memcg(who)))
    )
      return true;
    if (!any(flags, PG.swapbacked)) k.page.flags.fill(pfn, count, set(flags, PG.reclaim));
    k.trace.effect('{frames:0} must be written first: onto the active list', count, pfn);
    return move(k, pfn, count, true);
  }
  return __remove_mapping(k, pfn, count, who) || move(k, pfn, count, false);
}

/** Whether a dirty page of tmpfs can go to swap: there is some for its group, and nobody but the cache of the one file holds it. */
function can_writeout(k: Kernel, pfn: number, count: number): boolean {
  const { refcount, memcg } = k.page;
  const alone = refcount.get(pfn) === 1 && refcount.runEnd(pfn, pfn + count) === pfn + count;
  return alone && k.design.cache_references(k, pfn) === 1 && can_reclaim_anon_pages(k, memcg.get(pfn));
}

/** `folio_check_references()`: what the accessed bits of the PTEs and the folio's own flag say; both are cleared. */
function folio_check_references(k: Kernel, pfn: number, count: number, cgroup: number): References {
  return k.in('folio_check_references', count, () => {
    const { ptes, exec } = folio_mapped(k, pfn) ? folio_referenced(k, pfn, cgroup) : { ptes: 0, exec: false };
    const flags = k.page.flags.get(pfn);
    const referenced = any(flags, PG.referenced);
    const file = !any(flags, PG.swapbacked);
    let result: References;
    if (ptes > 0) {
      k.page.flags.fill(pfn, count, set(flags, PG.referenced));
      result = referenced || ptes > 1 || (exec && file) ? 'ACTIVATE' : 'KEEP';
    } else {
      if (referenced) k.page.flags.fill(pfn, count, clear(flags, PG.referenced));
      result = referenced && file ? 'RECLAIM_CLEAN' : 'RECLAIM';
    }
    k.trace.outcome('folio_check_references', result, count);
    k.trace.effect(`{frames:0}: {1} accessed PTEs${referenced ? ', referenced' : ''}: ${result}`, count, pfn, ptes);
    return result;
  });
}

/**
 * `folio_referenced()`: clears accessed bits by way of the reverse map and counts the mappings with any, but not those whose accesses say nothing, nor, in
 * reclaim for a group, of processes outside of it (`invalid_folio_referenced_vma()`).
 */
function folio_referenced(k: Kernel, pfn: number, cgroup: number): { ptes: number; exec: boolean } {
  return k.in('folio_referenced', 1, () => {
    const seen = new Set<string>();
    const ptes: number[] = [];
    let exec = false;
    each_page(k, pfn, (page) =>
      rmap_walk(k, page, (mm, vpn, vma, member) => {
        if (any(k.vma.flags.get(vma), VM.LOCKED)) mlock_missed(k, vma, page);
        const { pte } = k.space4.of(mm);
        const flags = pte.get(vpn);
        if (!any(flags, PTE.ACCESSED) || !vma_has_recency(k, vma) || !in_cgroup(k, k.mm.cgroup.get(mm), cgroup)) return;
        const entry = whole_entries(k, mm, vpn, 1);
        pte.fill(entry.vpn, entry.count, clear(flags, PTE.ACCESSED));
        if (any(k.vma.flags.get(vma), VM.EXEC)) exec = true;
        if (seen.has(`${vma} ${member}`)) return;
        seen.add(`${vma} ${member}`);
        ptes[member] = (ptes[member] ?? 0) + 1;
      }),
    );
    return { ptes: k.design.referenced(ptes.filter((n) => n > 0)), exec };
  });
}

/** Visits the pages of a folio that are mapped. */
function each_page(k: Kernel, pfn: number, visit: (pfn: number) => void): void {
  const { pfn: head, count } = whole_folios(k, pfn, 1);
  const mapped: number[] = [];
  k.page.mapcount.runs(head, count, (at, n, mapcount) => {
    if (mapcount > 0) for (let i = 0; i < n; i++) mapped.push(at + i);
  });
  for (const page of mapped) visit(page);
}

/** `try_to_unmap()`: removes every PTE of a file folio; a dirty PTE makes it dirty. */
export function try_to_unmap(k: Kernel, pfn: number): void {
  k.in('try_to_unmap', 1, () => {
    each_page(k, pfn, (page) =>
      rmap_walk(k, page, (mm, vpn, vma) => {
        split_huge_pmd(k, mm, vpn);
        const pte = k.space4.of(mm).pte.get(vpn);
        if (!any(pte, PTE.PRESENT)) return;
        pte_clear(k, mm, vpn, 1);
        pte_install_uffd_wp_if_needed(k, mm, vma, vpn, 1, pte);
        if (any(pte, PTE.DIRTY)) filemap_dirty_folio(k, page, 1);
        folio_remove_rmap_ptes(k, mm, vma, page, 1, k.page.flags.get(page));
        folio_put(k, page, 1);
        k.trace.effect('PTE {addresses:0} cleared', 1, vpn);
        flush_tlb(k, mm);
      }),
    );
  });
}

/** `__remove_mapping()`: takes clean frames out of the cache and frees them; not if anybody but the cache holds a reference. Of tmpfs no shadow entry stays. */
function __remove_mapping(k: Kernel, pfn: number, count: number, who: Referrers): boolean {
  return k.in('__remove_mapping', count, () => {
    const mapping = k.page.mapping.get(pfn);
    const index = target(pfn, k.page.index.get(pfn));
    if (k.page.refcount.runEnd(pfn, pfn + count) === pfn + count && k.design.remove_mapping(k, pfn, count)) {
      if (k.mapping.aops.get(mapping) !== AddressSpaceKind.Shmem) workingset_eviction(k, mapping, index, count, target_memcg(who));
      return true;
    }
    k.trace.effect('{frames:0} cannot go: somebody else holds a reference', count, pfn);
    return false;
  });
}

/** Puts frames at the head of their list, of the active one if `activate`. Never frees. */
function move(k: Kernel, pfn: number, count: number, activate: boolean): false {
  const flags = k.page.flags.get(pfn);
  if (any(flags, PG.unevictable)) return false;
  lruvec_del_folio(k, pfn, count, flags);
  if (activate) k.page.flags.update(pfn, count, (old) => set(old, PG.active));
  lruvec_add_folio(k, pfn, count);
  return false;
}

/** `shrink_active_list()`: ages `scan` pages from the tail: accessed bits are cleared, and all but referenced executable pages of files deactivated. */
function shrink_active_list(k: Kernel, list: LruList, scan: number, cgroup: number): void {
  k.in('shrink_active_list', 1, () => {
    for (const { pfn, count } of isolate_lru_folios(k, list, scan, cgroup)) {
      for (let at = pfn; at < pfn + count;) {
        const mapped = folio_mapped(k, at);
        const alike = mapped ? at + 1 : common_run_end([k.page.flags, k.page.mapcount, k.folio.order], at, pfn + count);
        const folios = whole_folios(k, at, is_large(k, at) ? 1 : alike - at);
        age(k, folios.pfn, folios.count, mapped, cgroup);
        at = folios.pfn + folios.count;
      }
    }
  });
}

/** Ages one folio, or small pages that agree in everything. */
function age(k: Kernel, pfn: number, count: number, mapped: boolean, cgroup: number): void {
  const referenced = mapped ? folio_referenced(k, pfn, cgroup) : { ptes: 0, exec: false };
  if (referenced.ptes > 0 && referenced.exec && !any(k.page.flags.get(pfn), PG.swapbacked)) {
    move(k, pfn, count, true);
    return;
  }
  lruvec_del_folio(k, pfn, count, k.page.flags.get(pfn));
  k.page.flags.update(pfn, count, (flags) => set(clear(flags, PG.active), PG.workingset));
  lruvec_add_folio(k, pfn, count);
  k.trace.effect('{frames:0} deactivated', count, pfn);
}
