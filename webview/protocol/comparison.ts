/**
 * What passes between the comparison of designs and its host, each message checked where it arrives. Names, units and documentation travel as text.
 */
import { count, flag, list, nullable, object, oneOf, text, union, type Check } from './check';

/** Where a design first has something else than the first one. */
export interface ComparedPart {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly step: number;
  /** The statement, from 0: what a debugger goes to. */
  readonly statement: number;
  /** `q: buf = read(fb, 4 pages)` */
  readonly doing: string;
  /** `8 → 4 pages` */
  readonly change: string;
}

export interface ComparedColumn {
  readonly title: string;
  readonly doc: string;
  /** It is 0 in every row. */
  readonly zero: boolean;
}

export interface ComparedCell {
  /** To sort by; null where there is none. */
  readonly value: number | null;
  readonly text: string;
  readonly part: ComparedPart | null;
}

export interface ComparedRow {
  readonly design: string;
  readonly doc: string;
  readonly ok: boolean;
  /** Why the run ended early, or what did not hold. */
  readonly problem: string;
  /** One for each column. */
  readonly cells: readonly ComparedCell[];
}

export interface ComparisonState {
  readonly scenario: string;
  readonly file: string;
  /** Whether there is a param to go through values of. */
  readonly sweepable: boolean;
  readonly columns: readonly ComparedColumn[];
  /** The first is what the others are held against. */
  readonly rows: readonly ComparedRow[];
}

/** A place on a chart's axis, in its own pixels, and what stands there. */
export interface ChartMark {
  readonly at: number;
  readonly text: string;
}

/** The curves of one metric. */
export interface SweepChart {
  readonly title: string;
  readonly doc: string;
  readonly across: readonly ChartMark[];
  readonly up: readonly ChartMark[];
  /** One a design: an SVG path, and points without a neighbour. */
  readonly curves: readonly { readonly path: string; readonly dots: readonly { readonly x: number; readonly y: number }[] }[];
  /** One a value: the metric under each design, as it is shown. */
  readonly rows: readonly (readonly string[])[];
}

/** One scenario over the values of a param. */
export interface SweepState {
  readonly scenario: string;
  readonly file: string;
  readonly param: string;
  readonly values: readonly string[];
  /** Values that were asked for; with fewer `values` it was cancelled. */
  readonly total: number;
  readonly designs: readonly string[];
  /** How the curve of each design is dashed. */
  readonly dashes: readonly string[];
  /** Pixels of a chart, and the margins around its curves. */
  readonly size: {
    readonly width: number;
    readonly height: number;
    readonly left: number;
    readonly right: number;
    readonly bottom: number;
  };
  readonly charts: readonly SweepChart[];
  /** What is 0 everywhere. */
  readonly zero: readonly string[];
  /** What did not hold or ended early, a design each. */
  readonly problems: readonly string[];
}

export type FromComparison =
  /** The page is there (again) and shows nothing. */
  | { readonly kind: 'ready' }
  /** Show the line in the editor. */
  | { readonly kind: 'line'; readonly file: string; readonly line: number }
  /** Debug the scenario under a design from that statement on, another one going along. */
  | { readonly kind: 'debug'; readonly design: string; readonly beside: string; readonly statement: number }
  /** Run everything again: the text may have changed. */
  | { readonly kind: 'again' }
  /** Hold the others against this design. */
  | { readonly kind: 'against'; readonly design: string }
  /** Let the person choose designs; a param and its values; a file to keep in what is shown. */
  | { readonly kind: 'choose' }
  | { readonly kind: 'sweep' }
  | { readonly kind: 'save' }
  /** End what is under way. */
  | { readonly kind: 'cancel' }
  /** A message from the host was not what it should be. */
  | { readonly kind: 'problem'; readonly message: string };

export type ToComparison =
  | { readonly kind: 'comparison'; readonly state: ComparisonState }
  | { readonly kind: 'sweep'; readonly state: SweepState }
  /** The runs are under way. */
  | { readonly kind: 'running'; readonly message: string }
  /** They have been ended; what was shown before still holds. */
  | { readonly kind: 'cancelled'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

const part: Check<ComparedPart> = object({ file: text, line: count, step: count, statement: count, doing: text, change: text });

/** Unlike other numbers, a value may be negative. */
const value: Check<number> = (given, at) => (typeof given === 'number' && Number.isFinite(given) ? given : count(given, at));

const row: Check<ComparedRow> = object({
  design: text,
  doc: text,
  ok: flag,
  problem: text,
  cells: list(object<ComparedCell>({ value: nullable(value), text, part: nullable(part) })),
});

const place: Check<number> = value;
const mark: Check<ChartMark> = object({ at: place, text });
const chart: Check<SweepChart> = object({
  title: text,
  doc: text,
  across: list(mark),
  up: list(mark),
  curves: list(object<SweepChart['curves'][number]>({ path: text, dots: list(object<{ x: number; y: number }>({ x: place, y: place })) })),
  rows: list(list(text)),
});
const sweep: Check<SweepState> = object({
  scenario: text,
  file: text,
  param: text,
  values: list(text),
  total: count,
  designs: list(text),
  dashes: list(text),
  size: object<SweepState['size']>({ width: count, height: count, left: count, right: count, bottom: count }),
  charts: list(chart),
  zero: list(text),
  problems: list(text),
});

export const checkFromComparison = union<FromComparison>({
  ready: object({ kind: oneOf('ready') }),
  line: object({ kind: oneOf('line'), file: text, line: count }),
  debug: object({ kind: oneOf('debug'), design: text, beside: text, statement: count }),
  again: object({ kind: oneOf('again') }),
  against: object({ kind: oneOf('against'), design: text }),
  choose: object({ kind: oneOf('choose') }),
  sweep: object({ kind: oneOf('sweep') }),
  save: object({ kind: oneOf('save') }),
  cancel: object({ kind: oneOf('cancel') }),
  problem: object({ kind: oneOf('problem'), message: text }),
});

export const checkToComparison = union<ToComparison>({
  comparison: object({
    kind: oneOf('comparison'),
    state: object<ComparisonState>({
      scenario: text,
      file: text,
      sweepable: flag,
      columns: list(object<ComparedColumn>({ title: text, doc: text, zero: flag })),
      rows: list(row),
    }),
  }),
  sweep: object({ kind: oneOf('sweep'), state: sweep }),
  running: object({ kind: oneOf('running'), message: text }),
  cancelled: object({ kind: oneOf('cancelled'), message: text }),
  failed: object({ kind: oneOf('failed'), message: text }),
});
