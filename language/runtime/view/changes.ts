import type { Kernel } from '../../simulator/state/kernel';
import type { Unfinished } from './band';
import { differ } from './diff';
import { pagesIn } from './files';
import { FRAMES, frameSlots, type NameOf } from './frames';
import { pageSlots } from './pages';
import { links } from './links';
import { processId } from './processes';
import { pteSlots, vmaId } from './ptes';
import { grouped, hex, type Look, type Slots } from './slots';
import { type AddressSpace, attachersText, type Process, regionSpace, regionsOf, spaceOf } from './spaces';
import type { Touched } from './touched';
import type { Change, ChangeRow, Listing } from './types';
import { vmaChanges, vmasOf } from './vmas';

/** Stretches that are compared one by one. */
const MOST_STRETCHES = 2000;

/** What the step changed, in words: processes, VMAs, PTEs, page cache, disk, then frames. */
export function changes(
  k: Kernel,
  known: readonly Process[],
  touched: Touched,
  most: number,
  nameOf?: NameOf,
): Unfinished<Listing<ChangeRow>> {
  const all = [...known.map(spaceOf), ...regionsOf(k).map((region) => sharedBy(k, region, known))];
  const mms = new Map(all.map((space) => [space.mm(k), space]));
  const alive = new Set(known.filter(({ pid }) => k.task.mm.get(pid) !== 0).map(({ pid }) => pid));
  const vmasNow = new Map(affected(k, touched, all).map((space) => [space, vmasOf(k, space.mm(k))]));
  const linked = links(k, touched, mms);
  const spaces: { slots: Slots; looks: Look[] }[] = [];
  let stretches = 0;
  const collect = (slots: Slots) => {
    const looks: Look[] = [];
    for (const { from, count } of touched.of(slots.touched)) {
      const end = Math.min(from + count, slots.from + slots.count);
      for (let at = Math.max(from, slots.from); at < end && stretches < MOST_STRETCHES; stretches++) {
        const look = slots.look(at, end);
        looks.push(look);
        at += look.count;
      }
    }
    if (looks.length > 0) spaces.push({ slots, looks });
  };
  for (const mm of touched.ids('mm')) {
    const space = mms.get(mm);
    if (space !== undefined) for (const vma of vmasOf(k, mm)) collect(pteSlots(k, space, vma.from, vma.count));
  }
  for (const mapping of touched.ids('mapping')) {
    const inode = k.mapping.host.get(mapping);
    if (inode !== 0) collect(pageSlots(k, inode, pagesIn(k, inode)));
  }
  collect(frameSlots(k, nameOf ?? ((mm) => mms.get(mm)?.name ?? `mm ${mm}`)));

  return () => {
    const rows: ChangeRow[] = [];
    for (const { pid, name } of known) {
      const lived = k.task.mm.get(pid) !== 0;
      if (lived !== alive.has(pid))
        rows.push({ mark: lived ? 'D' : 'A', what: `process ${name}`, changes: [], band: processId(pid), at: 0 });
    }
    for (const [space, now] of vmasNow) rows.push(...vmaRows(space, vmasOf(k, space.mm(k)), now));
    rows.push(...linked());
    for (const { slots, looks } of spaces) for (const look of looks) rows.push(...rowsOf(slots, look));
    const merged = joined(rows);
    if (touched.unseen > 0) {
      merged.push({ mark: 'M', what: `${grouped(touched.unseen)} earlier writes of this statement, not listed`, changes: [] });
    } else if (stretches >= MOST_STRETCHES) merged.push({ mark: 'M', what: 'and more, in other places', changes: [] });
    return { rows: merged.slice(0, most), total: merged.length };
  };
}

/** The host of a region, named together with those whose view a change of it changes. */
function sharedBy(k: Kernel, region: number, known: readonly Process[]): AddressSpace {
  const space = regionSpace(k, region);
  return { ...space, name: `${space.name} (for ${attachersText(k, region, known)})` };
}

