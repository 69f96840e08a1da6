import { filemap_get_entry } from '../mm/filemap';
import { present_ptes, zap_pte_range } from '../mm/rmap';
import { any, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import type { Fields, PerObject } from '../state/tables';
import { pagesOf } from '../state/units';
import { baseline } from './baseline';
import { copy_to_own, linked_inodes, master_of, move_pages, unlink } from './links';
import { set_broken, sharers, withdraw } from './whole_file_join';

export interface BreakPolicy {
  /** What the file that is about to change gets: copies, the pages themselves, or nothing. */
  readonly how: 'copy_all' | 'steal_take' | 'drop_and_refetch';
  /** Whether the PTEs go that map the pages of an inode which has no claim to them any more. */
  readonly zap: boolean;
}

/** By inode that took the pages: 1 for each file whose PTEs to them were left. */
const states = new WeakMap<Kernel, PerObject<'victims'>>();

function victims_of(k: Kernel, inode: number): Fields<'victims'> {
  let state = states.get(k);
  if (state === undefined) {
    state = k.each('stolen', ['victims']);
    states.set(k, state);
  }
  return state.of(inode);
}

/** Ends the sharing of a file that is about to change, if it shares; `count` pages from `index` need not be kept for it. */
export function break_sharing(k: Kernel, inode: number, policy: BreakPolicy, index: number, count: number): void {
  const master = master_of(k, inode);
  if (master === 0) return;
  k.in('break_sharing', 1, () => {
    const others = sharers(k, inode);
    k.count('design_breaks', 1);
    set_broken(k, inode);
    unlink(k, inode);
    k.trace.effect('{file:0} is about to change: it shares no pages any more', 1, inode);
    const end = pagesOf(k.inode.size.get(inode));
    if (policy.how === 'steal_take') take(k, inode, others, master, end, policy.zap);
    else {
      const mapping = k.inode.mapping.get(inode);
      if (policy.zap) zap(k, mapping, end);
      if (policy.how === 'copy_all') {
        copy(k, master, mapping, 0, index);
        copy(k, master, mapping, index + count, end);
      }
      if (!policy.zap) report_left(k, inode);
    }
    dissolve(k, master);
  });
}

/** The inode is gone: the others go on without it. */
export function forget(k: Kernel, inode: number): void {
  const master = master_of(k, inode);
  unlink(k, inode);
  withdraw(k, inode);
  if (master !== 0) dissolve(k, master);
}

/** One file alone shares nothing: the pages are its own again. */
function dissolve(k: Kernel, master: number): void {
  const [last, ...more] = linked_inodes(k, master);
  if (last === undefined || more.length > 0) return;
  move_pages(k, master, k.inode.mapping.get(last), 0, Number.MAX_SAFE_INTEGER);
  unlink(k, last);
}

const zap = (k: Kernel, mapping: number, end: number): void =>
  baseline.vmas(k, mapping, 0, end, (vma, vpn, n) => zap_pte_range(k, k.vma.mm.get(vma), vpn, n, true));

function copy(k: Kernel, master: number, mapping: number, from: number, end: number): void {
  for (let at = from; at < end;) {
    const { pfn, count } = filemap_get_entry(k, master, at, end - at);
    if (pfn !== 0) copy_to_own(k, mapping, at, pfn, count);
    at += count;
  }
}

/** The file takes the pages; the others read them again, but with their PTEs left they go on seeing these. */
function take(k: Kernel, inode: number, others: readonly number[], master: number, end: number, zaps: boolean): void {
  for (const other of others) {
    if (zaps) zap(k, k.inode.mapping.get(other), end);
    else victims_of(k, inode).victims.set(other, 1);
  }
  move_pages(k, master, k.inode.mapping.get(inode), 0, end);
}

/** Counts the PTEs of a file's mappings that map other frames than a read of the file finds; `shared`: those of MAP_SHARED mappings only. */
function stale_ptes(k: Kernel, inode: number, index: number, count: number, shared: boolean, of?: number): number {
  const mapping = k.inode.mapping.get(inode);
  let stale = 0;
  baseline.vmas(k, mapping, index, count, (vma, vpn, n) => {
    if (shared && !any(k.vma.flags.get(vma), VM.SHARED)) return;
    const shift = k.vma.pgoff.get(vma) - k.vma.start.get(vma);
    for (const run of present_ptes(k, k.vma.mm.get(vma), vpn, n))
      for (let at = 0; at < run.count; at++) {
        const place = run.vpn + at + shift;
        const frame = run.pfn + at;
        if (run.pfn === 0 || k.page.mapping.get(frame) <= 0) continue;
        if (of !== undefined && filemap_get_entry(k, of, place, 1).pfn !== frame) continue;
        if (k.design.lookup(k, mapping, place, 1).pfn !== frame) stale++;
      }
  });
  return stale;
}

/** I5: what the file's own shared mappings go on seeing is not what a read of it returns. */
function report_left(k: Kernel, inode: number): void {
  const stale = stale_ptes(k, inode, 0, Number.MAX_SAFE_INTEGER, true);
  if (stale > 0) k.violate('I5', `${stale} PTEs of shared mappings of ${name(k, inode)} still map pages that are other files'`);
}

/** I6 (and I5): `count` pages from `index`, which the file took, are about to change under PTEs of the files that it took them from. */
export function report_stolen(k: Kernel, inode: number, index: number, count: number): void {
  victims_of(k, inode).victims.runs(0, k.inodes.count + 1, (at, n, left) => {
    for (let other = at; left !== 0 && other < at + n; other++) {
      const seeing = stale_ptes(k, other, index, count, false, k.inode.mapping.get(inode));
      if (seeing === 0) continue;
      k.violate('I6', `${seeing} PTEs of ${name(k, other)} see what is written to ${name(k, inode)}`);
      if (stale_ptes(k, other, index, count, true) > 0)
        k.violate('I5', `shared mappings of ${name(k, other)} see pages that are not its own`);
    }
  });
}

const name = (k: Kernel, inode: number): string => k.names.text(k.inode.path.get(inode));
