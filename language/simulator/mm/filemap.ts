import { Content } from '../state/content';
import { any, clear, PG, PTE, set, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';
import { pagesOf } from '../state/units';
import type { Lookup, Place } from '../designs/design';
import { read_folio } from '../fs/read_folio';
import { in_one_go } from '../kernel/sleep';
import { end_io, filemap_update_page, lock_while_read, wait_until_read } from './folio_wait';
import { alloc_pages, folio_put, type Frames } from './page_alloc';
import { is_pinned } from './pin';
import { folio_head, folio_nr_pages, folio_runs, is_large } from './folio';
import { map_rest_of_folio, placed_folio } from './large_fault';
import { folio_add_rmap, set_ptes } from './rmap';
import { lruvec_add_folio } from './swap';
import { clear_shadow_entries, type Recent, recent_in_file, workingset_refault } from './workingset';
import { count_mmap_hits } from './filemap_fault';
import { active_memcg } from './memcontrol';

/** What address space `mapping` itself holds from `index`, for at most `count` pages. */
export function filemap_get_entry(k: Kernel, mapping: number, index: number, count: number): Lookup {
  const { pages } = k.space.of(mapping);
  const value = pages.get(index);
  const run = count === 1 ? 1 : pages.runEnd(index, index + count) - index;
  return { pfn: value === NONE ? 0 : target(index, value), count: run };
}

/**
 * `filemap_add_folio()`: new frames into `mapping` at `index`, onto the inactive list, with a reference of the cache (the allocation's own). What was evicted
 * only recently goes onto the active list, unless it is about to be written (`write`).
 */
export function filemap_add_folio(k: Kernel, mapping: number, index: number, pfn: number, count: number, write = false): void {
  k.in('filemap_add_folio', count, () => {
    const recent = write ? [] : recent_folios(k, mapping, index, pfn, count);
    const shmem = k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem;
    k.space.of(mapping).pages.fill(index, count, refer(index, pfn));
    clear_shadow_entries(k, mapping, index, count);
    k.mapping.nrpages.set(mapping, k.mapping.nrpages.get(mapping) + count);
    k.page.mapping.fill(pfn, count, mapping);
    k.page.index.fill(pfn, count, refer(pfn, index));
    if (shmem) k.page.flags.fill(pfn, count, PG.swapbacked);
    if (k.dropbehind) k.page.flags.fill(pfn, count, PG.dropbehind);
    lruvec_add_folio(k, pfn, count);
    k.count('nr_file_pages', count);
    if (shmem) k.count('nr_shmem', count);
    k.trace.effect('{frames:0} allocated for {indexes:1} of {mapping:2}', count, pfn, index, mapping);
    workingset_refault(k, pfn, recent);
  });
}

/** Which of the frames from `pfn`, new for pages from `index`, hold what was evicted only recently, folio by folio. */
function recent_folios(k: Kernel, mapping: number, index: number, pfn: number, count: number): Recent {
  const found: { from: number; count: number }[] = [];
  folio_runs(k, pfn, count, [], (at, n) => {
    for (const run of recent_in_file(k, mapping, index + at - pfn, n, is_large(k, at)))
      found.push({ from: at - pfn + run.from, count: run.count });
  });
  return found;
}

/** A lookup for a read or a fault found a frame. */
function work_on(k: Kernel, mapping: number, index: number, pfn: number): void {
  audit_site(k, mapping, pfn);
  k.design.found(k, mapping, index, pfn);
}

/** Counts a step in which `mapping`'s inode works on folios that name another inode: code that would have to be audited. */
function audit_site(k: Kernel, mapping: number, pfn: number): void {
  const owner = k.design.folio_mapping(k, mapping, pfn);
  if (owner === mapping || owner <= 0 || k.audited) return;
  k.audited = true;
  k.count('audit_sites', 1);
}

/** `filemap_remove_folio()` for what `mapping` caches of `count` pages from `index`; frames that nothing else holds are freed. */
export function filemap_remove_folio(k: Kernel, mapping: number, index: number, count: number): void {
  const { pages, dirty, folio } = k.space.of(mapping);
  const cached: { at: number; n: number; pfn: number }[] = [];
  pages.runs(index, count, (at, n, value) => {
    if (value !== NONE) cached.push({ at, n, pfn: target(at, value) });
  });
  if (cached.length === 0) return;
  const shmem = k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem;
  const hugetlb = k.mapping.aops.get(mapping) === AddressSpaceKind.Hugetlb;
  dirty.runs(index, count, (_at, n, value) => {
    if (value === 0) return;
    k.mapping.nrdirty.set(mapping, k.mapping.nrdirty.get(mapping) - n);
    k.count('nr_dirty', -n);
  });
  dirty.fill(index, count, 0);
  folio.fill(index, count, 0);
  pages.fill(index, count, NONE);
  for (const { at, n, pfn } of cached) {
    end_io(k, pfn, n);
    k.in('filemap_remove_folio', n, () => {
      k.mapping.nrpages.set(mapping, k.mapping.nrpages.get(mapping) - n);
      if (!hugetlb) k.count('nr_file_pages', -n);
      if (shmem) k.count('nr_shmem', -n);
      audit_site(k, mapping, pfn);
      k.design.removed(k, mapping, at, pfn, n);
      if (is_pinned(k, pfn, n)) k.page.flags.update(pfn, n, (flags) => clear(flags, PG.dirty));
      k.trace.effect('{indexes:0} of {mapping:1} leaves the cache: {frames:2}', n, at, mapping, pfn);
      folio_put(k, pfn, n);
    });
  }
}

/** The bytes of `count` frames from `pfn`. */
export function folio_content(k: Kernel, pfn: number, count: number): Content {
  let all: Content | undefined;
  k.page.content.runs(pfn, count, (at, n, number) => {
    const part = k.contents.run(number, at, n);
    all = all === undefined ? part : all.concat(part);
  });
  return all ?? Content.zeros(0);
}

/**
 * `filemap_get_pages()`: the frames of as many pages from `index` as one path serves, at most `count`; what is not cached is read in.
 * `missed` says that it was, `updated` that it was cached and not uptodate.
 */
export function filemap_get_pages(k: Kernel, mapping: number, index: number, count: number): Got {
  const found = k.design.lookup(k, mapping, index, count);
  if (found.pfn !== 0) {
    const owner = k.page.mapping.get(found.pfn);
    if (owner !== mapping) k.count('design_hits', found.count);
    work_on(k, mapping, index, found.pfn);
    const hit =
      owner === mapping
        ? '{indexes:0} of {mapping:1}: cached in {frames:2}'
        : '{indexes:0} of {mapping:1}: cached in {frames:2} of {mapping:3}';
    k.trace.effect(hit, found.count, index, mapping, found.pfn, owner);
    return { pfn: found.pfn, missed: false, ...filemap_update_page(k, found.pfn, wait_until_read(k, found.pfn, found.count)) };
  }
  k.trace.effect('{indexes:0} of {mapping:1}: miss', found.count, index, mapping);
  const { pfn, count: got, missed } = filemap_create_folio(k, mapping, index, found.count);
  return { pfn, count: wait_until_read(k, pfn, got), missed, updated: false };
}

type Got = Lookup & { readonly missed: boolean; readonly updated: boolean };

/** Frames for pages that are to be cached at a place, up to as many as it has; charged to `memcg`. */
export type Allocate = (k: Kernel, place: Place, memcg: number) => Frames;

/**
 * `filemap_create_folio()`: new frames, read in (`missed`), for as many of `count` pages that are not cached as one path serves, or frames that the design
 * has for them. None where `allocate` has none.
 */
export function filemap_create_folio(
  k: Kernel,
  mapping: number,
  index: number,
  count: number,
  allocate: Allocate = (_k, place, memcg) => alloc_pages(k, place.count, memcg),
): Lookup & { readonly missed: boolean } {
  const place = in_one_go(k, () => k.design.insert(k, mapping, index, count));
  if ('pfn' in place) {
    k.count('design_hits', place.count);
    k.trace.effect(
      '{indexes:0} of {mapping:1}: {frames:2} of {mapping:3} hold the same, nothing is read',
      place.count,
      index,
      mapping,
      place.pfn,
      k.page.mapping.get(place.pfn),
    );
    return { ...place, missed: false };
  }
  const { pfn, count: got } = allocate(k, place, active_memcg(k));
  if (got === 0) return { pfn: 0, count: 0, missed: false };
  filemap_add_folio(k, place.mapping, place.index, pfn, got);
  k.design.inserted(k, mapping, index, pfn, got);
  const reads = k.counter('disk_reads');
  in_one_go(k, () => read_folio(k, mapping, index, pfn, got));
  lock_while_read(k, pfn, got, reads);
  return { pfn, count: got, missed: true };
}

/** PTE flags of a page that is mapped for reading (`mk_pte()` with `vm_page_prot`): writable only where no store has to be noticed. */
export function read_pte(k: Kernel, vma: number): number {
  const flags = k.vma.flags.get(vma);
  const shmem = k.mapping.aops.get(k.vma.mapping.get(vma)) === AddressSpaceKind.Shmem;
  const writable = any(flags, VM.SHARED) && any(flags, VM.WRITE) && !any(flags, VM.UFFD_WP) && shmem;
  return set(PTE.PRESENT + PTE.USER + PTE.ACCESSED, writable ? PTE.RW : 0);
}

/** Whether a folio that ends before page `next` of a file has the file's last page, which is not so on tmpfs: fault-around does not map it whole. */
const reaches_eof = (k: Kernel, mapping: number, next: number): boolean =>
  k.mapping.aops.get(mapping) !== AddressSpaceKind.Shmem && next >= pagesOf(k.inode.size.get(k.mapping.host.get(mapping)));

/** Page number behind the last of `count` pages from `vpn` that lies within the file. */
const end_in_file = (k: Kernel, vma: number, vpn: number, count: number): number =>
  Math.min(
    vpn + count,
    pagesOf(k.inode.size.get(k.mapping.host.get(k.vma.mapping.get(vma)))) - k.vma.pgoff.get(vma) + k.vma.start.get(vma),
  );

/** `next_uptodate_folio()`: fault-around maps pages with these flags, but not where readahead is to go on. */
const is_next = (flags: number): boolean => any(flags, PG.uptodate) && !any(flags, PG.reclaim);

/**
 * Whether fault-around maps anything of `count` pages from `vpn`: not where nothing of them is cached that could be mapped, nor, as long as there is no PTE table
 * (`hasTable`), where the folio of the first that could has the last page of the file: the table is made together with the look for a huge PMD, which is left out then.
 */
export function can_map_pages(k: Kernel, vma: number, vpn: number, count: number, hasTable: boolean): boolean {
  const mapping = k.vma.mapping.get(vma);
  const shift = k.vma.pgoff.get(vma) - k.vma.start.get(vma);
  const limit = end_in_file(k, vma, vpn, count);
  let next = 0;
  for (let at = vpn; at < limit && next === 0;) {
    const found = k.design.lookup(k, mapping, at + shift, limit - at);
    if (found.pfn !== 0)
      k.page.flags.runs(found.pfn, found.count, (pfn, _n, flags) => {
        if (!is_next(flags)) return false;
        next = at + shift + folio_head(k, pfn) - found.pfn + folio_nr_pages(k, pfn);
        return true;
      });
    at += found.count;
  }
  return next > 0 && (hasTable || !reaches_eof(k, mapping, next));
}

/** `filemap_map_pages()`: maps what is cached and not yet mapped among `count` pages from `vpn`, but not where readahead is to go on; gives how many PTEs it set. */
export function filemap_map_pages(k: Kernel, vma: number, vpn: number, count: number): number {
  return k.in('filemap_map_pages', 1, () => {
    const mm = k.vma.mm.get(vma);
    const mapping = k.vma.mapping.get(vma);
    const { pte } = k.space4.of(mm);
    const shift = k.vma.pgoff.get(vma) - k.vma.start.get(vma);
    const limit = end_in_file(k, vma, vpn, count);
    let mapped = 0;
    for (let at = vpn; at < limit;) {
      const stop = pte.runEnd(at, limit);
      const found = k.design.lookup(k, mapping, at + shift, stop - at);
      if (pte.get(at) === 0 && found.pfn !== 0) {
        work_on(k, mapping, at + shift, found.pfn);
        folio_runs(k, found.pfn, found.count, ['flags'], (pfn, n) => {
          if (!is_next(k.page.flags.get(pfn))) return;
          const folio = placed_folio(k, vma, at + pfn - found.pfn, pfn);
          if (folio !== undefined && !reaches_eof(k, mapping, folio.vpn + shift + folio.count)) {
            mapped += map_rest_of_folio(k, mm, vma, folio, read_pte(k, vma));
            return;
          }
          set_ptes(k, mm, at + pfn - found.pfn, n, pfn, read_pte(k, vma));
          folio_add_rmap(k, mm, vma, pfn, n);
          mapped += n;
          k.trace.effect('fault-around: PTE {addresses:0} maps {frames:1}', n, at + pfn - found.pfn, pfn);
        });
      }
      at += found.count;
    }
    count_mmap_hits(k, k.vma.file.get(vma), mapped);
    return mapped;
  });
}
