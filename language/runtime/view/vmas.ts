import { pgd_index, vma_is_mshare } from '../../simulator/mm/mshare';
import { any, VM } from '../../simulator/state/flags';
import type { Kernel } from '../../simulator/state/kernel';
import { TASK_PAGES } from '../../simulator/state/units';
import type { Asked } from './asked';
import { band, ghostBand, type Unfinished } from './band';
import { pathOf } from './frames';
import { pteSlots, vmaId } from './ptes';
import { hex } from './slots';
import type { AddressSpace } from './spaces';
import type { Touched } from './touched';
import type { Change, Listing, VmaRow } from './types';

/** A VMA as its row shows it. */
interface Vma {
  readonly id: number;
  readonly from: number;
  readonly count: number;
  readonly permissions: string;
  readonly backing: string;
}

export function vmasOf(k: Kernel, mm: number): Vma[] {
  const found: Vma[] = [];
  if (mm === 0) return found;
  k.space4.of(mm).vma.runs(0, TASK_PAGES, (from, count, id) => {
    if (id !== 0) found.push({ id, from, count, permissions: permissionsOf(k, id), backing: backingOf(k, mm, id) });
  });
  return found;
}

/** The VMAs of an address space. */
export function vmaRows(k: Kernel, space: AddressSpace, asked: Asked, touched: Touched): Unfinished<Listing<VmaRow>> {
  const now = vmasOf(k, space.mm(k));
  const rows = now.slice(0, asked.want.vmas).map((vma, index) => vmaRow(k, space, vma, index, asked, touched));
  return () => {
    const before = vmasOf(k, space.mm(k));
    const gone = before.filter(({ from, count }) => !now.some((vma) => vma.from < from + count && from < vma.from + vma.count));
    const ghosts = gone.slice(0, Math.max(0, asked.want.vmas - rows.length)).map((vma) => ghostRow(k, space, vma, asked, touched));
    const all = [...rows.map((finish) => finish(before)), ...ghosts].sort((a, b) => a.from - b.from);
    return { rows: all, total: now.length + gone.length };
  };
}

function vmaRow(
  k: Kernel,
  space: AddressSpace,
  vma: Vma,
  index: number,
  asked: Asked,
  touched: Touched,
): (before: readonly Vma[]) => VmaRow {
  const { from, count, permissions, backing } = vma;
  const id = vmaId(space, from);
  const finish = asked.isOpen(id, index) ? band(pteSlots(k, space, from, count), asked, touched) : undefined;
  return (before) => {
    const old = before.find((other) => other.from < from + count && from < other.from + other.count);
    const changes = old === undefined ? [] : vmaChanges(old, vma);
    return {
      id,
      from,
      count,
      permissions,
      backing,
      ...(finish === undefined ? {} : { band: finish() }),
      ...(old === undefined ? { mark: 'A' } : changes.length > 0 ? { mark: 'M', changes } : {}),
    };
  };
}

function ghostRow(k: Kernel, space: AddressSpace, { from, count, permissions, backing }: Vma, asked: Asked, touched: Touched): VmaRow {
  const id = vmaId(space, from);
  const slots = pteSlots(k, space, from, count);
  return {
    id,
    from,
    count,
    permissions,
    backing,
    mark: 'D',
    ghost: true,
    band: ghostBand(slots, asked, touched),
  };
}

export function vmaChanges(old: Vma, now: Vma): Change[] {
  const pairs: [string, string, string][] = [
    ['start', hex(old.from), hex(now.from)],
    ['end', hex(old.from + old.count), hex(now.from + now.count)],
    ['', old.permissions, now.permissions],
    ['backing', old.backing, now.backing],
  ];
  return pairs.filter(([, from, to]) => from !== to).map(([name, from, to]) => ({ name, from, to }));
}

/** As in /proc/PID/maps. */
function permissionsOf(k: Kernel, id: number): string {
  const flags = k.vma.flags.get(id);
  const letter = (bit: number, is: string) => (any(flags, bit) ? is : '-');
  return letter(VM.READ, 'r') + letter(VM.WRITE, 'w') + letter(VM.EXEC, 'x') + (any(flags, VM.SHARED) ? 's' : 'p');
}

function backingOf(k: Kernel, mm: number, id: number): string {
  const mapping = k.vma.mapping.get(id);
  if (vma_is_mshare(k, id)) return `${pathOf(k, mapping)}, a region: ${linkedText(k, mm, id)}`;
  if (mapping === 0) return '[anon]';
  const offset = k.vma.pgoff.get(id);
  return `${pathOf(k, mapping)}${offset === 0 ? '' : ` +${offset} pages`}`;
}

/** How many of the PGD entries of a region's VMA point to the host's tables. */
function linkedText(k: Kernel, mm: number, id: number): string {
  const first = pgd_index(k.vma.start.get(id));
  const entries = pgd_index(k.vma.end.get(id) - 1) + 1 - first;
  let linked = 0;
  k.space4.of(mm).linked.runs(first, entries, (_at, n, region) => {
    if (region !== 0) linked += n;
  });
  if (linked === 0) return 'its tables are not linked';
  return linked === entries ? "the host's tables" : `${linked} of ${entries} PGD entries linked to the host's tables`;
}
