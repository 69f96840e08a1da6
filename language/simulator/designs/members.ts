import type { Fields } from '../state/tables';
import type { Kernel } from '../state/kernel';
import { bmap, device_of } from '../fs/extents';
import { filemap_get_entry } from '../mm/filemap';
import { frame_runs } from '../mm/rmap';
import { any, PG } from '../state/flags';
import { AddressSpaceKind } from '../state/kernel';
import { refer, target } from '../state/shift';
import { baseline } from './baseline';
import type { Design, Lookup, Member } from './design';
import { Sets } from './sets';

/** The same for a run of frames: index - pfn. */
interface Holder {
  readonly mapping: number;
  readonly shift: number;
}

/** Holders by number, in the order in which they were first met. */
class Holders {
  readonly all: Holder[] = [];
  private readonly known = new Map<number, Map<number, number>>();

  number(mapping: number, shift: number): number {
    let same = this.known.get(mapping);
    if (same === undefined) this.known.set(mapping, (same = new Map<number, number>()));
    let found = same.get(shift);
    if (found === undefined) same.set(shift, (found = this.all.push({ mapping, shift }) - 1));
    return found;
  }
}

interface State {
  readonly holders: Holders;
  readonly sets: Sets;
  /** The set of the holders of a frame that has several; 0: it has the one that it names, or none. */
  readonly columns: Fields<'holders'>;
}

const states = new WeakMap<Kernel, State>();

function state_of(k: Kernel): State {
  let state = states.get(k);
  if (state === undefined) {
    state = { holders: new Holders(), sets: new Sets(), columns: k.table('frame', ['holders']) };
    states.set(k, state);
  }
  return state;
}

/** Every cache that holds a page-cache frame, the one that the frame itself names first. */
export function members(k: Kernel, pfn: number): readonly Member[] {
  const { holders, sets, columns } = state_of(k);
  const set = columns.holders.get(pfn);
  if (set === 0) return baseline.members(k, pfn);
  const owner = k.page.mapping.get(pfn);
  const found = sets.values(set).map((number) => holders.all[number]!);
  const first = found.findIndex(({ mapping, shift }) => mapping === owner && pfn + shift === target(pfn, k.page.index.get(pfn)));
  if (first > 0) found.unshift(...found.splice(first, 1));
  return found.map(({ mapping, shift }) => ({ mapping, index: pfn + shift }));
}

/** Caches that hold frames which others hold too: the sum over those frames. */
export function shared_members(k: Kernel): number {
  const { sets, columns } = state_of(k);
  let sum = 0;
  columns.holders.runs(1, k.options.memory, (_at, n, set) => (sum += n * sets.size(set)));
  return sum;
}

/** How many caches hold a frame. */
export function member_count(k: Kernel, pfn: number): number {
  const { sets, columns } = state_of(k);
  return Math.max(1, sets.size(columns.holders.get(pfn)));
}

/** End of the run of frames from `pfn` on that the same caches hold. */
export const same_members = (k: Kernel, pfn: number, end: number): number => state_of(k).columns.holders.runEnd(pfn, end);

/** Every cache that holds one of `count` frames from `pfn`, in runs. */
export const visit_members: Design['readers'] = (k, pfn, count, visit) => {
  frame_runs(k, pfn, count, ['mapping', 'index'], (first, length) => {
    for (let at = first; at < first + length;) {
      const stop = same_members(k, at, first + length);
      for (const { mapping, index } of members(k, at)) visit(mapping, index, at, stop - at);
      at = stop;
    }
  });
};

/** `mapping` holds `count` frames from `pfn` too, from `index` on: one more reference each. */
export function join(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  const { holders, sets, columns } = state_of(k);
  frame_runs(k, pfn, count, ['mapping', 'index'], (first, length) => {
    columns.holders.runs(first, length, (at, n, set) => {
      const before = set === 0 ? sets.with(0, holders.number(k.page.mapping.get(at), target(at, k.page.index.get(at)) - at)) : set;
      columns.holders.fill(at, n, sets.with(before, holders.number(mapping, index - pfn)));
    });
  });
  k.space.of(mapping).pages.fill(index, count, refer(index, pfn));
  k.mapping.nrpages.set(mapping, k.mapping.nrpages.get(mapping) + count);
  k.page.refcount.add(pfn, count, 1);
}

