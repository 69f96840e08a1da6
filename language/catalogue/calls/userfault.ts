import type { CallEntry } from '../types';

const fd = { name: 'fd', kind: 'fd', doc: 'From userfaultfd.' } as const;
const addr = { name: 'addr', kind: 'address', doc: 'Start; whole pages, as the process sees it whose faults they are.' } as const;
const len = { name: 'len', kind: 'length', doc: 'Bytes; whole pages.' } as const;
const mode = (doc: string) => ({ name: 'mode', kind: 'flags', group: 'uffd', wide: true, optional: true, doc }) as const;

const bad = {
  EBADF: 'fd is not open',
  ENOTTY: 'fd is no userfaultfd',
  EINVAL: 'not whole pages, an unknown mode, or uffd_api has not been called yet',
};
const filling = {
  ...bad,
  ENOENT: 'the range does not lie in one mapping that is registered',
  EAGAIN: 'only a part was done',
  ESRCH: 'the process whose faults they are has ended',
} as const;

/** userfaultfd(2) and its ioctls, each as a call. */
export const userfaultCalls = {
  userfaultfd: {
    params: [{ name: 'flags', kind: 'flags', group: 'uffd', doc: 'O_CLOEXEC, O_NONBLOCK, UFFD_USER_MODE_ONLY, or 0.' }],
    returns: 'fd',
    who: 'process',
    errors: {
      EINVAL: 'unknown flags',
      EPERM: 'the user may not without UFFD_USER_MODE_ONLY (vm.unprivileged_userfaultfd is 0)',
      EMFILE: 'too many open descriptors',
    },
    doc: 'A descriptor through which faults of this process are told, and resolved by whoever has it: the process itself, or one that inherited it.',
    source: 'man 2 userfaultfd; fs/userfaultfd.c',
  },
  uffd_api: {
    params: [fd, { name: 'features', kind: 'flags', group: 'uffd_feature', wide: true, doc: 'UFFD_FEATURE_*, or 0.' }],
    returns: 'count',
    who: 'process',
    errors: { EBADF: 'fd is not open', ENOTTY: 'fd is no userfaultfd', EINVAL: 'unknown features, or it has been called before' },
    doc: 'UFFDIO_API: the handshake that comes before everything else. Gives the features that there are.',
    source: 'man 2 UFFDIO_API; fs/userfaultfd.c userfaultfd_api()',
  },
  uffd_register: {
    params: [fd, addr, len, { name: 'mode', kind: 'flags', group: 'uffd', wide: true, doc: 'UFFDIO_REGISTER_MODE_*.' }],
    returns: 'void',
    who: 'process',
    errors: {
      ...bad,
      EINVAL: `${bad.EINVAL}; nothing is mapped in the range, or something that cannot be registered: files on disk, regions with uffd = refuse`,
      EPERM: 'a mapping of a file that is not open for writing',
      EBUSY: 'registered with another userfaultfd',
      ENOMEM: 'the process whose faults they are has ended',
    },
    doc: 'UFFDIO_REGISTER: from now on faults in the range wait until somebody resolves them: on missing pages, stores to protected ones, or (shmem, hugetlb) pages that only the cache has. Inside `parallel` the faulter sleeps. A child does not inherit it, mremap ends it.',
    source: 'man 2 UFFDIO_REGISTER; fs/userfaultfd.c userfaultfd_register()',
  },
  uffd_unregister: {
    params: [fd, addr, len],
    returns: 'void',
    who: 'process',
    errors: {
      ...bad,
      EINVAL: `${bad.EINVAL}; nothing is mapped in the range, or it is registered with another userfaultfd`,
      ENOMEM: 'the process whose faults they are has ended',
    },
    doc: 'UFFDIO_UNREGISTER: faults in the range are as everywhere; what waits goes on, what is protected is free. Closing the last descriptor does the same.',
    source: 'man 2 UFFDIO_UNREGISTER; fs/userfaultfd.c userfaultfd_unregister()',
  },
  uffd_read: {
    params: [fd],
    returns: 'object',
    fields: {
      event: 'UFFD_EVENT_PAGEFAULT.',
      flags: 'UFFD_PAGEFAULT_FLAG_WRITE, _WP, _MINOR; 0: a read of a missing page.',
      address: 'Of the fault: of its page, or (UFFD_FEATURE_EXACT_ADDRESS) of the access.',
      ptid: 'The thread that waits, with UFFD_FEATURE_THREAD_ID.',
    },
    who: 'process',
    errors: {
      EBADF: 'fd is not open',
      EINVAL: 'fd is no userfaultfd, or uffd_api has not been called yet',
      EAGAIN: 'O_NONBLOCK and no fault waits',
    },
    doc: 'read(2) of one `struct uffd_msg`: the oldest fault that nobody has read of yet. Waits for one. `read` gives the same as 32 bytes.',
    source: 'man 2 userfaultfd; fs/userfaultfd.c userfaultfd_ctx_read()',
  },
  uffd_copy: {
    params: [
      fd,
      { name: 'dst', kind: 'address', doc: 'Where; whole pages.' },
      { name: 'content', kind: 'content', doc: 'Whole pages.' },
      mode('UFFDIO_COPY_MODE_DONTWAKE, UFFDIO_COPY_MODE_WP.'),
    ],
    returns: 'length',
    who: 'process',
    errors: {
      ...filling,
      EEXIST: 'a page is there already',
      EFAULT: 'beyond the end of the file',
      ENOMEM: 'no memory, or no room on the filesystem',
    },
    doc: 'UFFDIO_COPY: fills missing pages, maps them and wakes the faults on them.',
    source: 'man 2 UFFDIO_COPY; mm/userfaultfd.c mfill_atomic()',
  },
  uffd_zeropage: {
    params: [fd, { name: 'dst', kind: 'address', doc: 'Where; whole pages.' }, len, mode('UFFDIO_ZEROPAGE_MODE_DONTWAKE.')],
    returns: 'length',
    who: 'process',
    errors: {
      ...filling,
      EINVAL: `${bad.EINVAL}; hugetlb pages have no zero page`,
      EEXIST: 'a page is there already',
      EFAULT: 'beyond the end of the file',
      ENOMEM: 'no room on the filesystem',
    },
    doc: 'UFFDIO_ZEROPAGE: maps the zero page; shmem gets new pages of zeros.',
    source: 'man 2 UFFDIO_ZEROPAGE; mm/userfaultfd.c mfill_atomic_pte_zeropage()',
  },
  uffd_continue: {
    params: [fd, addr, len, mode('UFFDIO_CONTINUE_MODE_DONTWAKE, UFFDIO_CONTINUE_MODE_WP.')],
    returns: 'length',
    who: 'process',
    errors: { ...filling, EINVAL: `${bad.EINVAL}; or anonymous memory`, EEXIST: 'mapped already', EFAULT: 'the file has no page there' },
    doc: 'UFFDIO_CONTINUE: maps the page that the cache has, and wakes the (minor) fault.',
    source: 'man 2 UFFDIO_CONTINUE; mm/userfaultfd.c mfill_atomic_pte_continue()',
  },
  uffd_poison: {
    params: [fd, addr, len, mode('UFFDIO_POISON_MODE_DONTWAKE.')],
    returns: 'length',
    who: 'process',
    errors: { ...filling, EEXIST: 'something is there already', EFAULT: 'beyond the end of the file' },
    doc: 'UFFDIO_POISON: the pages cannot be had; an access raises SIGBUS from now on.',
    source: 'man 2 UFFDIO_POISON; mm/userfaultfd.c mfill_atomic_pte_poison()',
  },
  uffd_writeprotect: {
    params: [
      fd,
      addr,
      len,
      {
        name: 'mode',
        kind: 'flags',
        group: 'uffd',
        wide: true,
        doc: 'UFFDIO_WRITEPROTECT_MODE_WP to protect, 0 to resolve; UFFDIO_WRITEPROTECT_MODE_DONTWAKE.',
      },
    ],
    returns: 'void',
    who: 'process',
    errors: { ...bad, ENOENT: 'a part of the range is not registered for write protection', ESRCH: filling.ESRCH },
    doc: 'UFFDIO_WRITEPROTECT: protects a range, or resolves write faults in it. Where nothing is mapped, markers remember the protection: of files always, of anonymous memory with UFFD_FEATURE_WP_UNPOPULATED.',
    source: 'man 2 UFFDIO_WRITEPROTECT; mm/userfaultfd.c mwriteprotect_range()',
  },
  uffd_move: {
    params: [
      fd,
      { name: 'dst', kind: 'address', doc: 'To; whole pages.' },
      { name: 'src', kind: 'address', doc: 'From; whole pages.' },
      len,
      mode('UFFDIO_MOVE_MODE_DONTWAKE, UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES.'),
    ],
    returns: 'length',
    who: 'process',
    errors: {
      ...bad,
      EINVAL: `${bad.EINVAL}; another process, or mappings that are not both anonymous, writable and alike, dst registered`,
      ENOENT: 'nothing is at src, or nothing is mapped at dst',
      EEXIST: 'something is at dst',
      EBUSY: 'the page is shared, as after fork, or pinned',
      EFAULT: 'a guard or another marker is at src',
      EAGAIN: 'only a part was done',
      ESRCH: filling.ESRCH,
    },
    doc: 'UFFDIO_MOVE: moves exclusive anonymous pages without copying them.',
    source: 'man 2 UFFDIO_MOVE; mm/userfaultfd.c move_pages()',
  },
  uffd_wake: {
    params: [fd, addr, len],
    returns: 'void',
    who: 'process',
    errors: bad,
    doc: 'UFFDIO_WAKE: the faults in the range are begun anew, whether or not they can be served now.',
    source: 'man 2 UFFDIO_WAKE; fs/userfaultfd.c wake_userfault()',
  },
} as const satisfies Record<string, CallEntry>;
