import type { DebugProtocol } from '@vscode/debugprotocol';
import type { BreakpointRequest } from '../breakpoints';
import { clientColumn, clientLine, ourColumn, ourLine } from '../client';
import type { Debugger } from '../debugger';
import { EXCEPTION_FILTERS } from '../exceptions';
import { type Arguments, listIn, numberIn, objectIn, optionalNumber, optionalString, RequestError, stringIn } from '../protocol';

type Reply = { breakpoints: DebugProtocol.Breakpoint[] };

/** Replaces the breakpoints of one file. They move down to the next statement. */
export function setBreakpoints(debug: Debugger, args: Arguments): Reply {
  const uri = stringIn(objectIn(args, 'source'), 'path');
  const requests = listIn(args, 'breakpoints').map((asked) => requestIn(debug, asked));
  const breakpoints = debug.breakpoints.set(uri, requests, debug.loaded?.program);
  return { breakpoints: breakpoints.map(({ reply }) => toClient(debug, reply)) };
}

function requestIn(debug: Debugger, asked: Arguments): BreakpointRequest {
  const column = optionalNumber(asked, 'column');
  return {
    line: ourLine(debug, numberIn(asked, 'line')),
    column: column === undefined ? undefined : ourColumn(debug, column),
    condition: optionalString(asked, 'condition'),
    hitCondition: optionalString(asked, 'hitCondition'),
    logMessage: optionalString(asked, 'logMessage'),
  };
}

export function toClient(debug: Debugger, reply: DebugProtocol.Breakpoint): DebugProtocol.Breakpoint {
  const { line, column } = reply;
  return {
    ...reply,
    ...(line !== undefined && { line: clientLine(debug, line) }),
    ...(column !== undefined && { column: clientColumn(debug, column) }),
  };
}

/** Stops where the kernel enters a function, a process makes a call, or a routine begins. */
export function setFunctionBreakpoints(debug: Debugger, args: Arguments): Reply {
  const requests = listIn(args, 'breakpoints').map((asked) => ({
    name: stringIn(asked, 'name').trim().replace(/\(\)$/, ''),
    condition: optionalString(asked, 'condition'),
    hitCondition: optionalString(asked, 'hitCondition'),
  }));
  return { breakpoints: debug.functions.set(requests, () => debug.breakpoints.id(), debug.loaded) };
}

/** Which failures stop the run. */
export function setExceptionBreakpoints(debug: Debugger, args: Arguments): void {
  const filters = args['filters'] ?? [];
  if (!Array.isArray(filters)) throw new RequestError('The argument `filters` must be a list.');
  for (const filter of filters as unknown[]) {
    if (!EXCEPTION_FILTERS.some((known) => known.filter === filter))
      throw new RequestError(
        `There is no exception filter ${String(filter)}; there are ${EXCEPTION_FILTERS.map((known) => known.filter).join(', ')}.`,
      );
  }
  debug.exceptions = new Set(filters as string[]);
}
