import type { Amount, Band, Cell, Extent, Marked, Segment } from '../protocol';
import { number, type Space } from './format';

/** What can stand in one line of a pane. `key` stays the same from stop to stop, so the line's element does too. */
export type Line =
  | {
      readonly type: 'cells';
      readonly key: string;
      readonly band: string;
      readonly space: Space;
      readonly from: number;
      readonly cells: readonly (Cell | null)[];
    }
  | {
      readonly type: 'run';
      readonly key: string;
      readonly band: string;
      readonly space: Space;
      readonly segment: Segment;
      readonly open: boolean;
    }
  | {
      readonly type: 'head';
      readonly key: string;
      readonly id: string;
      readonly level: 1 | 2;
      readonly title: string;
      readonly detail: string;
      readonly amounts: readonly Amount[];
      readonly open: boolean;
      readonly ghost: boolean;
      readonly current: boolean;
      readonly marked: Marked;
    }
  | { readonly type: 'extents'; readonly key: string; readonly extents: readonly Extent[]; readonly more: number }
  | { readonly type: 'more'; readonly key: string; readonly list: string; readonly text: string }
  | { readonly type: 'note'; readonly key: string; readonly text: string };

export const CELL_HEIGHT = 36;
export const HEAD_HEIGHT = 26;

/** A stretch of lines of one height, made one by one when they come into view. */
export interface Block {
  readonly lines: number;
  readonly height: number;
  line(index: number): Line;
  /** The line on which a slot of a band stands; undefined when it isn't here. */
  find?(band: string, at: number): number | undefined;
  /** The slots of the band shown from one line to another (exclusive). */
  slots?(from: number, to: number): { band: string; from: number; count: number } | undefined;
}

export function single(line: Line): Block {
  return { lines: 1, height: HEAD_HEIGHT, line: () => line };
}

/** The lines of an index space: slots side by side, runs of equal ones on a line of their own. `opened` runs are laid out slot by slot. */
export function bandBlocks(band: Band, space: Space, columns: number, opened: ReadonlySet<string>): Block[] {
  const cells = new Map(band.cells.map((cell) => [cell.at, cell]));
  const blocks = band.segments.flatMap((segment): Block[] => {
    if (segment.like === undefined) return [cellsBlock(band.id, space, segment, columns, (at) => cells.get(at) ?? null)];
    const key = runKey(band.id, segment.from);
    const open = opened.has(key);
    const run = runBlock({ type: 'run', key, band: band.id, space, segment, open });
    return open ? [run, cellsBlock(band.id, space, segment, columns, (at) => slotOfRun(segment, at))] : [run];
  });
  if (band.more > 0) {
    blocks.push(single({ type: 'note', key: `${band.id}/more`, text: `${number(band.more)} more, not outlined` }));
  }
  return blocks;
}

export function runKey(band: string, from: number): string {
  return `${band}@${from}`;
}

/** One slot of a run, as its own cell. */
export function slotOfRun(segment: Segment, at: number): Cell {
  const like = segment.like!;
  const pfn = like.pfn !== null && segment.consecutive === true ? like.pfn + (at - segment.from) : like.pfn;
  return { ...like, at, pfn };
}

function runBlock(line: Extract<Line, { type: 'run' }>): Block {
  const { from, count } = line.segment;
  return {
    lines: 1,
    height: HEAD_HEIGHT,
    line: () => line,
    find: (band, at) => (band === line.band && at >= from && at < from + count && !line.open ? 0 : undefined),
  };
}

function cellsBlock(band: string, space: Space, { from, count }: Segment, columns: number, cell: (at: number) => Cell | null): Block {
  const width = (line: number) => Math.min(columns, count - line * columns);
  return {
    lines: Math.ceil(count / columns),
    height: CELL_HEIGHT,
    line(index) {
      const first = from + index * columns;
      const cells = Array.from({ length: width(index) }, (_, column) => cell(first + column));
      return { type: 'cells', key: `${band}:${first}`, band, space, from: first, cells };
    },
    find: (name, at) => (name === band && at >= from && at < from + count ? Math.floor((at - from) / columns) : undefined),
    slots: (first, last) => ({ band, from: from + first * columns, count: Math.min(count, last * columns) - first * columns }),
  };
}
