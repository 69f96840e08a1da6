import type { Outcome } from '../../simulator/api';
import type { Machine } from '../../simulator/machine';
import { reported } from '../report';
import type { Place } from '../position';
import type { Run } from '../run';
import { METRICS, type Metric, type MetricName, type Values } from './metrics';

/** A step of a run that is compared: where in the text, by whom, what it gave, and what has been counted after it. */
export interface TrackedStep {
  /** From 1. */
  readonly number: number;
  readonly place: Place;
  /** The statement that it belongs to, from 0. */
  readonly statement: number;
  /** A pid; 0 is the kernel. */
  readonly who: number;
  /** How many times this line has now been done by that process. */
  readonly occurrence: number;
  readonly result: string;
  readonly counted: Float64Array;
}

/** What is counted after each step: all but the expectations. */
export const STEPPED: readonly Metric[] = METRICS.filter(({ name }) => !name.startsWith('expectations.'));

/** Looks at a machine after each step that it does. */
export class Track {
  peak = 0;
  violations = 0;
  private run: Run | undefined;
  private statement = -1;
  private place: Place | undefined;
  private steps = 0;
  private readonly occurrences = new Map<string, number>();

  /** Without `each` only the peak and the violations are followed. */
  constructor(
    private readonly machine: Machine,
    private readonly each: ((step: TrackedStep) => void) | undefined,
  ) {
    const step = machine.step.bind(machine);
    machine.step = (who, call, args) => {
      const done = step(who, call, args);
      this.violations += done.violations.length;
      this.peak = Math.max(this.peak, this.observe('memory', 'used') ?? 0);
      this.steps++;
      this.each?.(this.tracked(who, done.outcome));
      return done;
    };
  }

  begin(run: Run): void {
    this.run = run;
    this.peak = this.observe('memory', 'used') ?? 0;
  }

  /** What has been counted; the expectations are the run's. */
  values(met: number, failed: number): Values {
    const values: Partial<Record<MetricName, number>> = { 'expectations.met': met, 'expectations.failed': failed };
    for (const metric of STEPPED) {
      const value = this.value(metric);
      if (value !== undefined) values[metric.name as MetricName] = value;
    }
    return values;
  }

  private value({ name, of }: Metric): number | undefined {
    if (of) return this.observe(...of);
    return name === 'memory.peak' ? this.peak : this.violations;
  }

  private tracked(who: number | 'kernel', outcome: Outcome): TrackedStep {
    const pid = who === 'kernel' ? 0 : who;
    const place = this.where();
    const key = `${place.uri}:${place.span.start}:${pid}`;
    const occurrence = (this.occurrences.get(key) ?? 0) + 1;
    this.occurrences.set(key, occurrence);
    const counted = Float64Array.from(STEPPED, (metric) => this.value(metric) ?? 0);
    return { number: this.steps, place, statement: this.run!.length, who: pid, occurrence, result: resultText(outcome), counted };
  }

  /** The statement that is being done: asked for once, however many steps it has. */
  private where(): Place {
    const run = this.run!;
    if (this.statement !== run.length || this.place === undefined) {
      this.statement = run.length;
      this.place = run.location.place;
    }
    return this.place;
  }

  private observe(of: string, name: string): number | undefined {
    return observed(this.machine, of, name);
  }
}

/** An observable, all hosts together; undefined where it is not simulated. */
export function observed(machine: Machine, of: string, name: string): number | undefined {
  let sum: number | undefined;
  const { hosts } = machine.kernel;
  for (let host = 0; host < hosts.length; host++) {
    const value = machine.observe(of, name, { kind: 'host', id: host, host });
    if (typeof value === 'bigint') sum = (sum ?? 0) + Number(value);
  }
  return sum;
}

function resultText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'ok': {
      const value = reported(outcome.value ?? 0n);
      return typeof value === 'string' ? value : `${BigInt(value.length)} bytes, hash ${value.hash}`;
    }
    case 'errno':
      return outcome.errno;
    case 'signal':
      return outcome.signal;
    case 'error':
      return outcome.code;
  }
}
