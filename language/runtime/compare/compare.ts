import { LineMap } from '../../syntax/positions';
import { summarised } from '../history';
import type { Limits } from '../limits';
import { makeMachine } from '../makeMachine';
import type { Place } from '../position';
import type { Program } from '../program';
import { reported, reportOfRefusal, type RunReport, report } from '../report';
import type { RunError } from '../results';
import { Run } from '../run';
import type { Values } from './metrics';
import { Parting, Reference, type Part } from './part';
import { Track, type TrackedStep } from './track';
import type { Variant } from './variants';

/** A line of the text and what it says, white space pressed together. Lines count from 1. */
export interface Line {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** Where a run first has something else than the first design's. */
export interface PartedAt extends Line {
  /** The run's step, from 1. */
  readonly step: number;
  /** Its statement, from 0. */
  readonly statement: number;
  readonly who: string;
  /** A metric's name, or `result`: what the call gave. */
  readonly what: string;
  readonly reference: number | string;
  readonly here: number | string;
}

/** One design's run. */
export interface Compared {
  /** As it was asked for: a name, or `extent_cache { key = logical }`. */
  readonly design: string;
  readonly ok: boolean;
  readonly steps: number;
  /** Empty where the run could not begin. */
  readonly values: Values;
  /** What ended the run early. */
  readonly error: RunReport['error'];
  /** Expectations that did not hold. */
  readonly failed: readonly (Line & { readonly left: string; readonly right: string })[];
  /** The first step for each metric in which it parts from the first design, in the order of the steps. */
  readonly parts: readonly PartedAt[];
}

/** One scenario under several designs. */
export interface Comparison {
  readonly file: string;
  readonly scenario: string;
  /** The params that were given. */
  readonly params: Readonly<Record<string, number>>;
  /** In the order asked for; the others are held against the first. */
  readonly designs: readonly Compared[];
}

export interface CompareOptions {
  readonly scenario: string;
  readonly params?: Readonly<Record<string, bigint>>;
  readonly seed?: number;
  readonly limits?: Partial<Limits>;
  /** Whether it is looked for where the runs part (default). */
  readonly parting?: boolean;
  /** What keeps the scenario from being run under a design, for what the caller knows of it. */
  readonly refused?: (design: string) => RunError | undefined;
}

/** Statements after which a comparison may be interrupted. */
const PIECE = 32;

/** Runs a scenario under each of the designs from beginning to end. Nothing is thrown: a run that can't be is a row with its error. */
export function compareDesigns(program: Program, designs: readonly Variant[], options: CompareOptions): Comparison {
  return finished(comparing(program, designs, options));
}

/** What a generator returns in the end. */
export function finished<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value as T;
  }
}

/** As `compareDesigns`, in pieces of some statements: yields the design that is being run. */
export function* comparing(program: Program, designs: readonly Variant[], options: CompareOptions): Generator<Variant, Comparison> {
  const reference = new Reference();
  const runs: Compared[] = [];
  for (const design of designs) {
    yield design;
    runs.push(yield* compared(program, design, options, runs.length === 0, reference));
  }
  const params = Object.fromEntries(Object.entries(options.params ?? {}).map(([name, value]) => [name, Number(value)]));
  return { file: program.sources[0]!.uri, scenario: options.scenario, params, designs: runs };
}

function* compared(
  program: Program,
  variant: Variant,
  options: CompareOptions,
  first: boolean,
  reference: Reference,
): Generator<Variant, Compared> {
  const { label, name } = variant;
  const runOptions = { ...options, design: name, history: false };
  const nothing = { design: label, ok: false, steps: 0, values: {}, failed: [], parts: [] };
  const refused = options.refused?.(name);
  if (refused) return { ...nothing, error: reportOfRefusal(program, runOptions, refused).error };
  const parting = new Parting(reference);
  const each = options.parting === false ? undefined : (step: TrackedStep) => (first ? reference : parting).add(step);
  let track: Track | undefined;
  const run = Run.start(program, runOptions, (given) => {
    const machine = makeMachine(given);
    if (!('error' in machine)) track = new Track(machine, each);
    return machine;
  });
  if (!(run instanceof Run)) return { ...nothing, error: reportOfRefusal(program, runOptions, run.error).error };
  track!.begin(run);
  for (let statements = 0; run.forward(); statements++) if (statements % PIECE === PIECE - 1) yield variant;
  const { ok, error, steps } = report(run);
  const expectations = summarised(run.expectations);
  const failed = expectations.filter((each) => !each.ok);
  const lines = new Lines(program);
  return {
    design: label,
    ok,
    steps,
    values: track!.values(expectations.length - failed.length, failed.length),
    error,
    failed: failed.map((each) => ({ ...lines.at(each.place), text: each.text, left: side(each.left), right: side(each.right) })),
    parts: partsOf(parting, run, lines),
  };
}

function partsOf(parting: Parting, run: Run, lines: Lines): PartedAt[] {
  const found = [...parting.parts.values()].sort((a, b) => a.step.number - b.step.number);
  return found.map(({ step, what, reference, here }: Part) => ({
    ...lines.at(step.place),
    step: step.number,
    statement: step.statement,
    who: step.who === 0 ? 'kernel' : run.nameOf(step.who),
    what,
    reference,
    here,
  }));
}

function side(value: Parameters<typeof reported>[0]): string {
  const text = reported(value);
  return typeof text === 'string' ? text : `${BigInt(text.length)} bytes, hash ${text.hash}`;
}

/** Places as lines. */
class Lines {
  private readonly maps: ReadonlyMap<string, { readonly text: string; readonly map: LineMap }>;

  constructor(program: Program) {
    this.maps = new Map(program.sources.map(({ uri, text }) => [uri, { text, map: new LineMap(text) }]));
  }

  at({ uri, span }: Place): Line {
    const source = this.maps.get(uri);
    const text = source?.text.slice(span.start, span.end).replace(/\s+/g, ' ').trim() ?? '';
    return { file: uri, line: source?.map.line(span.start) ?? 1, text };
  }
}
