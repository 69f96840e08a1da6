import type { Run } from '../../language/runtime/run';
import { type Arrival, continueOn, type Motion as RunMotion, type Stops } from '../../language/runtime/stepping';
import { Mark } from '../../language/simulator/state/trace';
import type { DataBreakpoint } from './dataBreakpoints';
import type { Debugger } from './debugger';
import type { Motion, Stop } from './driver';
import { STOP_NAMES } from './exceptions';
import type { HitCounter } from './hitCounter';
import { logPoint } from './logPoint';

/** What is looked at before a breakpoint stops the run. */
interface Conditional {
  readonly condition: string | undefined;
  readonly counter: HitCounter;
}

/** Moves the run as `motion` says, stopping for whatever the client wants to stop for. Log points speak only on the way forwards. */
export function* stopping(debug: Debugger, run: Run, motion: (run: Run, stops: Stops) => RunMotion, forwards: boolean): Motion {
  const halts = new Halts(debug, forwards);
  return halts.stop(run, yield* motion(run, halts));
}

/** From the beginning on: the first statement may have a breakpoint, too. */
export function* starting(debug: Debugger, run: Run): Motion {
  const halts = new Halts(debug, true);
  return halts.stop(run, !run.ended && halts.at(run) ? { kind: 'breakpoint' } : yield* continueOn(run, halts));
}

/** Without stopping for anything. */
export function* toTheEnd(run: Run): Motion {
  while (run.forward()) yield;
  return { reason: 'end of run' };
}

/** Without stopping before it, to statement `entry`. */
export function* toStatement(run: Run, entry: number): Motion {
  while (run.length < entry && run.forward()) yield;
  return run.ended ? { reason: 'end of run', description: 'End of run' } : { reason: 'entry' };
}

/** The client's breakpoints and exception filters. Remembers which of them it was that stopped the run. */
class Halts implements Stops {
  private before: Stop = { reason: 'breakpoint' };
  private inside = new Map<number, Stop>();
  /** Values that the statement just gone over changed at its very end. */
  private changed: readonly DataBreakpoint[] = [];
  readonly within?: NonNullable<Stops['within']>;

  constructor(
    private readonly debug: Debugger,
    private readonly forwards: boolean,
  ) {
    if (debug.functions.any || debug.data.any) this.within = (run, entry) => this.marksIn(run, entry);
  }

  at(run: Run): boolean {
    const stop = this.onLine(run) ?? this.onData(run) ?? this.onRoutine(run);
    if (stop) this.before = stop;
    return stop !== undefined;
  }

  exception({ kind }: { readonly kind: string }): boolean {
    return this.debug.exceptions.has(kind);
  }

  /** What a client is told about why the motion ended. */
  stop(run: Run, arrival: Arrival): Stop {
    switch (arrival.kind) {
      case 'step':
        return { reason: 'step' };
      case 'breakpoint':
        return this.before;
      case 'inside':
        return this.inside.get(run.position.mark) ?? { reason: 'function breakpoint' };
      case 'exception':
        return { reason: 'exception', description: `Paused on ${STOP_NAMES[arrival.exception.kind]}`, text: arrival.exception.message };
      case 'end':
        return { reason: 'end of run', description: 'End of run' };
      case 'start':
        return { reason: 'entry', description: 'Beginning of the run' };
    }
  }

  private onLine(run: Run): Stop | undefined {
    const hits: number[] = [];
    for (const breakpoint of this.debug.breakpoints.at(run)) {
      if (!this.holds(run, breakpoint, run.position.entry)) continue;
      if (breakpoint.logMessage === undefined) hits.push(breakpoint.id);
      else if (this.forwards) logPoint(this.debug, run, breakpoint.logMessage);
    }
    return hits.length > 0 ? { reason: 'breakpoint', hits } : undefined;
  }

  private onData(run: Run): Stop | undefined {
    const hits = this.changed.filter((breakpoint) => this.holds(run, breakpoint, run.position.mark));
    this.changed = [];
    return hits.length > 0 ? dataStop(hits) : undefined;
  }

  /** The run has just entered a routine: is there a breakpoint on its name? */
  private onRoutine(run: Run): Stop | undefined {
    const { entry, mark } = run.position;
    if (!this.debug.functions.any || entry === run.oldest || run.depthAt(entry - 1) >= run.depth) return undefined;
    const top = run.location.stack[0];
    const breakpoint = top?.kind === 'routine' ? this.debug.functions.named(top.name) : undefined;
    if (!breakpoint || !this.holds(run, breakpoint, mark)) return undefined;
    return { reason: 'function breakpoint', hits: [breakpoint.id] };
  }

  /** Marks of statement `entry` at which a watched function begins its work or a watched value has changed. */
  private marksIn(run: Run, entry: number): readonly number[] {
    this.inside.clear();
    for (const { mark, breakpoint } of this.debug.functions.between(run, run.before(entry).mark, run.before(entry + 1).mark)) {
      const inside = insideOf(run, mark);
      if (inside === undefined || !this.holdsInside(run, entry, inside, breakpoint)) continue;
      this.inside.set(inside, { reason: 'function breakpoint', hits: [...(this.inside.get(inside)?.hits ?? []), breakpoint.id] });
    }
    if (this.debug.data.any) this.addChanges(run, entry);
    return [...this.inside.keys()].sort((a, b) => a - b);
  }

  private addChanges(run: Run, entry: number): void {
    const { inside, behind } = this.debug.data.changesIn(run, entry);
    this.changed = behind;
    for (const [mark, breakpoints] of inside) {
      const hits = breakpoints.filter((breakpoint) => this.holdsInside(run, entry, mark, breakpoint));
      if (hits.length > 0) this.inside.set(mark, dataStop(hits));
    }
  }

  private holdsInside(run: Run, entry: number, mark: number, breakpoint: Conditional): boolean {
    if (breakpoint.condition?.trim()) run.moveTo({ entry, mark });
    const holds = this.holds(run, breakpoint, mark);
    if (breakpoint.condition?.trim()) run.moveTo(run.before(entry + 1));
    return holds;
  }

  /** A condition that can't be evaluated stops, too, and says why: better than a breakpoint that silently never hits. */
  private holds(run: Run, { condition, counter }: Conditional, when: number): boolean {
    if (condition?.trim()) {
      const result = run.evaluate(condition);
      if (result.error !== undefined) this.debug.say(`The breakpoint's condition "${condition}" can't be evaluated: ${result.error}`);
      else if (result.value === false || result.value === 0n) return false;
    }
    return counter.hit(when);
  }
}

function dataStop(hits: readonly DataBreakpoint[]): Stop {
  return {
    reason: 'data breakpoint',
    description: `${hits.map(({ dataId }) => dataId).join(', ')} changed`,
    hits: hits.map(({ id }) => id),
  };
}

/** Before the first thing that a function or call does; before a function that does nothing. */
function insideOf(run: Run, mark: number): number | undefined {
  const { trace } = run.machine;
  const next = trace.kind(mark + 1);
  if (next === Mark.Enter || next === Mark.Micro) return mark + 1;
  return trace.kind(mark) === Mark.Enter ? mark : undefined;
}
