import type { Look } from './slots';
import type { BandWant, Want } from './types';

/** Rows of each list that are open unless the panel says otherwise. */
const OPEN_AT_FIRST = 8;
/** Slots of a band whose place in view the panel has not told yet. */
const FIRST_SLOTS = 512;

/** What the panel has said about its bands. */
export class Asked {
  private readonly bands: ReadonlyMap<string, BandWant>;

  constructor(readonly want: Want) {
    this.bands = new Map(want.bands.map((band) => [band.id, band]));
  }

  /** Whether row `index` of its list is unfolded. */
  isOpen(id: string, index: number): boolean {
    return this.bands.get(id)?.open ?? index < OPEN_AT_FIRST;
  }

  /** Whether so many equal slots are shown as one run. */
  isRun({ count, empty }: Look): boolean {
    return count >= (empty ? this.want.minEmptyRun : this.want.minRun);
  }

  /** The slots in view. `from` is the first that there is. */
  window(id: string, from: number): { readonly from: number; readonly count: number } {
    const band = this.bands.get(id);
    return band === undefined || band.count === 0 || band.from + band.count <= from ? { from, count: FIRST_SLOTS } : band;
  }
}
