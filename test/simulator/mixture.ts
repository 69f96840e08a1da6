import fc from 'fast-check';
import { expect } from 'vitest';
import type { Options, Outcome } from '../../language/simulator/api';
import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';

const PAGE = 4096;
const O_RDWR = 2n;
const O_DIRECT = 0o40000n;
const PUNCH_HOLE = 3n;
const MAP_PAGES = 4;
const MOST_FILES = 10;

const DEEDS = [
  ...['read', 'read', 'write', 'directRead', 'directWrite', 'truncate', 'punch', 'fsync', 'notNeeded', 'clone', 'clone', 'dedupe', 'share'],
  ...['snapshot', 'map', 'map', 'load', 'store', 'unmap', 'fork', 'exit', 'reclaim', 'drop'],
] as const;

/** One thing that somebody does with a file; files and processes are taken modulo how many there are. */
export interface Deed {
  readonly do: (typeof DEEDS)[number];
  readonly who: number;
  readonly file: number;
  readonly other: number;
  /** In bytes. */
  readonly at: number;
  readonly length: number;
  readonly byte: number;
}

const bytes = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.nat(most),
    fc.nat(most / PAGE).map((n) => n * PAGE),
  );

export const deeds = fc.array(
  fc.record({
    do: fc.constantFrom(...DEEDS),
    who: fc.nat(3),
    file: fc.nat(MOST_FILES),
    other: fc.nat(MOST_FILES),
    at: bytes(4 * PAGE),
    length: bytes(3 * PAGE),
    byte: fc.integer({ min: 1, max: 3 }),
  }),
  { minLength: 5, maxLength: 50 },
);

/** A file as everybody should see it. */
interface Model {
  readonly path: string;
  readonly mount: string;
  content: Uint8Array;
}

/** Files on several filesystems that share blocks in every way, under one design, and beside them what each of them must hold. */
export class Mixture {
  readonly machine: Machine;
  private readonly files: Model[] = [];
  /** Processes, with the address of a shared mapping of a file. */
  private readonly processes = new Map<number, Map<Model, bigint>>();
  private snapshots = 0;
  private readonly mixesUp: boolean;

  constructor(design: string, options: Options, memory: bigint) {
    const machine = Machine.create({ machine: { memory }, design: { name: design, base: design, options }, seed: 1 });
    if ('error' in machine) throw new Error(machine.error);
    this.machine = machine;
    this.mixesUp = machine.kernel.design.known.some((name) => name !== 'I1');
    for (const type of ['xfs', 'btrfs']) {
      const mount = `/${type}`;
      machine.declare({ kind: 'mount', type, path: mount, options: type === 'xfs' ? { sharedext: true } : {} });
      for (const name of ['a', 'b', 'c']) this.add(`${mount}/dir/${name}`, mount, new Uint8Array(4 * PAGE).fill(name === 'c' ? 2 : 1));
    }
    this.processes.set(machine.declare({ kind: 'process', name: 'p', options: {} }).pid!, new Map());
  }

  private add(path: string, mount: string, content: Uint8Array): void {
    this.machine.declare({ kind: 'file', path, content: Content.of(content.slice()), options: {} });
    this.files.push({ path, mount, content });
  }

  /** Somebody was killed for want of memory: what was done by halves the model does not know. */
  get over(): boolean {
    return [...this.processes.keys()].some((pid) => !this.machine.alive(pid));
  }

  private step(pid: number | 'kernel', call: string, ...args: Value[]): Outcome {
    const { outcome, violations } = this.machine.step(pid, call, args);
    expect(violations.filter(({ known }) => !known)).toEqual([]);
    return outcome;
  }

  private value(pid: number, call: string, ...args: Value[]): Value | undefined {
    const outcome = this.step(pid, call, ...args);
    return outcome.kind === 'ok' ? outcome.value : undefined;
  }

  private same(value: Value | undefined, expected: Uint8Array): void {
    if (this.mixesUp || this.over || !(value instanceof Content)) return;
    if (!value.equals(Content.of(expected.slice()))) expect(value.bytes(0, value.length)).toEqual(expected);
  }

  do(deed: Deed): void {
    const pids = [...this.processes.keys()];
    const pid = pids[deed.who % pids.length]!;
    const file = this.files[deed.file % this.files.length]!;
    switch (deed.do) {
      case 'fork':
        if (pids.length < 3) this.processes.set(Number(this.value(pid, 'fork')), new Map(this.processes.get(pid)));
        return;
      case 'exit':
        if (pids.length > 1 && this.step(pid, 'exit', 0n)) this.processes.delete(pid);
        return;
      case 'reclaim':
        this.step('kernel', 'reclaim', BigInt(deed.length + PAGE));
        return;
      case 'drop':
        this.step('kernel', 'drop_caches');
        return;
      case 'snapshot':
        return this.snapshot(pid);
      case 'map':
      case 'load':
      case 'store':
      case 'unmap':
        return this.mapped(pid, file, deed);
      default:
        return this.opened(pid, file, deed);
    }
  }

