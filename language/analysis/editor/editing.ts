import type { Span } from '../../syntax/ast';
import type { LineMap } from '../../syntax/positions';
import type { Diagnostic } from '../diagnostic';
import type { Source } from '../program';
import { startOfPath, wordAt } from './words';

export interface Fix extends Span {
  readonly title: string;
  readonly text: string;
}

/** What can be put in place of what a diagnostic complains about: its own suggestion. */
export function fixesFor({ start, end, message }: Diagnostic): Fix[] {
  const suggested =
    /did you mean `([^`]+)`\?/.exec(message)?.[1] ?? /(?:sizes are|to compare,) (?:written|write) `([^`]+)`/.exec(message)?.[1];
  return suggested === undefined ? [] : [{ start, end, title: `Change to ${suggested}`, text: suggested }];
}

/** The expression that a hover evaluates while debugging: the name under the pointer with what stands before its dot. */
export function evaluatable(source: Source, offset: number): Span | undefined {
  if (source.file.comments.some(({ start, end }) => start <= offset && offset < end)) return undefined;
  const word = wordAt(source.text, offset);
  if (!word || /^[0-9]/.test(word.text)) return undefined;
  const before = source.text.slice(source.text.lastIndexOf('\n', word.start - 1) + 1, word.start);
  if ((before.replace(/\\./g, '').match(/"/g)?.length ?? 0) % 2 === 1) return undefined;
  if (
    /^\s*\(/.test(source.text.slice(word.end)) &&
    !['file', 'cgroup', 'events', 'violations', 'zeros', 'random', 'len'].includes(word.text)
  )
    return undefined;
  let end = word.end;
  const rest = /^\s*(\([^()\n]*\)|\[[^[\]\n]*\])/.exec(source.text.slice(end));
  if (rest) end += rest[0].length;
  return { start: startOfPath(source.text, word.end), end };
}

export interface Fold {
  /** Lines from 1. */
  readonly start: number;
  readonly end: number;
  readonly kind?: 'comment' | 'imports';
}

/** Blocks in braces, runs of comments, runs of imports. */
export function folds(source: Source, lines: LineMap): Fold[] {
  const found: Fold[] = [];
  const open: number[] = [];
  const { text, file } = source;
  let comment = 0;
  for (let i = 0; i < text.length; i++) {
    const here = file.comments[comment];
    if (here && i >= here.start) {
      i = Math.max(i, here.end - 1);
      comment++;
      continue;
    }
    const c = text[i];
    if (c === '"') while (++i < text.length && text[i] !== '"' && text[i] !== '\n') if (text[i] === '\\') i++;
    if (c === '{') open.push(i);
    else if (c === '}') {
      const start = open.pop();
      if (start === undefined) continue;
      const [from, to] = [lines.line(start), lines.line(i)];
      if (to - 1 > from) found.push({ start: from, end: to - 1 });
    }
  }
  found.push(
    ...runs(
      file.comments.map(({ start, end }) => ({ start: lines.line(start), end: lines.line(end) })),
      'comment',
    ),
  );
  const imports = file.items.filter(({ kind }) => kind === 'import');
  found.push(
    ...runs(
      imports.map(({ start, end }) => ({ start: lines.line(start), end: lines.line(end) })),
      'imports',
    ),
  );
  return found.sort((a, b) => a.start - b.start);
}

function runs(parts: readonly { start: number; end: number }[], kind: 'comment' | 'imports'): Fold[] {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of parts) {
    const last = joined.at(-1);
    if (last && start <= last.end + 1) last.end = end;
    else joined.push({ start, end });
  }
  return joined.filter(({ start, end }) => end > start).map((run) => ({ ...run, kind }));
}
