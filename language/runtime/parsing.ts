import type { Expr, SourceFile, Statement } from '../syntax/ast';
import { parseExpression as readExpression, parseStatement } from '../syntax/parse';
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
    const read = readExpression(text);
    const [problem] = read.problems;
    parsed = 'expr' in read && !problem ? { expr: read.expr } : { error: problem?.message ?? 'this is no expression' };
    known.set(text, parsed);
  }
  return parsed;
}

/** Reads one line as it would stand in a scenario. */
export function parseLine(text: string): Parsed<{ readonly node: Statement; readonly source: Source }> {
  const read = parseStatement(text);
  const [problem] = read.problems;
  if (!('statement' in read) || problem) return { error: problem?.message ?? 'this is no statement' };
  const file: SourceFile = { kind: 'file', items: [], comments: [], problems: [], start: 0, end: text.length };
  return { node: read.statement, source: { uri: CONSOLE, text, file } };
}
