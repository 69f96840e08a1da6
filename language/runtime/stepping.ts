import { KernelLines } from './kernelLines';
import type { RunException } from './results';
import type { Run } from './run';

/** Where a motion stops besides its own goal. */
export interface Stops {
  /** Whether to stop before the statement that the run stands before now. Asked once on each arrival, in either direction. */
  at?(run: Run): boolean;
  /** Marks of statement `entry`, ascending, before which to stop: functions entered, data changed. The run stands right behind the statement. */
  within?(run: Run, entry: number): readonly number[];
  /** Whether to stop on it. What ends a run because it can't go on always stops. */
  exception?(exception: RunException): boolean;
}

/** Why a motion ended. `inside`: at a mark that `within` gave. `end`: behind the last statement, `start`: before the first one in history. */
export type Arrival =
  { readonly kind: 'step' | 'breakpoint' | 'inside' | 'end' | 'start' } | { readonly kind: 'exception'; readonly exception: RunException };

/** A way to go, in pieces of a statement or so: yields after each, so that whoever drives it can do something else meanwhile. */
export type Motion = Generator<undefined, Arrival>;

const STEP: Arrival = { kind: 'step' };

/** One statement, or inside the kernel one line of the same function; deeper ones run through. */
export function* next(run: Run, stops: Stops): Motion {
  if (run.position.held) return release(run, stops);
  if (!run.between) return alongKernel(run, stops, lines(run).depth(run.position.mark));
  const { depth } = run;
  return yield* until(run, stops, () => run.depth <= depth);
}

/** Into the routine or the kernel; inside the kernel, to the next line of any function. */
export function* stepIn(run: Run, stops: Stops): Motion {
  if (run.position.held) return release(run, stops);
  if (!run.between) return alongKernel(run, stops, Infinity);
  const { entry } = run.position;
  if (!run.forward()) return { kind: 'end' };
  const inside = linesOf(run, entry).firstInside;
  if (inside !== undefined) return standAt(run, entry, inside);
  return leave(run, stops, entry) ?? STEP;
}

/** To the end of the kernel function or routine; in the scenario itself to its end. */
export function* stepOut(run: Run, stops: Stops): Motion {
  if (!run.between && !run.position.held) return alongKernel(run, stops, lines(run).depth(run.position.mark) - 1);
  const { depth } = run;
  return yield* until(run, stops, () => run.depth < depth);
}

/** To the next stop. */
export function* continueOn(run: Run, stops: Stops): Motion {
  return yield* until(run, stops, () => false);
}

/** The inverse of `next`: to the latest earlier stop at the same or a lower depth. */
export function* stepBack(run: Run, stops: Stops): Motion {
  if (run.position.held) return toStatement(run);
  if (!run.between) return backInKernel(run, lines(run).depth(run.position.mark));
  const { depth } = run;
  while (run.position.entry > run.oldest) {
    const entry = run.position.entry - 1;
    if (run.depthAt(entry) <= depth && stopsOn(run, stops, entry)) return hold(run, entry);
    run.back();
    if (run.depth <= depth) return STEP;
    yield;
  }
  return { kind: 'start' };
}

/** The inverse of `stepIn`: to the line before, in the kernel or in a routine if that is where it was. */
export function* stepBackIn(run: Run, stops: Stops): Motion {
  const { entry, held } = run.position;
  if (held) return standInsideOrBefore(run, entry);
  if (!run.between) return backInKernel(run, Infinity);
  if (entry <= run.oldest) return { kind: 'start' };
  if (stopsOn(run, stops, entry - 1)) return hold(run, entry - 1);
  return standInsideOrBefore(run, entry - 1);
}

/** To where the kernel function or routine was called; in the scenario itself to its beginning. */
export function* stepBackOut(run: Run, stops: Stops): Motion {
  if (!run.between && !run.position.held) return backInKernel(run, lines(run).depth(run.position.mark) - 1);
  const { depth } = run;
  if (depth === 0) return yield* reverseContinue(run, stops);
  while (run.position.entry > run.oldest) {
    run.back();
    if (run.depth < depth) return STEP;
    yield;
  }
  return { kind: 'start' };
}

