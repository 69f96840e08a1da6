import { calls } from '../catalogue/calls';
import type { CallEntry } from '../catalogue/types';
import type { Program } from '../runtime/program';
import { Run } from '../runtime/run';
import type { MachineOptions, Options, Outcome, Setup } from '../simulator/api';
import { Machine } from '../simulator/machine';
import { Content } from '../simulator/state/content';
import type { Value } from '../simulator/value';
import type { Ending, Observation } from './observation';
import { MOST_STEPS, Recorder } from './recorder';

/** One step of a run: who did what, with evaluated arguments, how it ended, and what the simulator's machine looked like afterwards. */
export interface TracedStep {
  readonly uri: string;
  readonly line: number;
  /** The statement as written. */
  readonly text: string;
  readonly who: number | 'kernel';
  readonly call: string;
  readonly args: readonly Value[];
  readonly outcome: Outcome;
  readonly ending: Ending;
  /** Empty where somebody who slept goes on: how far it is, is not known on a machine. */
  readonly after: Observation;
  /** Processes that end with it. */
  readonly ends: readonly number[];
  /** The call sleeps in the middle when the step is over. */
  readonly sleeps?: true;
  /** The call began with that step, and slept. */
  readonly since?: number;
  /** Somebody who slept can go on. */
  readonly unsettled?: true;
  /** Only how many bytes came is compared: which they are depends on the machine's order or addresses. */
  readonly anyBytes?: true;
}

/** A scenario as a flat list of what happens: what the C program is made of, and what the machine is compared with. */
export interface Trace {
  readonly file: string;
  readonly scenario: string;
  readonly machine: Options;
  readonly setups: readonly TracedSetup[];
  readonly steps: readonly TracedStep[];
  /** Process names by pid. */
  readonly names: ReadonlyMap<number, string>;
  /** Paths that are regular files at some time. */
  readonly files: readonly string[];
  /** The step that a live kernel cannot do, or that is not made into C: the comparison ends before it. */
  readonly stopped?: { readonly line: number; readonly text: string; readonly why: string };
  /** The most memory that the machine had in use, bytes. */
  readonly memory: number;
  /** Steps whose line the run did not get to the end of: an error of the scenario under the simulator. */
  readonly error?: string;
}

export type TracedSetup = Setup & { readonly pid?: number };

export interface TraceOptions {
  readonly scenario?: string;
  readonly params?: Readonly<Record<string, bigint>>;
  /** Replaces options of `machine { … }`: what the live kernel has. */
  readonly machine?: Options;
  /** Bytes that the simulated machine may use before the run is ended. */
  readonly mostMemory?: number;
}

/** Runs a scenario under the baseline and writes down every step. */
export function traceScenario(program: Program, options: TraceOptions = {}): Trace | { readonly error: string } {
  const files = namedFiles(program, options);
  if (!(files instanceof Set)) return files;
  const recorder = new Recorder(program, options, files);
  const run = start(program, options, (given) => recorder.machine(given));
  return run instanceof Run ? recorder.record(run) : { error: run.error.message };
}

function start(program: Program, { scenario, params }: TraceOptions, make: (given: MachineOptions) => ReturnType<typeof Machine.create>) {
  return Run.start(
    program,
    { design: 'baseline', history: false, ...(scenario !== undefined && { scenario }), ...(params && { params }) },
    make,
  );
}

/** The paths of files that a scenario names anywhere: each is looked at from the first step on, as it may be there before its name is said. */
function namedFiles(program: Program, options: TraceOptions): Set<string> | { readonly error: string } {
  const files = new Set<string>();
  let steps = 0;
  const run = start(program, options, (given) => {
    const machine = Machine.create({ ...given, machine: { ...given.machine, ...options.machine } });
    if (!(machine instanceof Machine)) return machine;
    const [declare, step] = [machine.declare.bind(machine), machine.step.bind(machine)];
    machine.declare = (setup) => {
      for (const path of pathsOf(setup)) files.add(path);
      return declare(setup);
    };
    machine.step = (who, call, args) => {
      steps++;
      for (const path of pathArguments(call, args)) files.add(path);
      return step(who, call, args);
    };
    return machine;
  });
  if (!(run instanceof Run)) return { error: run.error.message };
  while (steps < MOST_STEPS && run.forward());
  return files;
}

function pathsOf(setup: Setup): string[] {
  if (setup.kind === 'file') return [setup.path];
  return setup.kind === 'reflink' || setup.kind === 'dedupe' ? [setup.from, setup.to] : [];
}

function pathArguments(call: string, args: readonly Value[]): string[] {
  if (call === 'memfd_create') return [];
  const { params } = (calls as Readonly<Record<string, CallEntry>>)[call]!;
  return params.flatMap(({ kind }, i) => {
    const value = args[i];
    return kind === 'path' && value instanceof Content ? [value.asText() ?? ''].filter((path) => path.startsWith('/')) : [];
  });
}
