import type { DebugProtocol } from '@vscode/debugprotocol';
import { conditionProblem } from '../../language/analysis/condition';
import { implemented } from '../../language/simulator/implemented';
import type { Run } from '../../language/runtime/run';
import type { Program } from '../../language/runtime/program';
import { HitCounter } from './hitCounter';
import { linesOf } from './places';
import { placeFor, stopPlaces } from './statements';

/** What a client asks for on one line. */
export interface BreakpointRequest {
  readonly line: number;
  readonly column: number | undefined;
  readonly condition: string | undefined;
  readonly hitCondition: string | undefined;
  readonly logMessage: string | undefined;
}

/** A breakpoint on a statement, or on none that could be found. */
export interface Breakpoint extends BreakpointRequest {
  readonly id: number;
  readonly counter: HitCounter;
  /** Offset of the statement it stands on. */
  start: number | undefined;
  reply: DebugProtocol.Breakpoint;
}

/** Breakpoints on lines, by the source that they stand in. */
export class Breakpoints {
  private readonly bySource = new Map<string, Breakpoint[]>();
  private next = 1;

  /** Replaces a source's breakpoints; `program` undefined: there is no program yet. */
  set(uri: string, requests: readonly BreakpointRequest[], program: Program | undefined): Breakpoint[] {
    const breakpoints = requests.map((request): Breakpoint => {
      const id = this.id();
      return { ...request, id, counter: new HitCounter(request.hitCondition), start: undefined, reply: { id, verified: false } };
    });
    this.bySource.set(uri, breakpoints);
    for (const breakpoint of breakpoints) resolve(breakpoint, uri, program);
    return breakpoints;
  }

  id(): number {
    return this.next++;
  }

  /** Finds the statements again in a program that was just loaded; gives those breakpoints that the client has to be told about. */
  resolveAll(program: Program): Breakpoint[] {
    const changed: Breakpoint[] = [];
    for (const [uri, breakpoints] of this.bySource) {
      for (const breakpoint of breakpoints) {
        const before = JSON.stringify(breakpoint.reply);
        resolve(breakpoint, uri, program);
        if (JSON.stringify(breakpoint.reply) !== before) changed.push(breakpoint);
      }
    }
    return changed;
  }

  /** The breakpoints on the statement that the run stands before; conditions are not looked at yet. */
  at(run: Run): readonly Breakpoint[] {
    if (this.bySource.size === 0 || run.ended) return [];
    const place = run.entry(run.position.entry)?.place;
    const here = place && this.bySource.get(place.uri);
    return here ? here.filter(({ start }) => start === place.span.start) : [];
  }

  /** What came after statement `entry` has been discarded. */
  forget(entry: number): void {
    for (const breakpoints of this.bySource.values()) for (const { counter } of breakpoints) counter.forget(entry);
  }
}

function resolve(breakpoint: Breakpoint, uri: string, program: Program | undefined): void {
  const { id } = breakpoint;
  const source = program?.sources.find((candidate) => candidate.uri === uri);
  breakpoint.start = undefined;
  if (!source) {
    const message = program ? 'The scenario that is being debugged does not use this file.' : 'No scenario has been launched yet.';
    breakpoint.reply = { id, verified: false, message };
    return;
  }
  const lines = linesOf(source);
  const from = lines.offset({ line: breakpoint.line, column: breakpoint.column ?? 1 });
  const place = placeFor(stopPlaces(source.file), source.file, from, lines.endOfLine(breakpoint.line) + 1);
  if (!place) {
    breakpoint.reply = { id, verified: false, message: 'No statement follows here.' };
    return;
  }
  const wrong = breakpoint.condition?.trim() && conditionProblem(program!, uri, place.start, breakpoint.condition, implemented);
  if (wrong) {
    breakpoint.reply = { id, verified: false, message: `The condition can't be evaluated: ${wrong}` };
    return;
  }
  breakpoint.start = place.start;
  const { line, column } = lines.place(place.start);
  breakpoint.reply = { id, verified: true, line, column };
}
