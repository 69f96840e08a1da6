import { calls } from '../../../language/catalogue/calls';
import type { CallEntry } from '../../../language/catalogue/types';
import type { Outcome, Setup } from '../../../language/simulator/api';
import { Machine } from '../../../language/simulator/machine';
import { Content } from '../../../language/simulator/state/content';
import type { Value } from '../../../language/simulator/value';
import type { Binding, Linked } from '../../../language/runtime/control';
import { evaluate, type World } from '../../../language/runtime/evaluate';
import { parseExpression } from '../../../language/runtime/parsing';

const PAGE = 4096n;
const BASE = 0x20000000000n;
/** What perform.c puts the pid or the id in the place of. */
const STANDS_FOR = 2000000000n;

/**
 * What every call of the tables finds: a filesystem at /m with the files and directories of FILES, a tmpfs at /t with the file z (1 page), descriptors,
 * mappings of 4 pages each (`anon`: 8), System V segments and other processes. surroundings.c makes the same.
 */
export const NAMES: Readonly<Record<string, bigint>> = {
  rw: 3n,
  ro: 4n,
  wo: 5n,
  direct: 6n,
  dir: 7n,
  append: 8n,
  empty: 9n,
  memfd: 10n,
  foreign: 11n,
  pipe_r: 12n,
  pipe_w: 13n,
  place: 14n,
  huge: 15n,
  uffd: 20n,
  raw: 21n,
  closed: 99n,
  anon: BASE,
  gap: BASE + 8n * PAGE,
  shared: BASE + 16n * PAGE,
  private: BASE + 32n * PAGE,
  none: BASE + 48n * PAGE,
  readonly: BASE + 64n * PAGE,
  shared_anon: BASE + 80n * PAGE,
  segment: BASE + 96n * PAGE,
  locked: BASE + 112n * PAGE,
  watched: BASE + 128n * PAGE,
  protected: BASE + 144n * PAGE,
  minor: BASE + 160n * PAGE,
  self: STANDS_FOR + 1n,
  child: STANDS_FOR + 2n,
  zombie: STANDS_FOR + 3n,
  other: STANDS_FOR + 4n,
  stranger: STANDS_FOR + 5n,
  shm: STANDS_FOR + 6n,
  shm_secret: STANDS_FOR + 7n,
  shm_removed: STANDS_FOR + 8n,
};

/** What is below the root of each filesystem: bytes, mode, owner. */
const FILES: readonly (readonly [path: string, bytes: number, mode: bigint, uid: bigint])[] = [
  ['f', 12388, 0o644n, 0n],
  ['g', 0, 0o644n, 0n],
  ['d/x', 0, 0o644n, 0n],
  ['prog', 100, 0o755n, 0n],
  ['busy', 100, 0o755n, 0n],
  ['secret', 100, 0o600n, 0n],
  ['locked/y', 100, 0o644n, 0n],
  ['open/r', 100, 0o644n, 0n],
  ['open/u', 100, 0o600n, 1000n],
  ['sticky/r', 100, 0o666n, 0n],
];
const DIRECTORIES = { d: 0o755n, e: 0o755n, locked: 0o700n, open: 0o777n, sticky: 0o1777n } as const;

/** Bytes of the device, as in mount.sh. */
const DISK = 512n << 20n;

