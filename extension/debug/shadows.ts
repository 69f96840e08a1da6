import { Aligned, type Following } from '../../language/runtime/compare/align';
import { moved } from '../../language/runtime/compare/amount';
import { differingMetrics } from '../../language/runtime/compare/differing';
import type { Run } from '../../language/runtime/run';
import { Container, type Item } from './variables/container';
import { observablesOf } from './variables/object';

/** A run that goes along, and how its design was asked for. */
export interface Shadow {
  readonly label: string;
  readonly run: Run;
}

/** Milliseconds that a request may spend on bringing up a run that was left behind by a pause. */
const PATIENCE = 100;

/** The same scenario under other designs, each kept where the run that is debugged stands. */
export class Shadows {
  private readonly main: Aligned;
  private readonly others = new Map<string, Aligned>();
  /** A design that was not in the launch but asked for later: one at a time goes along. */
  private guest: string | undefined;

  constructor(main: Run, shadows: readonly Shadow[]) {
    this.main = new Aligned(main);
    for (const { label, run } of shadows) this.others.set(label, new Aligned(run));
  }

  get any(): boolean {
    return this.others.size > 0;
  }

  /** Those of the launch. */
  get labels(): readonly string[] {
    return [...this.others.keys()].filter((label) => label !== this.guest);
  }

  run(label: string): Run | undefined {
    return this.others.get(label)?.run;
  }

  /** Takes the place of the last one that came later. */
  add({ label, run }: Shadow): void {
    if (this.guest !== undefined) this.others.delete(this.guest);
    this.guest = label;
    this.others.set(label, new Aligned(run));
  }

  /** Statements from there on have been replaced: a line was typed in the console. */
  forget(from: number): void {
    this.main.forget(from);
  }

  /** Brings all of them, or one, to where the run stands. */
  *following(label?: string): Following {
    for (const [name, other] of this.others) if (label === undefined || name === label) yield* other.follow(this.main);
  }

  /** One row a design: what it has that the run has not, and beneath it everything that can be counted there. */
  container(): Container {
    const { run } = this.main;
    return new Container(() =>
      [...this.others].map(([label, other]) => {
        const { done } = this.bring(label);
        return done
          ? item(run, label, other.run)
          : { name: label, value: 'was left behind when the run was paused; step on to bring it up' };
      }),
    );
  }

  private bring(label: string): { done: boolean } {
    const following = this.following(label);
    for (const end = performance.now() + PATIENCE; performance.now() < end;) if (following.next().done) return { done: true };
    return { done: false };
  }
}

function item(main: Run, label: string, shadow: Run): Item {
  const children = new Container((format) => observablesOf(shadow, 'run', undefined, '', format));
  const differences = differingMetrics(main, shadow).map(({ metric, reference, here }) => moved(metric, reference, here));
  const ended = shadow.ended?.kind === 'error' && !main.ended ? ['its run has ended'] : [];
  return { name: label, value: [...ended, ...differences].join(', ') || 'nothing differs here', children };
}
