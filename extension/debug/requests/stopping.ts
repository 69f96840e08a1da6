import type { Debugger } from '../debugger';
import type { Arguments, Call } from '../protocol';

/** Ends the run; the client then disconnects. */
export function terminate(debug: Debugger, _args: Arguments, call: Call): void {
  call.after(() => debug.terminate());
}

/** The client leaves, also in the middle of a run. */
export function disconnect(debug: Debugger): void {
  debug.close();
}
