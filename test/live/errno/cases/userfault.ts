import type { Tried } from './tried';
import { CONTENT } from './words';

const FDS = ['uffd', 'raw', 'rw', 'dir', 'pipe_r', 'place', 'memfd', 'closed', '-1'];
const MAPPED = [
  'watched',
  'watched + 1 page',
  'watched + 1',
  'protected',
  'protected + 2 pages',
  'minor',
  'minor + 2 pages',
  'anon',
  'shared_anon',
];
const ADDRESSES = [...MAPPED, 'shared', 'private', 'none', 'readonly', 'gap', '0', '0x1000', '0x7fffffffe000', '0x800000000000', '-4096'];
const LENGTHS = ['0', '1', '4096', '2 pages', '5 pages', '-4096', '0x8000000000000000'];
const FILL = ['0', '1', '2', '3', '4', '1 << 40'];

/** userfaultfd: what is registered is `watched` (missing; the first page is there), `protected` (the first page is) and `minor` (its first page is cached). */
export const userfault: readonly Tried[] = [
  ['userfaultfd', ['0', 'O_CLOEXEC', 'O_NONBLOCK', 'UFFD_USER_MODE_ONLY', 'O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY', '8', '-1']],
  ['uffd_api', FDS, ['0', 'UFFD_FEATURE_SIGBUS', 'UFFD_FEATURE_WP_ASYNC', '0x20000', '1 << 40', '-1']],
  ['uffd_register', FDS, ADDRESSES, LENGTHS, ['0', '1', '2', '3', '4', '7', '8', '1 << 40']],
  ['uffd_register', ['uffd'], ADDRESSES, ['4096', '2 pages', '5 pages'], ['1', '2', '4', '5']],
  ['uffd_unregister', FDS, ADDRESSES, LENGTHS],
  ['uffd_unregister', ['uffd'], ADDRESSES, ['4096', '2 pages', '5 pages']],
  ['uffd_wake', ['uffd', 'raw', 'rw'], ADDRESSES, LENGTHS],
  ['uffd_copy', FDS, ADDRESSES, CONTENT, ['0', '1', '2', '4', '1 << 40']],
  ['uffd_copy', ['uffd'], ADDRESSES, ['"y" * 4096', '"y" * 2 pages', '"y" * 4 pages'], ['0', '1', '2']],
  ['uffd_zeropage', ['uffd', 'raw', 'rw', 'closed'], ADDRESSES, LENGTHS, FILL],
  ['uffd_zeropage', ['uffd'], MAPPED, ['4096', '2 pages', '4 pages'], ['0', '1']],
  ['uffd_continue', ['uffd', 'raw', 'rw', 'closed'], ADDRESSES, LENGTHS, FILL],
  ['uffd_continue', ['uffd'], MAPPED, ['4096', '2 pages', '4 pages'], ['0', '1', '2']],
  ['uffd_poison', ['uffd', 'raw', 'rw', 'closed'], ADDRESSES, LENGTHS, FILL],
  ['uffd_poison', ['uffd'], MAPPED, ['4096', '2 pages', '4 pages'], ['0', '1']],
  ['uffd_writeprotect', ['uffd', 'raw', 'rw', 'closed'], ADDRESSES, LENGTHS, FILL],
  ['uffd_writeprotect', ['uffd'], MAPPED, ['4096', '2 pages', '5 pages'], ['0', '1', '2']],
  ['uffd_move', ['uffd', 'raw', 'rw'], ADDRESSES, ADDRESSES, LENGTHS, FILL],
  ['uffd_move', ['uffd'], ['watched', 'watched + 1 page', 'protected', 'anon'], MAPPED, ['4096', '2 pages', '3 pages'], ['0', '2']],
  ['read', ['uffd', 'raw'], ['0', '16', '32', '100', '-1']],
  ['pread', ['uffd'], ['32'], ['0', '-1']],
  ['write', ['uffd'], CONTENT],
  ['lseek', ['uffd'], ['0', '4096', '-1'], ['SEEK_SET', 'SEEK_CUR', 'SEEK_END', '9']],
  ['fsync', ['uffd']],
  ['ftruncate', ['uffd'], ['0', '4096', '-1']],
  ['fallocate', ['uffd'], ['0'], ['0'], ['4096']],
  ['sync_file_range', ['uffd'], ['0'], ['4096'], ['0']],
  ['dup', ['uffd']],
  ['close', ['uffd', 'raw']],
  ['mmap', ['0'], ['4096'], ['PROT_READ'], ['MAP_SHARED', 'MAP_PRIVATE'], ['uffd'], ['0']],
  ['pread_to', ['uffd'], ['anon'], ['4096'], ['0']],
  [
    'pread_to',
    ['rw', 'direct'],
    ['watched', 'watched + 1 page', 'protected', 'protected + 1 page', 'minor', 'minor + 1 page'],
    ['4096'],
    ['0'],
  ],
  ['pwrite_from', ['rw'], ['watched', 'watched + 1 page', 'protected', 'minor', 'minor + 1 page'], ['4096'], ['0']],
  ...(['load', 'store'] as const).map((call): Tried => [
    call,
    ['watched', 'watched + 1 page', 'protected', 'protected + 2 pages', 'minor', 'minor + 1 page'],
    call === 'load' ? ['1'] : ['"y"'],
  ]),
  [
    'madvise',
    ['watched', 'protected', 'minor'],
    ['2 pages', '4 pages'],
    ['MADV_DONTNEED', 'MADV_FREE', 'MADV_POPULATE_READ', 'MADV_POPULATE_WRITE', 'MADV_GUARD_INSTALL', 'MADV_GUARD_REMOVE', 'MADV_COLD'],
  ],
  ['munmap', ['watched', 'watched + 1 page', 'protected', 'minor'], ['4096', '4 pages']],
  ['mprotect', ['watched', 'protected', 'minor'], ['4096', '4 pages'], ['PROT_NONE', 'PROT_READ', 'PROT_READ | PROT_WRITE']],
  ['mremap', ['watched', 'protected', 'minor'], ['4 pages'], ['2 pages', '8 pages'], ['0', 'MREMAP_MAYMOVE'], ['0']],
  ['mincore', ['watched', 'protected', 'minor'], ['4 pages']],
  ['mlock', ['watched', 'watched + 1 page', 'protected'], ['4096']],
];

/** The same as a user, who has no descriptors. */
export const ofUser: readonly Tried[] = [
  ['userfaultfd', ['0', 'O_CLOEXEC', 'UFFD_USER_MODE_ONLY', 'UFFD_USER_MODE_ONLY | 8', '8', '-1']],
  ['uffd_api', ['uffd'], ['0']],
];
