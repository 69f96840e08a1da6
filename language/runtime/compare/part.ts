import { STEPPED, type TrackedStep } from './track';

/** A step at which a run has something else than the reference: of a metric the two counts, of the result the two texts. */
export interface Part {
  readonly step: TrackedStep;
  /** A metric's name, or `result`: what the call gave. */
  readonly what: string;
  readonly reference: number | string;
  readonly here: number | string;
}

/** Steps of the reference that are kept to compare with; beyond them nothing is said about where runs part. */
export const MOST_COMPARED = 200_000;

/** The steps of the run that the others are held against. */
export class Reference {
  private readonly steps: TrackedStep[] = [];
  private readonly byKey = new Map<string, number>();

  add(step: TrackedStep): void {
    if (this.steps.length >= MOST_COMPARED) return;
    this.byKey.set(keyOf(step), this.steps.length);
    this.steps.push(step);
  }

  /** Whether nothing more can be said. */
  beyond(step: number): boolean {
    return step > MOST_COMPARED;
  }

  at(index: number): TrackedStep | undefined {
    return this.steps[index];
  }

  /** The same line by the same process for the same time; -1 where the reference did no such step. */
  find(step: TrackedStep): number {
    return this.byKey.get(keyOf(step)) ?? -1;
  }
}

/**
 * Finds, for each metric, the first step at which a run parts from the reference. Steps are matched by line, process and occurrence: a line that only
 * one of the two does (`under`) is held against where the reference stood before it.
 */
export class Parting {
  readonly parts = new Map<string, Part>();
  private matched = -1;

  constructor(private readonly reference: Reference) {}

  add(step: TrackedStep): void {
    if (this.reference.beyond(step.number)) return;
    const index = this.reference.find(step);
    if (index >= 0) this.matched = index;
    const other = this.reference.at(this.matched);
    STEPPED.forEach(({ name }, i) => this.compare(step, name, other?.counted[i] ?? 0, step.counted[i]!));
    if (index >= 0) this.compare(step, 'result', other!.result, step.result);
  }

  private compare(step: TrackedStep, what: string, reference: number | string, here: number | string): void {
    if (reference !== here && !this.parts.has(what)) this.parts.set(what, { step, what, reference, here });
  }
}

function keyOf({ place, who, occurrence }: TrackedStep): string {
  return `${place.uri}:${place.span.start}:${who}:${occurrence}`;
}
