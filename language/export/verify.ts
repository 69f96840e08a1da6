import { cProgram } from './c/program';
import { noWorkdir, tooSmall } from './c/setups';
import { compare, type ComparedStep } from './compare';
import { asUser, type Needs, needsOf } from './needs';
import { type LiveStep, parseLive } from './parse';
import type { Trace } from './trace';

/** A machine that programs can be run on. */
export interface Kernel {
  /** Whether it shows what only root may see: frames, map counts, flags of pages. */
  readonly root: boolean;
  /** The filesystem that programs run on, of which an ordinary user may have a directory. */
  readonly filesystem?: string | undefined;
  /** Why something cannot be done there, in one sentence with the figure; undefined where it can. */
  refusal(needs: Needs): string | undefined;
  /** Compiles a C program, runs it in a directory of its own and removes everything that it made; `stop` ends it early. */
  run(source: string, stop?: AbortSignal): Promise<Ran>;
}

/** What a program printed, what it broke off with, and what it has left behind on the machine for good. */
export interface Ran {
  readonly output: string;
  readonly problem?: string;
  readonly left?: string;
}

/** What became of a program on the machine. */
export interface Live {
  readonly steps: readonly LiveStep[];
  /** Why there are none, or not all. */
  readonly problem?: string;
  readonly left?: string;
}

/** What became of one scenario. */
export interface Verified {
  readonly file: string;
  readonly scenario: string;
  readonly steps: readonly ComparedStep[];
  readonly differences: number;
  readonly compared: number;
  /** Differences that were not there when it was done a second time: what else goes on on the machine. */
  readonly fleeting: number;
  /** Whether frames could be compared: not for an ordinary user. */
  readonly frames: boolean;
  /** Why it was not done at all. */
  readonly refused?: string;
  /** What went wrong on the machine. */
  readonly problem?: string;
  /** What the kernel has not given back, in words. */
  readonly left?: string;
  /** Where the comparison ends before the scenario does. */
  readonly stopped?: Trace['stopped'];
  /** The error that ends the scenario under the simulator. */
  readonly ended?: string;
}

/** What no live kernel has. */
function proposal({ setups, machine }: Trace): string | undefined {
  for (const setup of setups) {
    if (setup.kind !== 'mount') continue;
    if (setup.type === 'msharefs') return 'msharefs is a proposal: no live kernel has it';
    if (setup.type === 'overlay' && (setup.options.reopen_on_copy_up ?? machine['overlay.reopen_on_copy_up']) === false)
      return 'an overlay whose descriptors stay with the lower file (reopen_on_copy_up = false) is no longer what a kernel has';
    if (setup.type === 'overlay' && (setup.options.cache ?? machine['overlay.cache']) === 'stacked')
      return 'an overlay with a page cache of its own (cache = stacked) is no longer what a kernel has';
  }
  return undefined;
}

/** Why a trace cannot be done on that machine. */
export const refusal = (trace: Trace, kernel: Kernel): string | undefined => kernel.refusal(needsOf(trace, kernel.filesystem));

/** Does the steps of a trace on that machine. Of a program that breaks off the last step is not whole, and left out. */
export async function runLive(trace: Trace, kernel: Kernel, stop?: AbortSignal): Promise<Live> {
  const { output, problem, left } = await kernel.run(cProgram(trace), stop);
  const { steps, complete } = parseLive(output, trace.names);
  const behind = left === undefined ? {} : { left };
  return complete ? { steps, ...behind } : { steps: steps.slice(0, -1), problem: problem ?? 'the program ended early', ...behind };
}

/** Does the steps of a trace and holds the machine against them, a second time if something differs. What stands in the way is in the result. */
export async function verifyTrace(
  trace: Trace | { readonly error: string },
  about: Pick<Verified, 'file' | 'scenario'>,
  kernel: Kernel,
  stop?: AbortSignal,
): Promise<Verified> {
  const nothing = { ...about, steps: [], differences: 0, compared: 0, fleeting: 0, frames: kernel.root };
  if (!('steps' in trace)) return { ...nothing, refused: trace.error };
  return verifySteps(kernel.root ? trace : asUser(trace), nothing, kernel, stop);
}

async function verifySteps(trace: Trace, nothing: Verified, kernel: Kernel, stop?: AbortSignal): Promise<Verified> {
  if (trace.steps.length === 0) return { ...nothing, refused: trace.stopped?.why ?? trace.error ?? 'it has no steps' };
  const refused = proposal(trace) ?? tooSmall(trace) ?? noWorkdir(trace) ?? refusal(trace, kernel);
  if (refused !== undefined) return { ...nothing, refused };
  const live = await runLive(trace, kernel, stop);
  const first = compare(trace, live.steps, kernel.root);
  const again = count(first) > 0 && live.problem === undefined && stop?.aborted !== true;
  const steps = again ? inBoth(first, compare(trace, (await runLive(trace, kernel, stop)).steps, kernel.root)) : first;
  return {
    ...nothing,
    steps,
    differences: count(steps),
    fleeting: count(first) - count(steps),
    compared: steps.reduce((sum, each) => sum + each.compared, 0),
    ...(live.problem !== undefined && { problem: live.problem }),
    ...(live.left !== undefined && { left: live.left }),
    ...(trace.stopped && { stopped: trace.stopped }),
    ...(trace.error !== undefined && { ended: trace.error }),
  };
}

const count = (steps: readonly ComparedStep[]): number => steps.reduce((sum, each) => sum + each.differences.length, 0);

/** What differs both times, as it was the first time. A run that broke off tells nothing of the steps that it did not get to. */
function inBoth(first: readonly ComparedStep[], second: readonly ComparedStep[]): ComparedStep[] {
  const key = ({ what, field }: ComparedStep['differences'][number]): string => `${what} ${field}`;
  return first.map((step, i) => {
    const other = second[i];
    if (!other) return step;
    const seen = new Set(other.differences.map(key));
    return { ...step, differences: step.differences.filter((each) => seen.has(key(each))) };
  });
}
