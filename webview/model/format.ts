import type { Amount, Cell, Change, FlagEntry, Legend, Marked } from '../protocol';

export const PAGE = 4096;

/** An index space decides how slots are named and which flags its cells have. */
export type Space = 'frames' | 'pages' | 'ptes';

/** 78643200 → "78,643,200"; the same everywhere, whatever the machine's locale. */
export function number(value: number): string {
  const digits = String(Math.abs(value)).replace(/\B(?=(\d{3})+$)/g, ',');
  return value < 0 ? `−${digits}` : digits;
}

/** Bytes in kB as /proc has them, exact: all amounts of memory are whole pages, and what isn't is said in bytes. */
export function bytes(value: number): string {
  return value % 1024 === 0 ? `${number(value / 1024)} kB` : `${number(value)} B`;
}

export function amount(entry: Amount): string {
  return entry.unit === 'bytes' ? bytes(entry.value) : number(entry.value);
}

/** "+16 kB" where the last step changed it, else nothing. */
export function difference(entry: Amount): string {
  if (entry.previous === undefined || entry.previous === entry.value) return '';
  const by = entry.value - entry.previous;
  const size = entry.unit === 'bytes' ? bytes(Math.abs(by)) : number(Math.abs(by));
  return `${by < 0 ? '−' : '+'}${size}`;
}

/** The address of a virtual page, in hex. */
export function address(vpn: number): string {
  return `0x${(vpn * PAGE).toString(16)}`;
}

export function slot(space: Space, at: number): string {
  return space === 'ptes' ? address(at) : String(at);
}

export function change({ name, from, to }: Change): string {
  return `${name === '' ? '' : `${name} `}${from}→${to}`;
}

/** The letters that are set, in words: "uptodate, dirty". */
export function flagNames(flags: string, entries: readonly FlagEntry[]): string {
  const isSet = (index: number) => flags[index] !== undefined && flags[index] !== '-';
  return entries.flatMap((entry, index) => (isSet(index) ? [entry.name] : [])).join(', ');
}

export function flagEntries(legend: Legend, space: Space): readonly FlagEntry[] {
  return space === 'frames' ? legend.frameFlags : space === 'pages' ? legend.pageFlags : legend.pteFlags;
}

/** A cell in words, for a screen reader, the tooltip and the text view. */
export function describe(cell: Cell, space: Space, legend: Legend): string {
  const kind = legend.kinds.find((entry) => entry.kind === cell.kind)?.name ?? cell.kind;
  const where = space === 'frames' ? `frame ${cell.at}` : space === 'pages' ? `page ${cell.at}` : address(cell.at);
  const parts = [cell.ghost === true ? `${where}, gone` : where];
  if (space !== 'frames') parts.push(cell.pfn === null ? 'not present' : `frame ${cell.pfn}`);
  if (space === 'frames' || cell.pfn !== null) parts.push(kind);
  if (cell.note !== undefined && cell.note !== '') parts.push(cell.note);
  if (cell.mapcount > 0) parts.push(`mapcount ${number(cell.mapcount)}`);
  const names = flagNames(cell.flags, flagEntries(legend, space));
  if (names !== '') parts.push(names);
  const changes = cell.changes?.map(change) ?? [];
  return `${parts.join(', ')}${changes.length > 0 ? `; changed: ${changes.join(', ')}` : ''}`;
}

/** What `count` slots from `from` are called: "3 … 18". */
export function range(space: Space, from: number, count: number): string {
  return count === 1 ? slot(space, from) : `${slot(space, from)} … ${slot(space, from + count - 1)}`;
}

/** How it is beside, in words; `beside` is the design there. */
export function otherwise({ differs }: Marked, beside: string): string {
  return differs === undefined ? '' : `; under ${beside}: ${differs}`;
}
