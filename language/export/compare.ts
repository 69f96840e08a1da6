import { calls } from '../catalogue/calls';
import type { CallEntry } from '../catalogue/types';
import { scenarioAddress } from './addresses';
import { countsOnly } from './countsOnly';
import type { Fields, Observation } from './observation';
import type { LiveStep } from './parse';
import type { Trace, TracedStep } from './trace';

/** One thing that is otherwise on the machine than in the simulator. */
export interface Difference {
  /** `p 0x10000000`, `/x/f page 3`, or `result`. */
  readonly what: string;
  readonly field: string;
  readonly machine: string;
  readonly simulator: string;
}

export interface ComparedStep {
  readonly step: TracedStep;
  readonly index: number;
  /** How many values were held against each other. */
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** Differences that were there after the step before already. */
  readonly lasting: number;
}

const ACCESSES = new Set(['load', 'store', 'touch']);

/** Holds what the program printed against the trace, step by step. `frames`: whether it was shown which frame is where, and what is known of it. */
export function compare(trace: Trace, live: readonly LiveStep[], frames: boolean): ComparedStep[] {
  const pairs = new Pairs();
  const sharing = shares_on_xfs(trace);
  const told = countsOnly(trace) ? withoutCached : (after: Observation) => after;
  let before = new Set<string>();
  return trace.steps.slice(0, live.length).map((traced, index) => {
    const step = frames ? traced : { ...traced, after: withoutFrames(traced.after) };
    const seen = frames ? live[index]! : { ...live[index]!, after: withoutFrames(live[index]!.after) };
    const settled = step.unsettled === true ? [] : [...states(told(step.after), seen.after), ...pairs.next(step, seen.after)];
    const found = [...endings(step, seen, sharing), ...settled];
    const keys = new Map(found.map((each) => [JSON.stringify(each), named(each, trace.names)]));
    const differences = [...keys].filter(([key]) => !before.has(key)).map(([, each]) => each);
    before = step.unsettled === true ? new Set([...before, ...keys.keys()]) : new Set(keys.keys());
    return { step: traced, index, compared: count(step, seen), differences, lasting: keys.size - differences.length };
  });
}

/** How many values both told of. */
function count({ after }: TracedStep, live: LiveStep): number {
  const facts = [...after.facts].filter(([what]) => live.after.facts.has(what));
  const frames = [...after.frames.keys()].filter((what) => live.after.frames.has(what));
  return 1 + facts.reduce((sum, [, fields]) => sum + Object.keys(fields).length, 0) + frames.length;
}

/** What an ordinary user sees: that a page is there, not which one, how often it is mapped or whether it is the zero page. */
function withoutFrames({ facts }: Observation): Observation {
  const told = ({ is, exclusive, content, ...fields }: Fields): Fields => {
    if (is === undefined) return fields;
    if (is === 'the zero page') return { is: 'a page', exclusive: 'false' };
    return { is, ...(exclusive !== undefined && { exclusive }), ...(content !== undefined && { content }) };
  };
  return { facts: new Map([...facts].map(([what, fields]) => [what, told(fields)])), frames: new Map() };
}

/** What the program shows that only counts the pages of files. */
const withoutCached = ({ facts, frames }: Observation): Observation => ({
  facts: new Map([...facts].filter(([, { is }]) => is !== 'cached')),
  frames,
});

function endings(step: TracedStep, live: LiveStep, sharing: boolean): Difference[] {
  const found: Difference[] = [];
  const { ending } = step;
  const bytes = (result: string): string => (step.anyBytes === true ? result.replace(/ bytes \w+$/, ' bytes') : result);
  const result = bytes(liveResult(step, live.ending.result));
  if (result !== bytes(ending.result)) found.push({ what: 'result', field: '', machine: result, simulator: ending.result });
  for (const field of ['minflt', 'majflt'] as const)
    if (ending[field] !== undefined && live.ending[field] !== undefined && ending[field] !== live.ending[field])
      found.push({ what: 'faults', field, machine: live.ending[field], simulator: ending[field] });
  return [...found, ...fields(step, live).filter(({ field }) => field !== 'blocks' || !sharing)];
}

/** Whether files of xfs share blocks: st_blocks counts then what is set aside for copy on write, 128 KiB around each write. */
const shares_on_xfs = ({ setups, steps }: Trace): boolean =>
  setups.some((each) => each.kind === 'mount' && each.type === 'xfs') &&
  [...setups.map(({ kind }) => kind), ...steps.map(({ call }) => call)].some((what) => SHARING.has(what));

const SHARING: ReadonlySet<string> = new Set(['reflink', 'dedupe', 'ficlone', 'ficlonerange', 'copy_file_range']);

