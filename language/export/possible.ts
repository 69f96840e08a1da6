import { calls } from '../catalogue/calls';
import type { CallEntry } from '../catalogue/types';
import { Content } from '../simulator/state/content';
import type { Value } from '../simulator/value';
import { statements } from './c/calls';

/** Why no C program can do this call as the scenario means it; undefined where it can. */
export function whyNot(call: string, args: readonly Value[]): string | undefined {
  if (call === 'reclaim') {
    if (args[0] instanceof Content && args[1] instanceof Content) return undefined;
    return 'reclaim in an exact amount and order cannot be asked of a live kernel; `reclaim(all, CGROUP)` can';
  }
  if (call === 'oom_kill') return 'the OOM killer cannot be called without harm to the host';
  if (call === 'pin' && typeof args[2] === 'bigint' && args[2] % 4n < 2n) return 'what io_uring pins it pins for writing';
  if (Object.hasOwn(statements, call)) return undefined;
  const entry = (calls as Readonly<Record<string, CallEntry>>)[call];
  return entry?.choice !== undefined && !entry.source.startsWith('man ')
    ? `${call} is no call of a live kernel`
    : `${call} is not made into C yet`;
}
