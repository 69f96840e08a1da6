import { LEGEND } from './legend';
import type { Look, Slots } from './slots';
import type { Cell, Change, FlagEntry, Mark } from './types';

/** What is different between the looks of one slot before and after a step. */
export interface Difference {
  readonly mark: Mark;
  readonly changes: readonly Change[];
}

export function flagsOf(space: Slots['space']): readonly FlagEntry[] {
  return space === 'frames' ? LEGEND.frameFlags : space === 'pages' ? LEGEND.pageFlags : LEGEND.pteFlags;
}

/** Compares the first slots of two looks at the same place. */
export function differ(before: Look, after: Look, space: Slots['space']): Difference | undefined {
  const changes: Change[] = [];
  const add = (name: string, from: string | number, to: string | number) => {
    if (from !== to) changes.push({ name, from: String(from), to: String(to) });
  };
  if (space === 'frames') add('', before.cell.kind, after.cell.kind);
  for (const name of Object.keys({ ...before.facts, ...after.facts })) add(name, before.facts[name] ?? 'none', after.facts[name] ?? 'none');
  for (const [index, { letter }] of flagsOf(space).entries()) add(letter, bit(before.cell, index), bit(after.cell, index));
  if (changes.length === 0) return undefined;
  return { mark: before.empty ? 'A' : after.empty ? 'D' : 'M', changes };
}

/** The cell as the panel gets it: marked with what changed, or as the ghost of what was there. */
export function marked(before: Look | undefined, after: Look, space: Slots['space']): Cell {
  const difference = before === undefined ? undefined : differ(before, after, space);
  if (before === undefined || difference === undefined) return after.cell;
  const { mark, changes } = difference;
  if (mark === 'D') return { ...before.cell, ghost: true, mark, changes };
  return mark === 'A' ? { ...after.cell, mark } : { ...after.cell, mark, changes };
}

function bit({ flags }: Cell, index: number): number {
  return (flags[index] ?? '-') === '-' ? 0 : 1;
}
