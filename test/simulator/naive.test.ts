import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { ObjectRef, Value } from '../../language/simulator/value';
import { area_start, AREA_PAGES, File, type Frame, NaiveMachine, Process, REGION_START } from './naive';
import { runs } from './runs';

const FILES = ['/data/a', '/data/b', '/tmp/c'];
const FILE_PAGES = 4;
/** A region takes up whole PGD entries. */
const REGION_PAGES = 2 ** 27;
const PAGE = 4096n;

type Operation =
  | { do: 'map'; who: number; area: number; file: number; index: number; shared: boolean; writable: boolean }
  | { do: 'unmap' | 'dontneed'; who: number; area: number; from: number; count: number }
  | { do: 'access'; who: number; area: number; from: number; count: number; write: boolean }
  | { do: 'read' | 'write'; who: number; file: number; index: number; count: number; part: boolean }
  | { do: 'fsync' | 'clone'; who: number; file: number }
  | { do: 'touchRegion'; who: number; from: number; count: number; write: boolean }
  | { do: 'fork' | 'exit' | 'drop' | 'attach' | 'detach'; who: number };

const nat = (max: number): fc.Arbitrary<number> => fc.nat({ max });
const one = <const T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const range = { who: nat(3), area: nat(2), from: nat(AREA_PAGES - 1), count: fc.integer({ min: 1, max: 4 }) };
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: one('map'),
      who: nat(3),
      area: nat(2),
      file: nat(FILES.length),
      index: nat(2),
      shared: fc.boolean(),
      writable: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: one('unmap', 'dontneed'), ...range }) },
  { weight: 10, arbitrary: fc.record({ do: one('access'), ...range, write: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: one('read', 'write'),
      who: nat(3),
      file: nat(2),
      index: nat(3),
      count: fc.integer({ min: 1, max: 3 }),
      part: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: one('fsync', 'clone'), who: nat(3), file: nat(2) }) },
  { weight: 3, arbitrary: fc.record({ do: one('fork', 'exit', 'drop'), who: nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: one('attach', 'attach', 'detach'), who: nat(3) }) },
  { weight: 4, arbitrary: fc.record({ do: one('touchRegion'), ...range, write: fc.boolean() }) },
);

/** Memory of every kind in use, partly written, partly only read; and a child of it. */
const start: Operation[] = [
  ...[FILES.length, 0, 2].flatMap((file, area): Operation[] => [
    { do: 'map', who: 0, area, file, index: 0, shared: file === 0, writable: true },
    { do: 'access', who: 0, area, from: 0, count: 4, write: false },
    { do: 'access', who: 0, area, from: 1, count: 1, write: true },
  ]),
  { do: 'fork', who: 0 },
];
const steps = fc.array(operation, { minLength: 1, maxLength: 40 });
const operations = fc.oneof(
  steps,
  steps.map((rest) => [...start, ...rest]),
);

/** Both machines, doing the same; and the scenario that they did, as text. */
class Both {
  readonly lines: string[] = [];
  private born = 1;
  private readonly machine: Machine;
  private readonly naive: NaiveMachine;
  private readonly files = [new File('xfs', FILE_PAGES), new File('xfs', FILE_PAGES), new File('tmpfs', FILE_PAGES)];

  constructor(private readonly around: number) {
    const machine = Machine.create({
      machine: { memory: 4n << 20n, fault_around: BigInt(around) * PAGE },
      design: { name: 'baseline', base: 'baseline', options: {} },
      seed: 1,
    });
    if ('error' in machine) throw new Error(machine.error);
    this.machine = machine;
    machine.declare({ kind: 'mount', type: 'xfs', path: '/data', options: {} });
    machine.declare({ kind: 'mount', type: 'tmpfs', path: '/tmp', options: {} });
    machine.declare({ kind: 'mount', type: 'msharefs', path: '/sys/fs/mshare', options: {} });
    for (const path of FILES)
      machine.declare({ kind: 'file', path, content: Content.text('x').repeat(FILE_PAGES * Number(PAGE)), options: {} });
    this.naive = new NaiveMachine([...this.files], around);
    const pid = machine.declare({ kind: 'process', name: 'p', options: {} }).pid!;
    this.naive.processes.set(pid, new Process(this.files.map((file) => ({ file, previous: -1 }))));
    FILES.forEach((path, i) => {
      this.lines.push(`p: f${i} = open("${path}", O_RDWR)`);
      const { outcome } = machine.step(pid, 'open', [Content.text(path), 2n]);
      expect(outcome).toEqual({ kind: 'ok', value: BigInt(i + 3) });
    });
    this.step(pid, 'open', [Content.text('/sys/fs/mshare/r'), 0o102n, 0o600n], 'r = open("/sys/fs/mshare/r", O_RDWR | O_CREAT, 0600)');
  }

