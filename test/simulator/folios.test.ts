import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InvariantName } from '../../language/catalogue/invariants';
import type { Options, Outcome } from '../../language/simulator/api';
import { designNames } from '../../language/simulator/designs/registry';
import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';

const PAGES = 64;
const MAP = 0x500000000000n;
const ADVICE = { DONTNEED: 4n, WILLNEED: 3n } as const;
const MADVISE = { dontneed: 4n, remove: 9n, cold: 20n, pageout: 21n } as const;

type Operation =
  | {
      do: 'read' | 'write' | 'fadvise' | 'punch' | 'zero' | 'load' | 'store' | 'direct';
      file: number;
      from: number;
      count: number;
      byte: number;
    }
  | { do: 'madvise'; file: number; from: number; count: number; what: keyof typeof MADVISE }
  | { do: 'truncate' | 'reclaim'; file: number; count: number }
  | { do: 'fsync' | 'clone' | 'unmap' | 'dropCaches'; file: number };

const file = fc.nat({ max: 1 });
const from = fc.nat({ max: PAGES - 1 });
const count = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: PAGES }));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('read' as const), file, from: fc.constant(0), count, byte: fc.constant(0) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom('read', 'write', 'fadvise', 'punch', 'zero', 'load', 'store', 'direct'),
      file,
      from,
      count,
      byte: fc.integer({ min: 1, max: 255 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('madvise' as const),
      file,
      from,
      count,
      what: fc.constantFrom('dontneed', 'remove', 'cold', 'pageout'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('truncate', 'reclaim'), file, count }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('fsync', 'clone', 'unmap', 'dropCaches'), file }) },
);

const filled = (byte: number, length: number): Content => Content.of(Uint8Array.of(byte)).repeat(length);

/** A machine with two files that are read page by page, so that readahead makes large folios of them, and what they have to hold: one byte a page. */
class Files {
  readonly machine: Machine;
  private readonly fds: bigint[] = [];
  private readonly direct: bigint[] = [];
  private readonly bytes = [new Array<number>(PAGES).fill(1), new Array<number>(PAGES).fill(1)];
  private readonly mapped = [false, false];
  private readonly pid: number;

  constructor(type: 'xfs' | 'ext4', design: string, options: Options) {
    const machine = Machine.create({
      machine: { memory: BigInt(2.5 * PAGES * 4096), large_folios: true, readahead: 65536n, fault_around: 65536n },
      design: { name: design, base: design, options },
      seed: 1,
    });
    if ('error' in machine) throw new Error(machine.error);
    this.machine = machine;
    machine.declare({ kind: 'mount', type, path: '/data', options: {} });
    for (const path of ['/data/0', '/data/1']) machine.declare({ kind: 'file', path, content: filled(1, PAGES * 4096), options: {} });
    this.pid = machine.declare({ kind: 'process', name: 'p', options: {} }).pid!;
    for (const path of ['/data/0', '/data/1']) {
      this.fds.push(this.call('open', Content.text(path), 2n) as bigint);
      this.direct.push(this.call('open', Content.text(path), 2n + 0o40000n) as bigint);
    }
  }

  private step(call: string, ...args: Value[]): Outcome {
    const { outcome, violations } = this.machine.step(call === 'reclaim' || call === 'drop_caches' ? 'kernel' : this.pid, call, args);
    expect(violations.filter(({ known }) => !known)).toEqual([]);
    return outcome;
  }

  private call(call: string, ...args: Value[]): Value | undefined {
    const outcome = this.step(call, ...args);
    return outcome.kind === 'ok' ? outcome.value : undefined;
  }

  alive(): boolean {
    return this.machine.alive(this.pid);
  }

