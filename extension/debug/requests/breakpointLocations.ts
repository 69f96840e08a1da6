import type { DebugProtocol } from '@vscode/debugprotocol';
import { clientRange, ourLine } from '../client';
import type { Debugger } from '../debugger';
import { linesOf } from '../places';
import { type Arguments, numberIn, objectIn, optionalNumber } from '../protocol';
import { stopPlaces } from '../statements';

/** Where in a stretch of lines a run can stop. */
export function breakpointLocations(debug: Debugger, args: Arguments): DebugProtocol.BreakpointLocationsResponse['body'] {
  const uri = objectIn(args, 'source')['path'];
  const source = debug.loaded?.program.sources.find((candidate) => candidate.uri === uri);
  if (!source) return { breakpoints: [] };
  const lines = linesOf(source);
  const first = ourLine(debug, numberIn(args, 'line'));
  const last = ourLine(debug, optionalNumber(args, 'endLine') ?? numberIn(args, 'line'));
  const from = lines.startOfLine(first);
  const to = lines.endOfLine(last) + 1;
  const places = stopPlaces(source.file).filter(({ start }) => start >= from && start < to);
  return {
    breakpoints: places.map(({ start, end }) => {
      const at = lines.place(start);
      const until = lines.place(end);
      return clientRange(debug, { ...at, endLine: until.line, endColumn: until.column });
    }),
  };
}
