import type { CallEntry, Parameter } from '../types';

const ring = { name: 'ring', kind: 'fd', doc: 'From io_uring_setup.' } as const;
const fixed = [
  ring,
  { name: 'fd', kind: 'fd', doc: 'What is read or written: of the process that calls.' },
  { name: 'addr', kind: 'address', doc: 'Where in the buffer: the address that it was registered with, or one behind it.' },
  { name: 'len', kind: 'length', doc: 'At most that many bytes.' },
  { name: 'offset', kind: 'offset', doc: 'Where in the file, bytes; -1 is the position, a pipe has none.' },
  { name: 'index', kind: 'count', doc: 'Of the buffer: 0.' },
] as const satisfies readonly Parameter[];

const badRing = {
  EBADF: 'ring or fd is not open, or fd not for this',
  EOPNOTSUPP: 'ring is no io_uring',
  EFAULT: 'no buffer is registered under that index, or addr and len are not within it',
};

/** io_uring's fixed buffers: io_uring_setup(2), io_uring_register(2), and two operations of io_uring_enter(2). */
export const ioUringCalls = {
  io_uring_setup: {
    params: [{ name: 'entries', kind: 'count', doc: 'Of the submission queue, 1 to 32768.' }],
    returns: 'fd',
    who: 'process',
    errors: {
      EINVAL: 'no entries, or more than 32768',
      ENOMEM: 'the queues are beyond what the user may lock (RLIMIT_MEMLOCK)',
      EMFILE: 'too many open descriptors',
    },
    doc: 'A ring. Its descriptor is closed by execve; a child inherits it, and with it the buffer. The pages of the queues count as locked by the user who made it, unless that is root.',
    source: 'man 2 io_uring_setup; io_uring/io_uring.c io_uring_create()',
    choice: 'The queues themselves are not simulated: they take no memory and cannot be mapped.',
  },
  io_uring_register: {
    params: [
      { ...ring, name: 'fd' },
      { name: 'opcode', kind: 'enum', group: 'io_uring_register', doc: 'IORING_REGISTER_BUFFERS or IORING_UNREGISTER_BUFFERS.' },
      { name: 'addr', kind: 'address', optional: true, doc: 'Of the buffer, at any byte.' },
      { name: 'len', kind: 'length', optional: true, doc: 'Bytes, at most 1 GiB.' },
    ],
    returns: 'void',
    who: 'process',
    errors: {
      EBADF: 'fd is not open',
      EOPNOTSUPP: 'fd is no io_uring',
      EINVAL: 'an unknown opcode, fd is -1, a negative length, or a buffer named to IORING_UNREGISTER_BUFFERS',
      EBUSY: 'a buffer is registered already',
      ENXIO: 'none is',
      EFAULT: 'no length or more than 1 GiB; not mapped, not writable, or a shared mapping of a file with dirty tracking',
      EOVERFLOW: 'the range wraps around',
      ENOMEM: 'more than the user may lock (RLIMIT_MEMLOCK)',
    },
    doc: 'IORING_REGISTER_BUFFERS pins the pages that hold the buffer for long and for writing (FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE), as `pin` does, until IORING_UNREGISTER_BUFFERS or the last descriptor of the ring is closed. munmap, MADV_DONTNEED and the end of the process leave them pinned. They count as locked by the user who made the ring, unless that is root; of a large folio all pages do.',
    source: 'man 2 io_uring_register; io_uring/rsrc.c io_sqe_buffers_register(), io_buffer_account_pin()',
    choice: 'addr and len stand for an array of one `struct iovec`: a ring has one buffer, of index 0.',
  },
  io_uring_read_fixed: {
    params: fixed,
    returns: 'length',
    who: 'process',
    errors: {
      ...badRing,
      EINVAL: 'the offset is below -1 or too large, fd has nothing to read, or a direct read is not aligned to 512 bytes',
      EISDIR: 'fd is a directory',
    },
    doc: 'IORING_OP_READ_FIXED, submitted and waited for: reads as pread does, into the pages that are pinned, whatever is mapped at addr by now. No page table is asked and no page faulted in. Gives the result that the completion has.',
    source: 'man 2 io_uring_enter; io_uring/rw.c io_read_fixed(), io_uring/rsrc.c io_import_fixed()',
    choice: 'One operation, submitted and waited for at once.',
  },
  io_uring_write_fixed: {
    params: fixed,
    returns: 'length',
    who: 'process',
    errors: {
      ...badRing,
      EINVAL: 'the offset is below -1 or too large, fd cannot be written, or a direct write is not aligned to 512 bytes',
      EFBIG: 'the file would be too long',
      ENOSPC: 'the filesystem is full',
      EPIPE: 'nobody reads the pipe',
      EPERM: 'a seal forbids it',
    },
    doc: 'IORING_OP_WRITE_FIXED, submitted and waited for: writes as pwrite does, from the pages that are pinned, whatever is mapped at addr by now.',
    source: 'man 2 io_uring_enter; io_uring/rw.c io_write_fixed(), io_uring/rsrc.c io_import_fixed()',
    choice: 'One operation, submitted and waited for at once.',
  },
} as const satisfies Record<string, CallEntry>;
