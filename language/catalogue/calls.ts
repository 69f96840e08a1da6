import { accessCalls } from './calls/accesses';
import { fileCalls } from './calls/files';
import { ioCalls } from './calls/io';
import { ioUringCalls } from './calls/io_uring';
import { kernelCalls } from './calls/kernel';
import { memoryCalls } from './calls/memory';
import { processCalls } from './calls/processes';
import { sharingCalls } from './calls/sharing';
import { userfaultCalls } from './calls/userfault';
import type { CallEntry } from './types';

/**
 * Every call of the language: name → signature, errors, documentation, source. Which of them are simulated is not said here;
 * the simulator derives its argument types from this table.
 */
export const calls = {
  ...fileCalls,
  ...ioCalls,
  ...sharingCalls,
  ...memoryCalls,
  ...accessCalls,
  ...processCalls,
  ...userfaultCalls,
  ...ioUringCalls,
  ...kernelCalls,
} as const satisfies Record<string, CallEntry>;

export type CallName = keyof typeof calls;
