import type { Debugger } from './debugger';
import type { Arguments, Call } from './protocol';
import { breakpointLocations } from './requests/breakpointLocations';
import { setBreakpoints, setExceptionBreakpoints, setFunctionBreakpoints } from './requests/breakpoints';
import { completions } from './requests/completions';
import { dataBreakpointInfo, setDataBreakpoints } from './requests/dataBreakpoints';
import { evaluate } from './requests/evaluate';
import { exceptionInfo } from './requests/exceptionInfo';
import { goto, gotoStep, gotoTargets } from './requests/goto';
import { initialize } from './requests/initialize';
import { configurationDone, launch, restart } from './requests/launch';
import { readMemory } from './requests/memory';
import { panel } from './requests/panel';
import { setVariable } from './requests/setVariable';
import { loadedSources, source } from './requests/sources';
import { scopes, stackTrace, threads } from './requests/stack';
import { continueOn, next, pause, reverseContinue, reverseStepIn, reverseStepOut, stepBack, stepIn, stepOut } from './requests/stepping';
import { disconnect, terminate } from './requests/stopping';
import { variables } from './requests/variables';

/**
 * Answers one request: gives the reply's body, or a promise of it. Throws what the reply is to say instead; `RequestError` for what is no bug of
 * ours.
 */
export type Handler = (debug: Debugger, args: Arguments, call: Call) => unknown;

/** Every request that the adapter answers (`cancel` is the session's own). */
export const HANDLERS: Readonly<Record<string, Handler>> = {
  initialize,
  launch,
  configurationDone,
  restart,
  terminate,
  disconnect,

  setBreakpoints,
  setFunctionBreakpoints,
  setExceptionBreakpoints,
  dataBreakpointInfo,
  setDataBreakpoints,
  breakpointLocations,
  exceptionInfo,

  threads,
  stackTrace,
  scopes,
  variables,
  setVariable,
  source,
  loadedSources,
  evaluate,
  completions,
  readMemory,

  next,
  stepIn,
  stepOut,
  stepBack,
  continue: continueOn,
  reverseContinue,
  'mmscn/reverseStepIn': reverseStepIn,
  'mmscn/reverseStepOut': reverseStepOut,
  pause,
  gotoTargets,
  goto,

  'mmscn/goto': gotoStep,
  'mmscn/panel': panel,
};
