import type { Comment, SyntaxProblem } from './ast';

/** Blocks, parentheses and brackets may be nested this deep; the parser and everything behind it may recurse. */
export const NESTING_LIMIT = 200;
/** A line longer than this (UTF-16 units) is no scenario that somebody wrote. */
export const LINE_LIMIT = 100_000;

/** What the text looks like before it is parsed: its comments, and the text with what must not reach the parser blanked out. */
export interface Scanned {
  /** Positions in it are those in the original. */
  readonly text: string;
  readonly comments: readonly Comment[];
  readonly problems: readonly SyntaxProblem[];
}

/** Finds comments, blanks out lines that are too long and brackets that are nested too deeply. Linear in the text; never throws. */
export function scan(original: string): Scanned {
  const problems: SyntaxProblem[] = [];
  const zero = original.indexOf('\0');
  if (zero >= 0) {
    problems.push({ start: zero, end: zero + 1, message: 'this is not text: it holds a zero byte' });
    return { text: ' '.repeat(original.length), comments: [], problems };
  }
  const text = withoutLongLines(original, problems);
  const comments: Comment[] = [];
  const masks: Mask[] = [];
  const open: number[] = [];
  let i = 0;
  while (i < text.length) {
    const c = text[i]!;
    if (c === '"') i = endOfString(text, i);
    else if (c === '/' && (text[i + 1] === '/' || text[i + 1] === '*')) {
      const end = endOfComment(text, i);
      if (end === undefined) problems.push({ start: i, end: i + 2, message: 'this comment is never closed: `*/` is missing' });
      comments.push({ start: i, end: end ?? text.length, text: text.slice(i, end ?? text.length) });
      i = end ?? text.length;
    } else {
      if (c === '{' || c === '(' || c === '[') open.push(i);
      else if (c === '}' || c === ')' || c === ']') close(open, i, masks);
      i++;
    }
  }
  for (const start of open.slice(NESTING_LIMIT, NESTING_LIMIT + 1)) masks.push({ start, end: text.length });
  for (const { start } of masks) {
    problems.push({
      start,
      end: start + 1,
      message: `nested too deeply: blocks, parentheses and brackets go ${NESTING_LIMIT} deep at most`,
    });
  }
  return { text: masked(text, masks), comments, problems };
}

interface Mask {
  readonly start: number;
  readonly end: number;
}

function close(open: number[], at: number, masks: Mask[]): void {
  const start = open.pop();
  if (start !== undefined && open.length === NESTING_LIMIT) masks.push({ start, end: at + 1 });
}

/** Too deep a block becomes empty, anything else a number, as long as it was: the statement around it can still be read. What is never closed is cut off. */
function masked(text: string, masks: readonly Mask[]): string {
  let result = '';
  let from = 0;
  for (const { start, end } of masks) {
    if (end >= text.length) return `${result}${text.slice(from, start)}0`;
    result += text.slice(from, start) + (text[start] === '{' ? `{${' '.repeat(end - start - 2)}}` : '0'.repeat(end - start));
    from = end;
  }
  return from === 0 ? text : result + text.slice(from);
}

function withoutLongLines(text: string, problems: SyntaxProblem[]): string {
  if (text.length <= LINE_LIMIT) return text;
  let result = '';
  let from = 0;
  for (let start = 0; start < text.length;) {
    const end = endOfLine(text, start);
    if (end - start > LINE_LIMIT) {
      problems.push({ start, end, message: `this line is ${end - start} characters long; at most ${LINE_LIMIT} are read` });
      result += text.slice(from, start) + ' '.repeat(end - start);
      from = end;
    }
    start = end + 1;
  }
  return from === 0 ? text : result + text.slice(from);
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const c = text[i];
    if (c === '\\' && text[i + 1] !== '\n' && text[i + 1] !== '\r') i++;
    else if (c === '"') return i + 1;
    else if (c === '\n' || c === '\r') return i;
  }
  return text.length;
}

function endOfComment(text: string, start: number): number | undefined {
  if (text[start + 1] === '*') {
    const end = text.indexOf('*/', start + 2);
    return end < 0 ? undefined : end + 2;
  }
  for (let i = start + 2; i < text.length; i++) if (text[i] === '\n' || text[i] === '\r') return i;
  return text.length;
}
