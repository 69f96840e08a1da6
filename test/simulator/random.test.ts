import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';
import { digest } from '../../language/simulator/state/digest';
import * as reference from './reference';

const PAGE = 4096;
const FILES = ['/data/a', '/data/b', '/tmp/c'];
const FILE_PAGES = 4;
const AREAS = 3;
const AREA_PAGES = 6;

type Operation =
  | { do: 'map'; who: number; area: number; file: number; index: number; count: number; shared: boolean }
  | { do: 'unmap'; who: number; area: number; from: number; count: number }
  | { do: 'access'; who: number; area: number; page: number; offset: number; store: number; length: number }
  | { do: 'write'; who: number; file: number; position: number; length: number; byte: number }
  | { do: 'read'; who: number; file: number; position: number; length: number }
  | { do: 'truncate'; who: number; file: number; size: number }
  | { do: 'fsync' | 'clone'; who: number; file: number }
  | { do: 'fork' | 'exit'; who: number };

const nat = (max: number): fc.Arbitrary<number> => fc.nat({ max });
const who = nat(3);
const file = nat(FILES.length - 1);
const area = nat(AREAS - 1);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('map' as const),
      who,
      area,
      file: nat(FILES.length),
      index: nat(3),
      count: fc.integer({ min: 1, max: AREA_PAGES }),
      shared: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('unmap' as const),
      who,
      area,
      from: nat(AREA_PAGES - 1),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('access' as const),
      who,
      area,
      page: nat(AREA_PAGES - 1),
      offset: nat(PAGE - 1),
      store: nat(255),
      length: fc.constantFrom(0, 1, 7, PAGE, 2 * PAGE),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      who,
      file,
      position: nat(5 * PAGE),
      length: fc.constantFrom(1, 100, PAGE, 3 * PAGE),
      byte: nat(255),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), who, file, position: nat(5 * PAGE), length: nat(4 * PAGE) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('truncate' as const), who, file, size: nat(5 * PAGE) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('fsync' as const, 'clone' as const), who, file }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('fork' as const, 'exit' as const), who }) },
);

/** The machine and the reference model beside it, doing the same. */
class Pair {
  readonly machine: Machine;
  readonly files: reference.ReferenceFile[];
  readonly processes = new Map<number, { memory: reference.ReferenceProcess; fds: bigint[] }>();

  constructor(design: string, memory = 4n << 20n) {
    const machine = Machine.create({ machine: { memory }, design: { name: design, base: design, options: {} }, seed: 1 });
    if ('error' in machine) throw new Error(machine.error);
    this.machine = machine;
    machine.declare({ kind: 'mount', type: 'xfs', path: '/data', options: {} });
    machine.declare({ kind: 'mount', type: 'tmpfs', path: '/tmp', options: {} });
    this.files = FILES.map((path, i) => {
      const content = Content.random(FILE_PAGES * PAGE, i % 2);
      machine.declare({ kind: 'file', path, content, options: {} });
      return { bytes: content.bytes(0, content.length).slice(), ...(path.startsWith('/tmp') ? { tail: new Uint8Array(PAGE) } : {}) };
    });
    const pid = machine.declare({ kind: 'process', name: 'p', options: {} }).pid!;
    const fds = FILES.map((path) => this.call(pid, 'open', Content.text(path), 2n) as bigint);
    this.processes.set(pid, { memory: new reference.ReferenceProcess(), fds });
  }

  /** The OOM killer was here: the step it interrupted did a part of its work, and the reference model does not know which. */
  somebodyDied(): boolean {
    return [...this.processes.keys()].some((pid) => !this.machine.alive(pid));
  }

  call(pid: number, call: string, ...args: Value[]): Value | undefined {
    const { outcome, violations } = this.machine.step(pid, call, args);
    expect(violations).toEqual([]);
    if (outcome.kind !== 'ok')
      throw new Error(`${call}: ${outcome.kind === 'errno' ? outcome.errno : outcome.kind === 'signal' ? outcome.signal : outcome.why}`);
    return outcome.value;
  }

  do(op: Operation): void {
    const pids = [...this.processes.keys()];
    const pid = pids[op.who % pids.length]!;
    const { memory, fds } = this.processes.get(pid)!;
    const base = (at: number): number => 0x10000 + at * 0x1000;
    switch (op.do) {
      case 'map': {
        const vpn = base(op.area);
        const anonymous = op.file === FILES.length;
        if (anonymous && op.shared) return;
        const flags = (op.shared ? 1n : 2n) + 0x10n + (anonymous ? 0x20n : 0n);
        this.call(
          pid,
          'mmap',
          BigInt(vpn * PAGE),
          BigInt(op.count * PAGE),
          3n,
          flags,
          anonymous ? -1n : fds[op.file]!,
          anonymous ? 0n : BigInt(op.index * PAGE),
        );
        reference.map(memory, vpn, op.count, { index: op.index, shared: op.shared, ...(anonymous ? {} : { file: this.files[op.file]! }) });
        return;
      }
      case 'unmap':
        this.call(pid, 'munmap', BigInt((base(op.area) + op.from) * PAGE), BigInt(op.count * PAGE));
        reference.unmap(memory, base(op.area) + op.from, op.count);
        return;
      case 'access':
        return this.access(pid, memory, base(op.area) + op.page, op);
      case 'write':
        this.call(pid, 'pwrite', fds[op.file]!, Content.of(new Uint8Array([op.byte])).repeat(op.length), BigInt(op.position));
        reference.write(this.files[op.file]!, op.position, new Uint8Array(op.length).fill(op.byte));
        return;
      case 'read':
        this.same(
          this.call(pid, 'pread', fds[op.file]!, BigInt(op.length), BigInt(op.position)),
          this.files[op.file]!.bytes.subarray(op.position, op.position + op.length),
        );
        return;
      case 'truncate':
        this.call(pid, 'ftruncate', fds[op.file]!, BigInt(op.size));
        reference.truncate(
          this.files[op.file]!,
          op.size,
          [...this.processes.values()].map((process) => process.memory),
        );
        return;
      case 'fsync':
        this.call(pid, 'fsync', fds[op.file]!);
        return;
      case 'clone': {
        const to = op.file % 2;
        this.call(pid, 'ficlone', fds[to]!, fds[1 - to]!);
        this.files[to]!.bytes = this.files[1 - to]!.bytes.slice();
        return;
      }
      case 'fork': {
        if (this.processes.size >= 4) return;
        const child = Number(this.call(pid, 'fork'));
        this.processes.set(child, { memory: reference.fork(memory), fds });
        return;
      }
      case 'exit':
        if (this.processes.size === 1) return;
        this.call(pid, 'exit', 0n);
        this.processes.delete(pid);
    }
  }

