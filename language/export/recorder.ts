import { calls } from '../catalogue/calls';
import type { CallEntry } from '../catalogue/types';
import type { Program } from '../runtime/program';
import type { Run } from '../runtime/run';
import type { MachineOptions, Options, Outcome } from '../simulator/api';
import { fget_raw } from '../simulator/fs/file';
import { is_userfaultfd } from '../simulator/fs/userfaultfd_file';
import { type Asleep, Machine, type Stepped } from '../simulator/machine';
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
import type { Trace, TracedSetup, TracedStep, TraceOptions } from './trace';

/** A run is not made longer than this. */
export const MOST_STEPS = 5000;
/** Pages of mappings that are looked at after one step, and after all of them. */
const MOST_WIDTH = 20_000;
const MOST_LOOKED = 2_000_000;

/** What a machine is asked to do. */
interface Asked {
  readonly who: number | 'kernel';
  readonly call: string;
  readonly args: readonly Value[];
  readonly sleeps: 'may' | Asleep | undefined;
}

/** A call that sleeps: since which step, and its faults so far. */
interface Begun {
  readonly step: number;
  readonly minflt: bigint;
  readonly majflt: bigint;
  readonly asleep: Asleep;
  /** Others were woken with it: who goes on first is not said. */
  raced?: boolean;
}

/** The statement that a step belongs to. */
interface Place {
  readonly uri: string;
  readonly line: number;
  readonly text: string;
}

