import type { Unit } from '../../../language/catalogue/types';
import { Content } from '../../../language/simulator/state/content';
import { isList, isObject } from '../../../language/runtime/values';
import type { ObjectRef, RecordValue, Value } from '../../../language/simulator/value';

/** How a client wants numbers. */
export interface Format {
  readonly hex: boolean;
}

export function formatIn(args: Readonly<Record<string, unknown>>): Format {
  const format = args['format'];
  return { hex: typeof format === 'object' && format !== null && (format as { hex?: unknown }).hex === true };
}

const PAGE = 4096n;
/** Characters of a content or a list that are shown in a line. */
const WIDTH = 100;

/** A value in one line, as the language would write it; amounts of memory also in pages. */
export function formatValue(value: Value, format: Format, unit?: Unit): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return formatInteger(value, format, unit);
  if (value instanceof Content) return unit === 'path' ? (value.asText() ?? value.toString(WIDTH)) : value.toString(WIDTH);
  if (isList(value)) return formatList(value, format);
  return isObject(value) ? nameOf(value) : formatRecord(value, format);
}

/** `{ size = 4096, nlink = 1 }` */
function formatRecord({ fields }: RecordValue, format: Format): string {
  const parts = Object.entries(fields).map(([name, value]) => `${name} = ${formatValue(value, format)}`);
  return `{ ${parts.join(', ')} }`;
}

function formatInteger(value: bigint, format: Format, unit: Unit | undefined): string {
  const hex = format.hex || unit === 'address' || (unit === undefined && looksLikeAddress(value));
  const text = hex ? `${value < 0n ? '-' : ''}0x${(value < 0n ? -value : value).toString(16)}` : String(value);
  if (unit !== 'bytes' || value === 0n || value % PAGE !== 0n) return text;
  const pages = value / PAGE;
  return `${text} (${pages} ${pages === 1n ? 'page' : 'pages'})`;
}

/** What mmap gives lies just below the end of user space: nobody wants to read that in decimal. */
function looksLikeAddress(value: bigint): boolean {
  return value >= 2n ** 32n && value < 2n ** 47n && value % PAGE === 0n;
}

function formatList(values: readonly Value[], format: Format): string {
  const shown: string[] = [];
  let length = 0;
  for (const value of values) {
    const text = formatValue(value, format);
    if (shown.length > 0 && length + text.length > WIDTH) return `[${shown.join(', ')}, … ${values.length - shown.length} more]`;
    shown.push(text);
    length += text.length + 2;
  }
  return `[${shown.join(', ')}]`;
}

/** An object by what identifies it. */
export function nameOf({ kind, id, at }: ObjectRef): string {
  if (kind === 'page') return `frame[${id}]`;
  if (kind === 'pte') return `PTE of 0x${(BigInt(at ?? 0) * PAGE).toString(16)}`;
  return at === undefined ? `${kind} ${id}` : `${kind} ${id}, index ${at}`;
}

/** `1 page`, `3 pages`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function hexAddress(page: number): string {
  return `0x${(BigInt(page) * PAGE).toString(16)}`;
}
