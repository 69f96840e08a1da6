import type { Asked } from './asked';
import { differ, marked } from './diff';
import type { Look, Slots } from './slots';
import type { Stretch, Touched } from './touched';
import type { Band, Cell, Segment } from './types';

/** So many runs of an index space are looked at; what comes after is laid out slot by slot, unseen. */
const MOST_RUNS = 3000;

/** A part of the answer that is begun in the state after the step and finished in the state before it. */
export type Unfinished<T> = () => T;

/**
 * An index space for the panel: its outline, and the cells in view that are in no run.
 * Work grows with runs and with cells in view, not with slots.
 */
export function band(slots: Slots, asked: Asked, touched: Touched): Unfinished<Band> {
  const segments = outline(slots, asked, touched);
  const looks = visible(slots, segments, asked.windows(slots.id, slots.from));
  return () => ({
    id: slots.id,
    segments: segments.map((segment): Segment => finished(slots, segment)),
    more: 0,
    cells: looks.map((look): Cell => marked(slots.look(look.cell.at, look.cell.at + 1), look, slots.space)),
  });
}

/** What an index space held in the state before, all of it gone: in the state before. */
export function ghostBand(slots: Slots, asked: Asked, touched: Touched): Band {
  const drawn = outline(slots, asked, touched);
  const ghost = (look: Look): Cell => (look.empty ? look.cell : { ...look.cell, ghost: true, mark: 'D' });
  return {
    id: slots.id,
    segments: drawn.map(({ look, ...segment }): Segment =>
      look === undefined || look.empty ? segment : { ...segment, like: ghost(look), mark: 'D' },
    ),
    more: 0,
    cells: visible(slots, drawn, asked.windows(slots.id, slots.from)).map(ghost),
  };
}

/** A segment with the look of its run, where it is one. */
interface Drawn extends Segment {
  readonly look?: Look;
}

function outline(slots: Slots, asked: Asked, touched: Touched): Drawn[] {
  const end = slots.from + slots.count;
  const segments: Drawn[] = [];
  let loose = slots.from;
  for (let at = slots.from, runs = 0; at < end && runs < MOST_RUNS; runs++) {
    const look = cut(slots.look(at, end), touched.next(slots.touched, at, end));
    if (asked.isRun(look)) {
      if (loose < at) segments.push({ from: loose, count: at - loose });
      segments.push({
        from: at,
        count: look.count,
        like: look.cell,
        text: slots.text(look),
        look,
        ...(look.consecutive ? { consecutive: true } : {}),
      });
      loose = at + look.count;
    }
    at += look.count;
  }
  if (loose < end) segments.push({ from: loose, count: end - loose });
  return segments;
}

/** A run ends where what changed begins or ends; page tables, whose owners are told slot by slot, don't matter so much. */
function cut(look: Look, limit: number): Look {
  return look.cell.kind === 'table' ? look : { ...look, count: Math.min(look.count, limit - look.cell.at) };
}

/** The slots in view that stand in no run, one look each. */
function visible(slots: Slots, segments: readonly Drawn[], windows: readonly Stretch[]): Look[] {
  const looks: Look[] = [];
  for (const segment of segments) {
    if (segment.look !== undefined) continue;
    for (const window of windows) {
      const end = Math.min(segment.from + segment.count, window.from + window.count);
      for (let at = Math.max(segment.from, window.from); at < end; at++) looks.push(slots.look(at, at + 1));
    }
  }
  return looks;
}

/** In the state before: what has changed about a run. A run that came from several says so without values. */
function finished(slots: Slots, { look, ...segment }: Drawn): Segment {
  if (look === undefined) return segment;
  const before = slots.look(segment.from, segment.from + segment.count);
  const difference = differ(before, look, slots.space);
  if (difference?.mark === 'A') return { ...segment, mark: 'A' };
  if (difference !== undefined) return { ...segment, ...difference };
  return before.count < segment.count ? { ...segment, mark: 'M' } : segment;
}