/** Fields that both tell of the structure that the call filled in. */
function fields({ ending }: TracedStep, live: LiveStep): Difference[] {
  if (ending.fields === undefined || live.ending.fields === undefined) return [];
  const theirs = live.ending.fields;
  return Object.entries(ending.fields).flatMap(([field, simulator]) =>
    theirs[field] === undefined || theirs[field] === simulator ? [] : [{ what: 'result', field, machine: theirs[field], simulator }],
  );
}

function liveResult({ call, ending }: TracedStep, result: string): string {
  if (!/^-?\d+$/.test(result)) return result;
  const { returns } = (calls as Readonly<Record<string, CallEntry>>)[call]!;
  if (returns === 'address') return String(scenarioAddress(BigInt(result)));
  return ending.result === 'ok' ? 'ok' : result;
}

/** The same difference of several pages in one line. */
export function grouped(differences: readonly Difference[]): string[] {
  const groups = new Map<string, { what: string[]; rest: string }>();
  for (const { what, field, machine, simulator } of differences) {
    const rest = `${field ? `${field}: ` : ''}machine ${machine}, simulator ${simulator}`;
    const key = `${what.replace(/( 0x[0-9a-f]+| page \d+)$/, '')} ${rest}`;
    const group = groups.get(key);
    if (group) group.what.push(what);
    else groups.set(key, { what: [what], rest });
  }
  return [...groups.values()].map(({ what, rest }) => `${what[0]}${what.length > 1 ? ` and ${what.length - 1} more` : ''}: ${rest}`);
}

/** Fields that follow from others of the same page: told only where those agree. */
function states(simulator: Observation, machine: Observation): Difference[] {
  const found: Difference[] = [];
  for (const what of new Set([...simulator.facts.keys(), ...machine.facts.keys()])) {
    const ours = simulator.facts.get(what);
    const theirs = machine.facts.get(what);
    if (ours === undefined || theirs === undefined || ours.is !== theirs.is) {
      found.push({ what, field: '', machine: present(theirs), simulator: present(ours) });
      continue;
    }
    for (const field of new Set([...Object.keys(ours), ...Object.keys(theirs)]))
      if (ours[field] !== theirs[field]) found.push({ what, field, machine: theirs[field] ?? '0', simulator: ours[field] ?? '0' });
  }
  return found;
}

const present = (fields: Fields | undefined): string => (fields === undefined ? 'nothing' : (fields.is ?? 'there'));

/** Which frame of the simulator is which of the machine, as long as both are in use. */
class Pairs {
  private real = new Map<string, string>();
  private before: Observation = { facts: new Map(), frames: new Map() };
  private liveBefore: Observation = { facts: new Map(), frames: new Map() };

  next(step: TracedStep, live: Observation): Difference[] {
    const found: Difference[] = [];
    const real = new Map<string, string>();
    const owner = new Map<string, string>();
    for (const [at, frame] of step.after.frames) {
      const seen = live.frames.get(at);
      const known = this.real.get(frame);
      if (seen !== undefined && known === seen) {
        real.set(frame, seen);
        owner.set(seen, frame);
      }
    }
    for (const [at, frame] of step.after.frames) {
      const seen = live.frames.get(at);
      if (seen === undefined) continue;
      const mine = real.get(frame);
      const other = owner.get(seen);
      if (mine === undefined && other === undefined) {
        const known = this.real.get(frame);
        real.set(frame, seen);
        owner.set(seen, frame);
        if (known !== undefined) found.push(page(at, 'another page than before', 'the same page as before'));
        else if (ACCESSES.has(step.call) && this.before.frames.has(at) && this.liveBefore.frames.get(at) === seen)
          found.push(page(at, 'the same page as before', 'another page than before'));
      } else if (mine !== seen) {
        const twin = [...step.after.frames].find(([place, f]) => place !== at && (f === frame || live.frames.get(place) === seen))?.[0];
        found.push(
          mine === undefined
            ? page(at, `the page of ${twin ?? 'another place'}`, 'a page of its own')
            : page(
                at,
                other === undefined ? 'a page of its own' : `the page of ${twin ?? 'another place'}`,
                `the page of ${twin ?? 'another place'}`,
              ),
        );
      }
    }
    this.real = real;
    this.before = step.after;
    this.liveBefore = live;
    return found;
  }
}

const page = (what: string, machine: string, simulator: string): Difference => ({ what, field: 'page', machine, simulator });

function named(difference: Difference, names: ReadonlyMap<number, string>): Difference {
  const text = (value: string): string => value.replace(/@(\d+)/g, (_all, pid: string) => names.get(Number(pid)) ?? `process ${pid}`);
  return { ...difference, what: text(difference.what), machine: text(difference.machine), simulator: text(difference.simulator) };
}
