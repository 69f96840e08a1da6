import type { Kernel } from '../state/kernel';
import { type Allocate, filemap_create_folio } from './filemap';
import { folios_alloc } from './folio_alloc';
import { alloc_pages_noretry, folio_put, type Frames, has_room } from './page_alloc';
import { type FolioAt, pages_of } from './ra_sizes';

/**
 * `page_cache_ra_unbounded()`: allocates and reads what is not cached. What is being read is locked, so nothing of it is reclaimed meanwhile; where no
 * memory can be had, readahead ends early.
 */
export function read_range(k: Kernel, mapping: number, index: number, count: number): void {
  if (count <= 0) return;
  const held: Frames[] | undefined = has_room(k, count) ? undefined : [];
  const allocate: Allocate | undefined = held && ((_k, place, memcg) => alloc_pages_noretry(k, place.count, memcg));
  k.in('page_cache_ra_unbounded', count, () => {
    for (let at = index; at < index + count;) {
      const found = k.design.lookup(k, mapping, at, index + count - at);
      if (found.pfn !== 0) {
        at += found.count;
        continue;
      }
      const got = filemap_create_folio(k, mapping, at, found.count, allocate);
      if (got.count === 0) break;
      hold(k, got, held);
      at += got.count;
    }
    release(k, held, index);
  });
}

/**
 * `ra_alloc_folio()` for each of `folios` from index `start`, one behind the other and not cached, and their reading. They are asked for at once, and one by one
 * where no memory lies together for all, or the design has another place for some. Gives the index behind the last one that there was memory for.
 */
export function read_folios(k: Kernel, mapping: number, start: number, folios: readonly FolioAt[]): number {
  if (folios.length === 0) return start;
  const held: Frames[] | undefined = has_room(k, pages_of(folios)) ? undefined : [];
  let at = start + folios_created(k, mapping, folios, held);
  for (const { index, count } of folios) {
    while (at < index + count) {
      const rest = at === index ? [{ index, count }] : Array.from({ length: index + count - at }, (_, i) => ({ index: at + i, count: 1 }));
      const got = folios_created(k, mapping, rest, held);
      if (got === 0) return release(k, held, at);
      at += got;
    }
  }
  return release(k, held, at);
}

function release(k: Kernel, held: readonly Frames[] | undefined, at: number): number {
  for (const run of held ?? []) folio_put(k, run.pfn, run.count);
  return at;
}

/** As many pages of `folios` as one path serves: those folios, or single pages where the design has another place for them. What is read is `held`. */
function folios_created(k: Kernel, mapping: number, folios: readonly FolioAt[], held: Frames[] | undefined): number {
  const count = pages_of(folios);
  const { index } = folios[0]!;
  const largest = folios.reduce((most, folio) => Math.max(most, folio.count), 1);
  const allocate: Allocate = (_k, place, memcg) =>
    place.count === count && (place.index - index) % largest === 0
      ? folios_alloc(k, folios, memcg)
      : alloc_pages_noretry(k, place.count, memcg);
  const got = filemap_create_folio(k, mapping, index, count, allocate);
  if (got.count > 0) hold(k, got, held);
  return got.count;
}

/** What is being read is locked: reclaim for what follows does not take it. */
function hold(k: Kernel, { pfn, count }: Frames, held: Frames[] | undefined): void {
  if (held === undefined) return;
  k.page.refcount.add(pfn, count, 1);
  held.push({ pfn, count });
}
