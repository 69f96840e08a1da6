import { parse, parseExpression } from '../syntax/parse';
import { checkSource } from './check';
import type { Diagnostic, Implemented } from './diagnostic';
import type { Program } from './program';

/** What makes an expression impossible to evaluate, whatever the state. */
const CODES: readonly Diagnostic['code'][] = ['unknown-name', 'unknown-constant', 'unknown-call', 'unknown-observable', 'unknown-event'];

/** Why an expression could never be evaluated before the statement at `start`: how it is written, or a name that nothing has; undefined where it may be. */
export function conditionProblem(
  program: Program,
  uri: string,
  start: number,
  expression: string,
  implemented?: Implemented,
): string | undefined {
  const [wrong] = parseExpression(expression).problems;
  if (wrong) return wrong.message;
  const sources = program.sources.map((source) => {
    if (source.uri !== uri) return source;
    const text = `${source.text.slice(0, start)}invariant ${expression}\n${source.text.slice(start)}`;
    return { uri, text, file: parse(text) };
  });
  const source = sources.find((each) => each.uri === uri);
  if (source === undefined) return undefined;
  const found = checkSource({ sources }, source, implemented).find(
    (each) => CODES.includes(each.code) && each.start >= start && each.end <= start + 'invariant '.length + expression.length,
  );
  return found?.message;
}
