/** Arguments that many calls are tried with, in the words of the language. */

export const FDS = [
  'rw',
  'ro',
  'wo',
  'direct',
  'dir',
  'append',
  'memfd',
  'pipe_r',
  'pipe_w',
  'place',
  'huge',
  'closed',
  '-1',
  '0x80000000',
  '0x100000003',
];
export const FEW_FDS = ['rw', 'ro', 'wo', 'dir', 'memfd', 'pipe_r', 'place', 'huge', 'closed', '-1'];
export const OFFSETS = [
  '0',
  '1',
  '512',
  '4096',
  '12388',
  '1T',
  '-1',
  '-4096',
  '0x7fffffffffffffff',
  '0x7ffffffffffff000',
  '0x8000000000000000',
];
export const LENGTHS = [
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
export const HUGE = [
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
export const ADDRESSES = [
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
    'locked',
    'locked + 2 pages',
  ],
  ...['0', '1', '0x1000', '0x7ffffffff000', '0x7fffffffe000', '0x800000000000', '-4096', '-1', '0x8000000000000000'],
];
export const RANGES = ['0', '1', '4096', '4097', '8 pages', '9 pages', '-1', '-4096', '0x7fffffffffffffff', '0x8000000000000000'];
export const PATHS = [
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
export const CONTENT = ['""', '"y"', '"y" * 1 page', '"y" * 5000'];

export const PIDS = ['self', 'child', 'zombie', 'other', 'stranger', '0x7ffffff0'];
/** Paths that a user who is not root may or may not go. */
export const GUARDED = [
  '"/m/f"',
  '"/m/d"',
  '"/m/new"',
  '"/m/secret"',
  '"/m/locked"',
  '"/m/locked/y"',
  '"/m/locked/none"',
  '"/m/open/r"',
  '"/m/open/u"',
  '"/m/open/new"',
  '"/m/sticky/r"',
  '"/m/sticky/new"',
];
export const LONG = ['"/m/" + "a" * 255', '"/m/" + "a" * 256', '"/m/none/" + "a" * 256', '"/m/f/" + "a" * 256', '"/m" + "/" * 4094'];
