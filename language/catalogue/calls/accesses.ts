import type { CallEntry } from '../types';

/** What the CPU does by itself, and long-term pins. A fault that cannot be mended raises a signal; `raises` expects it. */
export const accessCalls = {
  load: {
    params: [
      { name: 'addr', kind: 'address', doc: 'Start.' },
      { name: 'len', kind: 'length', doc: 'Bytes.' },
    ],
    returns: 'content',
    who: 'process',
    errors: {},
    doc: 'Reads memory; one access a page. Raises SIGSEGV without a readable mapping, SIGBUS beyond the end of the file.',
    source: 'mm/memory.c handle_mm_fault()',
  },
  store: {
    params: [
      { name: 'addr', kind: 'address', doc: 'Start.' },
      { name: 'content', kind: 'content', doc: 'What is stored.' },
    ],
    returns: 'void',
    who: 'process',
    errors: {},
    doc: 'Writes memory; one access a page. Raises SIGSEGV without a writable mapping, SIGBUS beyond the end of the file.',
    source: 'mm/memory.c handle_mm_fault()',
  },
  touch: {
    params: [
      { name: 'addr', kind: 'address', doc: 'Start.' },
      { name: 'len', kind: 'length', doc: 'Bytes.' },
      { name: 'prot', kind: 'flags', group: 'prot', doc: 'PROT_READ, or with PROT_WRITE a write that leaves the contents as they are.' },
    ],
    returns: 'void',
    who: 'process',
    errors: {},
    doc: 'One access a page over the range, in order; a write where PROT_WRITE is given, contents unchanged. Raises as load and store do.',
    source: 'mm/memory.c handle_mm_fault()',
  },
  pin: {
    params: [
      { name: 'addr', kind: 'address', doc: 'Start; whole pages.' },
      { name: 'len', kind: 'length', doc: 'Bytes.' },
      {
        name: 'prot',
        kind: 'flags',
        group: 'prot',
        optional: true,
        doc: 'PROT_READ for a read-only pin; PROT_READ | PROT_WRITE if left out.',
      },
    ],
    returns: 'void',
    who: 'process',
    errors: {
      EFAULT: 'not mapped, not permitted, or a write pin of a file page with dirty tracking',
      ENOMEM: 'no memory',
      EINVAL: 'addr not whole pages',
      EOVERFLOW: 'the range wraps around',
    },
    doc: 'Long-term pin (FOLL_PIN | FOLL_LONGTERM), as RDMA or io_uring fixed buffers take: un-shares an anonymous page first, adds 1024 to its reference count; fork copies a pinned page at once.',
    source: 'mm/gup.c pin_user_pages(); Documentation/core-api/pin_user_pages.rst',
    choice: 'The call stands for IORING_REGISTER_BUFFERS and the like.',
  },
  unpin: {
    params: [
      { name: 'addr', kind: 'address', doc: 'Start; whole pages.' },
      { name: 'len', kind: 'length', doc: 'Bytes.' },
    ],
    returns: 'void',
    who: 'process',
    errors: { EINVAL: 'nothing is pinned there' },
    doc: 'Undoes pin.',
    source: 'mm/gup.c unpin_user_pages()',
    choice: 'The call stands for IORING_UNREGISTER_BUFFERS and the like.',
  },
  clear_refs: {
    params: [{ name: 'type', kind: 'count', doc: '1: all pages, 2: anonymous, 3: file pages, 4: soft-dirty bits.' }],
    returns: 'void',
    who: 'process',
    errors: { EINVAL: 'no such type' },
    doc: 'Clears accessed (1–3) or soft-dirty (4) bits of the process, as writing to /proc/self/clear_refs does.',
    source: 'man 5 proc_pid_clear_refs; fs/proc/task_mmu.c clear_refs_write()',
  },
  process_vm_readv: {
    params: [
      { name: 'pid', kind: 'pid', doc: 'The other process.' },
      { name: 'addr', kind: 'address', doc: 'Start in it.' },
      { name: 'len', kind: 'length', doc: 'Bytes.' },
    ],
    returns: 'content',
    who: 'process',
    errors: { ESRCH: 'no such process', EFAULT: 'not mapped there', EPERM: 'the user may not', EINVAL: 'len is negative' },
    doc: 'Reads another process; faults in the target.',
    source: 'man 2 process_vm_readv; mm/process_vm_access.c',
  },
  process_vm_writev: {
    params: [
      { name: 'pid', kind: 'pid', doc: 'The other process.' },
      { name: 'addr', kind: 'address', doc: 'Start in it.' },
      { name: 'content', kind: 'content', doc: 'What is written.' },
    ],
    returns: 'length',
    who: 'process',
    errors: { ESRCH: 'no such process', EFAULT: 'not mapped there, or not writable', EPERM: 'the user may not' },
    doc: 'Writes into another process; faults in the target.',
    source: 'man 2 process_vm_writev; mm/process_vm_access.c',
  },
  proc_mem_write: {
    params: [
      { name: 'pid', kind: 'pid', doc: 'The process.' },
      { name: 'addr', kind: 'address', doc: 'Start in it.' },
      { name: 'content', kind: 'content', doc: 'What is written.' },
    ],
    returns: 'length',
    who: 'process',
    errors: {
      ESRCH: 'no such process',
      EIO: 'not mapped, or a read-only MAP_SHARED',
      EACCES: 'the user may not',
      EOVERFLOW: 'the range ends behind the largest address',
    },
    doc: 'Writes to /proc/PID/mem: a forced write (FOLL_FORCE), which copies a read-only private page.',
    source: 'man 5 proc_pid_mem; fs/proc/base.c mem_rw()',
    choice: 'One call stands for open, lseek and write of /proc/PID/mem.',
  },
} as const satisfies Record<string, CallEntry>;
