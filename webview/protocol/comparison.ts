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
  readonly columns: readonly ComparedColumn[];
  /** The first is what the others are held against. */
  readonly rows: readonly ComparedRow[];
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
  /** A message from the host was not what it should be. */
  | { readonly kind: 'problem'; readonly message: string };

export type ToComparison =
  | { readonly kind: 'comparison'; readonly state: ComparisonState }
  /** The runs are under way. */
  | { readonly kind: 'running'; readonly message: string }
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

export const checkFromComparison = union<FromComparison>({
  ready: object({ kind: oneOf('ready') }),
  line: object({ kind: oneOf('line'), file: text, line: count }),
  debug: object({ kind: oneOf('debug'), design: text, beside: text, statement: count }),
  again: object({ kind: oneOf('again') }),
  problem: object({ kind: oneOf('problem'), message: text }),
});

export const checkToComparison = union<ToComparison>({
  comparison: object({
    kind: oneOf('comparison'),
    state: object<ComparisonState>({
      scenario: text,
      file: text,
      columns: list(object<ComparedColumn>({ title: text, doc: text })),
      rows: list(row),
    }),
  }),
  running: object({ kind: oneOf('running'), message: text }),
  failed: object({ kind: oneOf('failed'), message: text }),
});
