import { LineMap } from '../../syntax/positions';
import type { Place } from '../position';
import type { Run } from '../run';

const MOST_CHARACTERS = 120;

/** A place's text on one line, without who acts and without a comment. */
export function sourceText(run: Run, { uri, span }: Place): string {
  const text = run.program.sources.find((source) => source.uri === uri)?.text ?? '';
  const line = text.slice(span.start, span.end).replace(/\s+/g, ' ').trim();
  return line.length > MOST_CHARACTERS ? `${line.slice(0, MOST_CHARACTERS)}…` : line;
}

/** The line of a place, from 1. */
export function lineOf(run: Run, { uri, span }: Place): number {
  const source = run.program.sources.find((candidate) => candidate.uri === uri);
  return source === undefined ? 0 : new LineMap(source.text).line(span.start);
}
