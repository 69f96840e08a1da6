import * as stepping from '../../../language/runtime/stepping';
import type { Debugger } from '../debugger';
import { type Arguments, type Call, RequestError } from '../protocol';
import { stopping } from '../stops';

type Handler = (debug: Debugger, args: Arguments, call: Call) => void;

/** The run as a whole moves, whichever thread the client names. */
function moving(motion: typeof stepping.next, forwards: boolean): Handler {
  return (debug, _args, call) => debug.moveAfter(call, (run) => stopping(debug, run, motion, forwards));
}

export const next = moving(stepping.next, true);
export const stepIn = moving(stepping.stepIn, true);
export const stepOut = moving(stepping.stepOut, true);
const goOn = moving(stepping.continueOn, true);

export const stepBack = moving(stepping.stepBack, false);
export const reverseStepIn = moving(stepping.stepBackIn, false);
export const reverseStepOut = moving(stepping.stepBackOut, false);
export const reverseContinue = moving(stepping.reverseContinue, false);

/** At the end of the run there is nothing to go on to: the session ends. */
export function continueOn(debug: Debugger, args: Arguments, call: Call): object {
  if (debug.run.ended) call.after(() => debug.terminate());
  else goOn(debug, args, call);
  return { allThreadsContinued: true };
}

export function pause(debug: Debugger): void {
  if (!debug.isRunning) throw new RequestError('The scenario is not running.');
  debug.pause();
}