/** To the stop before. */
export function* reverseContinue(run: Run, stops: Stops): Motion {
  for (;;) {
    const arrival = retreat(run, stops);
    if (arrival) return arrival;
    yield;
  }
}

function* until(run: Run, stops: Stops, arrived: () => boolean): Motion {
  for (;;) {
    const arrival = proceed(run, stops);
    if (arrival) return arrival;
    if (arrived()) return STEP;
    yield;
  }
}

/** To the next statement, or to a stop on the way there. */
function proceed(run: Run, stops: Stops): Arrival | undefined {
  const { entry, mark, held } = run.position;
  if (held) {
    run.forward();
    return arrive(run, stops);
  }
  return run.forward() ? leave(run, stops, entry, mark) : { kind: 'end' };
}

/** Standing right behind statement `entry`: to the first stop in it after `mark`, or past it. */
function leave(run: Run, stops: Stops, entry: number, mark = -1): Arrival | undefined {
  const inside = stops.within?.(run, entry).find((each) => each > mark);
  if (inside !== undefined) return standAt(run, entry, inside, 'inside');
  return stopsOn(run, stops, entry) ? hold(run, entry) : arrive(run, stops);
}

/** Standing before a statement, or at the end. */
function arrive(run: Run, stops: Stops): Arrival | undefined {
  if (run.ended) return { kind: 'end' };
  return stops.at?.(run) ? { kind: 'breakpoint' } : undefined;
}

/** From a stop on an exception: to the next statement, not executing it. */
function release(run: Run, stops: Stops): Arrival {
  run.forward();
  return arrive(run, stops) ?? STEP;
}

/** To the next line at most `deepest` deep, or out of the statement. */
function alongKernel(run: Run, stops: Stops, deepest: number): Arrival {
  const { entry, mark } = run.position;
  const line = lines(run).next(mark, deepest);
  run.moveTo(run.before(entry + 1));
  const inside = stops.within?.(run, entry).find((each) => each > mark);
  if (line !== undefined && (inside === undefined || line <= inside)) return standAt(run, entry, line);
  return leave(run, stops, entry, mark) ?? STEP;
}

function backInKernel(run: Run, deepest: number): Arrival {
  const line = lines(run).previous(run.position.mark, deepest);
  return line === undefined ? toStatement(run) : standAt(run, run.position.entry, line);
}

/** To the stop before, or to before the statement. */
function retreat(run: Run, stops: Stops): Arrival | undefined {
  const { held } = run.position;
  const behind = run.between;
  const entry = behind ? run.position.entry - 1 : run.position.entry;
  if (entry < run.oldest) return { kind: 'start' };
  const limit = behind || held ? Infinity : run.position.mark;
  if (behind && stopsOn(run, stops, entry)) return hold(run, entry);
  if (stops.within) {
    run.moveTo(run.before(entry + 1));
    const inside = stops.within(run, entry).findLast((each) => each < limit);
    if (inside !== undefined) return standAt(run, entry, inside, 'inside');
  }
  run.moveTo(run.before(entry));
  if (stops.at?.(run)) return { kind: 'breakpoint' };
  return entry === run.oldest ? { kind: 'start' } : undefined;
}

function stopsOn(run: Run, stops: Stops, entry: number): boolean {
  const exception = run.exception(entry);
  return exception !== undefined && (exception.kind === 'error' || (stops.exception?.(exception) ?? false));
}

function hold(run: Run, entry: number): Arrival {
  run.moveTo(run.held(entry));
  return { kind: 'exception', exception: run.exception(entry)! };
}

function standAt(run: Run, entry: number, mark: number, kind: 'step' | 'inside' = 'step'): Arrival {
  run.moveTo({ entry, mark });
  return { kind };
}

function standInsideOrBefore(run: Run, entry: number): Arrival {
  const line = linesOf(run, entry).lastInside;
  if (line !== undefined) return standAt(run, entry, line);
  run.moveTo(run.before(entry));
  return STEP;
}

function toStatement(run: Run): Arrival {
  run.moveTo(run.before(run.position.entry));
  return STEP;
}

function lines(run: Run): KernelLines {
  return linesOf(run, run.position.entry);
}

function linesOf(run: Run, entry: number): KernelLines {
  return new KernelLines(run.machine.trace, run.before(entry).mark, run.before(entry + 1).mark);
}
