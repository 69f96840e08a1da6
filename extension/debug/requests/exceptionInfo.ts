import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger } from '../debugger';
import { STOP_NAMES } from '../exceptions';
import { bothSides } from '../narration';
import { rangeOf } from '../places';
import { RequestError } from '../protocol';

/** What the statement that the run stands on, or ended with, raised. */
export function exceptionInfo(debug: Debugger): DebugProtocol.ExceptionInfoResponse['body'] {
  const run = debug.run;
  const { entry, held } = run.position;
  const raised = run.exception(held ? entry : entry - 1);
  if (!raised) throw new RequestError('Nothing has been raised here.');
  const place = run.entry(raised.entry)!.place;
  const failure = run.failures.find(({ entry }) => entry === raised.entry);
  const message = failure ? `${raised.message} (${bothSides(failure)})` : raised.message;
  return {
    exceptionId: STOP_NAMES[raised.kind],
    description: message,
    breakMode: 'unhandled',
    details: { message, typeName: raised.kind, fullTypeName: `${raised.kind} at ${place.uri}:${rangeOf(run.program, place).line}` },
  };
}
