import { constants } from '../catalogue/constants';
import { Content } from '../simulator/state/content';
import type { Outcome } from '../simulator/api';
import type { Value } from '../simulator/value';
import type { TracedStep } from './trace';
import { statements } from './c/calls';

/** Why no C program can do this call as the scenario means it; undefined where it can. */
export function whyNot(call: string, args: readonly Value[], before: readonly TracedStep[] = []): string | undefined {
  if (call === 'reclaim') {
    if (args[0] instanceof Content && args[1] instanceof Content) return undefined;
    return 'reclaim in an exact amount and order cannot be asked of a live kernel; `reclaim(all, CGROUP)` can';
  }
  if (call === 'oom_kill') return 'the OOM killer cannot be called without harm to the host';
  if (call === 'pin' && typeof args[2] === 'bigint' && args[2] % 4n < 2n) return 'what io_uring pins it pins for writing';
  if (call === 'unpin' && !pinnedAtOnce(args, before)) return 'a machine lets go only of all that was pinned at once';
  if (call === 'ksm_scan' && before.some(merges_all))
    return 'since prctl(PR_SET_MEMORY_MERGE) it would find the memory of the program itself, too';
  return Object.hasOwn(statements, call) ? undefined : `${call} is no call of a live kernel`;
}

/** Whether a step has KSM merge all of a process's memory. */
const merges_all = ({ call, args, outcome }: TracedStep): boolean =>
  call === 'prctl' && args[0] === constants.PR_SET_MEMORY_MERGE.value && args[1] !== 0n && outcome.kind === 'ok';

/** Whether exactly this range was pinned by one call, and has not been let go of yet; or nothing was pinned there at all. */
function pinnedAtOnce([addr, len]: readonly Value[], before: readonly TracedStep[]): boolean {
  const count = (call: string): number =>
    before.filter((step) => step.call === call && step.outcome.kind === 'ok' && step.args[0] === addr && step.args[1] === len).length;
  const overlaps = before.some(({ call, args: [start, length] }) => call === 'pin' && overlap(start, length, addr, len));
  return !overlaps || count('pin') > count('unpin');
}

function overlap(a: Value | undefined, n: Value | undefined, b: Value | undefined, m: Value | undefined): boolean {
  return typeof a === 'bigint' && typeof n === 'bigint' && typeof b === 'bigint' && typeof m === 'bigint' && a < b + m && b < a + n;
}

/** Why what a call came to is nothing that the machine could do the same way. */
export function whyNotSo(call: string, outcome: Outcome): string | undefined {
  if (call === 'execve' && (outcome.kind === 'ok' || (outcome.kind === 'errno' && outcome.errno === 'ENOEXEC')))
    return 'what it executes is a program in the simulator (any file that is not empty is one), but none of this machine';
  if (outcome.kind === 'signal' && outcome.fatal && call !== 'kill')
    return `it ends with ${outcome.signal} in the simulator: when that comes depends on the whole host`;
  return undefined;
}