/**
 * `mapping` holds `count` frames from `pfn` no longer. `rename`: a frame that named it names one of those that are left. A frame that others
 * hold still counts as a page of the cache.
 */
export function leave(k: Kernel, mapping: number, index: number, pfn: number, count: number, rename: boolean): void {
  const { holders, sets, columns } = state_of(k);
  const gone = holders.number(mapping, index - pfn);
  columns.holders.runs(pfn, count, (at, n, set) => {
    const left = sets.without(set, gone);
    if (set !== 0) {
      k.count('nr_file_pages', n);
      columns.holders.fill(at, n, sets.size(left) < 2 ? 0 : left);
    }
    const next = holders.all[sets.first(left) ?? -1];
    if (next === undefined || !rename) {
      if (next === undefined || k.page.mapping.get(at) === mapping) forget_owner(k, at, n);
    } else {
      k.page.mapping.fill(at, n, next.mapping);
      k.page.index.fill(at, n, refer(at, at + next.shift));
    }
  });
}

function forget_owner(k: Kernel, pfn: number, count: number): void {
  k.page.mapping.fill(pfn, count, 0);
  k.page.index.fill(pfn, count, 0);
}

/** Whether frames with these flags hold what is on disk. */
export const is_clean = (flags: number): boolean => any(flags, PG.uptodate) && !any(flags, PG.dirty + PG.writeback);

/**
 * Frames in which another file caches the same blocks at the same place, clean: for the longest run from `index`, at most `count` pages.
 * `anyIndex`: the other file may have them at another place.
 */
export function find_sharer(k: Kernel, mapping: number, index: number, count: number, anyIndex: boolean): Lookup {
  if (k.mapping.aops.get(mapping) !== AddressSpaceKind.Disk) return { pfn: 0, count };
  const inode = k.mapping.host.get(mapping);
  const { block, count: n } = bmap(k, inode, index, count);
  if (block === undefined) return { pfn: 0, count: n };
  const { refcount } = k.device.of(device_of(k, inode));
  const run = refcount.runEnd(block, block + n) - block;
  if (refcount.get(block) < 2) return { pfn: 0, count: run };
  let nearest = run;
  for (const other of sharing_inodes(k, inode)) {
    for (const place of places_of(k, other, block, run, index, anyIndex)) {
      const theirs = filemap_get_entry(k, k.inode.mapping.get(other), place.index, place.count);
      if (place.block > block || theirs.pfn === 0) {
        nearest = Math.min(nearest, place.block > block ? place.block - block : theirs.count);
        continue;
      }
      const flags = k.page.flags.get(theirs.pfn);
      const same = k.page.flags.runEnd(theirs.pfn, theirs.pfn + theirs.count) - theirs.pfn;
      if (is_clean(flags)) return { pfn: theirs.pfn, count: same };
    }
  }
  return { pfn: 0, count: nearest };
}

/** Further inodes with pages in memory on the same device. */
function* sharing_inodes(k: Kernel, inode: number): Generator<number> {
  const device = device_of(k, inode);
  for (let other = 1; other <= k.inodes.count; other++) {
    const mapping = k.inode.mapping.get(other);
    if (
      other !== inode &&
      mapping !== 0 &&
      k.mapping.nrpages.get(mapping) > 0 &&
      k.inode.mount.get(other) !== 0 &&
      device_of(k, other) === device
    )
      yield other;
  }
}

/** Where a file has any of `count` blocks from `block`: at the same `index`, or anywhere. */
function places_of(
  k: Kernel,
  inode: number,
  block: number,
  count: number,
  index: number,
  anyIndex: boolean,
): { index: number; block: number; count: number }[] {
  const { blocks } = k.extents.of(inode);
  const end = anyIndex ? blocks.runStart(Number.MAX_SAFE_INTEGER, 0) : index + count;
  const found: { index: number; block: number; count: number }[] = [];
  blocks.runs(anyIndex ? 0 : index, end - (anyIndex ? 0 : index), (at, n, value) => {
    if (value === 0) return;
    const first = target(at, value);
    const from = Math.max(first, block);
    const to = Math.min(first + n, block + count);
    const place = at + from - first;
    if (from < to && (anyIndex || place - index === from - block)) found.push({ index: place, block: from, count: to - from });
  });
  return found.sort((a, b) => a.block - b.block);
}
