import fc from 'fast-check';

export const PAGE = 4096;
export const FILES = ['/data/a', '/data/b', '/tmp/c'];
export const AREAS = 3;
export const AREA_PAGES = 6;

/** Advice that concerns a part of a process's memory. */
export const ADVICE = {
  WILLNEED: 3n,
  DONTNEED: 4n,
  REMOVE: 9n,
  DONTFORK: 10n,
  DOFORK: 11n,
  MERGEABLE: 12n,
  UNMERGEABLE: 13n,
  WIPEONFORK: 18n,
  KEEPONFORK: 19n,
  COLD: 20n,
  PAGEOUT: 21n,
} as const;

/** What fallocate is asked for, with its mode. */
export const FALLOCATE = { allocate: 0n, keep: 0x1n, punch: 0x3n, zero: 0x10n, zeroKeep: 0x11n, unshare: 0x40n } as const;

/** A part of an area of a process, in pages. */
interface Range {
  who: number;
  area: number;
  from: number;
  count: number;
}

interface Access {
  do: 'access';
  who: number;
  area: number;
  page: number;
  offset: number;
  store: number;
  length: number;
}

export interface Mremap extends Range {
  do: 'mremap';
  to: number;
  flags: 'none' | 'maymove' | 'fixed' | 'dontunmap';
  area2: number;
  at: number;
}

export type Operation =
  | Access
  | Mremap
  | { do: 'map'; who: number; area: number; file: number; index: number; count: number; shared: boolean }
  | (Range & { do: 'unmap' | 'msync' | 'unpin' })
  | (Range & { do: 'pin'; write: boolean })
  | { do: 'remote'; who: number; other: number; area: number; page: number; offset: number; store: number; length: number }
  | (Range & { do: 'madvise'; advice: keyof typeof ADVICE })
  | { do: 'write'; who: number; file: number; position: number; length: number; byte: number; direct: boolean }
  | { do: 'read'; who: number; file: number; position: number; length: number; direct: boolean }
  | { do: 'truncate'; who: number; file: number; size: number }
  | { do: 'fallocate'; who: number; file: number; what: keyof typeof FALLOCATE; position: number; length: number }
  | { do: 'copy' | 'cloneRange' | 'dedupe'; who: number; file: number; to: number; position: number; target: number; length: number }
  | { do: 'syncRange' | 'fadvise'; who: number; file: number; position: number; length: number }
  | { do: 'fsync' | 'clone' | 'reopen'; who: number; file: number }
  | { do: 'clearRefs'; who: number; type: number }
  | { do: 'fork' | 'thread' | 'exit' | 'dropCaches' | 'ksmScan' | 'ksmUnmerge'; who: number }
  | { do: 'wholeArea'; who: number; area: number; area2: number; what: 'collapse' | 'dontneed' | 'move' | 'reclaim' };

const nat = (max: number): fc.Arbitrary<number> => fc.nat({ max });
const one = <const T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const who = nat(3);
const file = nat(FILES.length - 1);
const area = nat(AREAS - 1);
const range = { who, area, from: nat(AREA_PAGES - 1), count: fc.integer({ min: 1, max: 3 }) };
/** Bytes into a file; often at a page. */
const position = fc.oneof(
  nat(5 * PAGE),
  nat(5).map((n) => n * PAGE),
);
const length = fc.oneof(
  fc.integer({ min: 1, max: 4 * PAGE }),
  fc.integer({ min: 1, max: 4 }).map((n) => n * PAGE),
);

const memory: fc.WeightedArbitrary<Operation>[] = [
  {
    weight: 4,
    arbitrary: fc.record({
      do: one('map'),
      who,
      area,
      file: nat(FILES.length),
      index: nat(3),
      count: fc.integer({ min: 1, max: AREA_PAGES }),
      shared: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: one('unmap', 'msync', 'unpin'), ...range }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: one('access'),
      who,
      area,
      page: nat(AREA_PAGES - 1),
      offset: nat(PAGE - 1),
      store: fc.oneof(nat(255), nat(2)),
      length: one(0, 1, 7, PAGE, 2 * PAGE),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: one('madvise'), ...range, advice: one(...(Object.keys(ADVICE) as (keyof typeof ADVICE)[])) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: one('mremap'),
      ...range,
      count: nat(4),
      to: fc.integer({ min: 1, max: AREA_PAGES }),
      flags: one('none', 'maymove', 'fixed', 'dontunmap'),
      area2: area,
      at: nat(AREA_PAGES - 1),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: one('pin'), ...range, write: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: one('remote'),
      who,
      other: who,
      area,
      page: nat(AREA_PAGES - 1),
      offset: nat(PAGE - 1),
      store: fc.oneof(nat(255), nat(2)),
      length: one(1, 100, PAGE),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: one('clearRefs'), who, type: fc.integer({ min: 1, max: 4 }) }) },
];

