import type { CallEntry } from '../types';

const fd = { name: 'fd', kind: 'fd', doc: 'From userfaultfd.' } as const;
const bad = {
  EBADF: 'fd is no userfaultfd',
  EINVAL: 'not whole pages, or not registered so',
  ENOENT: 'the range is not in one registered mapping',
};

/** userfaultfd(2) and its ioctls, each as a call. */
export const userfaultCalls = {
  userfaultfd: {
    params: [{ name: 'flags', kind: 'flags', group: 'uffd', doc: 'O_CLOEXEC, UFFD_USER_MODE_ONLY, or 0.' }],
    returns: 'fd',
    who: 'process',
    errors: { EINVAL: 'unknown flags', EPERM: 'the user may not', EMFILE: 'too many open descriptors' },
    doc: 'A descriptor that tells of faults (UFFDIO_API included).',
    source: 'man 2 userfaultfd; fs/userfaultfd.c',
  },
  uffd_register: {
    params: [
      fd,
      { name: 'addr', kind: 'address', doc: 'Start; whole pages.' },
      { name: 'len', kind: 'length', doc: 'Bytes.' },
      { name: 'mode', kind: 'flags', group: 'uffd', doc: 'UFFDIO_REGISTER_MODE_*.' },
    ],
    returns: 'void',
    who: 'process',
    errors: { ...bad, EBUSY: 'registered with another descriptor' },
    doc: 'UFFDIO_REGISTER: faults in the range wait for somebody to resolve them.',
    source: 'man 2 UFFDIO_REGISTER; fs/userfaultfd.c',
  },
  uffd_copy: {
    params: [fd, { name: 'dst', kind: 'address', doc: 'Where; whole pages.' }, { name: 'content', kind: 'content', doc: 'Whole pages.' }],
    returns: 'length',
    who: 'process',
    errors: { ...bad, EEXIST: 'a page is there already', ENOMEM: 'no memory', ESRCH: 'the process has ended' },
    doc: 'UFFDIO_COPY: fills a missing page and wakes the fault.',
    source: 'man 2 UFFDIO_COPY; mm/userfaultfd.c mfill_atomic()',
  },
  uffd_zeropage: {
    params: [fd, { name: 'dst', kind: 'address', doc: 'Where; whole pages.' }, { name: 'len', kind: 'length', doc: 'Bytes.' }],
    returns: 'length',
    who: 'process',
    errors: { ...bad, EEXIST: 'a page is there already' },
    doc: 'UFFDIO_ZEROPAGE: the zero page.',
    source: 'man 2 UFFDIO_ZEROPAGE; mm/userfaultfd.c',
  },
  uffd_continue: {
    params: [fd, { name: 'addr', kind: 'address', doc: 'Where; whole pages.' }, { name: 'len', kind: 'length', doc: 'Bytes.' }],
    returns: 'length',
    who: 'process',
    errors: { ...bad, EEXIST: 'mapped already', EFAULT: 'no page is cached there' },
    doc: 'UFFDIO_CONTINUE: maps the page that the cache has.',
    source: 'man 2 UFFDIO_CONTINUE; mm/userfaultfd.c',
  },
  uffd_writeprotect: {
    params: [
      fd,
      { name: 'addr', kind: 'address', doc: 'Start; whole pages.' },
      { name: 'len', kind: 'length', doc: 'Bytes.' },
      { name: 'mode', kind: 'flags', group: 'uffd', doc: 'UFFDIO_WRITEPROTECT_MODE_WP to protect, 0 to resolve.' },
    ],
    returns: 'void',
    who: 'process',
    errors: bad,
    doc: 'UFFDIO_WRITEPROTECT: protects a range, or resolves write faults in it.',
    source: 'man 2 UFFDIO_WRITEPROTECT; mm/userfaultfd.c mwriteprotect_range()',
  },
  uffd_move: {
    params: [
      fd,
      { name: 'dst', kind: 'address', doc: 'To; whole pages.' },
      { name: 'src', kind: 'address', doc: 'From; whole pages.' },
      { name: 'len', kind: 'length', doc: 'Bytes.' },
    ],
    returns: 'length',
    who: 'process',
    errors: { ...bad, EEXIST: 'a page is at dst', EBUSY: 'the page is shared, as after fork' },
    doc: 'UFFDIO_MOVE: moves an exclusive anonymous page without copying it.',
    source: 'man 2 UFFDIO_MOVE; mm/userfaultfd.c move_pages()',
  },
} as const satisfies Record<string, CallEntry>;
