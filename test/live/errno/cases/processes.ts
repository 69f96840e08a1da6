import type { Tried } from './tried';
import { ADDRESSES, CONTENT, PIDS } from './words';

/** Processes and signals. */
export const processes: readonly Tried[] = [
  ['fork'],
  ['vfork'],
  [
    'clone',
    [
      '0',
      'CLONE_VM',
      'CLONE_THREAD',
      'CLONE_SIGHAND',
      'CLONE_VM | CLONE_SIGHAND',
      'CLONE_VM | CLONE_THREAD',
      'CLONE_SIGHAND | CLONE_THREAD',
      'CLONE_VM | CLONE_SIGHAND | CLONE_THREAD',
      'CLONE_FILES | CLONE_FS',
      'CLONE_VFORK',
      'CLONE_VFORK | CLONE_VM',
    ],
  ],
  ['kill', PIDS, ['0', 'SIGCHLD', 'SIGCONT', 'SIGTERM', 'SIGKILL', 'SIGUSR1', '64', '65', '-1']],
  ['wait'],
  ['wait', PIDS],
  ['pidfd_open', [...PIDS, '0', '-1']],
  ['pidfd_getfd', ['rw', 'dir', 'place', 'pipe_r', 'closed', '-1'], ['rw', 'closed']],
  ['prctl', ['PR_SET_MEMORY_MERGE', 'PR_GET_MEMORY_MERGE', '-1', '9999'], ['0', '1', '2', '-1']],
  ['process_vm_readv', PIDS, ADDRESSES, ['0', '1', '4096', '5 pages', '9 pages', '-1', '0x8000000000000000']],
  ['process_vm_writev', PIDS, ADDRESSES, CONTENT],
  ['proc_mem_write', PIDS, ADDRESSES, CONTENT],
];

/** For a user who is not root. */
export const ofUser: readonly Tried[] = [
  ['kill', PIDS.slice(1), ['0', 'SIGCHLD', 'SIGTERM', 'SIGKILL', '65']],
  ['process_vm_readv', PIDS.slice(1), ['anon', 'gap'], ['0', '4096', '-1']],
  ['process_vm_writev', PIDS.slice(1), ['anon', 'gap'], CONTENT],
  ['proc_mem_write', PIDS.slice(1), ['anon', 'gap'], CONTENT],
];
