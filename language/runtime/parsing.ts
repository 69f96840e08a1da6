import type { Expr, SourceFile, Statement } from '../syntax/ast';
import { parse } from '../syntax/parse';
import type { Source } from './program';

/** What is typed in a console has this for its file. */
const CONSOLE = 'mmscn-console:';

type Parsed<T> = T | { readonly error: string };

const known = new Map<string, Parsed<{ readonly expr: Expr }>>();
const MOST_KNOWN = 200;

/** Reads one expression. The same text is read only once: conditions of breakpoints are evaluated over and over. */
export function parseExpression(text: string): Parsed<{ readonly expr: Expr }> {
  let parsed = known.get(text);
  if (parsed === undefined) {
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, (parsed = readExpression(text)));
  }
  return parsed;
}

function readExpression(text: string): Parsed<{ readonly expr: Expr }> {
  if (text.trim() === '') return { error: 'there is nothing to evaluate' };
  const read = only(`expect (${text}\n)`);
  if ('error' in read) return read;
  return read.node.kind === 'expect' ? { expr: read.node.condition } : { error: 'this is no expression' };
}

/** Reads one line as it would stand in a scenario. */
export function parseLine(text: string): Parsed<{ readonly node: Statement; readonly source: Source }> {
  return text.trim() === '' ? { error: 'there is nothing to run' } : only(text);
}

function only(line: string): Parsed<{ readonly node: Statement; readonly source: Source }> {
  const wrapped = `scenario "console" {\n${line}\n}\n`;
  const file: SourceFile = parse(wrapped);
  const [problem] = file.problems;
  if (problem) return { error: problem.message };
  const [item] = file.items;
  if (file.items.length !== 1 || item?.kind !== 'scenario') return { error: 'one line at a time' };
  const [node, ...more] = item.body.statements;
  if (node === undefined || more.length > 0) return { error: 'one line at a time' };
  return { node, source: { uri: CONSOLE, text: wrapped, file } };
}