  private snapshot(pid: number): void {
    if (this.files.length + 3 > MOST_FILES) return;
    const to = `/btrfs/snap${++this.snapshots}`;
    if (this.step(pid, 'snapshot', Content.text('/btrfs/dir'), Content.text(to)).kind !== 'ok') return;
    for (const { path, mount, content } of this.files.filter((each) => each.path.startsWith('/btrfs/dir/')))
      this.files.push({ path: path.replace('/btrfs/dir', to), mount, content: content.slice() });
  }

  private mapped(pid: number, file: Model, deed: Deed): void {
    const maps = this.processes.get(pid)!;
    const address = maps.get(file);
    if (deed.do === 'map' && address === undefined) {
      const fd = this.value(pid, 'open', Content.text(file.path), O_RDWR);
      if (fd === undefined) return;
      const got = this.value(pid, 'mmap', 0n, BigInt(MAP_PAGES * PAGE), 3n, 1n, fd, 0n);
      this.step(pid, 'close', fd);
      if (got !== undefined) maps.set(file, got as bigint);
      return;
    }
    if (address === undefined) return;
    if (deed.do === 'unmap') {
      this.step(pid, 'munmap', address, BigInt(MAP_PAGES * PAGE));
      maps.delete(file);
      return;
    }
    const at = Math.min(deed.at, file.content.length - 1);
    const length = Math.min(deed.length, file.content.length - at, MAP_PAGES * PAGE - at);
    if (at < 0 || length <= 0) return;
    if (deed.do === 'load') this.same(this.value(pid, 'load', address + BigInt(at), BigInt(length)), file.content.slice(at, at + length));
    else if (this.step(pid, 'store', address + BigInt(at), Content.of(new Uint8Array(length).fill(deed.byte))).kind === 'ok')
      file.content.fill(deed.byte, at, at + length);
  }

  private opened(pid: number, file: Model, deed: Deed): void {
    const direct = deed.do === 'directRead' || deed.do === 'directWrite';
    const fd = this.value(pid, 'open', Content.text(file.path), O_RDWR + (direct ? O_DIRECT : 0n));
    if (fd === undefined) return;
    this.worked(pid, fd, file, deed, direct);
    if (this.machine.alive(pid)) this.step(pid, 'close', fd);
  }

  private worked(pid: number, fd: Value, file: Model, deed: Deed, direct: boolean): void {
    const whole = (n: number): number => n - (n % PAGE);
    const at = direct ? whole(deed.at) : deed.at;
    const length = direct ? whole(deed.length) + PAGE : deed.length;
    const other = this.files[deed.other % this.files.length]!;
    switch (deed.do) {
      case 'read':
      case 'directRead':
        this.same(this.value(pid, 'pread', fd, BigInt(length), BigInt(at)), file.content.slice(at, at + length));
        return;
      case 'write':
      case 'directWrite':
        if (length > 0 && this.step(pid, 'pwrite', fd, Content.of(new Uint8Array(length).fill(deed.byte)), BigInt(at)).kind === 'ok') {
          file.content = longer(file.content, at + length);
          file.content.fill(deed.byte, at, at + length);
        }
        return;
      case 'truncate':
        if (this.step(pid, 'ftruncate', fd, BigInt(at)).kind === 'ok') file.content = longer(file.content.slice(0, at), at);
        return;
      case 'punch':
        if (length > 0 && this.step(pid, 'fallocate', fd, PUNCH_HOLE, BigInt(at), BigInt(length)).kind === 'ok')
          file.content.fill(0, at, Math.min(file.content.length, at + length));
        return;
      case 'fsync':
        this.step(pid, 'fsync', fd);
        return;
      case 'notNeeded':
        this.step(pid, 'posix_fadvise', fd, BigInt(at), BigInt(length), 4n);
        return;
      default:
        if (other !== file) this.shared(pid, fd, file, other, deed.do, whole(deed.at), whole(deed.length) + PAGE);
    }
  }

  private shared(pid: number, fd: Value, file: Model, other: Model, what: Deed['do'], at: number, length: number): void {
    const from = this.value(pid, 'open', Content.text(other.path), O_RDWR);
    if (from === undefined) return;
    if (what === 'clone') {
      if (this.step(pid, 'ficlone', fd, from).kind === 'ok')
        file.content = Uint8Array.from([...other.content, ...file.content.slice(other.content.length)]);
    } else if (what === 'dedupe') this.step(pid, 'dedupe', from, BigInt(at), BigInt(length), fd, BigInt(at));
    else this.step(pid, 'share', fd, from);
    if (this.machine.alive(pid)) this.step(pid, 'close', from);
  }

  /** Every file holds what it should, and everything adds up. */
  compare(): void {
    for (const { path, content } of this.files) this.same(this.machine.observe('file', 'content', this.machine.file(path)), content);
    expect(this.machine.audit()).toEqual([]);
  }
}

/** At least this long, zeros behind. */
function longer(content: Uint8Array, length: number): Uint8Array {
  if (content.length >= length) return content;
  const all = new Uint8Array(length);
  all.set(content);
  return all;
}
