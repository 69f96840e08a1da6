import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calls } from '../../language/catalogue/calls';
import { constants } from '../../language/catalogue/constants';
import type { CallEntry, Kind, Parameter } from '../../language/catalogue/types';
import { designNames } from '../../language/simulator/designs/registry';
import { implemented } from '../../language/simulator/implemented';
import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';
import { runs } from './runs';

const PAGE = 4096n;
/** Where `machineOf` maps something. */
const BASE = 0x20000000000n;

interface Try {
  readonly who: 'root' | 'user' | 'kernel';
  readonly name: string;
  readonly args: readonly Value[];
}

/** A machine with files of several filesystems, descriptors and mappings, and what its processes are called. */
function machineOf(design: string): { machine: Machine; root: number; user: number } {
  const machine = Machine.create({ machine: { memory: 512n * PAGE }, design: { name: design, base: design, options: {} }, seed: 0 });
  if ('error' in machine) throw new Error(machine.error);
  const content = Content.text('A').repeat(12388);
  const declared = [
    ...['xfs', 'btrfs', 'ext4', 'tmpfs', 'erofs'].flatMap((type) => [
      { kind: 'mount', type, path: `/${type}`, options: {} } as const,
      { kind: 'file', path: `/${type}/f`, content, options: { mode: 0o666n } } as const,
      { kind: 'directory', path: `/${type}/d`, options: {} } as const,
    ]),
    { kind: 'reflink', from: '/xfs/f', to: '/xfs/g' } as const,
    { kind: 'mount', type: 'overlay', path: '/o', options: { lower: '/erofs', upper: '/ext4/upper' } } as const,
    { kind: 'cgroup', path: '/c', options: { limit: 128n * PAGE } } as const,
    { kind: 'process', name: 'root', options: {} } as const,
    { kind: 'process', name: 'user', cgroup: '/c', options: { uid: 1000n } } as const,
  ].map((each) => machine.declare(each));
  for (const { error } of declared) if (error !== undefined) throw new Error(error);
  const [root, user] = declared.slice(-2).map(({ pid }) => pid!) as [number, number];
  for (const who of [root, user]) {
    const does = (name: string, ...args: (bigint | string)[]): void => {
      const { outcome } = machine.step(
        who,
        name,
        args.map((arg) => (typeof arg === 'string' ? Content.text(arg) : arg)),
      );
      if (outcome.kind !== 'ok') throw new Error(`${name}: ${JSON.stringify(outcome)}`);
    };
    for (const path of ['/xfs/f', '/xfs/g', '/btrfs/f', '/ext4/f', '/tmpfs/f', '/o/f']) does('open', path, 2n);
    does('open', '/erofs/f', 0n);
    does('open', '/xfs/f', constants.O_DIRECT.value + 2n);
    does('stat', '/o/d');
    does('memfd_create', 'm', 0n);
    does('pipe');
    does('io_uring_setup', 8n);
    does('mmap', BASE, 8n * PAGE, 3n, 0x32n);
    does('touch', BASE, 4n * PAGE, 2n);
    does('io_uring_register', 14n, 0n, BASE + 1n, 2n * PAGE);
    does('mmap', BASE + 8n * PAGE, 4n * PAGE, 3n, 0x11n, 3n, 0n);
    does('mmap', BASE + 16n * PAGE, 4n * PAGE, 3n, 0x12n, 4n, 0n);
    does('mmap', BASE + 20n * PAGE, 4n * PAGE, 0n, 0x32n);
    does('mmap', BASE + 24n * PAGE, 4n * PAGE, 3n, 0x31n);
  }
  return { machine, root, user };
}

const anyInteger = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
const near = (...values: readonly bigint[]): fc.Arbitrary<bigint> =>
  fc.tuple(fc.constantFrom(...values), fc.bigInt({ min: -1n, max: 1n })).map(([value, off]) => value + off);
const EDGES = [0n, PAGE, 2n ** 12n * 5n, 12388n, 2n ** 21n, 2n ** 31n, 2n ** 32n, 2n ** 47n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 2n];
const address = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.bigInt({ min: -1n, max: 30n }), fc.constantFrom(0n, 0n, 0n, 1n)).map(([page, off]) => BASE + page * PAGE + off),
  },
  { weight: 1, arbitrary: near(...EDGES) },
  { weight: 1, arbitrary: anyInteger },
);
const amount = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt({ min: 0n, max: 9n }).map((pages) => pages * PAGE) },
  { weight: 2, arbitrary: near(...EDGES) },
  { weight: 1, arbitrary: anyInteger },
);
const fd = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: 3n, max: 15n }) },
  { weight: 1, arbitrary: near(...EDGES, 1024n) },
  { weight: 1, arbitrary: anyInteger },
);
const path = fc
  .oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(
          fc.constantFrom('/xfs', '/btrfs', '/ext4', '/tmpfs', '/erofs', '/o', '/c'),
          fc.constantFrom('', '/f', '/d', '/d/x', '/new', '/f/x', '/..', '/d/.', '/', '/f/'),
        )
        .map(([a, b]) => a + b),
    },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.constantFrom('', '/', '.', `/xfs/${'a'.repeat(300)}`, '/'.repeat(5000)) },
  )
  .map((text) => Content.text(text));
