import type { Debugger } from '../debugger';
import { type Arguments, RequestError } from '../protocol';

/** What the memory panel shows: it asks for what it needs of the state. */
export function panel(debug: Debugger, _args: Arguments): object {
  void debug.run;
  throw new RequestError('The panel has nothing to show yet.');
}
