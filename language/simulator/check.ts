import type { InvariantName } from '../catalogue/invariants';
import type { Violation } from './api';
import { is_large } from './mm/folio';
import { audit_leaves } from './mm/huge_check';
import { Dropped } from './check_dropped';
import { Isolation } from './check_isolation';
import { audit_ksm } from './check_ksm';
import { audit_swap } from './check_swap';
import { Difference } from './check_difference';
import { audit_coherence, audit_links, audit_owners, audit_pss, free_names_nobody, incoherent } from './check_pages';
import { GUP_PIN_COUNTING_BIAS } from './mm/pin';
import { vmas_in } from './mm/vma';
import { any, PG, PTE } from './state/flags';
import { AddressSpaceKind, FrameType, type Kernel } from './state/kernel';
import type { JournaledColumn } from './state/journal';
import { NONE, target } from './state/shift';

/** What a column's records mean to the checks. */
type Role =
  | 'pte'
  | 'cache'
  | 'mapcount'
  | 'refcount'
  | 'type'
  | 'flags'
  | 'pincount'
  | 'content'
  | 'blocks'
  | 'newest'
  | 'tag'
  | 'pipes'
  | SwapRole
  | undefined;

function role_of(name: string | undefined): Role {
  if (name === undefined) return undefined;
  if (name === 'frame.mapcount') return 'mapcount';
  if (name === 'frame.refcount') return 'refcount';
  if (name === 'frame.type') return 'type';
  if (name === 'frame.flags') return 'flags';
  if (name === 'frame.pincount') return 'pincount';
  if (name === 'frame.pipes') return 'pipes';
  if (name === 'frame.content') return 'content';
  if (name.startsWith('device[') && name.endsWith('].content')) return 'blocks';
  if (name.startsWith('mapping[') && name.endsWith('].dirty')) return 'tag';
  if (name === 'swap_slot.count') return 'swap_map';
  if (name === 'swap_slot.cache') return 'swap_cache';
  if (name.startsWith('mm_swap[') || name.startsWith('shmem_swap[')) return 'swap_entry';
  if (name.startsWith('mm[') && name.endsWith('].pfn')) return 'pte';
  if (name.startsWith('mapping[') && name.endsWith('].pages')) return 'cache';
  return undefined;
}

/** Columns of swap: entries of page tables and files that name slots, how many each slot counts, and the frames of the swap cache. */
type SwapRole = 'swap_entry' | 'swap_map' | 'swap_cache';

/**
 * The invariants that hold after every step (I2 to I5). Only what the step's journal records touch is looked at: if the
 * counts were right before, and what changed them agrees with what changed the entries they count, they are right again.
 */
export class Checker {
  private readonly roles: (Role | null)[] = [];

  private readonly isolation: Isolation;
  private readonly dropped: Dropped;

  constructor(private readonly k: Kernel) {
    this.isolation = new Isolation(k);
    this.dropped = new Dropped(k);
  }

