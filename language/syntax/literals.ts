/** What number and string literals mean. */

export type Literal<T> = { readonly value: T; readonly problem?: string };

const SUFFIXES = 'KMGTPE';
const LARGEST = 2n ** 64n - 1n;
/** No literal of the language has more digits, underscores included; longer ones are not converted at all. */
const LONGEST = 100;

/** `4096`, `0x1000`, `0755`, `1_000`, `4K`. */
export function numberValue(text: string): Literal<bigint> {
  if (text.length > LONGEST) return { value: 0n, problem: tooLarge(`${text.slice(0, 20)}…`) };
  const digits = text.replaceAll('_', '');
  const hexadecimal = /^0[xX]([0-9a-fA-F]+)([KMGTP]?)$/.exec(digits);
  const decimal = /^(0|[1-9][0-9]*)([KMGTPE]?)$/.exec(digits);
  const octal = /^0([0-7]+)([KMGTPE]?)$/.exec(digits);
  const [, written, suffix] = hexadecimal ?? decimal ?? octal ?? [];
  if (written === undefined || suffix === undefined || /__|_$/.test(text)) return { value: 0n, problem: whyNoNumber(text, digits) };
  const radix = hexadecimal ? '0x' : octal && !decimal ? '0o' : '';
  const value = BigInt(radix + written) * 1024n ** BigInt(suffix === '' ? 0 : SUFFIXES.indexOf(suffix) + 1);
  return value <= LARGEST ? { value } : { value: 0n, problem: tooLarge(text) };
}

function tooLarge(text: string): string {
  return `${text} is too large: integers go from -2^63 to 2^64-1`;
}

function whyNoNumber(text: string, digits: string): string {
  const lower = /^([0-9]+)([kmgtpe])$/.exec(digits);
  if (lower) return `\`${text}\` is no number; did you mean \`${lower[1]}${lower[2]?.toUpperCase()}\`?`;
  const unit = /^([0-9]+)(KB|MB|GB|TB|PB|EB|KiB|MiB|GiB|TiB|PiB|EiB|kB|B)$/.exec(digits);
  if (unit) return `\`${text}\` is no number; sizes are written \`${unit[1]}${unit[2] === 'B' ? '' : unit[2]!.charAt(0).toUpperCase()}\``;
  if (/^0[0-9]+$/.test(digits)) return `\`${text}\` is no number: after a leading 0 stand octal digits, 0 to 7`;
  const pages = /^([0-9]+)(pages?)$/.exec(digits);
  if (pages) return `\`${text}\` is no number; did you mean \`${pages[1]} ${pages[2]}\`?`;
  return `\`${text}\` is no number; sizes end in K, M, G, T, P or E`;
}

const ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  e: 27,
  '\\': 92,
  '"': 34,
  "'": 39,
  '?': 63,
};
const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

/** A string literal with its quotes. `value` is the bytes read as UTF-8. */
export function stringValue(text: string): Literal<{ readonly value: string; readonly bytes: Uint8Array }> {
  const inside = text.slice(1, -1);
  const encoder = new TextEncoder();
  if (!inside.includes('\\')) return { value: { value: inside, bytes: encoder.encode(inside) } };
  const bytes: number[] = [];
  let problem: string | undefined;
  let from = 0;
  const add = (part: string) => {
    for (const byte of encoder.encode(part)) bytes.push(byte);
  };
  for (const match of inside.matchAll(ESCAPE)) {
    add(inside.slice(from, match.index));
    from = match.index + match[0].length;
    const [, octal, hexadecimal, short, long, letter] = match;
    const code = short ?? long;
    if (octal !== undefined) {
      if (parseInt(octal, 8) > 255) problem ??= `\`${match[0]}\` is larger than a byte`;
      bytes.push(parseInt(octal, 8) % 256);
    } else if (hexadecimal !== undefined) bytes.push(parseInt(hexadecimal, 16));
    else if (code !== undefined) {
      const point = parseInt(code, 16);
      if (point > 0x10ffff) problem ??= `\`${match[0]}\` is no Unicode character`;
      else add(String.fromCodePoint(point));
    } else if (letter !== undefined && letter in ESCAPES) bytes.push(ESCAPES[letter]!);
    else problem ??= `\`${match[0]}\` is no escape; there are \\n \\t \\r \\0 \\\\ \\" \\x41 \\101 \\u0041`;
  }
  add(inside.slice(from));
  const all = Uint8Array.from(bytes);
  return {
    value: { value: new TextDecoder('utf-8', { ignoreBOM: true }).decode(all), bytes: all },
    ...(problem === undefined ? {} : { problem }),
  };
}