  private access(pid: number, memory: reference.ReferenceProcess, vpn: number, op: Operation & { do: 'access' }): void {
    const length = op.length === 0 ? 1 : op.length;
    const pages = Math.ceil((op.offset + length) / PAGE);
    const store = op.length > 0;
    const bad = Array.from({ length: pages }, (_, i) => reference.trouble(memory, vpn + i)).findIndex((signal) => signal !== undefined);
    const bytes = new Uint8Array(length).fill(op.store);
    const { outcome, violations } = this.machine.step(pid, store ? 'store' : 'load', [
      BigInt(vpn * PAGE + op.offset),
      store ? Content.of(bytes) : BigInt(length),
    ]);
    expect(violations).toEqual([]);
    if (bad >= 0) expect(outcome.kind === 'signal' && outcome.signal).toBe(reference.trouble(memory, vpn + bad));
    else expect(outcome.kind).toBe('ok');
    for (let i = 0; store && i < (bad >= 0 ? bad : pages); i++) {
      const from = i === 0 ? op.offset : 0;
      const start = i * PAGE + from - op.offset;
      reference.store(memory, vpn + i, from, bytes.subarray(start, Math.min(length, start + PAGE - from)));
    }
    if (!store && bad < 0 && outcome.kind === 'ok' && op.offset < this.promised(memory, vpn))
      this.same(outcome.value, reference.load(memory, vpn).subarray(op.offset, op.offset + 1));
  }

  /** Every file and every mapped page say the same in both. */
  compare(): void {
    FILES.forEach((path, i) => this.same(this.machine.observe('file', 'content', this.machine.file(path)), this.files[i]!.bytes));
    for (const [pid, { memory }] of this.processes)
      for (const vpn of memory.pages.keys()) {
        const { outcome } = this.machine.step(pid, 'load', [BigInt(vpn * PAGE), BigInt(PAGE)]);
        const signal = reference.trouble(memory, vpn);
        if (signal !== undefined) expect(outcome.kind === 'signal' && outcome.signal).toBe(signal);
        else this.sameStart(pid, memory, vpn, outcome.kind === 'ok' ? outcome.value : undefined);
      }
    expect(this.machine.audit()).toEqual([]);
  }

  /** Bytes of a mapped page that everybody must agree on: what lies behind the end of a file in its last page is nobody's promise. */
  private promised(memory: reference.ReferenceProcess, vpn: number): number {
    const page = memory.pages.get(vpn)!;
    return page.kind === 'anonymous' ? PAGE : Math.min(PAGE, page.file.bytes.length - page.index * PAGE);
  }

  private sameStart(pid: number, memory: reference.ReferenceProcess, vpn: number, value: Value | undefined): void {
    const promised = this.promised(memory, vpn);
    if (!(value instanceof Content)) throw new Error(`process ${pid} loads no content`);
    if (promised > 0) this.same(value.slice(0, promised), reference.load(memory, vpn).subarray(0, promised));
  }

  private same(value: Value | undefined, bytes: Uint8Array): void {
    if (!(value instanceof Content)) throw new Error('no content');
    if (!value.equals(Content.of(bytes.slice()))) expect(value.bytes(0, value.length)).toEqual(bytes);
  }
}

describe.each(['baseline', 'extent_cache'])('%s', (design) => {
  test('agrees with the reference model in every content and signal', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 60 }), (operations) => {
        const pair = new Pair(design);
        for (const op of operations) pair.do(op);
        pair.compare();
      }),
      { numRuns: 300 },
    );
  });

  test('keeps the counts right and the contents true where memory is tight', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 20, maxLength: 80 }), fc.integer({ min: 28, max: 60 }), (operations, frames) => {
        const pair = new Pair(design, BigInt(frames) * 4096n);
        for (const op of operations) {
          try {
            pair.do(op);
          } catch (problem) {
            if (!pair.somebodyDied()) throw problem;
          }
          if (pair.somebodyDied()) break;
        }
        expect(pair.machine.audit()).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('undoing and redoing any part of a run gives the same state', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 40 }), fc.array(fc.nat(), { maxLength: 10 }), (operations, jumps) => {
        const pair = new Pair(design);
        const { machine } = pair;
        const seen = [{ position: machine.position(), state: digest(machine.journal) }];
        for (const op of operations) {
          pair.do(op);
          seen.push({ position: machine.position(), state: digest(machine.journal) });
        }
        for (const jump of jumps) {
          const { position, state } = seen[jump % seen.length]!;
          machine.moveTo(position);
          expect(digest(machine.journal)).toEqual(state);
          expect(machine.audit()).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
