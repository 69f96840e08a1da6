import { calls } from '../catalogue/calls';
import type { CallEntry } from '../catalogue/types';
import type { Program } from '../runtime/program';
import { Run } from '../runtime/run';
import type { MachineOptions, Options, Outcome, Setup } from '../simulator/api';
import { type Asleep, Machine, type Stepped } from '../simulator/machine';
import { fget_raw } from '../simulator/fs/file';
import { is_userfaultfd } from '../simulator/fs/userfaultfd_file';
import { mem_cgroup_get_nr_swap_pages } from '../simulator/mm/memcontrol';
import { Content } from '../simulator/state/content';
import { FrameType } from '../simulator/state/kernel';
import type { Value } from '../simulator/value';
import { LineMap } from '../syntax/positions';
import { hex } from './addresses';
import { contentHash } from './hash';
import type { Ending, Fields, Observation } from './observation';
import { Observer } from './observe';
import { whyNot, whyNotSo } from './possible';

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

/** A run is not made longer than this. */
export const MOST_STEPS = 5000;
/** Pages of mappings that are looked at after one step, and after all of them. */
const MOST_WIDTH = 20_000;
const MOST_LOOKED = 2_000_000;

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

interface Begun {
  readonly step: number;
  readonly minflt: bigint;
  readonly majflt: bigint;
  readonly asleep: Asleep;
  /** Others were woken with it: who goes on first is not said. */
  raced?: boolean;
}

class Recorder {
  private readonly setups: TracedSetup[] = [];
  private readonly steps: TracedStep[] = [];
  private readonly lines: ReadonlyMap<string, LineMap>;
  private options: Options = {};
  private run: Run | undefined;
  private stopped: Trace['stopped'];
  private memory = 0;
  private looked = 0;
  /** Whether the run only asks what a step would come to. */
  private asking = false;
  /** Whether there is a userfaultfd: nobody sleeps for anything else, as the disk does all at once. */
  private asks = false;
  /** Calls that sleep: since which step, the faults so far. */
  private readonly begun = new Map<number | 'kernel', Begun>();

  constructor(
    private readonly program: Program,
    private readonly given: TraceOptions,
    private readonly files: ReadonlySet<string>,
  ) {
    this.lines = new Map(program.sources.map(({ uri, text }) => [uri, new LineMap(text)]));
  }

  /** A machine that tells what it is asked to do. */
  machine(given: MachineOptions): Machine | { readonly error: string } {
    this.options = { ...given.machine, ...this.given.machine };
    const machine = Machine.create({ ...given, machine: this.options });
    if (!(machine instanceof Machine)) return machine;
    const observer = new Observer(machine, this.files);
    const declare = machine.declare.bind(machine);
    machine.declare = (setup) => {
      const done = declare(setup);
      this.setups.push(done.pid === undefined ? setup : { ...setup, pid: done.pid });
      return done;
    };
    const step = machine.step.bind(machine);
    const wouldWait = machine.wouldWait.bind(machine);
    machine.wouldWait = (...asked) => {
      this.asking = true;
      const waits = wouldWait(...asked);
      this.asking = false;
      return waits;
    };
    machine.step = (who, call, args, sleeps) => {
      if (this.stopped || this.asking) return step(who, call, args, sleeps);
      const place = this.run!.location.place;
      const source = this.program.sources.find(({ uri }) => uri === place.uri)!;
      const text = source.text.slice(place.span.start, place.span.end).replace(/\s+/g, ' ').trim();
      const line = this.lines.get(place.uri)!.line(place.span.start);
      const stop = (why: string): void => void (this.stopped = { line, text, why });
      const hosts = machine.kernel.hosts.length > 1 ? 'it has several hosts, and this is one machine' : undefined;
      const tooMany = this.steps.length >= MOST_STEPS ? `a comparison has at most ${MOST_STEPS} steps` : undefined;
      const why = hosts ?? tooMany ?? whyNot(call, args, this.steps);
      if (why !== undefined) {
        stop(why);
        return step(who, call, args, sleeps);
      }
      observer.ksm ||= call === 'ksm_scan';
      const before = machine.position().records;
      const charged = limitsReached(machine);
      const faults = observer.faults(who);
      const living = this.living(machine);
      this.asks ||= call === 'userfaultfd';
      const done = withoutTheDisk(machine, step, who, call, args, this.asks ? sleeps : undefined);
      const { outcome } = done;
      const asleep = done.asleep !== undefined;
      if (outcome.kind === 'error' && !asleep) return done;
      const began = this.begun.get(who);
      if (outcome.kind === 'signal' && outcome.fatal && began !== undefined) {
        this.begun.delete(who);
        return done;
      }
      const otherwise = asleep && who === 'kernel' ? 'the kernel would have to wait for a process that sleeps' : whyNotSo(call, outcome);
      if (otherwise !== undefined) {
        stop(otherwise);
        return done;
      }
      if (limitsReached(machine) > charged || swapLimitReached(machine)) {
        stop('a control group is at its limit here: on the machine it has none, which would count what the program itself needs');
        return done;
      }
      freed(machine, before, (pfn, count) => observer.retire(pfn, count));
      const after = observer.faults(who);
      const minflt = after.minflt - faults.minflt + (began?.minflt ?? 0n);
      const majflt = after.majflt - faults.majflt + (began?.majflt ?? 0n);
      if (asleep) this.begun.set(who, { step: began?.step ?? this.steps.length, minflt, majflt, asleep: done.asleep });
      else this.begun.delete(who);
      const counted = !UNCOUNTED.has(call) && who !== 'kernel' && machine.alive(who) && !asleep;
      const ending: Ending = {
        result: asleep ? 'asleep' : endingOf(call, outcome),
        ...(counted && { minflt: String(minflt), majflt: String(majflt) }),
        ...(!asleep && fieldsOf(outcome)),
      };
      this.memory = Math.max(this.memory, Number(machine.observe('memory', 'used') ?? 0n));
      const width = observer.width;
      this.looked += width;
      const tooMuch = this.memory > (this.given.mostMemory ?? Infinity);
      const awake = [...this.begun].filter(([each, { asleep: how }]) => machine.keptFrom(each, how) === undefined);
      const unsettled = awake.length > 0;
      if (awake.length > 1) for (const [, each] of awake) each.raced = true;
      const unseen = tooMuch || unsettled || width > MOST_WIDTH || this.looked > MOST_LOOKED;
      const seen = unseen ? { facts: new Map(), frames: new Map() } : observer.observe();
      this.steps.push({
        ...{ uri: place.uri, line, text, who, call, args, outcome, ending, after: seen },
        ends: living.filter((pid) => !machine.alive(pid)),
        ...(asleep && { sleeps: true }),
        ...(began !== undefined && { since: began.step }),
        ...(unsettled && { unsettled: true }),
        ...((began?.raced === true || readsMessages(machine, who, call, args)) && { anyBytes: true }),
      });
      if (tooMuch) stop(`it takes ${Math.ceil(this.memory / 2 ** 20)} MiB of memory`);
      else if (seen.facts.size === 0 && width > 0 && !unsettled) {
        stop(`there are ${width} pages to look at after each step; a comparison looks at ${MOST_WIDTH}, and at ${MOST_LOOKED} in all`);
        this.steps.pop();
      }
      return done;
    };
    return machine;
  }