const content = fc.oneof(
  fc.string().map((text) => Content.text(text)),
  fc.integer({ min: 0, max: 40_000 }).map((length) => Content.text('xyz').repeat(length)),
  fc.integer({ min: 0, max: 64 }).map((pages) => Content.zeros(pages * Number(PAGE))),
);

/** Any number of the constants that belong to the parameter, or any number at all. */
function flags({ group }: Parameter): fc.Arbitrary<bigint> {
  const values = Object.values(constants).filter(({ groups }) => (groups as readonly string[]).includes(group ?? ''));
  const known = values.length === 0 ? amount : fc.constantFrom(...values.map(({ value }) => value));
  return fc.oneof(
    { weight: 6, arbitrary: known },
    { weight: 4, arbitrary: fc.array(known, { maxLength: 4 }).map((all) => all.reduce((sum, value) => sum | value, 0n)) },
    { weight: 1, arbitrary: anyInteger },
  );
}

const pid = fc.oneof(fc.bigInt({ min: 0n, max: 6n }), anyInteger);
const OF_KIND: Readonly<Partial<Record<Kind, fc.Arbitrary<Value>>>> = { fd, address, path, content, pid };

function argument(parameter: Parameter): fc.Arbitrary<Value> {
  const { kind, words = [], optional } = parameter;
  const value = kind === 'flags' || kind === 'enum' ? flags(parameter) : (OF_KIND[kind] ?? amount);
  const word = fc.oneof(value, ...words.map((text) => fc.constant(Content.text(text))));
  const nothing = fc.constant(undefined as unknown as Value);
  return optional === true ? fc.oneof({ weight: 3, arbitrary: word }, { weight: 1, arbitrary: nothing }) : word;
}

/** vfork is left out: who has called it makes no further call. */
const wrongCalls: fc.Arbitrary<Try> = fc
  .constantFrom(
    ...[...implemented.calls]
      .filter((name) => name !== 'vfork')
      .map((name) => [name, (calls as Readonly<Record<string, CallEntry>>)[name]!] as const),
  )
  .chain(([name, { params, who }]) =>
    fc.record({
      who: who === 'kernel' ? fc.constant('kernel' as const) : fc.constantFrom('root' as const, 'user' as const),
      name: fc.constant(name),
      args: fc.tuple(...params.map(argument)),
    }),
  );

/**
 * Calls that have done a part when they fail, as the kernel's own: up to the page, mapping or file that stopped them; or that leave what they
 * have read in the page cache, a place cleared that nothing came to, or a file written back.
 */
const MAY_CHANGE = new Set([
  ...['mlock', 'mlock2', 'munlock', 'mlockall', 'madvise', 'mprotect', 'mmap', 'mremap', 'shmat', 'msync', 'pin', 'touch', 'load', 'store'],
  ...['read', 'pread', 'write', 'pwrite', 'pread_to', 'pwrite_from', 'preadv2', 'pwritev2', 'splice', 'vmsplice', 'fsync', 'fdatasync'],
  ...[
    'process_vm_readv',
    'process_vm_writev',
    'proc_mem_write',
    'ficlone',
    'ficlonerange',
    'dedupe',
    'share',
    'copy_file_range',
    'fallocate',
  ],
]);

describe.each(designNames())('%s', (design) => {
  const made = machineOf(design);
  const start = made.machine.position();

  test('no call with whatever arguments throws, breaks an invariant or changes anything where it fails', () => {
    fc.assert(
      fc.property(fc.array(wrongCalls, { minLength: 1, maxLength: 12 }), (tries) => {
        const { machine } = made;
        machine.moveTo(start);
        machine.discardFuture();
        for (const { who, name, args } of tries) {
          const pid = who === 'kernel' ? who : made[who];
          if (pid !== 'kernel' && !machine.alive(pid)) continue;
          const before = machine.position();
          const { outcome, violations } = machine.step(pid, name, args);
          expect(violations.filter(({ known }) => !known)).toEqual([]);
          if (outcome.kind === 'errno' && !MAY_CHANGE.has(name)) expect(machine.position().records).toBe(before.records);
          if (outcome.kind === 'errno')
            expect(Object.keys((calls as Readonly<Record<string, CallEntry>>)[name]!.errors)).toContain(outcome.errno);
        }
        expect(machine.audit().filter(({ known }) => !known)).toEqual([]);
      }),
      { numRuns: runs(150) },
    );
  }, 120_000);
});
