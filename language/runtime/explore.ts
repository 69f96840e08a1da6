import type { Program } from './program';
import type { Ended } from './results';
import { Run, type RunOptions } from './run';

/** What one order of the branches came to. */
export interface Explored {
  /** The turns taken; `RunOptions.order` takes them again. */
  readonly order: readonly number[];
  readonly ended: Ended;
  /** Expectations that did not hold, as they are written. */
  readonly failures: readonly string[];
}

export interface Exploration {
  /** Orders that were run. */
  readonly orders: number;
  /** Whether these are all. */
  readonly complete: boolean;
  /** One order for each way in which it ended, the first that was found. */
  readonly endings: readonly Explored[];
}

/** Runs a scenario once for every order in which the branches of its `parallel`s can take turns, at most `limit` times. */
export function explore(program: Program, options: RunOptions, limit: number): Exploration | { readonly error: string } {
  const endings = new Map<string, Explored>();
  const untried: (readonly number[])[] = [[]];
  let orders = 0;
  for (let order = untried.pop(); order !== undefined && orders < limit; order = untried.pop()) {
    const run = Run.start(program, { ...options, seed: 0, order, history: false });
    if ('error' in run) return { error: run.error.message };
    run.finish();
    orders++;
    const taken = run.choices.map((choice) => choice.taken);
    run.choices.forEach((choice, turn) => {
      if (turn >= order!.length)
        for (let other = choice.of - 1; other > choice.taken; other--) untried.push([...taken.slice(0, turn), other]);
    });
    const failures = run.failures.map(({ text }) => text);
    const ended = run.ended!;
    const ending = JSON.stringify([ended.kind === 'error' ? [ended.error.code, ended.error.place] : 'end', failures]);
    if (!endings.has(ending)) endings.set(ending, { order: taken, ended, failures });
    if (orders === limit && untried.length > 0) return { orders, complete: false, endings: [...endings.values()] };
  }
  return { orders, complete: true, endings: [...endings.values()] };
}
