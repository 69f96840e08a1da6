import { attachers } from '../../simulator/mm/mshare';
import type { Kernel } from '../../simulator/state/kernel';
import { amounts, finishAmounts } from './amounts';
import type { Asked } from './asked';
import type { Unfinished } from './band';
import { attachersText, type Process, regionSpace, regionsOf } from './spaces';
import type { Touched } from './touched';
import type { ProcessRow } from './types';
import { vmaRows } from './vmas';

const AMOUNTS = ['rss', 'pss', 'page_tables'];

export const regionId = (region: number): string => `region:${region}`;

/**
 * The hosts of regions (mshare), as rows among the address spaces: the tables that several processes have in common, who maps them, and whose step has just
 * changed what all of them see. `first`: the rows before them; `who` did the last step.
 */
export function regions(
  k: Kernel,
  known: readonly Process[],
  who: string,
  first: number,
  asked: Asked,
  touched: Touched,
): Unfinished<ProcessRow>[] {
  return regionsOf(k).map((region, index) => {
    const space = regionSpace(k, region);
    const id = regionId(region);
    const mm = space.mm(k);
    const numbers = amounts(k, 'mm', AMOUNTS, { kind: 'mm', id: mm });
    const finish = asked.isOpen(id, first + index) ? vmaRows(k, space, asked, touched) : undefined;
    const many = attachers(k, region).length;
    const changed = many > 1 && touched.of(`mm:${mm}`).length > 0;
    const detail = `no task; mapped by ${attachersText(k, region, known)}${changed ? `; ${who}'s step changed what all ${many} see` : ''}`;
    return () => ({
      id,
      name: space.name,
      pid: 0,
      detail,
      current: false,
      amounts: finishAmounts(numbers),
      ...(finish === undefined ? {} : { vmas: finish() }),
      ...(space.mm(k) === 0 ? { mark: 'A' as const } : {}),
    });
  });
}
