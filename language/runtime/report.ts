import { observables } from '../catalogue/observables';
import type { Observable, Owner } from '../catalogue/types';
import { Content } from '../simulator/state/content';
import type { ObjectRef, RecordValue, Value } from '../simulator/value';
import { LineMap } from '../syntax/positions';
import { summarised } from './history';
import type { Place } from './position';
import type { Program } from './program';
import type { Expectation, RunError } from './results';
import { Run, type RunOptions } from './run';
import { isList, isObject, isRecord, processRef } from './values';

/** A side of an expectation: integers as decimal strings, `true` or `false`, content by its length, hash and first 64 bytes (hexadecimal). */
export type ReportedValue = string | { readonly length: number; readonly hash: string; readonly first: string };

/** One scenario under one design: the object that `run --json` prints. Lines count from 1. */
export interface RunReport {
  readonly file: string;
  readonly scenario: string;
  readonly design: string;
  readonly ok: boolean;
  readonly steps: number;
  readonly microsteps: number;
  /** One for each `expect` that was evaluated; in a loop its first failure, else its last time, and how many times. */
  readonly expectations: readonly {
    readonly line: number;
    readonly text: string;
    readonly ok: boolean;
    readonly left: ReportedValue;
    readonly right: ReportedValue;
    readonly reason?: string;
    readonly times?: number;
  }[];
  readonly violations: readonly {
    readonly line: number;
    readonly invariant: string;
    readonly message: string;
    readonly known: boolean;
    readonly times?: number;
  }[];
  readonly error: { readonly line: number; readonly code: string; readonly message: string; readonly file?: string } | null;
  /** With `--explore`: how many orders of the branches were run, whether that is all, in how many ways they ended, and the order reported here. */
  readonly explored?: { readonly orders: number; readonly complete: boolean; readonly endings: number; readonly order: readonly number[] };
  /** Everything countable at the end: `memory.cached`, `disk.reads`, `p.rss`. */
  readonly observables: Readonly<Record<string, number>>;
}

/** Processes beyond these are left out; `processes.more` says how many. */
const MOST_PROCESSES = 200;

/** Runs a scenario from beginning to end, without history, and reports. */
export function runToReport(program: Program, options: RunOptions): RunReport {
  const run = Run.start(program, { history: false, ...options });
  if (!(run instanceof Run)) return reportOfRefusal(program, options, run.error);
  run.finish();
  return report(run);
}

/** What a run has come to where it stands. */
export function report(run: Run): RunReport {
  const { program, ended } = run;
  const lines = lineFinder(program);
  return {
    file: program.sources[0]!.uri,
    scenario: run.scenario,
    design: run.design,
    ok: ended?.kind === 'end' && run.failures.length === 0,
    steps: run.steps,
    microsteps: run.microsteps,
    expectations: summarised(run.expectations).map((each) => ({
      line: lines(each.place),
      text: each.text,
      ok: each.ok,
      left: reported(each.left),
      right: reported(each.right),
      ...(each.reason !== undefined && { reason: each.reason }),
      ...(many(each) && { times: each.times! }),
    })),
    violations: run.violations.map(({ place, invariant, message, known, times }) => ({
      line: lines(place),
      invariant,
      message,
      known,
      ...(times !== undefined && { times }),
    })),
    error: ended?.kind === 'error' ? reportedError(program, ended.error) : null,
    observables: countables(run),
  };
}

/** A scenario that could not even begin. */
export function reportOfRefusal(program: Program, options: RunOptions, error: RunError): RunReport {
  return {
    file: program.sources[0]!.uri,
    scenario: options.scenario ?? '',
    design: options.design ?? 'baseline',
    ok: false,
    steps: 0,
    microsteps: 0,
    expectations: [],
    violations: [],
    error: reportedError(program, error),
    observables: {},
  };
}

function many(expectation: Expectation): boolean {
  return (expectation.times ?? 1) > 1;
}

function reportedError(program: Program, error: RunError): NonNullable<RunReport['error']> {
  const { place, code, message } = error;
  const elsewhere = place.uri !== program.sources[0]!.uri;
  return { line: lineFinder(program)(place), code, message, ...(elsewhere && { file: place.uri }) };
}

function lineFinder(program: Program): (place: Place) => number {
  const maps = new Map<string, LineMap>();
  for (const { uri, text } of program.sources) maps.set(uri, new LineMap(text));
  return ({ uri, span }) => maps.get(uri)?.line(span.start) ?? 1;
}

export function reported(value: Value | string): ReportedValue {
  if (typeof value === 'string') return value;
  if (value instanceof Content) {
    const first = Array.from(value.bytes(0, 64), (byte) => byte.toString(16).padStart(2, '0')).join('');
    return { length: value.length, hash: value.hash().toString(16).padStart(13, '0'), first };
  }
  if (isList(value)) return `[${value.map((item) => textOf(reported(item))).join(', ')}]`;
  if (isRecord(value)) return recordText(value);
  return isObject(value) ? objectText(value) : String(value);
}

/** `{ size = 4096, nlink = 1 }` */
function recordText({ fields }: RecordValue): string {
  return `{ ${Object.entries(fields)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ')} }`;
}

function textOf(value: ReportedValue): string {
  return typeof value === 'string' ? value : `${BigInt(value.length)} bytes`;
}

function objectText(object: ObjectRef): string {
  return `${object.kind} ${object.id}${object.at === undefined ? '' : `[${object.at}]`}`;
}

/** Owners that there is one of. */
const SINGLE: readonly Owner[] = ['memory', 'disk', 'lru', 'faults', 'design', 'run'];

function countables(run: Run): Record<string, number> {
  const found: Record<string, number> = {};
  for (const owner of SINGLE) collect(run, owner, undefined, owner === 'run' ? '' : `${owner}.`, found);
  const alive = run.processes().filter((process) => process.alive);
  for (const { pid, name } of alive.slice(0, MOST_PROCESSES)) collect(run, 'process', processRef(pid), `${name}.`, found);
  if (alive.length > MOST_PROCESSES) found['processes.more'] = alive.length - MOST_PROCESSES;
  return found;
}

function collect(run: Run, owner: Owner, subject: ObjectRef | undefined, prefix: string, found: Record<string, number>): void {
  for (const [name, { unit, index }] of Object.entries(observables[owner] as Record<string, Observable>)) {
    if (index !== undefined || (unit !== 'bytes' && unit !== 'count')) continue;
    const value = run.machine.observe(owner, name, subject);
    if (typeof value === 'bigint') found[`${prefix}${name}`] = Number(value);
  }
}
