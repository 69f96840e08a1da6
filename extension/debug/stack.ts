import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Actor, StackFrame } from '../../language/runtime/position';
import type { Run } from '../../language/runtime/run';
import type { Debugger } from './debugger';
import { isInText, rangeOf, sourceOf } from './places';

/** A frame that a client was told about. */
export class Frame {
  constructor(
    readonly actor: Actor,
    /** Counted from the innermost, kernel functions not counted, as `Run.evaluate` and `Run.locals` count; undefined where the thread is idle. */
    readonly level: number | undefined,
  ) {}
}

/** The stack of a thread: kernel functions on top, routines, the scenario's line. A thread that does not act has one subtle frame. */
export function stackOf(debug: Debugger, run: Run, actor: Actor): DebugProtocol.StackFrame[] {
  const location = run.location;
  if (actor !== location.actor && actor !== 'scenario') return idleFrame(debug, run, actor);
  const shown = actor === location.actor ? location.stack : location.stack.filter(({ kind }) => kind !== 'kernel');
  let level = 0;
  return shown.map((frame) => {
    const id = debug.references.add(new Frame(actor, level));
    if (frame.kind !== 'kernel') level++;
    return frame.kind === 'kernel' ? kernelFrame(debug, run, id, frame) : textFrame(run, id, frame);
  });
}

function textFrame(run: Run, id: number, frame: StackFrame & { kind: 'routine' | 'scenario' }): DebugProtocol.StackFrame {
  return { id, name: frame.name, source: sourceOf(frame.place.uri), ...rangeOf(run.program, frame.place) };
}

function kernelFrame(debug: Debugger, run: Run, id: number, frame: StackFrame & { kind: 'kernel' }): DebugProtocol.StackFrame {
  const name = frame.pages > 1 ? `${frame.name} (${frame.pages} pages)` : frame.name;
  const { source, line } = debug.documents.pathAt(run, frame.line);
  return { id, name, source, line, column: 1 };
}

/** Where a process that is not acting acted last. */
function idleFrame(debug: Debugger, run: Run, actor: Actor): DebugProtocol.StackFrame[] {
  const index = debug.threads.lastEntry(run, actor);
  const entry = index === undefined ? undefined : run.entry(index);
  if (!entry) return [];
  if (!isInText(run.program, entry.place)) {
    return [
      {
        id: debug.references.add(new Frame(actor, undefined)),
        name: 'last ran a console line',
        line: 0,
        column: 0,
        presentationHint: 'subtle',
      },
    ];
  }
  const range = rangeOf(run.program, entry.place);
  const id = debug.references.add(new Frame(actor, undefined));
  const waits = typeof actor === 'number' ? run.waiting(actor) : undefined;
  const name = waits ? `waits at line ${range.line}: ${waits.why}` : `last ran at line ${range.line}`;
  return [{ id, name, source: sourceOf(entry.place.uri), ...range, presentationHint: 'subtle' }];
}