  do(op: Operation): void {
    const fd = this.fds[op.file]!;
    const bytes = this.bytes[op.file]!;
    const size = bytes.length;
    const at = 'from' in op ? BigInt(op.from * 4096) : 0n;
    const length = 'count' in op ? BigInt(op.count * 4096) : 0n;
    const set = (start: number, end: number, byte: number): void => {
      while (bytes.length < Math.min(end, PAGES) && byte !== 0) bytes.push(0);
      for (let i = start; i < Math.min(end, bytes.length); i++) bytes[i] = byte;
    };
    switch (op.do) {
      case 'read':
        for (let i = op.from; i < Math.min(op.from + op.count, size); i++) this.reads(op.file, i);
        return;
      case 'write':
      case 'direct': {
        const pages = Math.min(op.count, PAGES - op.from);
        const done = this.step('pwrite', op.do === 'write' ? fd : this.direct[op.file]!, filled(op.byte, pages * 4096), at);
        if (done.kind === 'ok') set(op.from, op.from + pages, op.byte);
        return;
      }
      case 'fadvise':
        this.call('posix_fadvise', fd, at, length, op.byte % 3 === 0 ? ADVICE.WILLNEED : ADVICE.DONTNEED);
        return;
      case 'punch':
      case 'zero':
        if (this.step('fallocate', fd, op.do === 'punch' ? 3n : 0x11n, at, length).kind === 'ok') set(op.from, op.from + op.count, 0);
        return;
      case 'load':
      case 'store': {
        if (op.from >= size) return;
        const address = this.address(op.file) + at;
        if (op.do === 'load') {
          const got = this.step('load', address, 1n);
          if (got.kind === 'ok') expect((got.value as Content).bytes(0, 1)[0]).toBe(bytes[op.from]);
        } else if (this.step('store', address, filled(op.byte, 4096)).kind === 'ok') set(op.from, op.from + 1, op.byte);
        return;
      }
      case 'madvise':
        if (op.from + op.count > PAGES) return;
        if (this.step('madvise', this.address(op.file) + at, length, MADVISE[op.what]).kind === 'ok' && op.what === 'remove')
          set(op.from, op.from + op.count, 0);
        return;
      case 'truncate':
        this.call('ftruncate', fd, length);
        while (bytes.length > op.count) bytes.pop();
        while (bytes.length < op.count) bytes.push(0);
        return;
      case 'reclaim':
        this.call('reclaim', BigInt(op.count));
        return;
      case 'fsync':
        this.call('fsync', fd);
        return;
      case 'clone':
        if (this.step('ficlone', this.fds[1 - op.file]!, fd).kind === 'ok') this.bytes[1 - op.file]!.splice(0, PAGES, ...bytes);
        return;
      case 'unmap':
        if (this.mapped[op.file] === true) this.call('munmap', this.address(op.file), BigInt(PAGES * 4096));
        this.mapped[op.file] = false;
        return;
      case 'dropCaches':
        this.call('drop_caches');
    }
  }

  private address(at: number): bigint {
    const address = MAP + BigInt(at) * 0x10000000n;
    if (this.mapped[at] !== true) this.call('mmap', address, BigInt(PAGES * 4096), 3n, 0x11n, this.fds[at]!, 0n);
    this.mapped[at] = true;
    return address;
  }

  private reads(at: number, page: number): void {
    const got = this.step('pread', this.fds[at]!, 4096n, BigInt(page * 4096));
    if (got.kind === 'ok') expect((got.value as Content).equals(filled(this.bytes[at]![page]!, 4096)), `page ${page}`).toBe(true);
  }

  /** Everything is what it has to be, and counted right. */
  check(): void {
    const k = this.machine.kernel;
    expect(this.machine.audit().filter(({ invariant }) => !k.design.known.includes(invariant as InvariantName))).toEqual([]);
  }
}

for (const type of ['xfs', 'ext4'] as const)
  test.each(designNames().filter((name) => name !== 'naive_pages'))(
    `folios that readahead makes on ${type} change no content under %s`,
    (design) => {
      fc.assert(
        fc.property(fc.array(operation, { minLength: 1, maxLength: 40 }), (operations) => {
          const files = new Files(type, design, {});
          for (const op of operations) {
            files.do(op);
            if (!files.alive()) return;
            files.check();
          }
        }),
        { numRuns: Number(process.env.FOLIO_RUNS ?? 15) },
      );
    },
    120_000,
  );
