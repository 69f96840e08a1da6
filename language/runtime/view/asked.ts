import type { Look } from './slots';
import type { Stretch } from './touched';
import type { BandWant, Want } from './types';

/** Rows of each list that are open unless the panel says otherwise. */
const OPEN_AT_FIRST = 8;
/** Slots of a band whose place in view the panel has not told yet. */
const FIRST_SLOTS = 512;
/** Slots of one band that are sent at most, whatever is asked for. */
const MOST_SLOTS = 8192;

/** What the panel has said about its bands. */
export class Asked {
  private readonly bands = new Map<string, BandWant[]>();

  constructor(readonly want: Want) {
    for (const band of want.bands) this.bands.set(band.id, [...(this.bands.get(band.id) ?? []), band]);
  }

  /** Whether row `index` of its list is unfolded. */
  isOpen(id: string, index: number): boolean {
    return this.bands.get(id)?.every(({ open }) => open) ?? index < OPEN_AT_FIRST;
  }

  /** Whether so many equal slots are shown as one run. */
  isRun({ count, empty }: Look): boolean {
    return count >= (empty ? this.want.minEmptyRun : this.want.minRun);
  }

  /** The parts in view of an index space that begins at `from`: ascending, without overlap. */
  windows(id: string, from: number): readonly Stretch[] {
    const asked = this.bands.get(id)?.filter((band) => band.count > 0 && band.from + band.count > from) ?? [];
    if (asked.length === 0) return [{ from, count: FIRST_SLOTS }];
    const result: Stretch[] = [];
    let left = MOST_SLOTS;
    for (const band of [...asked].sort((a, b) => a.from - b.from)) {
      const last = result.at(-1);
      const start = Math.max(band.from, last === undefined ? from : last.from + last.count);
      const count = Math.min(left, band.from + band.count - start);
      if (count > 0) result.push({ from: start, count });
      left -= Math.max(0, count);
    }
    return result;
  }
}