/** Address spaces whose VMAs the step wrote to. */
function affected(k: Kernel, touched: Touched, all: readonly AddressSpace[]): AddressSpace[] {
  const mms = new Set([...touched.vmas].map((vma) => k.vma.mm.get(vma)));
  const cleared = [...touched.vmas].some((vma) => k.vma.mm.get(vma) === 0);
  return touched.vmas.size === 0 ? [] : all.filter((space) => mms.has(space.mm(k)) || cleared);
}

function vmaRows(space: AddressSpace, before: ReturnType<typeof vmasOf>, now: ReturnType<typeof vmasOf>): ChangeRow[] {
  const title = (vma: { from: number; count: number; permissions: string; backing: string }) =>
    `${space.name}, VMA ${hex(vma.from)}–${hex(vma.from + vma.count)} ${vma.permissions} ${vma.backing}`;
  const overlap = (a: { from: number; count: number }, b: { from: number; count: number }) =>
    a.from < b.from + b.count && b.from < a.from + a.count;
  const rows = now.flatMap((vma): ChangeRow[] => {
    const old = before.find((other) => overlap(other, vma));
    const place = { band: vmaId(space, vma.from), at: vma.from };
    if (old === undefined) return [{ mark: 'A', what: title(vma), changes: [], ...place }];
    const changed = vmaChanges(old, vma);
    return changed.length === 0 ? [] : [{ mark: 'M', what: title(vma), changes: changed, ...place }];
  });
  const gone = before.filter((vma) => !now.some((other) => overlap(other, vma)));
  return [
    ...rows,
    ...gone.map((vma): ChangeRow => ({ mark: 'D', what: title(vma), changes: [], band: vmaId(space, vma.from), at: vma.from })),
  ];
}

/** In the state before: how a run of slots that look alike now looked then. */
function rowsOf(slots: Slots, after: Look): ChangeRow[] {
  const rows: ChangeRow[] = [];
  const end = after.cell.at + after.count;
  for (let at = after.cell.at; at < end;) {
    const before = slots.look(at, end);
    const now = at === after.cell.at ? after : shifted(after, at);
    const difference = differ(before, now, slots.space);
    if (difference !== undefined) rows.push({ ...difference, what: slots.name(at, before.count), band: slots.id, at });
    at += before.count;
  }
  return rows;
}

function shifted(look: Look, at: number): Look {
  const { cell, consecutive, facts } = look;
  const distance = consecutive ? at - cell.at : 0;
  if (typeof facts.slot === 'number') return { ...look, cell: { ...cell, at }, facts: { ...facts, slot: facts.slot + distance } };
  if (cell.pfn === null || !consecutive) return { ...look, cell: { ...cell, at } };
  const pfn = cell.pfn + distance;
  return { ...look, cell: { ...cell, at, pfn }, facts: 'frame' in facts ? { ...facts, frame: pfn } : facts };
}

/** Frames that changed alike, side by side, as one row: their numbers are in the name. */
function joined(rows: readonly ChangeRow[]): ChangeRow[] {
  const result: ChangeRow[] = [];
  const text = (changes: readonly Change[]) => changes.map(({ name, from, to }) => `${name} ${from} ${to}`).join();
  let first = 0;
  for (const row of rows) {
    const last = result.at(-1);
    const numbers = /^frames? (\d+)(?:–(\d+))?$/;
    const [was, is] = [numbers.exec(last?.what ?? ''), numbers.exec(row.what)];
    const follows = was !== null && is !== null && Number(was[2] ?? was[1]) + 1 === Number(is[1]);
    if (last === undefined || !follows || row.band !== FRAMES || last.mark !== row.mark || text(last.changes) !== text(row.changes)) {
      first = row.at ?? 0;
      result.push(row);
    } else result[result.length - 1] = { ...last, what: `frames ${first}–${is[2] ?? is[1]}` };
  }
  return result;
}
