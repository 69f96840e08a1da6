import type { Run } from '../../run';
import { Hosts } from '../hosts';
import { seen, type Seen, spacesOf, type World } from '../seen';
import type { Beside, Picture, Want } from '../types';
import { vmasOf } from '../vmas';
import { differences } from './list';
import { withDifferences } from './marks';
import { Names } from './names';
import { Pairs, turned } from './pairs';

/** The runs that can be shown beside one. */
export interface Company {
  /** Designs that can be asked for; those that go along anyway come first. */
  readonly designs: readonly string[];
  /** How many of them go along anyway. */
  readonly along: number;
  /** The run that was asked for, standing where the other stands; or why there is none. */
  readonly asked?: Run | { readonly problem: string };
}

export const ALONE: Company = { designs: [], along: 0 };

const NOTHING = { rows: [], total: 0 };

/** The picture of a run, and that of the run beside it; in both it is said what differs. */
export function beside(own: Seen, want: Want, { asked }: Company): { readonly picture: Picture; readonly other: Beside | null } {
  if (want.beside === null || asked === undefined) return { picture: own.picture, other: null };
  const { design } = want.beside;
  if ('problem' in asked) return { picture: own.picture, other: { design, problem: asked.problem, picture: null, differences: NOTHING } };
  const k = new Hosts(asked).shown;
  const names = new Names(own.world, { k, spaces: spacesOf(k, asked.processes()) });
  const there = seen(asked, { ...want, bands: names.bandsThere(want.beside.bands), frame: want.beside.frame });
  const pairs = new Pairs(own.world, there.world, names);
  const isThere = (id: string) => isIn(there.world, names.there(id));
  const isHere = (id: string) => !names.isOnlyThere(id) && isIn(own.world, id);
  const back = (id: string) => {
    const pair = pairs.of(id);
    return pair && turned(pair);
  };
  return {
    picture: withDifferences(own.picture, (id) => pairs.of(id), isThere, `not there under ${design}`),
    other: {
      design,
      problem: '',
      picture: withDifferences(names.renamed(there.picture), back, isHere, `not there under ${own.world.run.design}`),
      differences: differences(own, there, names, pairs, want),
    },
  };
}

/** Whether there is such a file, living address space or mapped area. */
function isIn({ run, k, spaces }: World, id: string | undefined): boolean {
  const [, kind, own, from] = /^(process|region|vma):(\w+):?(\d*)/.exec(id ?? '') ?? [];
  if (kind === undefined) return id !== undefined;
  if (kind === 'process') return run.machine.alive(Number(own));
  const mm = spaces.find(({ tag }) => tag === (kind === 'region' ? `region${own}` : own))?.mm(k) ?? 0;
  const page = Number(from);
  return mm !== 0 && (kind !== 'vma' || vmasOf(k, mm).some((vma) => page >= vma.from && page < vma.from + vma.count));
}
