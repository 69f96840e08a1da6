import type { BandWant, Want } from '../protocol';

/** What a person has chosen to see; kept over hiding and reloading the panel. */
export interface Choice {
  /** Rows folded or opened by hand, by id. */
  readonly folds: Readonly<Record<string, boolean>>;
  /** How many rows each list may have. */
  readonly limits: {
    readonly files: number;
    readonly processes: number;
    readonly vmas: number;
    readonly changes: number;
    readonly holders: number;
  };
  readonly filter: string;
  readonly pinned: number | null;
  /** The frame that is kept in the picture beside. */
  readonly pinnedBeside: number | null;
  /** The design whose picture is shown beside; null: none, undefined: the first that goes along. */
  readonly beside: string | null | undefined;
  readonly edges: boolean;
  readonly text: boolean;
}

export const FIRST_CHOICE: Choice = {
  folds: {},
  limits: { files: 100, processes: 100, vmas: 50, changes: 50, holders: 30 },
  filter: '',
  pinned: null,
  pinnedBeside: null,
  beside: undefined,
  edges: true,
  text: false,
};

/** Slots in view of a band, and so many more on both sides, so that scrolling a little needs no answer. */
const AROUND = 128;
const STEPS = 240;
const MIN_RUN = 256;
const MIN_EMPTY_RUN = 16;

export interface Window {
  readonly band: string;
  readonly from: number;
  readonly count: number;
}

/** What is seen of one of the two pictures: the slots in view, and the frame under the pointer. */
export interface View {
  readonly windows: readonly Window[];
  readonly frame: number | null;
}

/** What to ask the host for: the person's choice and what is in view, beside as well. */
export function wantOf(
  choice: Choice,
  windows: readonly Window[],
  frame: number | null,
  beside: (View & { readonly design: string }) | null = null,
): Want {
  return {
    ...choice.limits,
    filter: choice.filter,
    bands: bandsOf(choice, windows),
    minRun: MIN_RUN,
    minEmptyRun: MIN_EMPTY_RUN,
    steps: { from: null, count: STEPS },
    frame,
    beside: beside && { design: beside.design, bands: bandsOf(choice, beside.windows), frame: beside.frame },
  };
}

function bandsOf(choice: Choice, windows: readonly Window[]): BandWant[] {
  const bands = windows.map(({ band, from, count }): BandWant => {
    const first = Math.max(0, from - AROUND);
    return { id: band, open: true, from: first, count: from + count + AROUND - first };
  });
  for (const [id, open] of Object.entries(choice.folds))
    if (!open || !bands.some((band) => band.id === id)) bands.push({ id, open, from: 0, count: 0 });
  return bands;
}

/** Takes back what `setState` kept; anything odd in it is left out. */
export function choiceFrom(kept: unknown): Choice {
  if (typeof kept !== 'object' || kept === null) return FIRST_CHOICE;
  const { folds, filter, pinned, pinnedBeside, beside, edges, text } = kept as Partial<Record<keyof Choice, unknown>>;
  const pairs = typeof folds === 'object' && folds !== null ? Object.entries(folds) : [];
  return {
    ...FIRST_CHOICE,
    folds: Object.fromEntries(pairs.filter((pair): pair is [string, boolean] => typeof pair[1] === 'boolean')),
    filter: typeof filter === 'string' ? filter : '',
    pinned: frameFrom(pinned),
    pinnedBeside: frameFrom(pinnedBeside),
    beside: typeof beside === 'string' || beside === null ? beside : undefined,
    edges: edges !== false,
    text: text === true,
  };
}

function frameFrom(kept: unknown): number | null {
  return typeof kept === 'number' && Number.isSafeInteger(kept) && kept >= 0 ? kept : null;
}
