import { amount, titled } from '../../compare/amount';
import { differingMetrics } from '../../compare/differing';
import { filesOf, pagesIn } from '../files';
import { FRAMES } from '../frames';
import { fileId } from '../pages';
import { vmaId } from '../ptes';
import type { Seen } from '../seen';
import { hex } from '../slots';
import type { DifferenceRow, Listing, Want } from '../types';
import { vmasOf } from '../vmas';
import { type Budget, stretches } from './looks';
import type { Names } from './names';
import type { Pairs } from './pairs';

/** Stretches that are compared at one stop. */
const MOST_LOOKS = 4000;

/** What is otherwise in the other run: where it stands, what has been counted, who there is, PTEs, page cache, then frames. */
export function differences(here: Seen, there: Seen, names: Names, pairs: Pairs, want: Want): Listing<DifferenceRow> {
  const budget = { left: MOST_LOOKS };
  const rows = [
    ...standing(here, there),
    ...counted(here, there),
    ...processes(here, there, names, pairs, want, budget),
    ...files(here, there, names, pairs, want, budget),
    ...slots(pairs, FRAMES, 0, here.world.k.options.memory + 1, budget),
  ];
  if (budget.left <= 0) rows.push({ what: 'and more, in other places', here: 'not compared', there: 'not compared' });
  return { rows: rows.slice(0, want.changes), total: rows.length };
}

function standing(here: Seen, there: Seen): DifferenceRow[] {
  const [mine, other] = [here.picture.summary, there.picture.summary];
  const failed = ({ world: { run } }: Seen) => run.ended?.kind === 'error';
  if (mine.line === other.line && failed(here) === failed(there)) return [];
  return [{ what: 'where it stands', here: mine.status, there: other.status }];
}

function counted(here: Seen, there: Seen): DifferenceRow[] {
  return differingMetrics(here.world.run, there.world.run).map(({ metric, reference, here: other }) => ({
    what: titled(metric),
    here: amount(metric, reference),
    there: amount(metric, other),
  }));
}

/** Address spaces that only one of them has, areas that only one has mapped, and PTEs. */
function processes({ world: here }: Seen, { world: there }: Seen, names: Names, pairs: Pairs, want: Want, budget: Budget): DifferenceRow[] {
  const rows: DifferenceRow[] = [];
  const shown = here.spaces.filter(({ name }) => name.includes(want.filter)).slice(0, want.processes);
  for (const space of shown) {
    const tag = names.there(vmaId(space, 0))?.split(':')[1];
    const other = there.spaces.find((one) => one.tag === tag);
    const [mm, otherMm] = [space.mm(here.k), other?.mm(there.k) ?? 0];
    if ((mm !== 0) !== (otherMm !== 0)) rows.push(only(`address space of ${space.name}`, mm !== 0, 'is there', 'is not there'));
    if (mm === 0 || otherMm === 0) continue;
    const [mine, theirs] = [vmasOf(here.k, mm), vmasOf(there.k, otherMm)];
    const overlap = (a: { from: number; count: number }, b: { from: number; count: number }) =>
      a.from < b.from + b.count && b.from < a.from + a.count;
    const title = ({ from, count, permissions, backing }: (typeof mine)[number]) =>
      `${space.name}, VMA ${hex(from)}–${hex(from + count)} ${permissions} ${backing}`;
    for (const vma of mine.slice(0, want.vmas)) {
      const id = vmaId(space, vma.from);
      if (!theirs.some((one) => overlap(one, vma)))
        rows.push({ ...only(title(vma), true, 'mapped', 'not mapped'), band: id, at: vma.from });
      else rows.push(...slots(pairs, id, vma.from, vma.from + vma.count, budget));
    }
    for (const vma of theirs) if (!mine.some((one) => overlap(one, vma))) rows.push(only(title(vma), false, 'mapped', 'not mapped'));
  }
  return rows;
}

function files({ world: here }: Seen, { world: there }: Seen, names: Names, pairs: Pairs, want: Want, budget: Budget): DifferenceRow[] {
  const rows: DifferenceRow[] = [];
  const path = ({ k }: typeof here, inode: number) => k.names.text(k.inode.path.get(inode)) || `inode ${inode}`;
  for (const inode of filesOf(here.k).slice(0, want.files)) {
    const id = fileId(inode);
    const other = names.there(id);
    if (other === undefined) rows.push({ ...only(path(here, inode), true, 'is there', 'is not there'), band: id, at: 0 });
    else {
      const pages = Math.max(pagesIn(here.k, inode), pagesIn(there.k, Number(other.slice('file:'.length))));
      rows.push(...slots(pairs, id, 0, pages, budget));
    }
  }
  for (const inode of filesOf(there.k).slice(0, want.files)) {
    const id = names.here(fileId(inode));
    if (names.isOnlyThere(id)) rows.push({ ...only(path(there, inode), false, 'is there', 'is not there'), band: id, at: 0 });
  }
  return rows;
}

function slots(pairs: Pairs, id: string, from: number, end: number, budget: Budget): DifferenceRow[] {
  const pair = pairs.of(id);
  if (pair === undefined) return [];
  return [...stretches(pair, from, end, budget)].flatMap(({ at, count, difference }) =>
    difference === undefined ? [] : [{ what: pair.here.name(at, count), ...difference, band: id, at }],
  );
}

function only(what: string, isHere: boolean, yes: string, no: string): DifferenceRow {
  return isHere ? { what, here: yes, there: no } : { what, here: no, there: yes };
}
