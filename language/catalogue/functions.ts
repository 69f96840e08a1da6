import type { Kind, Owner, Parameter } from './types';

export interface FunctionEntry {
  readonly params: readonly Parameter[];
  readonly returns: Kind;
  /** For `object`: whose observables the result has. */
  readonly of?: Owner;
  readonly doc: string;
  readonly source: string;
}

/** Functions of expressions: no step, no state changed. */
export const functions = {
  zeros: {
    params: [{ name: 'n', kind: 'size', doc: 'Bytes.' }],
    returns: 'content',
    doc: 'Content of n zero bytes.',
    source: 'language',
  },
  random: {
    params: [
      { name: 'n', kind: 'size', doc: 'Bytes.' },
      { name: 'seed', kind: 'count', doc: 'The same seed gives the same bytes.' },
    ],
    returns: 'content',
    doc: 'Content of n bytes that look random, the same in every run.',
    source: 'language',
  },
  len: {
    params: [{ name: 'content', kind: 'content', doc: 'Content or a string.' }],
    returns: 'length',
    doc: 'Length in bytes.',
    source: 'language',
  },
  file: {
    params: [{ name: 'path', kind: 'path', doc: 'The file.' }],
    returns: 'object',
    of: 'file',
    doc: 'The file at a path, to ask about: `file("/a").cached`.',
    source: 'language',
  },
  cgroup: {
    params: [{ name: 'path', kind: 'path', doc: 'The memory control group.' }],
    returns: 'object',
    of: 'cgroup',
    doc: 'A memory control group, to ask about: `cgroup("/db").usage`.',
    source: 'Documentation/admin-guide/cgroup-v2.rst',
  },
  events: {
    params: [
      { name: 'function', kind: 'path', doc: 'The name of a kernel function, as "do_wp_page".' },
      { name: 'outcome', kind: 'path', optional: true, doc: 'Only with that outcome, as "KEEP".' },
    ],
    returns: 'count',
    doc: 'How often a kernel function was entered, counted in pages where it works on many at once.',
    source: 'simulator',
  },
  violations: {
    params: [
      {
        name: 'invariant',
        kind: 'path',
        optional: true,
        doc: '"I1" to "I7", "stale_read", "dirty_dropped" or "lockdep cycle"; all if left out.',
      },
    ],
    returns: 'count',
    doc: 'How often an invariant was broken that the design is known to break.',
    source: 'simulator',
  },
} as const satisfies Record<string, FunctionEntry>;

export type FunctionName = keyof typeof functions;
