import { copy_pages } from '../fs/read_folio';
import { new_mapping } from '../fs/inode';
import { filemap_add_folio, filemap_get_entry, filemap_remove_folio } from '../mm/filemap';
import { alloc_pages, with_reference } from '../mm/page_alloc';
import { zap_pte_range } from '../mm/rmap';
import { clear_shadow_entries } from '../mm/workingset';
import { PG, set } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE, refer, target } from '../state/shift';
import type { Fields, PerObject } from '../state/tables';
import { baseline } from './baseline';
import type { Design, Lookup, VisitPages, VisitReaders } from './design';
import { active_memcg } from '../mm/memcontrol';

interface State {
  /** By inode: the address_space of its master, 0 if it is linked to none. */
  readonly inode: Fields<'master'>;
  /** By inode and index, `pages`: 1 where the file goes its own way; `entries`: the frame of the master whose number the file's i_pages has (pfn_entries.ts). */
  readonly apart: PerObject<'pages' | 'entries'>;
  /** By master's address_space: inode → 1 for those linked to it. */
  readonly linked: PerObject<'inodes'>;
}

const states = new WeakMap<Kernel, State>();

function state_of(k: Kernel): State {
  let state = states.get(k);
  if (state === undefined) {
    state = { inode: k.table('inode', ['master']), apart: k.each('link', ['pages', 'entries']), linked: k.each('master', ['inodes']) };
    states.set(k, state);
  }
  return state;
}

/** The address_space that an inode's pages are looked up in besides its own; 0: none. */
export const master_of = (k: Kernel, inode: number): number => state_of(k).inode.master.get(inode);

/** A master with no files linked to it yet: an inode of the kernel's own, whose address_space holds what they share. */
export function new_master(k: Kernel, name: string): number {
  const inode = k.inodes.next();
  const mapping = new_mapping(k, inode, AddressSpaceKind.Device);
  k.inode.path.set(inode, k.names.id(name));
  k.inode.nlink.set(inode, 1);
  k.inode.mapping.set(inode, mapping);
  return mapping;
}

/** Links a file to a master: `count` pages from `index` are the master's from now on, what it had apart there not. */
export function link(k: Kernel, inode: number, master: number, index: number, count: number): void {
  const { inode: columns, apart, linked } = state_of(k);
  if (columns.master.get(inode) !== master) {
    unlink(k, inode);
    columns.master.set(inode, master);
    linked.of(master).inodes.set(inode, 1);
    apart.of(inode).pages.fill(0, Number.MAX_SAFE_INTEGER, 1);
  }
  apart.of(inode).pages.fill(index, count, 0);
  k.trace.effect('{file:0} is linked to {mapping:1}', 1, inode, master);
}

/** The file has no master any more; the last one that goes takes the master's pages with it. */
export function unlink(k: Kernel, inode: number): void {
  const { inode: columns, linked } = state_of(k);
  const master = columns.master.get(inode);
  if (master === 0) return;
  columns.master.set(inode, 0);
  linked.of(master).inodes.set(inode, 0);
  clear_entries(k, inode, 0, Number.MAX_SAFE_INTEGER);
  if (linked_inodes(k, master).length > 0) return;
  const end = k.space.of(master).pages.runStart(Number.MAX_SAFE_INTEGER, 0);
  if (end > 0) k.in('evict', 1, () => filemap_remove_folio(k, master, 0, end));
}

/** The inodes that are linked to a master. */
export function linked_inodes(k: Kernel, master: number): number[] {
  const found: number[] = [];
  state_of(k)
    .linked.of(master)
    .inodes.runs(0, k.inodes.count + 1, (at, n, value) => {
      if (value !== 0) for (let i = 0; i < n; i++) found.push(at + i);
    });
  return found;
}

/** What one address_space holds of `count` clean pages from `index` is another's from now on, at the same places; PTEs and LRU lists do not change. */
export function move_pages(k: Kernel, from: number, to: number, index: number, count: number): void {
  const source = k.space.of(from);
  const target_space = k.space.of(to);
  const runs: { at: number; n: number; value: number }[] = [];
  source.pages.runs(index, count, (at, n, value) => {
    if (value !== NONE) runs.push({ at, n, value });
  });
  for (const { at, n, value } of runs) {
    const pfn = target(at, value);
    source.pages.fill(at, n, NONE);
    target_space.pages.fill(at, n, value);
    clear_shadow_entries(k, to, at, n);
    source.folio.runs(at, n, (start, length, first) => target_space.folio.fill(start, length, first));
    source.folio.fill(at, n, 0);
    k.mapping.nrpages.set(from, k.mapping.nrpages.get(from) - n);
    k.mapping.nrpages.set(to, k.mapping.nrpages.get(to) + n);
    k.page.mapping.fill(pfn, n, to);
    k.trace.effect('{frames:0} of {mapping:1} are now those of {mapping:2}', n, pfn, from, to);
  }
}

/** The stretch from `index` that goes one way: with the master, or apart (`master` 0). */
export function way(k: Kernel, mapping: number, index: number, count: number): { master: number; count: number } {
  const { inode: columns, apart } = state_of(k);
  const inode = k.mapping.host.get(mapping);
  const master = columns.master.get(inode);
  if (master === 0) return { master: 0, count };
  const { pages } = apart.of(inode);
  return { master: pages.get(index) === 0 ? master : 0, count: pages.runEnd(index, index + count) - index };
}

/** `count` pages of the file from `index` are its own from now on, whatever the master holds. */
export function part(k: Kernel, mapping: number, index: number, count: number): void {
  const inode = k.mapping.host.get(mapping);
  state_of(k).apart.of(inode).pages.fill(index, count, 1);
  clear_entries(k, inode, index, count);
}

