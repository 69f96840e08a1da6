import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger } from '../debugger';
import { type Arguments, type Call, numberIn, RequestError, stringIn } from '../protocol';
import { Container } from '../variables/container';
import { formatIn } from '../variables/format';

/** Gives a process's variable another value. That is a step of the run: it is recorded, and what came after is discarded. */
export function setVariable(debug: Debugger, args: Arguments, call: Call): DebugProtocol.SetVariableResponse['body'] {
  void debug.run;
  const container = debug.references.get(numberIn(args, 'variablesReference'), Container);
  const name = stringIn(args, 'name');
  const format = formatIn(args);
  const find = () => container.named(format).find((item) => item.name === name);
  const item = find();
  if (!item) throw new RequestError(`There is no ${name} here.`);
  if (!item.assign) throw new RequestError(`${name} is the machine's state; only a process's variables can be set.`);
  item.assign(stringIn(args, 'value'));
  debug.changed(call);
  return { value: find()?.value ?? '' };
}