/** On a filesystem that cannot be written, the descriptors are all open for reading, and the shared mapping is for reading. */
const setup = (readonly: boolean): readonly string[] => [
  `open("/m/f", ${readonly ? 'O_RDONLY' : 'O_RDWR'})`,
  'open("/m/f", O_RDONLY)',
  `open("/m/f", ${readonly ? 'O_RDONLY' : 'O_WRONLY'})`,
  `open("/m/f", O_DIRECT | ${readonly ? 'O_RDONLY' : 'O_RDWR'})`,
  'open("/m/d", O_RDONLY | O_DIRECTORY)',
  `open("/m/f", ${readonly ? 'O_RDONLY' : 'O_RDWR | O_APPEND'})`,
  `open("/m/g", ${readonly ? 'O_RDONLY' : 'O_RDWR'})`,
  'memfd_create("mem", 0)',
  'ftruncate(memfd, 2 pages)',
  'open("/t/z", O_RDWR)',
  'pipe()',
  'write(pipe_w, "pppppppppp")',
  'open("/m/f", O_PATH)',
  'memfd_create("huge", MFD_HUGETLB)',
  `open("/m/busy", ${readonly ? 'O_RDONLY' : 'O_WRONLY'})`,
  'mmap(anon, 8 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)',
  'touch(anon, 8 pages, PROT_WRITE)',
  `mmap(shared, 4 pages, ${readonly ? 'PROT_READ' : 'PROT_READ | PROT_WRITE'}, MAP_SHARED | MAP_FIXED, rw, 0)`,
  'mmap(private, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, ro, 0)',
  'mmap(none, 4 pages, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)',
  'mmap(readonly, 4 pages, PROT_READ, MAP_SHARED | MAP_FIXED, ro, 0)',
  'mmap(shared_anon, 4 pages, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED)',
  'mmap(locked, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)',
  'mlock(locked, 4 pages)',
];
/** What calls find that have to do with userfaultfd: two descriptors, the second not ready yet (those between are closed again), and mappings that are registered. */
const USERFAULT = [
  'dup(rw)',
  'dup(rw)',
  'dup(rw)',
  'userfaultfd(0)',
  'userfaultfd(0)',
  'close(17)',
  'close(18)',
  'close(19)',
  'mmap(watched, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)',
  'mmap(protected, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)',
  'mmap(minor, 4 pages, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED)',
  'touch(protected, 2 pages, PROT_WRITE)',
  'touch(minor, 1 page, PROT_WRITE)',
  'madvise(minor, 4 pages, MADV_DONTNEED)',
  'touch(anon, 8 pages, PROT_WRITE)',
  'uffd_api(uffd, 0)',
  'uffd_register(uffd, watched, 4 pages, UFFDIO_REGISTER_MODE_MISSING)',
  'uffd_copy(uffd, watched, "y" * 1 page)',
  'uffd_register(uffd, protected, 4 pages, UFFDIO_REGISTER_MODE_WP)',
  'uffd_writeprotect(uffd, protected, 1 page, UFFDIO_WRITEPROTECT_MODE_WP)',
  'uffd_register(uffd, minor, 4 pages, UFFDIO_REGISTER_MODE_MINOR)',
];
const meets_userfault = (text: string): boolean => /uffd|userfaultfd|\b(raw|watched|protected|minor)\b/.test(text);
const SEGMENTS = [
  'shmget(0x11, 4 pages, IPC_CREAT | 0666)',
  'shmget(0x12, 1 page, IPC_CREAT | 0600)',
  'shmget(0x13, 1 page, IPC_CREAT | 0666)',
];

/** A call of the tables, its arguments evaluated, and who makes it: root, or a user without descriptors and mappings. */
export interface Performed {
  readonly user: boolean;
  readonly name: string;
  readonly args: readonly Value[];
}

const nothing = (): undefined => undefined;
const WORLD = { machine: { host: nothing, observe: nothing }, processes: { group: nothing, variable: nothing, nameOf: String } };

/** `call(arguments)`, or `user: call(arguments)`; `known` are numbers that names have besides NAMES. */
export function read(text: string, known: Readonly<Record<string, bigint>> = {}): Performed {
  const user = text.startsWith('user: ');
  let names: Linked<Binding> | undefined;
  for (const [name, value] of Object.entries({ ...NAMES, ...known })) names = { item: { name, value }, rest: names };
  const parsed = parseExpression(user ? text.slice('user: '.length) : text);
  if ('error' in parsed || parsed.expr.kind !== 'call') throw new Error(`${text}: ${'error' in parsed ? parsed.error : 'no call'}`);
  const args = parsed.expr.args.map((arg) => evaluate(arg, { locals: undefined, names, pid: undefined }, WORLD as unknown as World));
  return { user, name: parsed.expr.callee.text, args };
}

/** The declarations of a filesystem with everything that lies in it, at /m. */
function declarations(type: string): Setup[] {
  const folder = type === 'overlay' ? '/layers/lower' : '/m';
  const before: Setup[] =
    type === 'overlay'
      ? [
          { kind: 'mount', type: 'xfs', path: '/layers', options: {} },
          { kind: 'directory', path: '/layers/upper', options: {} },
        ]
      : [{ kind: 'mount', type, path: '/m', options: type === 'tmpfs' || type === 'erofs' ? {} : { size: DISK } }];
  const directories = Object.entries(DIRECTORIES).map(([name, mode]): Setup => ({
    kind: 'directory',
    path: `${folder}/${name}`,
    options: { mode },
  }));
  const files = FILES.map(([name, bytes, mode, uid]): Setup => ({
    kind: 'file',
    path: `${folder}/${name}`,
    content: Content.text('A').repeat(bytes),
    options: { mode, uid },
  }));
  const over: Setup = { kind: 'mount', type: 'overlay', path: '/m', options: { lower: '/layers/lower', upper: '/layers/upper' } };
  return [...before, ...directories, ...files, ...(type === 'overlay' ? [over] : [])];
}

