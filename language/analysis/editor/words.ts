import type { Name } from '../../syntax/ast';

/** The name or number that an offset stands in or behind. */
export function wordAt(text: string, offset: number): Name | undefined {
  let start = offset;
  let end = offset;
  while (start > 0 && /\w/.test(text[start - 1]!)) start--;
  while (end < text.length && /\w/.test(text[end]!)) end++;
  return start === end ? undefined : { text: text.slice(start, end), start, end };
}

/** The start of the expression of names, members, calls and indexes that ends at `end` (`file("/a").page[3]`); `end` itself where there is none. */
export function startOfPath(text: string, end: number): number {
  let at = end;
  for (;;) {
    let i = at;
    while (i > 0 && (text[i - 1] === ')' || text[i - 1] === ']')) {
      const open = openingOf(text, i - 1);
      if (open === undefined) return at;
      i = open;
    }
    const beforeWord = i;
    while (i > 0 && /\w/.test(text[i - 1]!)) i--;
    if (i === beforeWord) return at;
    at = i;
    if (text[at - 1] !== '.') return at;
    at--;
    if (at === 0) return at;
    if (!/[\w)\]]/.test(text[at - 1]!)) return at + 1;
  }
}

function openingOf(text: string, close: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let i = close; i >= 0 && close - i < 1000; i--) {
    const c = text[i];
    if (c === '\n') return undefined;
    if (c === '"' && text[i - 1] !== '\\') inString = !inString;
    if (inString) continue;
    if (c === ')' || c === ']') depth++;
    else if ((c === '(' || c === '[') && --depth === 0) return i;
  }
  return undefined;
}
