/** What is tried: for each call every combination of these arguments, in the words of the language. */

const FDS = ['rw', 'ro', 'wo', 'direct', 'dir', 'append', 'memfd', 'closed', '-1', '0x80000000', '0x100000003'];
const FEW_FDS = ['rw', 'ro', 'wo', 'dir', 'closed', '-1'];
const OFFSETS = ['0', '1', '512', '4096', '12388', '1T', '-1', '-4096', '0x7fffffffffffffff', '0x7ffffffffffff000', '0x8000000000000000'];
const LENGTHS = [
  '0',
  '1',
  '512',
  '4096',
  '8192',
  '0x7ffff000',
  '1T',
  '-1',
  '-4096',
  '0x7fffffffffffffff',
  '0x7ffffffffffff000',
  '0x8000000000000000',
];
const HUGE = [
  '0',
  '1',
  '4096',
  '4T',
  '16T - 1 page',
  '16T',
  '8E - 1 page',
  '0x7fffffffffffffff',
  '-1',
  '0x8000000000000000',
  '0xffffffffffffffff',
];
const ADDRESSES = [
  ...[
    'anon',
    'anon + 1',
    'anon + 4 pages',
    'gap',
    'gap - 1 page',
    'shared',
    'shared + 3 pages',
    'private',
    'none',
    'readonly',
    'shared_anon',
  ],
  ...['0', '1', '0x1000', '0x7ffffffff000', '0x7fffffffe000', '0x800000000000', '-4096', '-1', '0x8000000000000000'],
];
const RANGES = [
  '0',
  '1',
  '4096',
  '4097',
  '8 pages',
  '9 pages',
  '-1',
  '-4096',
  '0x7fffffffffffffff',
  '0x8000000000000000',
  '0xfffffffffffff001',
];
const PATHS = [
  '"/m/f"',
  '"/m/g"',
  '"/m/d"',
  '"/m/e"',
  '"/m/new"',
  '"/m/f/x"',
  '"/m/none/x"',
  '"/m/d/x"',
  '"/m/d/new"',
  '"/t/z"',
  '""',
  '"/m/f/"',
  '"/m/d/"',
  '"/m/new/"',
];
const CONTENT = ['""', '"y"', '"y" * 1 page', '"y" * 5000'];

