import type { Kind, Parameter } from '../catalogue/types';
import { Content } from './state/content';
import type { Value } from './value';

/** What a call's function gets for a value of the language: as the C library's prototype would convert it, as a number, text or content. */
export function argument({ kind, wide }: Parameter, value: Value | undefined): unknown {
  if (typeof value === 'bigint') return plain(wide ? BigInt.asUintN(64, value) : converted(kind, value));
  if (value instanceof Content && kind !== 'content') return new TextDecoder().decode(value.bytes(0, value.length));
  return value;
}

/** `size_t` and addresses are unsigned, offsets and sizes signed, all of 64 bits; the rest are `int`s. */
function converted(kind: Kind, value: bigint): bigint {
  if (kind === 'length' || kind === 'address') return BigInt.asUintN(64, value);
  if (kind === 'offset' || kind === 'size') return BigInt.asIntN(64, value);
  if (kind === 'count') return value;
  return kind === 'mode' || kind === 'uid' ? BigInt.asUintN(32, value) : BigInt.asIntN(32, value);
}

const PAGE = 4096n;

/**
 * The number for an integer. Where it has none (beyond 2^53) it is one of the same page, on the page's border only if the value is: what is compared
 * with whole pages, or asked for its alignment, comes out as it should.
 */
function plain(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) || BigInt(number) === value) return number;
  const page = Number((value >= 0n ? value : value - (PAGE - 1n)) / PAGE) * Number(PAGE);
  for (let within = Number(PAGE) / 2; ; within /= 2) if (page + within !== page) return page + within;
}

/** Offsets end before this. */
export const LOFF_END = 2 ** 63;

/** Whether `count` bytes from an offset reach beyond the largest offset. */
export const beyond = (offset: number, count: number): boolean =>
  offset + count >= LOFF_END || (count > 0 && offset > LOFF_END - Number(PAGE)) || (offset > 0 && count > LOFF_END - Number(PAGE));