/** Runs a scenario and writes down every step, up to the first that a live kernel cannot do the same way. */
export class Recorder {
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
  private userfaults = false;
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
    const wouldWait = machine.wouldWait.bind(machine);
    machine.wouldWait = (...asked) => {
      this.asking = true;
      const waits = wouldWait(...asked);
      this.asking = false;
      return waits;
    };
    const step = machine.step.bind(machine);
    machine.step = (who, call, args, sleeps) =>
      this.stopped || this.asking ? step(who, call, args, sleeps) : this.step(machine, observer, step, { who, call, args, sleeps });
    return machine;
  }

  /** Has the machine do a step, and writes it down or why the trace ends before it. */
  private step(machine: Machine, observer: Observer, step: Machine['step'], asked: Asked): Stepped {
    const { who, call, args, sleeps } = asked;
    const place = this.place();
    const why = this.impossible(machine, asked);
    if (why !== undefined) {
      this.stopped = { line: place.line, text: place.text, why };
      return step(who, call, args, sleeps);
    }
    observer.ksm ||= call === 'ksm_scan';
    this.userfaults ||= call === 'userfaultfd';
    const records = machine.position().records;
    const charged = limitsReached(machine);
    const faults = observer.faults(who);
    const living = alive(machine);
    const done = withoutTheDisk(machine, step, { ...asked, sleeps: this.userfaults ? sleeps : undefined });
    if (done.outcome.kind === 'error' && done.asleep === undefined) return done;
    if (done.outcome.kind === 'signal' && done.outcome.fatal && this.begun.delete(who)) return done;
    const otherwise = this.otherwise(machine, asked, done, charged);
    if (otherwise !== undefined) {
      this.stopped = { line: place.line, text: place.text, why: otherwise };
      return done;
    }
    freed(machine, records, (pfn, count) => observer.retire(pfn, count));
    const now = observer.faults(who);
    const more = { minflt: now.minflt - faults.minflt, majflt: now.majflt - faults.majflt };
    const ends = living.filter((pid) => !machine.alive(pid));
    this.write(machine, observer, place, asked, done, more, ends);
    return done;
  }

  private place(): Place {
    const { uri, span } = this.run!.location.place;
    const source = this.program.sources.find((each) => each.uri === uri)!;
    const text = source.text.slice(span.start, span.end).replace(/\s+/g, ' ').trim();
    return { uri, line: this.lines.get(uri)!.line(span.start), text };
  }

  /** Why the machine cannot do a step at all. */
  private impossible({ kernel }: Machine, { call, args }: Asked): string | undefined {
    if (kernel.hosts.length > 1) return 'it has several hosts, and this is one machine';
    if (this.steps.length >= MOST_STEPS) return `a comparison has at most ${MOST_STEPS} steps`;
    return whyNot(call, args, this.steps);
  }

  /** Why what a step came to would be something else on the machine. `charged`: how often a group had been at its limit before. */
  private otherwise(machine: Machine, { who, call }: Asked, { outcome, asleep }: Stepped, charged: bigint): string | undefined {
    if (asleep !== undefined && who === 'kernel') return 'the kernel would have to wait for a process that sleeps';
    if (limitsReached(machine) > charged || swapLimitReached(machine))
      return 'a control group is at its limit here: on the machine it has none, which would count what the program itself needs';
    return whyNotSo(call, outcome);
  }

  private write(
    machine: Machine,
    observer: Observer,
    place: Place,
    { who, call, args }: Asked,
    { outcome, asleep }: Stepped,
    more: { readonly minflt: bigint; readonly majflt: bigint },
    ends: readonly number[],
  ): void {
    const began = this.begun.get(who);
    const minflt = more.minflt + (began?.minflt ?? 0n);
    const majflt = more.majflt + (began?.majflt ?? 0n);
    if (asleep) this.begun.set(who, { step: began?.step ?? this.steps.length, minflt, majflt, asleep });
    else this.begun.delete(who);
    const counted = !UNCOUNTED.has(call) && who !== 'kernel' && machine.alive(who);
    const ending: Ending = asleep
      ? { result: 'asleep' }
      : { result: endingOf(call, outcome), ...(counted && { minflt: String(minflt), majflt: String(majflt) }), ...fieldsOf(outcome) };
    const unsettled = this.somebodyGoesOn(machine);
    const after = this.seen(machine, observer, place, unsettled);
    if (this.stopped) return;
    this.steps.push({
      ...{ ...place, who, call, args, outcome, ending, ends, after },
      ...(asleep && { sleeps: true }),
      ...(began !== undefined && { since: began.step }),
      ...(unsettled && { unsettled: true }),
      ...((began?.raced === true || readsMessages(machine, who, call, args)) && { anyBytes: true }),
    });
  }

  /** Whether one of those who slept can go on; several race. */
  private somebodyGoesOn(machine: Machine): boolean {
    const awake = [...this.begun].filter(([who, { asleep }]) => machine.keptFrom(who, asleep) === undefined);
    if (awake.length > 1) for (const [, each] of awake) each.raced = true;
    return awake.length > 0;
  }

  /** What the simulator's machine looks like; nothing, and the trace ends, where that is too much. */
  private seen(machine: Machine, observer: Observer, { line, text }: Place, unsettled: boolean): Observation {
    const nothing = { facts: new Map(), frames: new Map() };
    this.memory = Math.max(this.memory, Number(machine.observe('memory', 'used') ?? 0n));
    const { width } = observer;
    this.looked += width;
    const tooMuch = this.memory > (this.given.mostMemory ?? Infinity);
    if (tooMuch) this.stopped = { line, text, why: `it takes ${Math.ceil(this.memory / 2 ** 20)} MiB of memory` };
    else if (width > MOST_WIDTH || this.looked > MOST_LOOKED) {
      const why = `there are ${width} pages to look at after each step; a comparison looks at ${MOST_WIDTH}, and at ${MOST_LOOKED} in all`;
      this.stopped = { line, text, why };
    }
    return this.stopped || unsettled ? nothing : observer.observe();
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

const alive = (machine: Machine): number[] =>
  Array.from({ length: machine.kernel.tasks.count }, (_, i) => i + 1).filter((pid) => machine.alive(pid));

/** A step in which nobody waits for the disk: only until a fault of userfaultfd is resolved, or for a lock. */
function withoutTheDisk(machine: Machine, step: Machine['step'], { who, call, args, sleeps }: Asked): Stepped {
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

/** What the program prints of the same ending. Of descriptors, pids and identifiers only that they came matters. */
function endingOf(call: string, outcome: Outcome): string {
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
