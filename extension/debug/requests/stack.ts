import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger } from '../debugger';
import { type Arguments, numberIn, optionalNumber } from '../protocol';
import { scopesOf } from '../scopes';
import { Frame, stackOf } from '../stack';

/** Clients ask at any time, also while the run moves. */
export function threads(debug: Debugger): DebugProtocol.ThreadsResponse['body'] {
  return { threads: debug.loaded && !debug.isRunning ? debug.threads.list(debug.loaded) : debug.threads.announcedList };
}

export function stackTrace(debug: Debugger, args: Arguments): DebugProtocol.StackTraceResponse['body'] {
  const run = debug.run;
  const frames = stackOf(debug, run, debug.threads.actorOf(run, numberIn(args, 'threadId')));
  const start = Math.max(0, optionalNumber(args, 'startFrame') ?? 0);
  const levels = optionalNumber(args, 'levels') || frames.length;
  return { stackFrames: frames.slice(start, start + levels), totalFrames: frames.length };
}

export function scopes(debug: Debugger, args: Arguments): DebugProtocol.ScopesResponse['body'] {
  const run = debug.run;
  return { scopes: scopesOf(debug, run, debug.references.get(numberIn(args, 'frameId'), Frame)) };
}