/** Performs calls, each with the same surroundings. */
export class Simulated {
  private readonly machine: Machine;
  private readonly root: number;
  private readonly user: number;
  private readonly known: Readonly<Record<string, bigint>>;
  private readonly start: ReturnType<Machine['position']>;

  private withUserfault: Simulated | undefined;

  constructor(
    private readonly filesystem: string,
    private readonly userfault = false,
  ) {
    const machine = Machine.create({ machine: {}, design: { name: 'baseline', base: 'baseline', options: {} }, seed: 0 });
    if ('error' in machine) throw new Error(machine.error);
    this.machine = machine;
    const declared = [
      ...declarations(filesystem),
      { kind: 'mount', type: 'tmpfs', path: '/t', options: {} } as const,
      { kind: 'file', path: '/t/z', content: Content.text('A').repeat(4096), options: {} } as const,
      { kind: 'process', name: 'p', options: {} } as const,
      { kind: 'process', name: 'user', options: { uid: 1000n } } as const,
      { kind: 'process', name: 'other', options: {} } as const,
      { kind: 'process', name: 'stranger', options: { uid: 1000n } } as const,
    ].map((each) => this.declare(each));
    const [root, user, other, stranger] = declared.slice(-4) as [number, number, number, number];
    this.root = root;
    this.user = user;
    this.known = {};
    for (const text of setup(filesystem === 'erofs')) this.must(root, text);
    for (const bystander of [other, stranger]) {
      this.must(bystander, 'mmap(anon, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)');
      this.must(bystander, 'touch(anon, 4 pages, PROT_WRITE)');
    }
    const [shm, shm_secret, shm_removed] = SEGMENTS.map((text) => this.must(root, text));
    const child = this.must(root, 'fork()');
    const zombie = this.must(root, 'fork()');
    const pids = { self: root, child, zombie, other, stranger };
    this.known = Object.fromEntries(Object.entries({ ...pids, shm, shm_secret, shm_removed }).map(([name, id]) => [name, BigInt(id!)]));
    this.must(root, 'shmat(shm, segment, 0)');
    this.must(root, 'shmctl(shm_removed, IPC_RMID)');
    this.must(zombie, 'exit(3)');
    if (userfault) for (const text of USERFAULT) this.must(root, text);
    this.start = machine.position();
  }

  /** How a call ends; the state is as before. Violations of an invariant and audits that fail count as an end of their own. */
  perform(text: string): string {
    const { user, name, args } = read(text, this.known);
    if (!this.userfault && meets_userfault(text)) return (this.withUserfault ??= new Simulated(this.filesystem, true)).perform(text);
    const outcome = this.step(user ? this.user : this.root, name, args);
    this.machine.moveTo(this.start);
    this.machine.discardFuture();
    return typeof outcome === 'string' ? outcome : endOf(name, outcome);
  }

  private declare(setup: Setup): number {
    const { error, pid } = this.machine.declare(setup);
    if (error !== undefined) throw new Error(error);
    return pid ?? 0;
  }

  /** A call that makes the surroundings; the number that it gives. */
  private must(pid: number, text: string): number {
    const { name, args } = read(text, this.known);
    const outcome = this.step(pid, name, args);
    if (typeof outcome === 'string' || outcome.kind !== 'ok') throw new Error(`${text}: ${JSON.stringify(outcome)}`);
    return typeof outcome.value === 'bigint' ? Number(outcome.value) : 0;
  }

  private step(pid: number, name: string, args: readonly Value[]): Outcome | string {
    const { outcome, violations } = this.machine.step(pid, name, args);
    const broken = [...violations, ...this.machine.audit()][0];
    return broken ? `broken: ${broken.invariant} ${broken.message}` : outcome;
  }
}

/** An outcome in a table's words: a number, `ok` where there is none, `address`, `pid`, `id`, an errno, a signal, or `waits`. */
function endOf(name: string, outcome: Outcome): string {
  if (outcome.kind === 'errno') return outcome.errno;
  if (outcome.kind === 'signal') return outcome.signal;
  if (outcome.kind === 'error') return outcome.code === 'would-wait' ? 'waits' : `${outcome.code}: ${outcome.why}`;
  return worded(name, outcome.value instanceof Content ? BigInt(outcome.value.length) : outcome.value);
}

/** A value that a call gave, in the words of the tables. */
export function worded(name: string, value: Value | undefined): string {
  const { returns } = (calls as Readonly<Record<string, CallEntry>>)[name]!;
  if (returns === 'void' || returns === 'object' || name === 'mincore') return 'ok';
  return returns === 'address' || returns === 'pid' || returns === 'id' ? returns : String(value ?? 0n);
}
