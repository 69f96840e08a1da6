import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Place } from '../../language/runtime/position';
import type { Program, Source } from '../../language/runtime/program';
import { LineMap } from '../../language/syntax/positions';

const maps = new WeakMap<Source, LineMap>();

export function linesOf(source: Source): LineMap {
  let map = maps.get(source);
  if (!map) maps.set(source, (map = new LineMap(source.text)));
  return map;
}

/** Lines and columns from 1, in UTF-16 units. */
export interface Range {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Where something stands in the program's text; the very beginning for what was typed in a console. */
export function rangeOf(program: Program, place: Place): Range {
  const source = program.sources.find(({ uri }) => uri === place.uri);
  if (!source) return { line: 1, column: 1, endLine: 1, endColumn: 1 };
  const lines = linesOf(source);
  const start = lines.place(place.span.start);
  const end = lines.place(place.span.end);
  return { ...start, endLine: end.line, endColumn: end.column };
}

/** Whether a place is in one of the program's files, not in a line typed in a console. */
export function isInText(program: Program, place: Place): boolean {
  return program.sources.some(({ uri }) => uri === place.uri);
}

/** What a client is told about a file: its path (or URI) is what opens it. */
export function sourceOf(uri: string): DebugProtocol.Source {
  return { name: uri.slice(Math.max(uri.lastIndexOf('/'), uri.lastIndexOf('\\')) + 1), path: uri };
}
