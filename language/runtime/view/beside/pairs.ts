import { TASK_PAGES } from '../../../simulator/state/units';
import { pagesIn } from '../files';
import { FRAMES, frameSlots } from '../frames';
import { pageSlots } from '../pages';
import { pteSlots } from '../ptes';
import type { World } from '../seen';
import type { Slots } from '../slots';
import type { Pair } from './looks';
import type { Names } from './names';

/** The index spaces that two runs have in common, by the ids of the one that is shown first. */
export class Pairs {
  constructor(
    private readonly here: World,
    private readonly there: World,
    private readonly names: Names,
  ) {}

  /** Undefined where only one of them has it. */
  of(id: string): Pair | undefined {
    const other = this.names.there(id);
    const [mine, theirs] = [slotsOf(this.here, id), other === undefined ? undefined : slotsOf(this.there, other)];
    return mine && theirs && { here: mine, there: theirs, worlds: [this.here, this.there] };
  }
}

/** The same, seen from the other one. */
export function turned({ here, there, worlds: [mine, other] }: Pair): Pair {
  return { here: there, there: here, worlds: [other, mine] };
}

function slotsOf({ k, spaces, nameOf }: World, id: string): Slots | undefined {
  if (id === FRAMES) return frameSlots(k, nameOf);
  const [, inode] = /^file:(\d+)$/.exec(id) ?? [];
  if (inode !== undefined) return pageSlots(k, Number(inode), pagesIn(k, Number(inode)));
  const [, tag] = /^vma:(\w+):/.exec(id) ?? [];
  const space = tag === undefined ? undefined : spaces.find((one) => one.tag === tag);
  return space && { ...pteSlots(k, space, 0, TASK_PAGES), id };
}
