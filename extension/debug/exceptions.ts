import type { DebugProtocol } from '@vscode/debugprotocol';
import type { ExceptionKind } from '../../language/runtime/position';

/** What a run can be made to stop for. What ends a run because it can't go on (`error`) always stops it. */
export const EXCEPTION_FILTERS: readonly DebugProtocol.ExceptionBreakpointsFilter[] = [
  { filter: 'expect', label: 'Failed expectations', description: 'Stops at an `expect` that does not hold.', default: true },
  {
    filter: 'errno',
    label: 'Unexpected errno',
    description: 'Stops at a call that fails, where the line does not expect it.',
    default: true,
  },
  { filter: 'signal', label: 'Signals', description: 'Stops at a signal that the line does not expect.', default: true },
  { filter: 'violation', label: 'Violations', description: 'Stops when an invariant does not hold after a step.', default: true },
];

/** How a stop is called: "Paused on failed expectation". */
export const STOP_NAMES: Readonly<Record<ExceptionKind, string>> = {
  expect: 'failed expectation',
  errno: 'unexpected errno',
  signal: 'signal',
  violation: 'violation',
  error: 'error',
};