  private living(machine: Machine): number[] {
    const { count } = machine.kernel.tasks;
    return Array.from({ length: count }, (_, i) => i + 1).filter((pid) => machine.alive(pid));
  }

  record(run: Run): Trace {
    this.run = run;
    while (!this.stopped && run.forward());
    const { ended } = run;
    const names = new Map(run.processes().map(({ pid, name }) => [pid, name]));
    return {
      file: this.program.sources[0]!.uri,
      scenario: run.scenario,
      machine: this.options,
      setups: this.setups,
      steps: this.steps,
      names,
      files: [...this.files].sort(),
      memory: this.memory,
      ...(this.stopped && { stopped: this.stopped }),
      ...(ended?.kind === 'error' && !this.stopped && { error: ended.error.message }),
    };
  }
}

/** A step in which nobody waits for the disk: only until a fault of userfaultfd is resolved, or for a lock. */
function withoutTheDisk(
  machine: Machine,
  step: Machine['step'],
  who: number | 'kernel',
  call: string,
  args: readonly Value[],
  sleeps?: 'may' | Asleep,
): Stepped {
  let done = step(who, call, args, sleeps);
  while (done.asleep !== undefined && machine.keptFrom(who, done.asleep) === undefined) done = step(who, call, args, done.asleep);
  return done;
}

/** Whether messages of userfaultfd are read as bytes: there are addresses in them, and pids. */
function readsMessages({ kernel }: Machine, who: number | 'kernel', call: string, args: readonly Value[]): boolean {
  if (who === 'kernel' || call !== 'read' || typeof args[0] !== 'bigint') return false;
  const file = fget_raw(kernel, who, Number(args[0]));
  return file !== 0 && is_userfaultfd(kernel, file);
}

/** Calls in which the program's own memory faults, too. */
const UNCOUNTED: ReadonlySet<string> = new Set(['fork', 'vfork', 'clone', 'mlockall']);

/** How often a control group was at its limit. */
const limitsReached = (machine: Machine): bigint =>
  machine.observe('run', 'events', undefined, [Content.text('try_charge_memcg')]) as bigint;

/** Whether a control group has all that it may have in swap. */
function swapLimitReached({ kernel }: Machine): boolean {
  for (let id = 1; id <= kernel.cgroups.count; id++)
    if (kernel.cgroup.swap_limited.get(id) !== 0 && mem_cgroup_get_nr_swap_pages(kernel, id) === 0) return true;
  return false;
}

/** Frames that a step freed: their identity ends. */
function freed(machine: Machine, from: number, visit: (pfn: number, count: number) => void): void {
  const { journal } = machine;
  journal.visit(from, journal.position, (column, start, count, _old, value) => {
    if (column.name === 'frame.type' && value === FrameType.Free) visit(start, count);
  });
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

/** What the program prints of the same ending. Of descriptors, pids and identifiers only that they came matters. */
export function endingOf(call: string, outcome: Outcome): string {
  if (outcome.kind !== 'ok') return outcome.kind === 'errno' ? outcome.errno : outcome.kind === 'signal' ? outcome.signal : outcome.code;
  const { returns } = (calls as Readonly<Record<string, CallEntry>>)[call]!;
  const { value } = outcome;
  if (value instanceof Content) return `${value.length} bytes ${contentHash(value)}`;
  const numeric = returns === 'length' || returns === 'offset' || returns === 'address' || returns === 'count';
  return numeric && typeof value === 'bigint' ? String(value) : 'ok';
}

/** Fields of the structure that a call filled in. */
function fieldsOf(outcome: Outcome): { readonly fields?: Fields } {
  if (outcome.kind !== 'ok' || typeof outcome.value !== 'object' || !('fields' in outcome.value)) return {};
  const entries = Object.entries(outcome.value.fields);
  return { fields: Object.fromEntries(entries.map(([name, value]) => [name, name === 'address' ? hex(value) : String(value)])) };
}
