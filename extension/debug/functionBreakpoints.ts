import type { DebugProtocol } from '@vscode/debugprotocol';
import { calls } from '../../language/catalogue/calls';
import { routines } from '../../language/runtime/program';
import type { Run } from '../../language/runtime/run';
import { Mark } from '../../language/simulator/state/trace';
import { HitCounter } from './hitCounter';

export interface FunctionRequest {
  readonly name: string;
  readonly condition: string | undefined;
  readonly hitCondition: string | undefined;
}

interface FunctionBreakpoint extends FunctionRequest {
  readonly id: number;
  readonly counter: HitCounter;
}

/** Where a function breakpoint was hit: the run then stands before the function's first effect, or the routine's first line. */
export interface FunctionHit {
  readonly mark: number;
  readonly breakpoint: FunctionBreakpoint;
}

/** Breakpoints by name: on a function of the kernel, on a system call, on a routine. */
export class FunctionBreakpoints {
  private byName = new Map<string, FunctionBreakpoint>();

  set(requests: readonly FunctionRequest[], nextId: () => number, run: Run | undefined): DebugProtocol.Breakpoint[] {
    const breakpoints = requests.map((request) => ({ ...request, id: nextId(), counter: new HitCounter(request.hitCondition) }));
    this.byName = new Map(breakpoints.map((breakpoint) => [breakpoint.name, breakpoint]));
    return breakpoints.map((breakpoint) => replyFor(breakpoint, run));
  }

  /** What a client is to be told about all of them, now that a program has been loaded. */
  resolveAll(run: Run): DebugProtocol.Breakpoint[] {
    return [...this.byName.values()].map((breakpoint) => replyFor(breakpoint, run));
  }

  get any(): boolean {
    return this.byName.size > 0;
  }

  /** What came after mark `mark` has been discarded. */
  forget(mark: number): void {
    for (const { counter } of this.byName.values()) counter.forget(mark);
  }

  named(name: string): FunctionBreakpoint | undefined {
    return this.byName.get(name);
  }

  /** Entries of watched functions and calls between two marks, in order. */
  between(run: Run, from: number, to: number): FunctionHit[] {
    const trace = run.machine.trace;
    const hits: FunctionHit[] = [];
    if (this.byName.size === 0) return hits;
    for (let mark = from; mark < to; mark++) {
      const kind = trace.kind(mark);
      if (kind !== Mark.Enter && kind !== Mark.Step) continue;
      const breakpoint = this.byName.get(trace.info(mark).what);
      if (breakpoint) hits.push({ mark, breakpoint });
    }
    return hits;
  }
}

function replyFor({ id, name }: FunctionBreakpoint, run: Run | undefined): DebugProtocol.Breakpoint {
  if (Object.hasOwn(calls, name)) return { id, verified: true };
  if (!run) return { id, verified: false, message: 'No scenario has been launched yet.' };
  if (routines(run.program).has(name) || run.machine.trace.count(name) > 0) return { id, verified: true };
  return { id, verified: false, message: `No call or routine is named ${name}, and no kernel function of that name has run so far.` };
}
