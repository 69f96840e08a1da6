import type { Observable } from '../types';

export const lruObservables = {
  active: { unit: 'bytes', doc: 'Active lists together.', source: 'man 5 proc_meminfo' },
  inactive: { unit: 'bytes', doc: 'Inactive lists together.', source: 'man 5 proc_meminfo' },
  active_anon: { unit: 'bytes', doc: 'Active, anonymous and shmem.', source: 'man 5 proc_meminfo' },
  inactive_anon: { unit: 'bytes', doc: 'Inactive, anonymous and shmem.', source: 'man 5 proc_meminfo' },
  active_file: { unit: 'bytes', doc: 'Active, files.', source: 'man 5 proc_meminfo' },
  inactive_file: { unit: 'bytes', doc: 'Inactive, files.', source: 'man 5 proc_meminfo' },
  unevictable: { unit: 'bytes', doc: 'Locked and the like.', source: 'man 5 proc_meminfo' },
} as const satisfies Record<string, Observable>;

export const cgroupObservables = {
  usage: {
    unit: 'bytes',
    doc: 'memory.current: pages and page tables charged to the group.',
    source: 'Documentation/admin-guide/cgroup-v2.rst',
  },
  limit: { unit: 'bytes', doc: 'memory.max.', source: 'Documentation/admin-guide/cgroup-v2.rst' },
  swap: { unit: 'bytes', doc: 'memory.swap.current: what the group has in swap.', source: 'Documentation/admin-guide/cgroup-v2.rst' },
  anon: { unit: 'bytes', doc: 'memory.stat anon.', source: 'Documentation/admin-guide/cgroup-v2.rst' },
  file: { unit: 'bytes', doc: 'memory.stat file: page cache, shmem included.', source: 'Documentation/admin-guide/cgroup-v2.rst' },
  oom_kills: { unit: 'count', doc: 'memory.events oom_kill.', source: 'Documentation/admin-guide/cgroup-v2.rst' },
} as const satisfies Record<string, Observable>;

export const faultObservables = {
  minor: { unit: 'count', doc: 'Faults without a disk read, all processes.', source: 'man 5 proc_vmstat; mm_account_fault()' },
  major: { unit: 'count', doc: 'Faults with a disk read, all processes.', source: 'man 5 proc_vmstat; mm_account_fault()' },
  link: { unit: 'count', doc: 'Faults that linked a shared page table (mshare); also in minor.', source: 'simulator' },
} as const satisfies Record<string, Observable>;

export const designObservables = {
  hits: { unit: 'count', doc: 'Pages that the design served without a read.', source: 'simulator' },
  breaks: { unit: 'count', doc: 'Times that sharing was ended.', source: 'simulator' },
  copies: { unit: 'count', doc: 'Pages that were copied to end sharing.', source: 'simulator' },
  invalidations: { unit: 'count', doc: 'Pages that were dropped because their block changed elsewhere.', source: 'simulator' },
} as const satisfies Record<string, Observable>;

/** Asked through `n2.memory.cached`: a further host has a memory of its own. */
export const hostObservables = {
  memory: { unit: 'object', of: 'memory', doc: 'Its memory.', source: 'language' },
  disk: { unit: 'object', of: 'disk', doc: 'What it read and wrote.', source: 'language' },
  lru: { unit: 'object', of: 'lru', doc: 'Its LRU lists.', source: 'language' },
  faults: { unit: 'object', of: 'faults', doc: 'Its faults.', source: 'language' },
  design: { unit: 'object', of: 'design', doc: 'What the design did on it.', source: 'language' },
} as const satisfies Record<string, Observable>;

/** Names that stand alone. `file(path)`, `cgroup(path)`, `frame[pfn]`, `events(…)` and `violations(…)` are in functions.ts. */
export const runObservables = {
  memory: { unit: 'object', of: 'memory', doc: "The machine's memory, as /proc/meminfo.", source: 'man 5 proc_meminfo' },
  disk: { unit: 'object', of: 'disk', doc: 'What was read from and written to disks.', source: 'simulator' },
  lru: { unit: 'object', of: 'lru', doc: 'The LRU lists, in bytes.', source: 'man 5 proc_meminfo' },
  faults: { unit: 'object', of: 'faults', doc: 'Page faults of all processes.', source: 'man 5 proc_vmstat' },
  design: { unit: 'object', of: 'design', doc: 'What the design did.', source: 'simulator' },
  frame: {
    unit: 'object',
    of: 'page',
    index: 'a frame number',
    doc: 'The page in that frame; NULL where the frame is free.',
    source: 'pfn_to_page()',
  },
  stale_reads: {
    unit: 'count',
    doc: 'Reads that did not return the newest write, in a design that is known for that.',
    source: 'simulator',
  },
  audit_sites: {
    unit: 'count',
    doc: "Steps in which a page's owner was not the inode at work.",
    source: 'Bacik, LWN 2017',
  },
  page_size: { unit: 'bytes', doc: '4096.', source: 'arch/x86/include/asm/page_types.h' },
} as const satisfies Record<string, Observable>;