const files: fc.WeightedArbitrary<Operation>[] = [
  {
    weight: 4,
    arbitrary: fc.record({
      do: one('write'),
      who,
      file,
      position,
      length: one(1, 100, PAGE, 3 * PAGE),
      byte: nat(255),
      direct: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: one('read'), who, file, position, length: nat(4 * PAGE), direct: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: one('truncate'), who, file, size: nat(5 * PAGE) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: one('fallocate'),
      who,
      file,
      what: one(...(Object.keys(FALLOCATE) as (keyof typeof FALLOCATE)[])),
      position,
      length,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: one('copy', 'cloneRange', 'dedupe'), who, file, to: file, position, target: position, length }),
  },
  { weight: 1, arbitrary: fc.record({ do: one('syncRange', 'fadvise'), who, file, position, length }) },
  { weight: 3, arbitrary: fc.record({ do: one('fsync', 'clone', 'reopen'), who, file }) },
];

/** One step of anybody. */
const operation: fc.Arbitrary<Operation> = fc.oneof(
  ...memory,
  ...files,
  {
    weight: 3,
    arbitrary: fc.record({ do: one('fork', 'thread', 'exit', 'dropCaches'), who }),
  },
  { weight: 4, arbitrary: fc.record({ do: one('ksmScan', 'ksmScan', 'ksmScan', 'ksmUnmerge'), who }) },
);

/** Two areas of private anonymous memory in use and shared with a child, then whatever happens to memory. */
export const hugeOperations: fc.Arbitrary<Operation[]> = fc
  .array(
    fc.oneof(
      ...memory,
      { weight: 2, arbitrary: fc.record({ do: one('fork', 'exit'), who }) },
      {
        weight: 4,
        arbitrary: fc.record({ do: one('wholeArea'), who, area, area2: area, what: one('collapse', 'dontneed', 'move', 'reclaim') }),
      },
    ),
    { minLength: 5, maxLength: 40, size: 'max' },
  )
  .map((rest) => [
    ...[0, 1].flatMap((at): Operation[] => [
      { do: 'map', who: 0, area: at, file: FILES.length, index: 0, count: AREA_PAGES, shared: false },
      { do: 'access', who: 0, area: at, page: 0, offset: 0, store: 1 + at, length: 2 * PAGE },
      { do: 'fork', who: 0 },
    ]),
    ...rest.map((op) => (op.do === 'map' ? { ...op, count: AREA_PAGES, file: Math.max(op.file, FILES.length - 1) } : op)),
  ]);

/** Something of every kind mapped and written, and a page that no child inherits the content of. */
const mapped: Operation[] = [FILES.length, 0, 2].flatMap((of, at): Operation[] => [
  { do: 'map', who: 0, area: at, file: of, index: 0, count: AREA_PAGES, shared: of === 0 },
  { do: 'access', who: 0, area: at, page: 0, offset: 0, store: 1 + at, length: 2 * PAGE },
]);
const start: Operation[] = [...mapped, { do: 'madvise', who: 0, area: 0, from: 0, count: 1, advice: 'WIPEONFORK' }];

/** Two files that are alike, read, and mapped by two. */
const alike = (shared: boolean): Operation[] => [
  { do: 'clone', who: 0, file: 0 },
  { do: 'reopen', who: 0, file: 0 },
  { do: 'reopen', who: 0, file: 1 },
  ...[0, 1].flatMap((file): Operation[] => [
    { do: 'map', who: 0, area: file, file, index: 0, count: AREA_PAGES, shared },
    { do: 'access', who: 0, area: file, page: 0, offset: 0, store: 0, length: 0 },
    { do: 'access', who: 0, area: file, page: 2, offset: 0, store: 0, length: 0 },
  ]),
];

/** Equal anonymous pages that KSM has merged. */
const merged: Operation[] = [
  ...[0, 1].flatMap((area): Operation[] => [
    { do: 'map', who: 0, area, file: FILES.length, index: 0, count: AREA_PAGES, shared: false },
    ...[0, 2].map((page): Operation => ({ do: 'access', who: 0, area, page, offset: 0, store: 1, length: 2 * PAGE })),
    { do: 'madvise', who: 0, area, from: 0, count: AREA_PAGES, advice: 'MERGEABLE' },
  ]),
  { do: 'ksmScan', who: 0 },
  { do: 'ksmScan', who: 0 },
];

/** A run of steps; three quarters of the runs start with memory in use. */
export const operations = (size: { minLength: number; maxLength: number }): fc.Arbitrary<Operation[]> => {
  const steps = fc.array(operation, size);
  return fc.oneof(
    steps,
    steps.map((rest) => [...start, ...rest]),
    steps.map((rest) => [...merged, ...rest]),
    fc.tuple(fc.boolean(), steps).map(([shared, rest]) => [...alike(shared), ...rest]),
  );
};