  get scenario(): string {
    const fill = FILES.map((path) => `  file "${path}" { size = ${FILE_PAGES} pages; content = "x" }`);
    const head = [`scenario "disagreement" {`, `  machine { memory = 4M; fault_around = ${this.around} pages }`];
    const mounts = ['  mount xfs at "/data"', '  mount tmpfs at "/tmp"', '  mount msharefs at "/sys/fs/mshare"', ...fill, '  process p'];
    return [...head, ...mounts, ...this.lines.map((line) => `  ${line}`), '}'].join('\n');
  }

  private step(pid: number | 'kernel', call: string, args: readonly Value[], text: string): Value | string | undefined {
    this.lines.push(`${pid === 'kernel' ? pid : name(pid)}: ${text}`);
    const { outcome, violations } = this.machine.step(pid, call, args);
    expect(violations).toEqual([]);
    if (outcome.kind === 'signal') return outcome.signal;
    expect(outcome).toMatchObject({ kind: 'ok' });
    return outcome.kind === 'ok' ? outcome.value : undefined;
  }

  do(op: Operation): void {
    const { naive } = this;
    const pids = [...naive.processes.keys()];
    const pid = pids[op.who % pids.length]!;
    const process = naive.processes.get(pid)!;
    switch (op.do) {
      case 'map': {
        const start = area_start(op.area);
        const file = this.files[op.file];
        const at = file === undefined ? 0 : op.index;
        const flags = (op.shared ? 1n : 2n) + 0x10n + (file === undefined ? 0x20n : 0n);
        const prot = op.writable ? 3n : 1n;
        const words = `${op.shared ? 'MAP_SHARED' : 'MAP_PRIVATE'} | MAP_FIXED${file === undefined ? ' | MAP_ANONYMOUS' : ''}`;
        const args = [page(start), page(AREA_PAGES), prot, flags, file === undefined ? -1n : BigInt(op.file + 3), page(at)];
        this.step(
          pid,
          'mmap',
          args,
          `mmap(${hex(start)}, ${AREA_PAGES} pages, ${op.writable ? 'PROT_READ | PROT_WRITE' : 'PROT_READ'}, ${words}, ${file === undefined ? -1 : `f${op.file}`}, ${at} pages)`,
        );
        naive.map(process, start, AREA_PAGES, file, at, op.shared, op.writable);
        return;
      }
      case 'unmap': {
        const start = area_start(op.area) + op.from;
        this.step(pid, 'munmap', [page(start), page(op.count)], `munmap(${hex(start)}, ${op.count} pages)`);
        naive.unmap(process, start, op.count);
        return;
      }
      case 'dontneed': {
        const start = area_start(op.area) + op.from;
        const whole = Array.from({ length: op.count }, (_, i) => start + i).every((vpn) =>
          process.vmas.some((vma) => vpn >= vma.start && vpn < vma.end),
        );
        if (!whole) return;
        this.step(pid, 'madvise', [page(start), page(op.count), 4n], `madvise(${hex(start)}, ${op.count} pages, MADV_DONTNEED)`);
        naive.dontneed(process, start, op.count);
        return;
      }
      case 'access': {
        const start = area_start(op.area) + op.from;
        const signal = this.step(
          pid,
          'touch',
          [page(start), page(op.count), op.write ? 3n : 1n],
          `touch(${hex(start)}, ${op.count} pages, ${op.write ? 'PROT_READ | PROT_WRITE' : 'PROT_READ'})`,
        );
        let expected: string | undefined;
        for (let i = 0; i < op.count && expected === undefined; i++) expected = naive.access(process, start + i, op.write);
        expect(signal).toBe(expected);
        return;
      }
      case 'read':
        this.step(
          pid,
          'pread',
          [BigInt(op.file + 3), page(op.count), page(op.index)],
          `pread(f${op.file}, ${op.count} pages, ${op.index} pages)`,
        );
        naive.read(process.files[op.file]!, op.index, op.count);
        return;
      case 'write': {
        const count = op.part ? 1 : op.count;
        const length = op.part ? 100 : Number(PAGE) * count;
        const file = this.files[op.file]!;
        const index = op.part ? Math.min(op.index, file.pages - 1) : op.index;
        this.step(
          pid,
          'pwrite',
          [BigInt(op.file + 3), Content.text('w').repeat(length), page(index)],
          `pwrite(f${op.file}, "w" * ${length}, ${index} pages)`,
        );
        naive.write(process.files[op.file]!, index, count, op.part);
        return;
      }
      case 'fsync':
        this.step(pid, 'fsync', [BigInt(op.file + 3)], `fsync(f${op.file})`);
        naive.fsync(this.files[op.file]!);
        return;
      case 'clone': {
        const to = op.file % 2;
        this.step(pid, 'ficlone', [BigInt(to + 3), BigInt(4 - to)], `ficlone(f${to}, f${1 - to})`);
        naive.ficlone(this.files[to]!, this.files[1 - to]!);
        return;
      }
      case 'fork': {
        if (naive.processes.size >= 4) return;
        const child = Number(this.step(pid, 'fork', [], `fork() as ${name(this.born + 1)}`));
        naive.processes.set(child, naive.fork(process));
        this.born = child;
        return;
      }
      case 'exit':
        if (naive.processes.size === 1) return;
        this.step(pid, 'exit', [0n], 'exit(0)');
        naive.exit(pid);
        return;
      case 'attach': {
        if (process.attached) return;
        const args = [page(REGION_START), page(AREA_PAGES), 3n, 0x11n, BigInt(FILES.length + 3), 0n];
        this.step(
          pid,
          'mmap',
          args,
          `mmap(${hex(REGION_START)}, ${AREA_PAGES} pages, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, r, 0)`,
        );
        naive.attach(process);
        return;
      }
      case 'detach':
        this.step(pid, 'munmap', [page(REGION_START), page(REGION_PAGES)], `munmap(${hex(REGION_START)}, ${REGION_PAGES} pages)`);
        naive.detach(process);
        return;
      case 'touchRegion': {
        const start = REGION_START + op.from;
        const count = Math.min(op.count, AREA_PAGES - op.from);
        const words = op.write ? 'PROT_READ | PROT_WRITE' : 'PROT_READ';
        const signal = this.step(
          pid,
          'touch',
          [page(start), page(count), op.write ? 3n : 1n],
          `touch(${hex(start)}, ${count} pages, ${words})`,
        );
        let expected: string | undefined;
        for (let i = 0; i < count && expected === undefined; i++) expected = naive.access(process, start + i, op.write);
        expect(signal).toBe(expected);
        return;
      }
      case 'drop':
        this.step('kernel', 'drop_caches', [], 'drop_caches()');
        naive.drop_caches();
    }
  }

