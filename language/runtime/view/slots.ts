import type { Cell } from './types';

/** How a run of equal slots looks. */
export interface Look {
  /** Slots, from the one that was asked for, that look alike. */
  readonly count: number;
  /** The first of them. */
  readonly cell: Cell;
  /** The frames of the run follow each other. */
  readonly consecutive: boolean;
  /** There is nothing in these slots: a free frame, a page that is not cached, a PTE that maps nothing. */
  readonly empty: boolean;
  /** What else of it can change, by name. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** An index space of the machine. It reads the state at the moment at which it is asked. */
export interface Slots {
  readonly id: string;
  readonly space: 'frames' | 'pages' | 'ptes';
  /** Where its changes stand among those of the step (`Touched`). */
  readonly touched: string;
  /** First slot. */
  readonly from: number;
  readonly count: number;
  /** The longest run from `at` that ends before `limit` and looks alike. */
  look(at: number, limit: number): Look;
  /** A run in words: "16,368 free frames". */
  text(look: Look): string;
  /** What a change of this slot is called: "frames 5–8". */
  name(at: number, count: number): string;
}

export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `5` or `5–8`. */
export function span(from: number, count: number): string {
  return count === 1 ? String(from) : `${from}–${from + count - 1}`;
}

export function hex(vpn: number): string {
  return `0x${(vpn * 4096).toString(16)}`;
}
