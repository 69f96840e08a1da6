import type { Action, Expr, Name, NumberLiteral, Option, Span, StringLiteral, Who } from '../syntax/ast';

/** Nodes of the syntax tree for text that is yet to be written: the printer needs no positions. */
const nowhere: Span = { start: 0, end: 0 };

const PAGE = 4096;

export function name(text: string): Name {
  return { text, ...nowhere };
}

export function number(value: number | bigint, text = String(value)): NumberLiteral {
  return { kind: 'number', value: BigInt(value), text, ...nowhere };
}

export function hex(value: number): Expr {
  return number(value, `0x${value.toString(16)}`);
}

/** An amount of bytes in the unit that reads best: `3 pages`, `8M`, `832`. */
export function amount(bytes: number): Expr {
  if (bytes > 0 && bytes % PAGE === 0 && bytes < 512 * PAGE)
    return { kind: 'pages', value: number(bytes / PAGE), unit: bytes === PAGE ? 'page' : 'pages', ...nowhere };
  for (const [unit, size] of UNITS) if (bytes > 0 && bytes % size === 0) return number(bytes, `${bytes / size}${unit}`);
  return number(bytes);
}

const UNITS = [
  ['T', 2 ** 40],
  ['G', 2 ** 30],
  ['M', 2 ** 20],
  ['K', 2 ** 10],
] as const;

export function ref(text: string): Expr {
  return { kind: 'reference', name: text, ...nowhere };
}

export function string(value: string): StringLiteral {
  const text = `"${value.replace(/[\\"\p{Cc}]/gu, escaped)}"`;
  return { kind: 'string', value, bytes: new TextEncoder().encode(value), text, ...nowhere };
}

/** Control characters as octal, three digits: what follows can't be taken for a part of them. */
function escaped(char: string): string {
  if (char === '"' || char === '\\') return `\\${char}`;
  if (char === '\n') return '\\n';
  const code = char.charCodeAt(0);
  return code < 256 ? `\\${code.toString(8).padStart(3, '0')}` : char;
}

/** `A | B`; `0` for none. */
export function flags(names: readonly string[], rest?: Expr): Expr {
  const parts = [...names.map(ref), ...(rest ? [rest] : [])];
  return parts.length === 0 ? number(0) : parts.reduce((left, right) => binary('|', left, right));
}

export function binary(operator: '|' | '+' | '*', left: Expr, right: Expr): Expr {
  return { kind: 'binary', operator, left, right, ...nowhere };
}

export function call(callee: string, args: readonly Expr[]): Expr {
  return { kind: 'call', callee: name(callee), args, ...nowhere };
}

export function option(key: string, value: Expr): Option {
  return { name: name(key), value, ...nowhere };
}

export function who(text: string): Who {
  return { name: name(text), ...nowhere };
}

/** More random bytes than these are one piece of `PIECE` bytes, over and over: they would all have to be made. */
const MOST_RANDOM = 16 * 2 ** 20;
const PIECE = 2 ** 20;

export function isLarge(size: number): boolean {
  return size > MOST_RANDOM;
}

/** `random(SIZE, SEED)`, or `random(1M, SEED) * SIZE`. `size` and `seed` are written as given; `large` decides. */
export function random(size: Expr, seed: Expr, large: boolean): Expr {
  return large ? binary('*', call('random', [amount(PIECE), seed]), size) : call('random', [size, seed]);
}

/** `WHO: BIND = CALL(ARGS) as CHILD` */
export function action(process: string, value: Expr, more: { readonly bind?: string; readonly as?: string } = {}): Action {
  return {
    kind: 'action',
    who: who(process),
    value,
    ...(more.bind !== undefined && { bind: name(more.bind) }),
    ...(more.as !== undefined && { as: { name: name(more.as) } }),
    ...nowhere,
  };
}

export { nowhere };
