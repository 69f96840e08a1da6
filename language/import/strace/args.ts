/** The arguments of a call as they are written, split at the commas that are not inside of something. What is cut off ends where it ends. */
export function splitArgs(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"') i = endOfString(text, i);
    else if (char === '<' && /[\dD]/.test(text[i - 1] ?? '')) i = endOfPath(text, i);
    else if (char === '/' && text[i + 1] === '*') i = text.indexOf('*/', i + 2) < 0 ? text.length : text.indexOf('*/', i + 2) + 1;
    else if (char === '(' || char === '[' || char === '{') depth++;
    else if (char === ')' || char === ']' || char === '}') depth = Math.max(0, depth - 1);
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  const last = text.slice(start).trim();
  if (last !== '' || parts.length > 0) parts.push(last);
  return parts;
}

function endOfString(text: string, from: number): number {
  let i = from + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return Math.min(i, text.length);
}

/** The `>` that ends what -y says of a descriptor: `3</dev/pts/0<char 136:0>>`, `4<pipe:[12]>`. */
function endOfPath(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === '<') depth++;
    else if (text[i] === '>' && text[i - 1] !== '-' && --depth === 0) return i;
  }
  return text.length;
}

export interface Descriptor {
  /** `undefined` for AT_FDCWD. */
  readonly fd: number | undefined;
  /** What -y says it is: a path, `pipe:[12]`, `socket:[7]`. */
  readonly path?: string;
}

/** `3`, `3</etc/passwd>`, `AT_FDCWD</root>`, `3</gone>(deleted)`, `3</gone (deleted)>`; `undefined` for what is none, -1 included. */
export function readDescriptor(text: string | undefined): Descriptor | undefined {
  const [, number, rest] = /^(\d+|AT_FDCWD)(?:<([\s\S]*)>(?:\(deleted\))?)?$/.exec(text ?? '') ?? [];
  if (number === undefined) return undefined;
  const path = rest?.replace(/<(?:char|block) [^>]*>$/, '').replace(/ \(deleted\)$|\(deleted\)$/, '');
  return { fd: number === 'AT_FDCWD' ? undefined : Number(number), ...(path !== undefined && { path: unescape(path) }) };
}

/** A string's text; `undefined` for what is none, or was shortened (`"…"...`). */
export function readString(text: string | undefined): string | undefined {
  const [, inside] = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(text ?? '') ?? [];
  return inside === undefined ? undefined : unescape(inside);
}

const LETTERS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f', a: '\x07', b: '\b', e: '\x1b' };

/** C escapes, the octal ones bytes of UTF-8. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/(?:\\(?:[0-7]{1,3}|x[0-9a-fA-F]{2}))+|\\([\s\S])/g, (run, letter: string | undefined) => {
    if (letter !== undefined) return LETTERS[letter] ?? letter;
    const codes = [...run.matchAll(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3}))/g)].map(
      ([, hex, octal]) => parseInt(hex ?? octal!, hex ? 16 : 8) % 256,
    );
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(codes));
    } catch {
      return String.fromCharCode(...codes);
    }
  });
}

/** A number that can be counted with, decimal, octal or hexadecimal, a remark after it included. */
export function readNumber(text: string | undefined): number | undefined {
  const [, digits] = /^(-?(?:0x[0-9a-fA-F]+|\d+))(?:\s|$|<)/.exec(text ?? '') ?? [];
  if (digits === undefined) return text === 'NULL' ? 0 : undefined;
  const value = /^0[0-7]+$/.test(digits) ? parseInt(digits, 8) : Number(digits);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** The names in `A|B|0x20`. */
export function readFlags(text: string | undefined): string[] {
  return (text ?? '')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('|')
    .map((flag) => flag.trim())
    .filter((flag) => /^[A-Z]\w*$/.test(flag));
}

/** The value of `key=VALUE` in a structure. */
export function field(text: string | undefined, key: string): string | undefined {
  return new RegExp(`\\b${key}=([^,}\\s]+)`).exec(text ?? '')?.[1];
}
