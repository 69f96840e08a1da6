import type { ComparedRow } from '../protocol/comparison';

/** The column that rows are sorted by (-1: the design's name), and which way. */
export interface Order {
  readonly column: number;
  readonly direction: 'ascending' | 'descending';
}

/** What a click on a column's head makes of the order: least first, then most first, then as they came. */
export function clicked(order: Order | undefined, column: number): Order | undefined {
  if (order?.column !== column) return { column, direction: 'ascending' };
  return order.direction === 'ascending' ? { column, direction: 'descending' } : undefined;
}

/** The rows in that order; equal ones stay as they came, those without a value are last either way. */
export function sorted(rows: readonly ComparedRow[], order: Order | undefined): readonly ComparedRow[] {
  if (order === undefined) return rows;
  const sign = order.direction === 'ascending' ? 1 : -1;
  if (order.column < 0) return [...rows].sort((a, b) => sign * (a.design < b.design ? -1 : a.design > b.design ? 1 : 0));
  const value = (row: ComparedRow) => row.cells[order.column]?.value ?? null;
  return [...rows].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right);
  });
}

/** What the page has kept, whatever it is. */
export function orderFrom(kept: unknown): Order | undefined {
  const { column, direction } = (typeof kept === 'object' && kept !== null ? kept : {}) as Record<string, unknown>;
  if (!Number.isInteger(column) || (direction !== 'ascending' && direction !== 'descending')) return undefined;
  return { column: column as number, direction };
}
