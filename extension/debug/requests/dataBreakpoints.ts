import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger } from '../debugger';
import { type Arguments, listIn, optionalNumber, optionalString, stringIn } from '../protocol';
import { Container } from '../variables/container';
import { formatIn } from '../variables/format';

/** Can a change of this value stop the run? Of a row the expression that gives it, else the expression itself. */
export function dataBreakpointInfo(debug: Debugger, args: Arguments): DebugProtocol.DataBreakpointInfoResponse['body'] {
  const run = debug.run;
  const name = stringIn(args, 'name');
  const reference = optionalNumber(args, 'variablesReference') ?? 0;
  const container = reference > 0 ? debug.references.get(reference, Container) : undefined;
  const expression = container ? container.find(name, formatIn(args))?.expression : name;
  if (expression === undefined) return { dataId: null, description: `${name} is no single value.` };
  const { error } = run.evaluate(expression, { process: 0 });
  if (error !== undefined) return { dataId: null, description: error };
  return { dataId: expression, description: expression, accessTypes: ['write'], canPersist: true };
}

/** Replaces the breakpoints on values. */
export function setDataBreakpoints(debug: Debugger, args: Arguments): { breakpoints: DebugProtocol.Breakpoint[] } {
  const requests = listIn(args, 'breakpoints').map((asked) => ({
    dataId: stringIn(asked, 'dataId'),
    condition: optionalString(asked, 'condition'),
    hitCondition: optionalString(asked, 'hitCondition'),
  }));
  return { breakpoints: debug.data.set(requests, () => debug.breakpoints.id(), debug.isStopped ? debug.run : undefined) };
}