  /** Checks what the records from `from` on changed. */
  step(from: number): void {
    const { k } = this;
    const maps = new Difference();
    const references = new Difference();
    const slots = new Difference();
    let counted = false;
    k.journal.visit(from, k.journal.position, (column, start, count, old, value) => {
      const role = this.role(column);
      if (role === undefined) return;
      if (role === 'flags') {
        if (any(value, PG.dirty) && !any(old, PG.dirty)) this.dirty(start, count);
        return;
      }
      if (role === 'content' || role === 'newest' || role === 'blocks' || role === 'tag') {
        if (role === 'content') this.isolation.frame(start, count, old);
        else if (role === 'newest') this.isolation.wrote(object(column));
        else if (role === 'blocks') this.isolation.block(object(column), start, count, old);
        else if (value === 0) this.dropped.cleaned(object(column), start, count);
        return;
      }
      counted = true;
      if (role === 'mapcount') maps.add(start, count, old - value);
      else if (role === 'refcount') references.add(start, count, old - value);
      else if (role === 'swap_map') slots.add(start, count, old - value);
      else if (role === 'pipes') references.add(start, count, value - old);
      else if (role === 'pincount') references.add(start, count, (value - old) * GUP_PIN_COUNTING_BIAS);
      else if (role === 'type') {
        if (old === FrameType.PageTable) references.add(start, count, -1);
        if (value === FrameType.PageTable) references.add(start, count, 1);
        if (old === FrameType.Free) this.isolation.allocated(start, count);
      } else {
        for (const [entry, by] of [
          [old, -1],
          [value, 1],
        ] as const) {
          if (entry === NONE) continue;
          const pfn = target(start, entry);
          if (role === 'swap_entry') slots.add(pfn, count, by);
          else references.add(pfn, count, by);
          if (role === 'pte') maps.add(pfn, count, by);
        }
        if (role === 'cache' && value !== NONE) this.belongs(object(column), start, count);
        if (role === 'cache' && old !== NONE) this.left(object(column), start, count);
        if (role === 'pte' && value !== NONE) this.current(object(column), start, count);
      }
    });
    this.isolation.check();
    this.dropped.check();
    if (!counted) return;
    const wrongMap = maps.first();
    if (wrongMap !== undefined) k.violate('I3', `frame ${wrongMap.at}: ${wrongMap.by} more page-table entries than its mapcount says`);
    const wrongReference = references.first();
    if (wrongReference !== undefined)
      k.violate('I3', `frame ${wrongReference.at}: ${wrongReference.by} more references are held than its refcount says`);
    const wrongSlot = slots.first();
    if (wrongSlot !== undefined) k.violate('I3', `slot ${wrongSlot.at} of swap: ${wrongSlot.by} more entries name it than it counts`);
  }

  /** I2: what a mapping holds now at these indexes says so itself. */
  private belongs(mapping: number, index: number, count: number): void {
    const { k } = this;
    k.space.of(mapping).pages.runs(index, count, (at, n, entry) => {
      if (entry === NONE) return;
      const pfn = target(at, entry);
      k.page.mapping.runs(pfn, n, (frame, _n, owner) => {
        if (!k.design.holds(k, mapping, at + frame - pfn, frame))
          k.violate('I2', `frame ${frame} is cached by mapping ${mapping} at index ${at + frame - pfn}, but names mapping ${owner}`);
        if (owner !== mapping && k.design.folio_mapping(k, mapping, frame) !== mapping)
          k.violate('I1', `frame ${frame} is cached by mapping ${mapping} and belongs to mapping ${owner}`);
      });
    });
  }

  /** I4: a page that a design shares between files is not dirty (it may have been earlier in the step, when it was one file's own). */
  private dirty(pfn: number, count: number): void {
    const { k } = this;
    k.page.mapping.runs(pfn, count, (first, n, owner) => {
      if (owner <= 0 || k.mapping.aops.get(owner) !== AddressSpaceKind.Device) return;
      k.page.flags.runs(first, n, (frame, _n, flags) => {
        if (any(flags, PG.dirty)) k.violate('I4', `frame ${frame} is shared between files and dirty`);
      });
    });
  }

  private left(mapping: number, index: number, count: number): void {
    if (this.k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem) this.dropped.cleaned(mapping, index, count);
    this.coherent(mapping, index, count);
  }

  /** I5 where a page left a cache, of whichever files: no shared mapping may go on seeing it. */
  private coherent(mapping: number, index: number, count: number): void {
    this.k.design.vmas(this.k, mapping, index, count, (vma, vpn, n) => this.see(vma, vpn, n));
  }

  /** I5 where PTEs were set: a shared mapping sees what a read would return. */
  private current(mm: number, vpn: number, count: number): void {
    for (const vma of vmas_in(this.k, mm, vpn, vpn + count)) {
      const from = Math.max(vpn, this.k.vma.start.get(vma));
      this.see(vma, from, Math.min(vpn + count, this.k.vma.end.get(vma)) - from);
    }
  }

  private see(vma: number, vpn: number, count: number): void {
    const wrong = incoherent(this.k, vma, vpn, count);
    if (wrong !== undefined) this.k.violate('I5', wrong);
  }