  private ask(of: string, what: string, subject?: ObjectRef): Value | undefined {
    return this.machine.observe(of, what, subject);
  }

  /** Everything that can be asked says the same in both. */
  compare(): void {
    const { naive } = this;
    const said: Record<string, unknown> = {};
    const meant: Record<string, unknown> = {};
    const frames = new Set<Frame>();
    const numbers = new Map<unknown, Frame | undefined>();
    const same = (what: string, ours: unknown, theirs: unknown): void => {
      said[what] = ours;
      meant[what] = theirs;
    };
    const identity = (what: string, ref: ObjectRef | undefined, frame: Frame | undefined): void => {
      same(`${what} is`, ref !== undefined, frame !== undefined);
      if (ref === undefined || frame === undefined) return;
      if (!numbers.has(ref.id)) numbers.set(ref.id, frame);
      same(`${what} is the same page everywhere`, numbers.get(ref.id) === frame, true);
      frames.add(frame);
      same(`${what}.mapcount`, this.ask('page', 'mapcount', ref), BigInt(naive.mapcount(frame)));
      same(`${what}.refcount`, this.ask('page', 'refcount', ref), BigInt(naive.refcount(frame)));
      for (const flag of ['dirty', 'referenced', 'active'] as const)
        if (frame.kind !== 'anon' || flag !== 'dirty') same(`${what}.flags.${flag}`, this.ask('flags', flag, ref), frame[flag]);
      same(`${what}.flags.anon_exclusive`, this.ask('flags', 'anon_exclusive', ref), frame.exclusive);
    };
    this.files.forEach((file, i) => {
      const ref = this.machine.file(FILES[i]!)!;
      same(`${FILES[i]} size`, this.ask('file', 'size', ref), page(file.pages));
      same(`${FILES[i]} cached`, this.ask('file', 'cached', ref), page(file.cache.size));
      same(`${FILES[i]} dirty`, this.ask('file', 'dirty', ref), page([...file.cache.values()].filter((frame) => frame.dirty).length));
      for (let at = 0; at < file.pages; at++) identity(`${FILES[i]} page ${at}`, this.machine.page(ref, at), file.cache.get(at));
    });
    let tables = 0;
    for (const [pid, process] of naive.processes) {
      const who = name(pid);
      const ref: ObjectRef = { kind: 'process', id: pid };
      const mapped = [...process.ptes.values()].flatMap(({ frame }) => (frame === undefined ? [] : [frame]));
      const rss = (kind: Frame['kind']): bigint => page(mapped.filter((frame) => frame.kind === kind).length);
      same(`${who}.rss_anon`, this.ask('process', 'rss_anon', ref), rss('anon'));
      same(`${who}.rss_file`, this.ask('process', 'rss_file', ref), rss('file'));
      same(`${who}.rss_shmem`, this.ask('process', 'rss_shmem', ref), rss('shmem'));
      const pss = mapped.reduce((sum, frame) => sum + (PAGE << 12n) / BigInt(naive.mapcount(frame)), 0n) >> 12n;
      same(`${who}.pss`, this.ask('process', 'pss', ref), pss);
      same(`${who}.minflt`, this.ask('process', 'minflt', ref), BigInt(process.minflt));
      same(`${who}.majflt`, this.ask('process', 'majflt', ref), BigInt(process.majflt));
      same(`${who}.vmas`, this.ask('process', 'vmas', ref), BigInt(process.vmas.length + Number(process.attached)));
      const own = process.tables.reduce((sum, level) => sum + level.size, 0);
      tables += own;
      same(`${who}.page_tables`, this.ask('process', 'page_tables', ref), page(own));
      const region = process.attached ? [{ start: REGION_START, end: REGION_START + AREA_PAGES }] : [];
      for (const vma of [...process.vmas, ...region])
        for (let vpn = vma.start; vpn < vma.end; vpn++) {
          const shared = process.linked ? naive.host!.ptes : undefined;
          const pte = (vpn < REGION_START ? process.ptes : shared)?.get(vpn);
          const at: ObjectRef = { kind: 'pte', id: pid, at: vpn };
          same(`${who} pte ${hex(vpn)} present`, this.ask('pte', 'present', at), pte !== undefined);
          for (const bit of ['writable', 'accessed', 'dirty'] as const)
            same(`${who} pte ${hex(vpn)} ${bit}`, this.ask('pte', bit, at), pte?.[bit] ?? false);
          const frame = this.ask('pte', 'page', at);
          identity(`${who} pte ${hex(vpn)}`, typeof frame === 'object' && 'kind' in frame ? (frame as ObjectRef) : undefined, pte?.frame);
        }
    }
    const { host } = naive;
    if (host !== undefined) tables += host.tables.reduce((sum, level) => sum + level.size, 0);
    const used = naive.files.filter(
      (file, i) => i < FILES.length || naive.spaces().some(({ vmas }) => vmas.some((vma) => vma.file === file)),
    );
    const cached = used.reduce((sum, file) => sum + file.cache.size, 0);
    const anon = [...frames].filter((frame) => frame.kind === 'anon').length;
    same('memory.cached', this.ask('memory', 'cached'), page(cached));
    same('memory.used', this.ask('memory', 'used'), page(cached + anon + tables + naive.spaces().length));
    same('memory.page_tables', this.ask('memory', 'page_tables'), page(tables));
    same('memory.anon', this.ask('memory', 'anon'), page(anon));
    same('disk.reads', this.ask('disk', 'reads'), page(naive.reads));
    same('disk.writes', this.ask('disk', 'writes'), page(naive.writes));

    expect(said).toEqual(meant);
  }
}

const page = (pages: number): bigint => BigInt(pages) * PAGE;
const hex = (vpn: number): string => `0x${page(vpn).toString(16)}`;
const name = (pid: number): string => (pid === 1 ? 'p' : `c${pid}`);

describe.each([1, 16])('fault_around = %i pages', (around) => {
  test('agrees with a machine of one object a page in every observable after every step', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const both = new Both(around);
        try {
          for (const op of steps) {
            both.do(op);
            both.compare();
          }
        } catch (problem) {
          if (problem instanceof Error) problem.message = `${both.scenario}\n${problem.message}`;
          throw problem;
        }
      }),
      { numRuns: runs(500) },
    );
  });
});
