import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Debugger } from '../debugger';
import { linesOf } from '../places';
import { type Arguments, type Call, numberIn, objectIn, RequestError } from '../protocol';
import { clientLine, ourLine } from '../client';

/** At most so many targets for one line. */
const TARGETS = 100;

/** Every time that the run was, or is about to be, at a line: history is gone to, not executed again. */
export function gotoTargets(debug: Debugger, args: Arguments): DebugProtocol.GotoTargetsResponse['body'] {
  const run = debug.run;
  const uri = objectIn(args, 'source')['path'];
  const line = ourLine(debug, numberIn(args, 'line'));
  const source = run.program.sources.find((candidate) => candidate.uri === uri);
  if (!source) return { targets: [] };
  const lines = linesOf(source);
  const from = lines.startOfLine(line);
  const to = lines.endOfLine(line) + 1;
  const targets: DebugProtocol.GotoTarget[] = [];
  for (let index = 0; index < run.length && targets.length < TARGETS; index++) {
    const { place } = run.entry(index)!;
    if (place.uri !== uri || place.span.start < from || place.span.start >= to) continue;
    targets.push({ id: index, label: `step ${index + 1} of ${run.length}`, line: clientLine(debug, line) });
  }
  return { targets };
}

export function goto(debug: Debugger, args: Arguments, call: Call): void {
  goTo(debug, numberIn(args, 'targetId'), call);
}

/** The panel's timeline: to before statement `step`, counted from 0; behind the last one at its end. */
export function gotoStep(debug: Debugger, args: Arguments, call: Call): void {
  goTo(debug, numberIn(args, 'step'), call);
}

function goTo(debug: Debugger, entry: number, call: Call): void {
  const run = debug.run;
  if (!Number.isInteger(entry) || entry < 0 || entry > run.length)
    throw new RequestError(`There is no statement ${entry} in the history; it has ${run.length}.`);
  call.after(() => {
    run.moveTo(run.before(entry));
    debug.references.clear();
    debug.announce({ reason: 'goto', description: 'Paused after a jump', keepFocus: true });
  });
}
