import type { Kernel } from '../../../simulator/state/kernel';
import { flagsOf } from '../diff';
import { firstBytes, kindOf, noteOf } from '../frames';
import { LEGEND } from '../legend';
import type { World } from '../seen';
import type { Look, Slots } from '../slots';

/** The same index space in two runs. */
export interface Pair {
  readonly here: Slots;
  readonly there: Slots;
  readonly worlds: readonly [here: World, there: World];
}

/** How slots side by side are in each of the two runs; nothing where they are alike. */
export interface Stretch {
  readonly at: number;
  readonly count: number;
  readonly difference: { readonly here: string; readonly there: string } | undefined;
}

/** Looks that a comparison may still take. */
export interface Budget {
  left: number;
}

const EMPTY: Readonly<Record<Slots['space'], string>> = { frames: 'free', pages: 'not cached', ptes: 'no PTE' };

/**
 * Goes through a part of an index space in both runs at once, in stretches that are alike within each of them. What is compared is whose page it
 * is, its flags, counts and bytes: not which frame it got, for after the first difference all numbers differ. Work grows with runs.
 */
export function* stretches({ here, there, worlds }: Pair, from: number, end: number, budget: Budget): Generator<Stretch> {
  for (let at = from; at < end && budget.left > 0;) {
    budget.left--;
    const [mine, other] = [lookIn(here, at, end), lookIn(there, at, end)];
    const both = Math.min(mine.count, other.count);
    const { count, same } = mine.empty || other.empty ? { count: both, same: true } : bytes(worlds, mine, other, both);
    const differing = [...fields(worlds, here.space, mine, other, count), ...(same ? [] : contents(worlds, mine, other))];
    const side = (index: 0 | 1) => differing.map((field) => field[index]).join(', ');
    yield { at, count, difference: differing.length === 0 ? undefined : { here: side(0), there: side(1) } };
    at += count;
  }
}

/** Beyond its end there is nothing. */
function lookIn(slots: Slots, at: number, limit: number): Look {
  const end = slots.from + slots.count;
  if (at < end) return slots.look(at, Math.min(limit, end));
  const cell = { at, pfn: null, kind: 'none', flags: '', mapcount: 0 };
  return { count: limit - at, cell, consecutive: false, empty: true, facts: {} };
}

type Field = readonly [here: string, there: string];

function fields([mine, other]: Pair['worlds'], space: Slots['space'], here: Look, there: Look, count: number): Field[] {
  const is: Field = [named(mine, space, here, count), named(other, space, there, count)];
  const found = is[0] === is[1] ? [] : [is];
  if (here.empty || there.empty) return found;
  for (const [name, value] of Object.entries(counts(here))) {
    const otherValue = counts(there)[name];
    if (otherValue !== undefined && otherValue !== value) found.push([`${name} ${value}`, `${name} ${otherValue}`]);
  }
  for (const [index, { name }] of flagsOf(space).entries()) {
    const [set, otherSet] = [here, there].map(({ cell }) => (cell.flags[index] ?? '-') !== '-') as [boolean, boolean];
    if (set !== otherSet) found.push([set ? name : `not ${name}`, otherSet ? name : `not ${name}`]);
  }
  return found;
}

/** What stands there, and whose it is: `page cache a[0]`. */
function named(world: World, space: Slots['space'], { empty, cell, facts }: Look, count: number): string {
  if (empty) return EMPTY[space];
  const kind = LEGEND.kinds.find((entry) => entry.kind === cell.kind)?.name ?? cell.kind;
  const note = space === 'frames' ? cell.note : noteOf(world.k, cell.pfn!, kindOf(world.k, cell.pfn!), world.nameOf);
  const charged = facts['charged to'] === undefined ? '' : `, charged to ${facts['charged to']}`;
  return `${kind}${note ? ` ${spread(note, count)}` : ''}${charged}`;
}

/** `a[0]` of four pages that follow each other is `a[0–3]`. */
function spread(note: string, count: number): string {
  return count === 1 ? note : note.replace(/\[(\d+)\]/g, (_, index: string) => `[${index}–${Number(index) + count - 1}]`);
}

function counts({ cell, facts }: Look): Readonly<Record<string, number | string>> {
  const { refcount, uptodate, 'anon-exclusive': exclusive } = facts;
  return {
    mapcount: cell.mapcount,
    ...(refcount === undefined ? {} : { refcount }),
    ...(uptodate === undefined ? {} : { uptodate }),
    ...(exclusive === undefined ? {} : { 'anon-exclusive': exclusive }),
  };
}

/** How many of the slots have their bytes in one piece in both runs, and whether those are the same. */
function bytes([mine, other]: Pair['worlds'], here: Look, there: Look, most: number): { count: number; same: boolean } {
  if (here.cell.kind === 'table' || there.cell.kind === 'table') return { count: most, same: true };
  const count = Math.min(most, piece(mine.k, here, most), piece(other.k, there, most));
  const of = ({ k }: World, { cell, consecutive }: Look) => {
    const pfn = cell.pfn!;
    const pages = consecutive ? count : 1;
    const content = k.contents.run(k.page.content.get(pfn), pfn, pages);
    return pages === count ? content : content.repeat(content.length * count);
  };
  return { count, same: of(mine, here).equals(of(other, there)) };
}

function piece(k: Kernel, { cell, consecutive }: Look, most: number): number {
  return consecutive ? k.page.content.runEnd(cell.pfn!, cell.pfn! + most) - cell.pfn! : most;
}

function contents([mine, other]: Pair['worlds'], here: Look, there: Look): Field[] {
  const first = ({ k }: World, { cell }: Look) => `bytes ${firstBytes(k, cell.pfn!)}…`;
  const [a, b] = [first(mine, here), first(other, there)];
  return [a === b ? ['its own bytes', 'other bytes'] : [a, b]];
}