/** The C library's name of a call stands before its arguments' choices. */
const TRIED: readonly (readonly [string, ...(readonly string[])[]])[] = [
  ['close', FDS],
  ['dup', FDS],
  ['fsync', FDS],
  ['fdatasync', FDS],
  [
    'lseek',
    ['rw', 'ro', 'memfd', 'closed', '-1'],
    ['0', '1', '12388', '12389', '1T', '-1', '-12388', '-12389', '0x7fffffffffffffff', '0x7ffffffffffff000', '0x8000000000000000'],
    ['SEEK_SET', 'SEEK_CUR', 'SEEK_END', 'SEEK_DATA', 'SEEK_HOLE', '5', '-1'],
  ],
  [
    'open',
    PATHS,
    [
      'O_RDONLY',
      'O_WRONLY',
      'O_RDWR',
      '3',
      'O_RDWR | O_CREAT',
      'O_RDONLY | O_CREAT',
      'O_RDWR | O_CREAT | O_EXCL',
      'O_RDWR | O_TRUNC',
      'O_RDONLY | O_TRUNC',
      'O_RDONLY | O_DIRECTORY',
      'O_RDWR | O_DIRECTORY',
      'O_RDONLY | O_DIRECTORY | O_CREAT',
      'O_RDWR | O_DIRECT',
      'O_RDONLY | O_DIRECT',
      'O_RDWR | O_EXCL',
      'O_RDONLY | O_NOFOLLOW',
      'O_WRONLY | O_APPEND',
      'O_RDWR | O_TMPFILE',
      'O_RDONLY | O_TMPFILE',
      'O_RDONLY | O_PATH',
    ],
  ],
  ['link', PATHS, PATHS],
  ['rename', PATHS, PATHS],
  ['unlink', PATHS],
  ['mkdir', PATHS],
  ['rmdir', PATHS],
  ['chmod', PATHS, ['0', '0644', '0xffffffff']],
  ['truncate', PATHS, HUGE],
  ['memfd_create', ['"a"', '""', '"a" * 249', '"a" * 250'], ['0', '1', '2', '3', '4', '8', '16', '24', '32', '-1', '0x80000000']],
  ['read', FDS, LENGTHS],
  ['pread', FDS, LENGTHS, OFFSETS],
  ['write', FDS, CONTENT],
  [
    'pwrite',
    FDS,
    CONTENT,
    ['0', '1', '512', '12388', '-1', '-4096', '0x7fffffffffffffff', '0x7ffffffffffff000', '0x8000000000000000', '16T - 1 page', '16T'],
  ],
  ['sync_file_range', FEW_FDS, OFFSETS, LENGTHS.slice(3), ['0', '2', '7', '8', '-1']],
  ['ftruncate', FDS, HUGE],
  [
    'fallocate',
    FEW_FDS,
    ['0', '1', '2', '3', '4', '8', '9', '0x10', '0x11', '0x12', '0x20', '0x28', '0x40', '0x80', '-1'],
    ['0', '1', '4096', '-1', '0x7ffffffffffff000', '4096 * 16'],
    ['0', '1', '4096', '-1', '0x7fffffffffffffff'],
  ],
  [
    'posix_fadvise',
    FEW_FDS,
    ['0', '1', '-1', '0x7fffffffffffffff'],
    ['0', '1', '4096', '-1', '0x7fffffffffffffff'],
    ['0', '1', '2', '3', '4', '5', '6', '-1'],
  ],
  [
    'ficlone',
    ['rw', 'ro', 'wo', 'dir', 'empty', 'append', 'memfd', 'foreign', 'closed', '-1'],
    ['rw', 'ro', 'wo', 'dir', 'empty', 'append', 'memfd', 'foreign', 'closed', '-1'],
  ],
  [
    'ficlonerange',
    ['empty', 'ro', 'rw', 'foreign', 'closed'],
    ['rw', 'ro', 'wo', 'dir', 'empty'],
    ['0', '1', '4096', '12288', '16384', '-4096'],
    ['0', '1', '100', '4096', '8192', '-4096', '0x7ffffffffffff000'],
    ['0', '1', '4096', '-4096', '0x7ffffffffffff000'],
  ],
  [
    'copy_file_range',
    ['rw', 'ro', 'wo', 'dir', 'empty', 'foreign', 'closed'],
    ['0', '1', '12388', '-1', '0x7fffffffffffffff'],
    ['rw', 'ro', 'wo', 'dir', 'empty', 'append', 'foreign', 'closed'],
    ['0', '1', '4096', '-1', '0x7fffffffffffffff'],
    ['0', '1', '4096', '-1', '0x7fffffffffffffff'],
  ],
  [
    'dedupe',
    ['rw', 'ro', 'wo', 'dir', 'empty', 'closed'],
    ['0', '1', '4096', '16384', '-4096'],
    ['0', '1', '4096', '8192', '-4096'],
    ['rw', 'ro', 'wo', 'dir', 'empty', 'foreign', 'closed'],
    ['0', '4096', '-4096'],
  ],
  [
    'mmap',
    ['0', 'gap', 'gap + 1', 'anon', '0x1000', '-4096', '0x7ffffffff000'],
    ['0', '1', '4096', '128T', '-1', '-4096'],
    ['PROT_READ', 'PROT_READ | PROT_WRITE', '8'],
    [
      '0',
      'MAP_SHARED',
      'MAP_PRIVATE',
      '4',
      'MAP_SHARED_VALIDATE',
      'MAP_PRIVATE | MAP_FIXED_NOREPLACE',
      'MAP_PRIVATE | MAP_FIXED',
      'MAP_PRIVATE | MAP_ANONYMOUS',
      'MAP_SHARED | MAP_ANONYMOUS',
    ],
    ['rw', 'ro', 'wo', 'dir', 'closed', '-1'],
    ['0', '1', '4096', '-4096', '0x7ffffffffffff000'],
  ],
  ['munmap', ADDRESSES, RANGES],
  [
    'mprotect',
    ADDRESSES,
    RANGES,
    ['PROT_NONE', 'PROT_READ', 'PROT_READ | PROT_WRITE', 'PROT_EXEC', '8', '0x1000000', '0x2000000', '0x3000000', '-1'],
  ],
  [
    'mremap',
    ['anon', 'anon + 1', 'gap', 'shared', 'none', '0', '-4096', '0x7ffffffff000'],
    ['0', '1', '4096', '8 pages', '9 pages', '-1', '-4096'],
    ['0', '1', '4096', '8 pages', '16 pages', '128T', '-1', '-4096'],
    ['0', 'MREMAP_MAYMOVE', 'MREMAP_FIXED', 'MREMAP_MAYMOVE | MREMAP_FIXED', 'MREMAP_MAYMOVE | MREMAP_DONTUNMAP', '8', '-1'],
    ['gap + 64 pages', 'anon + 1 page', '1', '-4096'],
  ],
  [
    'madvise',
    ADDRESSES,
    RANGES,
    [
      'MADV_NORMAL',
      'MADV_RANDOM',
      'MADV_WILLNEED',
      'MADV_DONTNEED',
      'MADV_FREE',
      'MADV_REMOVE',
      'MADV_DONTFORK',
      'MADV_MERGEABLE',
      'MADV_UNMERGEABLE',
      'MADV_HUGEPAGE',
      'MADV_WIPEONFORK',
      'MADV_COLD',
      'MADV_PAGEOUT',
      'MADV_POPULATE_READ',
      'MADV_POPULATE_WRITE',
      '5',
      '-1',
      '1000',
    ],
  ],
  ['msync', ADDRESSES, RANGES, ['0', 'MS_ASYNC', 'MS_SYNC', 'MS_INVALIDATE', 'MS_ASYNC | MS_SYNC', '8', '-1']],
  ['mincore', ADDRESSES, RANGES],
  ['mlock', ADDRESSES, RANGES],
  ['mlock2', ADDRESSES, RANGES, ['0', '1', '2', '-1']],
  ['munlock', ADDRESSES, RANGES],
  ['load', ADDRESSES, ['0', '1', '4096', '4097', '5 pages', '9 pages']],
  ['touch', ADDRESSES, ['0', '1', '4096', '4097', '5 pages', '9 pages'], ['PROT_READ', 'PROT_WRITE']],
];

/** At most so many of one call's combinations are tried, spread evenly over all. */
const MOST = 240;

export function cases(): string[] {
  return TRIED.flatMap(([name, ...choices]) => {
    const total = choices.reduce((product, list) => product * list.length, 1);
    const step = Math.max(1, total / MOST);
    const found: string[] = [];
    for (let at = 0; at < total; at += step) {
      let rest = Math.floor(at);
      const args = [...choices].reverse().map((list) => {
        const arg = list[rest % list.length]!;
        rest = Math.floor(rest / list.length);
        return arg;
      });
      found.push(`${name}(${args.reverse().join(', ')})`);
    }
    return found.filter(isHarmless);
  });
}

/** What would take away the program that performs the calls is left out: ranges that cover all of user space. */
function isHarmless(text: string): boolean {
  return !/^(munmap|mprotect|mmap|madvise|mremap)\((0|1|0x1000), .*(0x7f|128T)/.test(text);
}
