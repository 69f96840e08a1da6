import type { Band, Cell, FileRow, Picture, ProcessRow, Segment, VmaRow } from '../types';
import { type Pair, stretches } from './looks';

/** Looks at most for one run of equal slots. */
const MOST_LOOKS = 500;

/** Gives for an id the index space in both runs; of ids that only one of them has, nothing. */
export type PairOf = (id: string) => Pair | undefined;

/** Says of everything in a picture how it is in the other run, where that differs. `missing`: what is said of a row that the other has not. */
export function withDifferences(picture: Picture, pairOf: PairOf, isThere: (id: string) => boolean, missing: string): Picture {
  const alone = (id: string) => (isThere(id) ? {} : { differs: missing });
  const bandOf = ({ band }: { readonly band?: Band }) => (band === undefined ? {} : { band: markedBand(band, pairOf) });
  const file = (row: FileRow): FileRow => ({ ...row, ...alone(row.id), ...bandOf(row) });
  const vma = (row: VmaRow): VmaRow => ({ ...row, ...(row.ghost ? {} : alone(row.id)), ...bandOf(row) });
  const process = (row: ProcessRow): ProcessRow => ({
    ...row,
    ...(row.ghost ? {} : alone(row.id)),
    ...(row.vmas && { vmas: { ...row.vmas, rows: row.vmas.rows.map(vma) } }),
  });
  return {
    ...picture,
    frames: markedBand(picture.frames, pairOf),
    files: { ...picture.files, rows: picture.files.rows.map(file) },
    processes: { ...picture.processes, rows: picture.processes.rows.map(process) },
  };
}

function markedBand(band: Band, pairOf: PairOf): Band {
  const pair = pairOf(band.id);
  if (pair === undefined) return band;
  return {
    ...band,
    segments: band.segments.map((segment) => (segment.like === undefined ? segment : markedSegment(segment, pair))),
    cells: band.cells.map((cell) => markedCell(cell, pair)),
  };
}

function markedCell(cell: Cell, pair: Pair): Cell {
  const [stretch] = stretches(pair, cell.at, cell.at + 1, { left: 1 });
  return stretch?.difference === undefined ? cell : { ...cell, differs: stretch.difference.there };
}

/** A run that is the same all over may differ from a part of what the other has there. */
function markedSegment(segment: Segment, pair: Pair): Segment {
  const budget = { left: MOST_LOOKS };
  let differing = 0;
  let seen = 0;
  const texts = new Set<string>();
  for (const { count, difference } of stretches(pair, segment.from, segment.from + segment.count, budget)) {
    seen += count;
    if (difference === undefined) continue;
    differing += count;
    texts.add(difference.there);
  }
  const beyond = seen < segment.count ? ` of the first ${seen}` : '';
  if (differing === 0) return segment;
  const [only] = texts;
  const what = texts.size === 1 ? `: ${only}` : '';
  if (differing === segment.count) return { ...segment, differs: texts.size === 1 ? only! : 'all of it differs' };
  return { ...segment, differs: `${differing}${beyond} differ${differing === 1 ? 's' : ''}${what}` };
}
