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
  readonly edges: boolean;
  readonly text: boolean;
}

export const FIRST_CHOICE: Choice = {
  folds: {},
  limits: { files: 100, processes: 100, vmas: 50, changes: 50, holders: 30 },
  filter: '',
  pinned: null,
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

/** What to ask the host for: the person's choice, the slots in view, and the frame under the pointer. */
export function wantOf(choice: Choice, windows: readonly Window[], frame: number | null): Want {
  const bands = windows.map(({ band, from, count }): BandWant => {
    const first = Math.max(0, from - AROUND);
    return { id: band, open: true, from: first, count: from + count + AROUND - first };
  });
  for (const [id, open] of Object.entries(choice.folds))
    if (!open || !bands.some((band) => band.id === id)) bands.push({ id, open, from: 0, count: 0 });
  return {
    ...choice.limits,
    filter: choice.filter,
    bands,
    minRun: MIN_RUN,
    minEmptyRun: MIN_EMPTY_RUN,
    steps: { from: null, count: STEPS },
    frame,
  };
}

/** Takes back what `setState` kept; anything odd in it is left out. */
export function choiceFrom(kept: unknown): Choice {
  if (typeof kept !== 'object' || kept === null) return FIRST_CHOICE;
  const { folds, filter, pinned, edges, text } = kept as Partial<Record<keyof Choice, unknown>>;
  const pairs = typeof folds === 'object' && folds !== null ? Object.entries(folds) : [];
  return {
    ...FIRST_CHOICE,
    folds: Object.fromEntries(pairs.filter((pair): pair is [string, boolean] => typeof pair[1] === 'boolean')),
    filter: typeof filter === 'string' ? filter : '',
    pinned: typeof pinned === 'number' && Number.isSafeInteger(pinned) && pinned >= 0 ? pinned : null,
    edges: edges !== false,
    text: text === true,
  };
}
