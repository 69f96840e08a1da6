import { orderFrom, type Order } from './sort';

/** What the page keeps while it is hidden. */
export interface Kept {
  readonly order: Order | null;
  /** Columns that are 0 everywhere are shown, too. */
  readonly all: boolean;
}

/** What was kept, whatever it is. */
export function keptFrom(kept: unknown): Kept {
  const { order, all } = (typeof kept === 'object' && kept !== null ? kept : {}) as Record<string, unknown>;
  return { order: orderFrom(order) ?? null, all: all === true };
}
