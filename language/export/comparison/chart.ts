import { scaled, titled } from '../../runtime/compare/amount';
import type { Metric } from '../../runtime/compare/metrics';
import { curves, type Sweep } from '../../runtime/compare/sweep';

/** Size of a chart, and the margins around its curves, in pixels. */
export const CHART = { width: 380, height: 240, left: 70, right: 24, top: 34, bottom: 40 };

/** How the curve of each design is dashed: told apart without colour, too. */
export const DASHES = ['', '7 3', '2 3', '9 3 2 3', '12 4', '4 2 1 2', '1 4', '14 3 3 3'];

/** The curves of one metric, ready to be drawn. */
export interface Chart {
  readonly title: string;
  /** Across: the param's name, and where some of its values stand. */
  readonly param: string;
  readonly across: readonly { readonly at: number; readonly text: string }[];
  /** Upwards: round numbers, and where they stand. */
  readonly up: readonly { readonly at: number; readonly text: string }[];
  /** One a design: a path, and points that have no neighbour. */
  readonly curves: readonly { readonly path: string; readonly dots: readonly (readonly [x: number, y: number])[] }[];
}

export function chartOf(sweep: Sweep, metric: Metric): Chart {
  const { width, height, left, right, top, bottom } = CHART;
  const lists = curves(sweep, metric).map((list) => list.map((value) => (value === undefined ? undefined : scaled(metric, value))));
  const xs = sweep.points.map(({ value }) => value);
  const across = scale(Math.min(...xs), Math.max(...xs), left, width - right);
  const ticks = niceTicks(Math.max(1, ...lists.flat().filter((value) => value !== undefined)));
  const up = scale(0, ticks.at(-1)!, height - bottom, top);
  const marks = xs.length === 0 ? [] : [...new Set([xs[0]!, xs[Math.floor(xs.length / 2)]!, xs.at(-1)!])];
  return {
    title: titled(metric),
    param: sweep.param,
    across: marks.map((value) => ({ at: round(across(value)), text: short(value) })),
    up: ticks.map((tick) => ({ at: round(up(tick)), text: short(tick) })),
    curves: lists.map((list) => curve(list, xs, across, up)),
  };
}

/** Straight lines from value to value; a gap where a run came to nothing, a dot where a value stands alone. */
function curve(list: readonly (number | undefined)[], xs: readonly number[], across: Scale, up: Scale): Chart['curves'][number] {
  let path = '';
  const dots: [number, number][] = [];
  list.forEach((value, at) => {
    if (value === undefined) return;
    const [x, y] = [round(across(xs[at]!)), round(up(value))];
    path += `${list[at - 1] === undefined ? 'M' : 'L'}${x} ${y}`;
    if (list[at - 1] === undefined && list[at + 1] === undefined) dots.push([x, y]);
  });
  return { path, dots };
}

type Scale = (value: number) => number;

function scale(from: number, to: number, start: number, end: number): Scale {
  return (value) => (to === from ? (start + end) / 2 : start + ((value - from) / (to - from)) * (end - start));
}

/** 0 and up to five round numbers, the last at or above `most`. */
export function niceTicks(most: number): number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 2.5, 5, 10].find((each) => each * power >= rough) ?? 10) * power);
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

function short(value: number): string {
  const [divisor, letter] =
    Math.abs(value) >= 1e9 ? [1e9, 'G'] : Math.abs(value) >= 1e6 ? [1e6, 'M'] : Math.abs(value) >= 1e4 ? [1e3, 'k'] : [1, ''];
  return `${round(value / divisor)}${letter}`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
