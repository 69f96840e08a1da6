import type { Band, Picture } from '../protocol';

/** A place in a picture. */
export interface Slot {
  readonly band: string;
  readonly at: number;
}

/** The frame that a slot of a file or an address space has, as far as it has been sent; null where it has none. */
export function frameAt(picture: Picture, { band: id, at }: Slot): number | null {
  if (id === picture.frames.id) return at;
  const band = bandsOf(picture).find((one) => one.id === id);
  const cell = band?.cells.find((one) => one.at === at);
  if (cell !== undefined) return cell.pfn;
  const run = band?.segments.find(({ from, count, like }) => like !== undefined && at >= from && at < from + count);
  const first = run?.like?.pfn ?? null;
  return first === null || run?.consecutive !== true ? first : first + at - run.from;
}

/** The first slot of a file, else of an address space, that has the frame. */
export function slotOf(picture: Picture, pfn: number): Slot | undefined {
  for (const { id, cells, segments } of bandsOf(picture)) {
    const cell = cells.find((one) => one.pfn === pfn && one.ghost !== true);
    if (cell !== undefined) return { band: id, at: cell.at };
    for (const { from, count, like, consecutive } of segments) {
      if (like === undefined || like.pfn === null) continue;
      if (like.pfn === pfn) return { band: id, at: from };
      if (consecutive === true && pfn > like.pfn && pfn < like.pfn + count) return { band: id, at: from + pfn - like.pfn };
    }
  }
  return undefined;
}

/**
 * The frame in the other picture that has the same part in it: that of the same slot. Frames have other numbers there, so for a frame it is that of
 * the slot that the frame is found through.
 */
export function counterpart(picture: Picture, slot: Slot, other: Picture): number | null {
  const through = slot.band === picture.frames.id ? slotOf(picture, slot.at) : slot;
  return through === undefined ? null : frameAt(other, through);
}

function bandsOf({ files, processes }: Picture): Band[] {
  const vmas = processes.rows.flatMap((row) => row.vmas?.rows ?? []);
  return [...files.rows, ...vmas].flatMap(({ band }) => (band === undefined ? [] : [band]));
}
