/** The pages of a mapping that are there, by their number in it, and what each is. Three columns of one table. */
export interface Pages {
  readonly index: number[];
  /** Equal for the same page, in whatever process; `COMMON` or `OWN` where the kernel does not tell frame numbers. */
  readonly frame: number[];
  /** Of a file or of shared memory; the others are anonymous. */
  readonly ofFile: boolean[];
}

export function noPages(): Pages {
  return { index: [], frame: [], ofFile: [] };
}

/** A page that others map, too, of which the kernel tells no frame: at the same address of a relative it is the same. */
const COMMON = -1;
/** A page that nobody else maps: equal to none. */
const OWN = NaN;

/**
 * Adds the entries of /proc/PID/pagemap (8 bytes each, little endian), of which the first is page `first` of the mapping. Gives how many pages are in
 * swap. Source: Documentation/admin-guide/mm/pagemap.rst: bit 63 present, 62 swapped, 61 file page or shared, 56 mapped exclusively, 0 to 54 the frame.
 */
export function addPages(pages: Pages, entries: Uint8Array, first: number): number {
  const view = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
  let swapped = 0;
  for (let at = 0; at + 8 <= entries.byteLength; at += 8) {
    const high = view.getUint32(at + 4, true);
    if (high >= 0x80000000) {
      const frame = (high % 0x800000) * 2 ** 32 + view.getUint32(at, true);
      const exclusive = Math.floor(high / 0x1000000) % 2 === 1;
      pages.index.push(first + at / 8);
      pages.frame.push(frame !== 0 ? frame : exclusive ? OWN : COMMON);
      pages.ofFile.push(Math.floor(high / 0x20000000) % 2 === 1);
    } else if (high >= 0x40000000) swapped++;
  }
  return swapped;
}
