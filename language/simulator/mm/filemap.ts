import { Content } from '../state/content';
import { any, PG, PTE, set, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';
import { PAGE_SIZE, pagesOf } from '../state/units';
import type { Lookup } from '../designs/design';
import { read_folio } from '../fs/read_folio';
import { alloc_pages, folio_put } from './page_alloc';
import { folio_add_rmap, frame_runs, set_ptes } from './rmap';
import { lruvec_add_folio, folio_mark_accessed } from './swap';

/** What address space `mapping` itself holds from `index`, for at most `count` pages. */
export function filemap_get_entry(k: Kernel, mapping: number, index: number, count: number): Lookup {
  const { pages } = k.space.of(mapping);
  const value = pages.get(index);
  const run = count === 1 ? 1 : pages.runEnd(index, index + count) - index;
  return { pfn: value === NONE ? 0 : target(index, value), count: run };
}

/** `filemap_add_folio()`: new frames into `mapping` at `index`, onto the inactive list, with a reference of the cache (the allocation's own). */
export function filemap_add_folio(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  k.in('filemap_add_folio', count, () => {
    const shmem = k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem;
    k.space.of(mapping).pages.fill(index, count, refer(index, pfn));
    k.mapping.nrpages.set(mapping, k.mapping.nrpages.get(mapping) + count);
    k.page.mapping.fill(pfn, count, mapping);
    k.page.index.fill(pfn, count, refer(pfn, index));
    if (shmem) k.page.flags.fill(pfn, count, PG.swapbacked);
    lruvec_add_folio(k, pfn, count);
    k.count('nr_file_pages', count);
    if (shmem) k.count('nr_shmem', count);
    k.trace.effect('{frames:0} allocated for {indexes:1} of {mapping:2}', count, pfn, index, mapping);
  });
}

/** Counts a step in which `mapping`'s inode works on frames that name another inode: code that would have to be audited. */
function audit_site(k: Kernel, mapping: number, pfn: number): void {
  const owner = k.page.mapping.get(pfn);
  if (owner === mapping || owner <= 0 || k.audited) return;
  k.audited = true;
  k.count('audit_sites', 1);
}

/** `filemap_remove_folio()` for what `mapping` caches of `count` pages from `index`; frames that nothing else holds are freed. */
export function filemap_remove_folio(k: Kernel, mapping: number, index: number, count: number): void {
  const { pages, dirty } = k.space.of(mapping);
  const cached: { at: number; n: number; pfn: number }[] = [];
  pages.runs(index, count, (at, n, value) => {
    if (value !== NONE) cached.push({ at, n, pfn: target(at, value) });
  });
  if (cached.length === 0) return;
  const shmem = k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem;
  dirty.runs(index, count, (_at, n, value) => {
    if (value === 0) return;
    k.mapping.nrdirty.set(mapping, k.mapping.nrdirty.get(mapping) - n);
    k.count('nr_dirty', -n);
  });
  dirty.fill(index, count, 0);
  pages.fill(index, count, NONE);
  for (const { at, n, pfn } of cached) {
    k.in('filemap_remove_folio', n, () => {
      k.mapping.nrpages.set(mapping, k.mapping.nrpages.get(mapping) - n);
      k.count('nr_file_pages', -n);
      if (shmem) k.count('nr_shmem', -n);
      audit_site(k, mapping, pfn);
      k.design.removed(k, mapping, at, pfn, n);
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
 * `missed` says that it was.
 */
export function filemap_get_pages(k: Kernel, mapping: number, index: number, count: number): Lookup & { readonly missed: boolean } {
  const found = k.design.lookup(k, mapping, index, count);
  if (found.pfn !== 0) {
    const owner = k.page.mapping.get(found.pfn);
    if (owner !== mapping) k.count('design_hits', found.count);
    audit_site(k, mapping, found.pfn);
    const hit =
      owner === mapping
        ? '{indexes:0} of {mapping:1}: cached in {frames:2}'
        : '{indexes:0} of {mapping:1}: cached in {frames:2} of {mapping:3}';
    k.trace.effect(hit, found.count, index, mapping, found.pfn, owner);
    return { ...found, missed: false };
  }
  k.trace.effect('{indexes:0} of {mapping:1}: miss', found.count, index, mapping);
  const place = k.design.insert(k, mapping, index, found.count);
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
  const { pfn, count: got } = alloc_pages(k, place.count, k.task.cgroup.get(k.current));
  filemap_add_folio(k, place.mapping, place.index, pfn, got);
  read_folio(k, mapping, index, pfn, got);
  return { pfn, count: got, missed: true };
}

/** `filemap_read()`: reads `length` bytes at `position` through the page cache; short at the end of the file. */
export function filemap_read(k: Kernel, file: number, position: number, length: number): Content {
  const inode = k.file.inode.get(file);
  const mapping = k.inode.mapping.get(inode);
  const end = Math.min(position + length, k.inode.size.get(inode));
  let all = Content.zeros(0);
  k.in('filemap_read', 1, () => {
    for (let at = position; at < end;) {
      const index = Math.floor(at / PAGE_SIZE);
      const wanted = pagesOf(end) - index;
      const { pfn, count } = k.in('filemap_get_pages', 1, () => filemap_get_pages(k, mapping, index, wanted));
      mark_accessed_by_read(k, file, index, pfn, count);
      const from = at - index * PAGE_SIZE;
      const to = Math.min(end - index * PAGE_SIZE, count * PAGE_SIZE);
      const bytes = folio_content(k, pfn, count);
      all = all.length === 0 ? bytes.slice(from, to) : all.concat(bytes.slice(from, to));
      k.trace.effect('{indexes:0}: copied to the reader from {frames:1}', count, index, pfn);
      at = index * PAGE_SIZE + to;
    }
  });
  return all;
}

/** A read marks what it used as accessed, but not again the page in which this descriptor's previous read ended (`ra.prev_pos`). */
export function mark_accessed_by_read(k: Kernel, file: number, index: number, pfn: number, count: number): void {
  const again = k.file.previous.get(file) === index + 1 ? 1 : 0;
  if (count > again) k.in('folio_mark_accessed', count - again, () => folio_mark_accessed(k, pfn + again, count - again));
  k.file.previous.set(file, index + count);
}

/** What a fault on a file page ends with: frames, or SIGBUS beyond the end of the file. */
export type FaultPages = { readonly pfn: number; readonly count: number; readonly major: boolean } | 'SIGBUS';

/** `filemap_fault()`: the frames for `count` pages from `index` of what the VMA maps. */
export function filemap_fault(k: Kernel, vma: number, index: number, count: number): FaultPages {
  const fault = (): FaultPages => {
    const mapping = k.vma.mapping.get(vma);
    const limit = pagesOf(k.inode.size.get(k.mapping.host.get(mapping)));
    if (index >= limit) return 'SIGBUS';
    const { pfn, count: got, missed } = filemap_get_pages(k, mapping, index, Math.min(count, limit - index));
    return { pfn, count: got, major: missed && k.mapping.aops.get(mapping) !== AddressSpaceKind.Shmem };
  };
  return k.batch(
    k.mapping.aops.get(k.vma.mapping.get(vma)) === AddressSpaceKind.Shmem ? 'shmem_fault' : 'filemap_fault',
    fault,
    (result) => (result === 'SIGBUS' ? 1 : result.count),
  );
}

/** PTE flags of a page that is mapped for reading (`mk_pte()` with `vm_page_prot`): writable only where no store has to be noticed. */
export function read_pte(k: Kernel, vma: number): number {
  const flags = k.vma.flags.get(vma);
  const shmem = k.mapping.aops.get(k.vma.mapping.get(vma)) === AddressSpaceKind.Shmem;
  const writable = any(flags, VM.SHARED) && any(flags, VM.WRITE) && shmem;
  return set(PTE.PRESENT + PTE.USER + PTE.ACCESSED, writable ? PTE.RW : 0);
}

/** `filemap_map_pages()`: maps what is cached and not yet mapped among `count` pages from `vpn`; gives how many PTEs it set. */
export function filemap_map_pages(k: Kernel, vma: number, vpn: number, count: number): number {
  return k.in('filemap_map_pages', 1, () => {
    const mm = k.vma.mm.get(vma);
    const mapping = k.vma.mapping.get(vma);
    const { pte } = k.space4.of(mm);
    const shift = k.vma.pgoff.get(vma) - k.vma.start.get(vma);
    const limit = Math.min(vpn + count, pagesOf(k.inode.size.get(k.mapping.host.get(mapping))) - shift);
    let mapped = 0;
    for (let at = vpn; at < limit;) {
      const stop = pte.runEnd(at, limit);
      const found = k.design.lookup(k, mapping, at + shift, stop - at);
      if (pte.get(at) === 0 && found.pfn !== 0) {
        audit_site(k, mapping, found.pfn);
        frame_runs(k, found.pfn, found.count, ['flags'], (pfn, n) => {
          if (!any(k.page.flags.get(pfn), PG.uptodate)) return;
          set_ptes(k, mm, at + pfn - found.pfn, n, pfn, read_pte(k, vma));
          folio_add_rmap(k, mm, vma, pfn, n);
          mapped += n;
          k.trace.effect('fault-around: PTE {addresses:0} maps {frames:1}', n, at + pfn - found.pfn, pfn);
        });
      }
      at += found.count;
    }
    return mapped;
  });
}