  private role(column: JournaledColumn): Role {
    const known = this.roles[column.id];
    if (known !== undefined) return known ?? undefined;
    const role = column.name.startsWith('newest[') ? 'newest' : role_of(this.k.ownName(column.name));
    this.roles[column.id] = role ?? null;
    return role;
  }
}

/** The object whose column it is: `mapping[7].pages` is 7. */
const object = (column: JournaledColumn): number => Number(column.name.slice(column.name.indexOf('[') + 1, column.name.indexOf(']')));

const violation = (invariant: InvariantName, message: string): Violation => ({ invariant, message, known: false });

/** Counts everything again from the page tables and page caches: the full audit, at the end of a run and in tests. */
export function audit(k: Kernel): Violation[] {
  const found: Violation[] = [];
  const maps = new Difference();
  const references = new Difference();
  for (let mm = 1; mm <= k.mms.count; mm++) {
    const { pfn, pte, pt, pmd, pud, pgd } = k.space4.of(mm);
    pfn.runs(0, 2 ** 35, (at, n, entry) => {
      if (entry === NONE) return;
      maps.add(target(at, entry), n, 1);
      references.add(target(at, entry), n, 1);
      pte.runs(at, n, (vpn, _n, flags) => {
        if (!any(flags, PTE.PRESENT)) found.push(violation('I3', `the PTE at page ${vpn} of mm ${mm} names a frame but is not present`));
      });
    });
    for (const [column, limit] of [
      [pt, 2 ** 26],
      [pmd, 2 ** 17],
      [pud, 2 ** 8],
    ] as const) {
      column.runs(0, limit, (at, n, entry) => {
        if (entry !== NONE) references.add(entry - (at + n - 1) - 2 ** 50, n, 1);
      });
    }
    if (pgd.get(0) !== 0) references.add(pgd.get(0), 1, 1);
  }
  const report = (invariant: InvariantName, message: string): number => found.push(violation(invariant, message));
  audit_owners(k, report);
  audit_coherence(k, report);
  audit_pss(k, report);
  audit_links(k, report);
  audit_leaves(k, (message) => found.push(violation('I3', message)));
  for (let mapping = 1; mapping <= k.mappings.count; mapping++) {
    const { pages } = k.space.of(mapping);
    pages.runs(0, pages.runStart(Number.MAX_SAFE_INTEGER, 0), (at, n, entry) => {
      if (entry !== NONE) references.add(target(at, entry), n, 1);
    });
  }
  k.swapSlot.cache.runs(1, k.options.swap.pages, (at, n, entry) => {
    if (entry !== NONE) references.add(target(at, entry), n, 1);
  });
  const end = k.options.memory + 1;
  k.page.mapcount.runs(1, end, (at, n, count) => {
    if (count !== 0) maps.add(at, n, -count);
  });
  k.page.pipes.runs(1, end, (at, n, buffers) => {
    if (buffers !== 0) references.add(at, n, buffers);
  });
  k.page.pincount.runs(1, end, (at, n, pins) => {
    if (pins !== 0) references.add(at, n, pins * GUP_PIN_COUNTING_BIAS);
  });
  k.page.refcount.runs(1, end, (at, n, count) => {
    if (count !== 0) references.add(at, n, -count);
    k.page.type.runs(at, n, (pfn, length, type) => {
      if (type === FrameType.Free) free_names_nobody(k, pfn, length, report);
      const within = count === 0 && is_large(k, pfn);
      if ((count === 0) !== (type === FrameType.Free) && !within)
        found.push(violation('I3', `frame ${pfn} has ${count} references and is ${type === FrameType.Free ? 'free' : 'in use'}`));
    });
  });
  const wrongMap = maps.first();
  if (wrongMap !== undefined)
    found.push(violation('I3', `frame ${wrongMap.at}: ${wrongMap.by} more page-table entries than its mapcount says`));
  const wrongReference = references.first();
  if (wrongReference !== undefined)
    found.push(violation('I3', `frame ${wrongReference.at}: ${wrongReference.by} more references are held than its refcount says`));
  return [...found, ...audit_ksm(k), ...audit_swap(k)];
}