/** What the entries of a file say of `count` pages from `index`. */
export function entry_of(k: Kernel, mapping: number, index: number, count: number): Lookup {
  const { entries } = state_of(k).apart.of(k.mapping.host.get(mapping));
  const value = entries.get(index);
  return { pfn: value === NONE ? 0 : target(index, value), count: entries.runEnd(index, index + count) - index };
}

/** A file's i_pages has the numbers of `count` frames of the master from `index` on. */
export function set_entries(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  state_of(k).apart.of(k.mapping.host.get(mapping)).entries.fill(index, count, refer(index, pfn));
  k.trace.effect(
    '{indexes:0} of {mapping:1}: an entry with the number of {frames:2} of {mapping:3}',
    count,
    index,
    mapping,
    pfn,
    k.page.mapping.get(pfn),
  );
}

/** A file has no entries for `count` pages from `index` any more. */
export function clear_entries(k: Kernel, inode: number, index: number, count: number): void {
  const { entries } = state_of(k).apart.of(inode);
  const had: { at: number; n: number }[] = [];
  entries.runs(index, count, (at, n, value) => {
    if (value !== NONE) had.push({ at, n });
  });
  for (const { at, n } of had) {
    entries.fill(at, n, NONE);
    k.trace.effect('{indexes:0} of {file:1}: no entry any more', n, at, inode);
  }
}

/** What a design has in common in which files are linked to a master that holds their pages, page by page, until they are written. */
export const linked_files: Design = {
  ...baseline,

  lookup(k, mapping, index, count): Lookup {
    const own = filemap_get_entry(k, mapping, index, count);
    if (own.pfn !== 0) return own;
    const { master, count: n } = way(k, mapping, index, own.count);
    return master === 0 ? { pfn: 0, count: n } : filemap_get_entry(k, master, index, n);
  },

  insert(k, mapping, index, count) {
    const { master, count: n } = way(k, mapping, index, count);
    return { mapping: master === 0 ? mapping : master, index, count: n };
  },

  own(k, mapping, index, count, keep) {
    for (let at = index; at < index + count;) {
      const { master, count: n } = way(k, mapping, at, index + count - at);
      if (master !== 0) k.in('unlink_index', n, () => take_apart(k, mapping, master, at, n, keep));
      at += n;
    }
  },

  truncated: part,

  beneath(k, mapping, index, count, visit) {
    for (let at = index; at < index + count;) {
      const { master, count: n } = way(k, mapping, at, index + count - at);
      if (master !== 0) visit(master, at, n);
      at += n;
    }
  },

  vmas(k, holder, index, count, visit) {
    if (k.mapping.aops.get(holder) !== AddressSpaceKind.Device) baseline.vmas(k, holder, index, count, visit);
    else
      linked_inodes(k, holder).forEach((inode, member) =>
        visit_linked(k, inode, index, count, (vma, vpn, n) => visit(vma, vpn, n, member)),
      );
  },

  readers(k, pfn, count, visit) {
    baseline.readers(k, pfn, count, (holder, index, frame, n) => {
      if (k.mapping.aops.get(holder) !== AddressSpaceKind.Device) visit(holder, index, frame, n);
      else for (const inode of linked_inodes(k, holder)) visit_reader(k, inode, index, frame, n, visit);
    });
  },

  evicted: unlink,
};

function visit_reader(k: Kernel, inode: number, index: number, pfn: number, count: number, visit: VisitReaders): void {
  const mapping = k.inode.mapping.get(inode);
  for (let at = index; at < index + count;) {
    const { master, count: n } = way(k, mapping, at, index + count - at);
    if (master !== 0) visit(mapping, at, pfn + at - index, n);
    at += n;
  }
}

function visit_linked(k: Kernel, inode: number, index: number, count: number, visit: VisitPages): void {
  const mapping = k.inode.mapping.get(inode);
  for (let at = index; at < index + count;) {
    const { master, count: n } = way(k, mapping, at, index + count - at);
    if (master !== 0) baseline.vmas(k, mapping, at, n, visit);
    at += n;
  }
}

/** The file's own way from here: its PTEs to the master's pages go; with `keep` it gets copies of what the master holds. What it has of its own stays. */
function take_apart(k: Kernel, mapping: number, master: number, index: number, count: number, keep: boolean): void {
  part(k, mapping, index, count);
  for (let at = index; at < index + count;) {
    const own = filemap_get_entry(k, mapping, at, index + count - at);
    const { pfn, count: n } = own.pfn !== 0 ? own : filemap_get_entry(k, master, at, own.count);
    if (own.pfn === 0) baseline.vmas(k, mapping, at, n, (vma, vpn, length) => zap_pte_range(k, k.vma.mm.get(vma), vpn, length, true));
    if (own.pfn === 0 && pfn !== 0) {
      k.count('design_breaks', n);
      if (keep) copy_to_own(k, mapping, at, pfn, n);
    }
    at += n;
  }
}

/** Copies of `count` frames from `pfn`, a master's, become the file's own pages from `index`. */
export function copy_to_own(k: Kernel, mapping: number, index: number, pfn: number, count: number): void {
  with_reference(k, pfn, count, () => {
    for (let done = 0; done < count;) {
      const copy = alloc_pages(k, count - done, active_memcg(k));
      filemap_add_folio(k, mapping, index + done, copy.pfn, copy.count);
      copy_pages(k, pfn + done, copy.pfn, copy.count);
      k.page.flags.update(copy.pfn, copy.count, (flags) => set(flags, PG.uptodate));
      k.count('design_copies', copy.count);
      k.trace.effect("{frames:0} of the master copied to {frames:1} of the file's own", copy.count, pfn + done, copy.pfn);
      done += copy.count;
    }
  });
}
