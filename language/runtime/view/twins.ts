import { FrameType, type Kernel } from '../../simulator/state/kernel';
import type { Listing } from './types';

/** Frames that are compared; of a larger machine those with the lowest numbers. */
const MOST_COMPARED = 4000;

/** Other data frames with the very same bytes; pages of zeros are no news. At most `most` are named. */
export function twinsOf(k: Kernel, pfn: number, most: number): Listing<number> {
  const { content, type } = k.page;
  const rows: number[] = [];
  let total = 0;
  if (pfn === 0 || (type.get(pfn) as FrameType) !== FrameType.Page) return { rows, total };
  const wanted = k.contents.at(content.get(pfn), pfn);
  if (wanted.isZero()) return { rows, total };
  let compared = 0;
  content.runs(1, k.options.memory, (from, count, number) => {
    if (number === 0) return false;
    for (let at = from; at < from + count; at++) {
      if (++compared > MOST_COMPARED) return true;
      if (at === pfn || !k.contents.at(number, at).equals(wanted)) continue;
      total++;
      if (rows.length < most) rows.push(at);
    }
    return false;
  });
  return { rows, total };
}
