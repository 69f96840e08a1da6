import type { Debugger } from './debugger';
import type { Range } from './places';

/** Lines and columns as the client counts them, from 1 or from 0. Inside, they count from 1. */
export function clientLine(debug: Debugger, line: number): number {
  return debug.client.linesStartAt1 === false ? line - 1 : line;
}

export function clientColumn(debug: Debugger, column: number): number {
  return debug.client.columnsStartAt1 === false ? column - 1 : column;
}

export function ourLine(debug: Debugger, line: number): number {
  return debug.client.linesStartAt1 === false ? line + 1 : line;
}

export function ourColumn(debug: Debugger, column: number): number {
  return debug.client.columnsStartAt1 === false ? column + 1 : column;
}

export function clientRange(debug: Debugger, range: Range): Range {
  return {
    line: clientLine(debug, range.line),
    column: clientColumn(debug, range.column),
    endLine: clientLine(debug, range.endLine),
    endColumn: clientColumn(debug, range.endColumn),
  };
}
