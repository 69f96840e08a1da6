import type { Statement } from '../syntax/ast';
import type { Control } from './control';
import type { Source } from './program';
import type { Expectation, RunException, RunViolation } from './results';

/** Memory that one statement's entry takes, its control state included. */
const ENTRY_BYTES = 400;

/** A line that was typed in a console. */
export interface Typed {
  readonly node: Statement;
  readonly source: Source;
}

/** Where the machine stood between two statements. */
export interface Boundary {
  readonly records: number;
  readonly marks: number;
  readonly steps: number;
}

/**
 * What a run has done: the states between its statements (control state, and how far journal and trace had come), and what each statement
 * came to. Without `kept` only the last state stays.
 */
export class History {
  private controls: Control[] = [];
  private records: number[] = [];
  private marks: number[] = [];
  private steps: number[] = [];
  private forgotten = 0;
  readonly typed = new Map<number, Typed>();
  readonly exceptions = new Map<number, RunException>();
  private list: Expectation[] = [];
  private readonly merged = new Map<string, Expectation>();
  violations: RunViolation[] = [];

  constructor(private readonly kept: boolean) {}

  /** Statements executed. */
  get length(): number {
    return this.forgotten + this.controls.length - 1;
  }

  get bytes(): number {
    return this.controls.length * ENTRY_BYTES + this.list.length * 200;
  }

  /** The state after one more statement. */
  add(control: Control, boundary: Boundary): void {
    if (!this.kept && this.controls.length > 0) {
      this.forgotten++;
      this.controls.pop();
      for (const list of [this.records, this.marks, this.steps]) list.pop();
    }
    this.controls.push(control);
    this.records.push(boundary.records);
    this.marks.push(boundary.marks);
    this.steps.push(boundary.steps);
  }

  /** Without history: journal and trace have begun again. */
  rebase(records: number, marks: number): void {
    this.records[0] = records;
    this.marks[0] = marks;
  }

  /** The control state before statement `entry`. */
  control(entry: number): Control {
    return this.controls[entry - this.forgotten]!;
  }

  boundary(entry: number): Boundary {
    const at = entry - this.forgotten;
    return { records: this.records[at]!, marks: this.marks[at]!, steps: this.steps[at]! };
  }

  marksBefore(entry: number): number {
    return this.marks[entry - this.forgotten]!;
  }

  holds(entry: number): boolean {
    return Number.isInteger(entry) && entry >= this.forgotten && entry <= this.length;
  }

  expectation(result: Expectation): void {
    if (this.kept) this.list.push(result);
    else merge(this.merged, result);
  }

  get expectations(): readonly Expectation[] {
    return this.kept ? this.list : [...this.merged.values()];
  }

  /** Known violations come in great numbers; without history they are only counted. */
  violation(violation: RunViolation): void {
    const same = this.kept ? -1 : this.violations.findIndex((other) => other.invariant === violation.invariant);
    if (same < 0) this.violations.push(violation);
    else this.violations[same] = { ...violation, times: (this.violations[same]!.times ?? 1) + 1 };
  }

  /** Forgets everything after statement `entry` − 1. */
  cut(entry: number): void {
    const length = entry - this.forgotten + 1;
    this.controls.length = this.records.length = this.marks.length = this.steps.length = length;
    for (const map of [this.typed, this.exceptions]) for (const key of map.keys()) if (key >= entry) map.delete(key);
    this.list = upTo(this.list, entry);
    this.violations = upTo(this.violations, entry);
  }
}

/** The part of a list ordered by statement that lies before `entry`. */
export function upTo<T extends { readonly entry: number }>(list: readonly T[], entry: number): T[] {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (list[middle]!.entry < entry) low = middle + 1;
    else high = middle;
  }
  return list.slice(0, low);
}

/** One for each `expect` of the text: its first failure, else its last time. */
export function summarised(expectations: readonly Expectation[]): Expectation[] {
  const byPlace = new Map<string, Expectation>();
  for (const each of expectations) merge(byPlace, each);
  return [...byPlace.values()];
}

function merge(byPlace: Map<string, Expectation>, result: Expectation): void {
  const key = `${result.place.span.start} ${result.place.uri}`;
  const before = byPlace.get(key);
  const times = (before?.times ?? 0) + (result.times ?? 1);
  byPlace.set(key, { ...(before && !before.ok ? before : result), times });
}
