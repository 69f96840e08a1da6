import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger } from '../debugger';
import { type Arguments, numberIn, optionalNumber } from '../protocol';
import { Container, variableOf } from '../variables/container';
import { formatIn } from '../variables/format';

/** The rows of a scope or of something unfolded, a stretch of them where there are many. */
export function variables(debug: Debugger, args: Arguments): DebugProtocol.VariablesResponse['body'] {
  void debug.run;
  const container = debug.references.get(numberIn(args, 'variablesReference'), Container);
  const rows = container.rows(
    args['filter'],
    Math.max(0, optionalNumber(args, 'start') ?? 0),
    optionalNumber(args, 'count'),
    formatIn(args),
  );
  return { variables: rows.map((item) => variableOf(debug, item)) };
}
