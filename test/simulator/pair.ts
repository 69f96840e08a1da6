import { expect } from 'vitest';
import type { Options, Outcome } from '../../language/simulator/api';
import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';
import { ADVICE, AREA_PAGES, FALLOCATE, FILES, PAGE, type Mremap, type Operation } from './operations';
import * as reference from './reference';

const FILE_PAGES = 4;
const SECTOR = 512;
const O_RDWR = 2n;
const O_DIRECT = 0o40000n;
const MREMAP = { none: 0n, maymove: 1n, fixed: 3n, dontunmap: 5n } as const;

interface Process {
  readonly memory: reference.ReferenceProcess;
  readonly fds: readonly bigint[];
  readonly direct: readonly bigint[];
}

type Of<D extends Operation['do']> = Operation & { do: D };

/** Where an area begins: its pages are the last of 2 MiB. */
const base = (area: number): number => 0x10000 + area * 0x1000 + PADDING;
/** Pages before an area that belong to the same 2 MiB; a machine with huge pages maps them too, the reference model does not know them. */
const PADDING = 512 - AREA_PAGES;
const bytes = (pages: number): bigint => BigInt(pages * PAGE);

/** The machine and the reference model beside it, doing the same. */
export class Pair {
  readonly machine: Machine;
  /** Whether contents have to agree: not where a design is known to break them. */
  contents = true;
  private readonly files: reference.ReferenceFile[];
  private readonly processes = new Map<number, Process>();

  constructor(
    design: string,
    memory = 4n << 20n,
    options: Options = {},
    private readonly machineOptions: Options = {},
    watch: (machine: Machine) => void = () => undefined,
  ) {
    const machine = Machine.create({ machine: { memory, ...machineOptions }, design: { name: design, base: design, options }, seed: 1 });
    if ('error' in machine) throw new Error(machine.error);
    this.machine = machine;
    watch(machine);
    machine.declare({ kind: 'mount', type: 'xfs', path: '/data', options: {} });
    machine.declare({ kind: 'mount', type: 'tmpfs', path: '/tmp', options: {} });
    this.files = FILES.map((path, i) => {
      const content = Content.random(FILE_PAGES * PAGE, i % 2);
      machine.declare({ kind: 'file', path, content, options: {} });
      return { bytes: content.bytes(0, content.length).slice(), ...(path.startsWith('/tmp') ? { tail: new Uint8Array(PAGE) } : {}) };
    });
    const pid = machine.declare({ kind: 'process', name: 'p', options: {} }).pid!;
    const open = (flags: bigint): bigint[] => FILES.map((path) => this.call(pid, 'open', Content.text(path), flags) as bigint);
    this.processes.set(pid, { memory: new reference.ReferenceProcess(), fds: open(O_RDWR), direct: open(O_RDWR + O_DIRECT) });
  }

  /** A design that is known for it changes contents that nobody wrote: only its violations are looked at. */
  private get mixesUp(): boolean {
    return this.machine.kernel.design.known.includes('I6');
  }

  /** The OOM killer was here: the step it interrupted did a part of its work, and the reference model does not know which. */
  somebodyDied(): boolean {
    return [...this.processes.keys()].some((pid) => !this.machine.alive(pid));
  }

  private step(pid: number | 'kernel', call: string, ...args: Value[]): Outcome {
    const { outcome, violations } = this.machine.step(pid, call, args);
    expect(violations.filter(({ known }) => !known)).toEqual([]);
    return outcome;
  }

  private call(pid: number | 'kernel', call: string, ...args: Value[]): Value | undefined {
    const outcome = this.step(pid, call, ...args);
    if (outcome.kind !== 'ok')
      throw new Error(`${call}: ${outcome.kind === 'errno' ? outcome.errno : outcome.kind === 'signal' ? outcome.signal : outcome.why}`);
    return outcome.value;
  }

  /** The call succeeds, or fails with the errno that the reference model expects. */
  private ends(expected: string | undefined, pid: number, call: string, ...args: Value[]): Value | undefined {
    const outcome = this.step(pid, call, ...args);
    expect(`${call}: ${outcome.kind === 'errno' ? outcome.errno : outcome.kind}`).toBe(`${call}: ${expected ?? 'ok'}`);
    return outcome.kind === 'ok' ? outcome.value : undefined;
  }

  do(op: Operation): void {
    const pids = [...this.processes.keys()];
    const pid = pids[op.who % pids.length]!;
    const process = this.processes.get(pid)!;
    const { memory, fds } = process;
    switch (op.do) {
      case 'map':
        return this.map(pid, process, op);
      case 'unmap':
        this.call(pid, 'munmap', bytes(base(op.area) + op.from), bytes(op.count));
        reference.unmap(memory, base(op.area) + op.from, op.count);
        return;
      case 'msync':
        this.ends(
          reference.hole(memory, base(op.area) + op.from, op.count),
          pid,
          'msync',
          bytes(base(op.area) + op.from),
          bytes(op.count),
          4n,
        );
        return;
      case 'madvise': {
        const start = base(op.area) + op.from;
        const expected = reference.madvise(memory, start, op.count, op.advice);
        this.ends(expected, pid, 'madvise', bytes(start), bytes(op.count), ADVICE[op.advice]);
        return;
      }
      case 'mremap':
        return this.mremap(pid, memory, op);
      case 'access':
        return this.access(pid, memory, base(op.area) + op.page, op);
      case 'clearRefs':
        this.call(pid, 'clear_refs', BigInt(op.type));
        return;
      case 'write': {
        const { position, length } = op.direct ? sectors(op) : op;
        const fd = (op.direct ? process.direct : fds)[op.file]!;
        this.call(pid, 'pwrite', fd, Content.of(new Uint8Array([op.byte])).repeat(length), BigInt(position));
        reference.write(this.files[op.file]!, position, new Uint8Array(length).fill(op.byte));
        return;
      }
      case 'read': {
        const { position, length } = op.direct ? sectors(op) : op;
        const fd = (op.direct ? process.direct : fds)[op.file]!;
        const read = this.call(pid, 'pread', fd, BigInt(length), BigInt(position));
        this.same(read, this.files[op.file]!.bytes.subarray(position, position + length));
        return;
      }
      case 'truncate':
        this.call(pid, 'ftruncate', fds[op.file]!, BigInt(op.size));
        reference.truncate(
          this.files[op.file]!,
          op.size,
          [...this.processes.values()].map((each) => each.memory),
        );
        return;
      case 'fallocate': {
        const expected = reference.fallocate(this.files[op.file]!, op.what, op.position, op.length);
        this.ends(expected, pid, 'fallocate', fds[op.file]!, FALLOCATE[op.what], BigInt(op.position), BigInt(op.length));
        return;
      }
      case 'copy':
        return this.copy(pid, fds, op);
      case 'cloneRange':
        return this.cloneRange(pid, fds, op);
      case 'dedupe':
        return this.dedupe(pid, fds, op);
      case 'syncRange':
        this.call(pid, 'sync_file_range', fds[op.file]!, BigInt(op.position), BigInt(op.length), 7n);
        return;
      case 'fadvise':
        this.call(pid, 'posix_fadvise', fds[op.file]!, BigInt(op.position), BigInt(op.length), 4n);
        return;
      case 'fsync':
        this.call(pid, 'fsync', fds[op.file]!);
        return;
      case 'reopen': {
        const fd = this.call(pid, 'open', Content.text(FILES[op.file]!), 0n);
        this.call(pid, 'fsync', fd!);
        this.step(pid, 'share', fd!);
        this.call(pid, 'close', fd!);
        this.call(pid, 'close', this.call(pid, 'open', Content.text(FILES[op.file]!), 0n)!);
        return;
      }
      case 'clone': {
        const to = op.file % 2;
        const [target, source] = [this.files[to]!.bytes, this.files[1 - to]!.bytes];
        const inside = source.length < target.length && source.length % PAGE !== 0;
        this.ends(inside ? 'EINVAL' : undefined, pid, 'ficlone', fds[to]!, fds[1 - to]!);
        if (!inside) this.files[to]!.bytes = Uint8Array.from([...source, ...target.slice(source.length)]);
        return;
      }
      case 'dropCaches':
        this.call('kernel', 'drop_caches');
        return;
      case 'ksmScan':
        this.call('kernel', 'ksm_scan');
        return;
      case 'ksmUnmerge':
        this.call('kernel', 'ksm_unmerge');
        return;
      case 'pin': {
        const start = base(op.area) + op.from;
        const expected = reference.pin(memory, start, op.count, op.write);
        this.ends(expected, pid, 'pin', bytes(start), bytes(op.count), op.write ? 3n : 1n);
        return;
      }
      case 'unpin':
        this.step(pid, 'unpin', bytes(base(op.area) + op.from), bytes(op.count));
        return;
      case 'remote':
        return this.remote(pid, pids[op.other % pids.length]!, op);
      case 'thread':
        if (this.processes.size < 4) this.processes.set(Number(this.call(pid, 'clone')), process);
        return;
      case 'fork': {
        if (this.processes.size >= 4) return;
        const child = Number(this.call(pid, 'fork'));
        this.processes.set(child, { ...process, memory: reference.fork(memory) });
        return;
      }
      case 'wholeArea':
        return this.wholeArea(pid, memory, op);
      case 'exit':
        if (pids.every((each) => this.processes.get(each) === process)) return;
        this.call(pid, 'exit', 0n);
        for (const each of pids) if (!this.machine.alive(each)) this.processes.delete(each);
    }
  }

  private map(pid: number, { memory, fds }: Process, op: Of<'map'>): void {
    const vpn = base(op.area);
    const fd = fds[op.file];
    const flags = (op.shared ? 1n : 2n) + 0x10n + (fd === undefined ? 0x20n : 0n);
    if (this.machineOptions.thp === 'always' && flags === 0x32n)
      this.call(pid, 'mmap', bytes(vpn - PADDING), bytes(PADDING), 3n, flags, -1n, 0n);
    this.call(pid, 'mmap', bytes(vpn), bytes(op.count), 3n, flags, fd ?? -1n, fd === undefined ? 0n : bytes(op.index));
    const anonymous = op.shared ? { bytes: new Uint8Array(op.count * PAGE), tail: new Uint8Array(PAGE) } : undefined;
    const file = fd === undefined ? anonymous : this.files[op.file]!;
    reference.map(memory, vpn, op.count, { index: fd === undefined ? 0 : op.index, shared: op.shared, ...(file ? { file } : {}) });
  }

  /** process_vm_readv and process_vm_writev of a part of one page. */
  private remote(pid: number, other: number, op: Of<'remote'>): void {
    const { memory } = this.processes.get(other)!;
    const vpn = base(op.area) + op.page;
    const length = Math.min(op.length, PAGE - op.offset);
    const address = bytes(vpn) + BigInt(op.offset);
    const expected = reference.trouble(memory, vpn) === undefined ? undefined : 'EFAULT';
    if (op.store === 0) {
      const read = this.ends(expected, pid, 'process_vm_readv', BigInt(other), address, BigInt(length));
      if (expected === undefined) this.same(read, reference.load(memory, vpn).subarray(op.offset, op.offset + length));
      return;
    }
    const content = new Uint8Array(length).fill(op.store);
    this.ends(expected, pid, 'process_vm_writev', BigInt(other), address, Content.of(content));
    if (expected === undefined) reference.store(memory, vpn, op.offset, content);
  }

  /** Something happens to the 2 MiB that an area ends, if all of it is one mapping. */
  private wholeArea(pid: number, memory: reference.ReferenceProcess, op: Of<'wholeArea'>): void {
    if (op.what === 'reclaim') {
      this.call('kernel', 'reclaim', bytes(1));
      return;
    }
    const start = base(op.area) - PADDING;
    const vma = this.machine.vma({ kind: 'process', id: pid }, bytes(start));
    if (vma === undefined || (this.machine.observe('vma', 'end', vma) as bigint) < bytes(start + 512)) return;
    if (op.what === 'collapse') this.step(pid, 'madvise', bytes(start), bytes(512), 25n);
    else if (op.what === 'dontneed') {
      this.call(pid, 'madvise', bytes(start), bytes(512), ADVICE.DONTNEED);
      reference.madvise(memory, base(op.area), AREA_PAGES, 'DONTNEED');
    } else if (op.area !== op.area2) {
      this.call(pid, 'mremap', bytes(start), bytes(512), bytes(512), MREMAP.fixed, bytes(base(op.area2) - PADDING));
      reference.mremap(memory, base(op.area), AREA_PAGES, base(op.area2), AREA_PAGES, false);
    }
  }

  private mremap(pid: number, memory: reference.ReferenceProcess, op: Mremap): void {
    const start = base(op.area) + op.from;
    const fixed = op.flags === 'fixed';
    const at = fixed ? base(op.area2) + op.at : 0;
    const overlaps = fixed && start < at + op.to && at < start + op.count;
    const vma = this.machine.vma({ kind: 'process', id: pid }, bytes(start));
    const last = vma === undefined ? 0n : (this.machine.observe('vma', 'end', vma) as bigint);
    const page = memory.pages.get(start);
    const moves = fixed || op.flags === 'dontunmap';
    const oneMapping = page !== undefined && last >= bytes(start + (fixed ? Math.min(op.count, op.to) : op.count));
    const several = moves ? fixed && op.to === op.count : op.to <= op.count;
    const room = Array.from({ length: Math.max(0, op.to - op.count) }, (_, i) => start + op.count + i).every(
      (vpn) => !memory.pages.has(vpn),
    );
    const inPlace = op.to <= op.count || (op.count > 0 && last === bytes(start + op.count) && room);
    const expected =
      overlaps || (op.flags === 'dontunmap' && op.to !== op.count)
        ? 'EINVAL'
        : page === undefined
          ? 'EFAULT'
          : op.count === 0 && page.kind !== 'shared'
            ? 'EINVAL'
            : !oneMapping && !several
              ? 'EFAULT'
              : op.flags === 'none' && !inPlace
                ? 'ENOMEM'
                : undefined;
    const replaced = expected === undefined && fixed && op.count === 0 && at === start;
    const place = this.ends(
      replaced ? 'EFAULT' : expected,
      pid,
      'mremap',
      bytes(start),
      bytes(op.count),
      bytes(op.to),
      MREMAP[op.flags],
      bytes(at),
    );
    if (replaced) reference.unmap(memory, at, op.to);
    if (place === undefined) return;
    const to = Number(place as bigint) / PAGE;
    if (fixed) expect(to).toBe(at);
    else if (op.flags !== 'dontunmap' && inPlace) expect(to).toBe(start);
    if (fixed && several) reference.move(memory, start, op.count, to);
    else if (several) reference.unmap(memory, start + op.to, op.count - op.to);
    else reference.mremap(memory, start, op.count, to, op.to, op.flags === 'dontunmap');
  }

  private copy(pid: number, fds: readonly bigint[], op: Of<'copy' | 'cloneRange' | 'dedupe'>): void {
    const source = this.files[op.file]!;
    const target = this.files[op.to]!;
    const length = Math.max(0, Math.min(op.length, source.bytes.length - op.position));
    const expected =
      FILES[op.file]!.startsWith('/tmp') !== FILES[op.to]!.startsWith('/tmp')
        ? 'EXDEV'
        : source === target && length > 0 && overlap(op.position, op.target, length)
          ? 'EINVAL'
          : undefined;
    const args = [fds[op.file]!, BigInt(op.position), fds[op.to]!, BigInt(op.target), BigInt(op.length)];
    const copied = this.ends(expected, pid, 'copy_file_range', ...args);
    if (copied === undefined) return;
    const n = Number(copied as bigint);
    expect(n === length || (n > 0 && n < length && n % PAGE === 0)).toBe(true);
    if (n > 0) reference.write(target, op.target, source.bytes.slice(op.position, op.position + n));
  }

  /** FICLONERANGE between the two files on xfs, or within one. */
  private cloneRange(pid: number, fds: readonly bigint[], op: Of<'copy' | 'cloneRange' | 'dedupe'>): void {
    const source = this.files[op.file % 2]!;
    const target = this.files[op.to % 2]!;
    const size = source.bytes.length;
    const end = op.position + op.length;
    const ends = end === size && op.target + op.length >= target.bytes.length;
    const whole = op.position % PAGE === 0 && op.target % PAGE === 0 && (ends || op.length % PAGE === 0);
    const bad = end > size || !whole || (source === target && overlap(op.position, op.target, op.length));
    const args = [fds[op.to % 2]!, fds[op.file % 2]!, BigInt(op.position), BigInt(op.length), BigInt(op.target)];
    this.ends(bad ? 'EINVAL' : undefined, pid, 'ficlonerange', ...args);
    if (!bad) reference.write(target, op.target, source.bytes.slice(op.position, end));
  }

  /** No content changes, whether the two are equal or not; the answer says which. */
  private dedupe(pid: number, fds: readonly bigint[], op: Of<'copy' | 'cloneRange' | 'dedupe'>): void {
    const whole = (position: number): number => position - (position % PAGE);
    const [from, to, length] = [whole(op.position), whole(op.target), whole(op.length)];
    const source = this.files[0]!.bytes;
    const target = this.files[1]!.bytes;
    if (length === 0 || from + length > source.length || to + length > target.length) return;
    const equal = source.subarray(from, from + length).every((byte, i) => byte === target[to + i]);
    const shared = this.call(pid, 'dedupe', fds[0]!, BigInt(from), BigInt(length), fds[1]!, BigInt(to));
    if (!this.mixesUp) expect(shared).toBe(equal ? BigInt(length) : 0n);
  }

  private access(pid: number, memory: reference.ReferenceProcess, vpn: number, op: Of<'access'>): void {
    const length = op.length === 0 ? 1 : op.length;
    const pages = Math.ceil((op.offset + length) / PAGE);
    const store = op.length > 0;
    const bad = Array.from({ length: pages }, (_, i) => reference.trouble(memory, vpn + i)).findIndex((signal) => signal !== undefined);
    const stored = new Uint8Array(length).fill(op.store);
    const address = BigInt(vpn * PAGE + op.offset);
    const outcome = this.step(pid, store ? 'store' : 'load', address, store ? Content.of(stored) : BigInt(length));
    if (bad >= 0) expect(outcome.kind === 'signal' && outcome.signal).toBe(reference.trouble(memory, vpn + bad));
    else expect(outcome.kind).toBe('ok');
    for (let i = 0; store && i < (bad >= 0 ? bad : pages); i++) {
      const from = i === 0 ? op.offset : 0;
      const start = i * PAGE + from - op.offset;
      reference.store(memory, vpn + i, from, stored.subarray(start, Math.min(length, start + PAGE - from)));
    }
    if (!store && bad < 0 && outcome.kind === 'ok' && op.offset < promised(memory, vpn))
      this.same(outcome.value, reference.load(memory, vpn).subarray(op.offset, op.offset + 1));
  }

  /** Every file and every mapped page say the same in both. */
  compare(): void {
    FILES.forEach((path, i) => this.same(this.machine.observe('file', 'content', this.machine.file(path)), this.files[i]!.bytes));
    for (const [pid, { memory }] of this.processes)
      for (const vpn of memory.pages.keys()) {
        const { outcome } = this.machine.step(pid, 'load', [bytes(vpn), BigInt(PAGE)]);
        const signal = reference.trouble(memory, vpn);
        if (signal !== undefined) expect(outcome.kind === 'signal' && outcome.signal).toBe(signal);
        else this.sameStart(pid, memory, vpn, outcome.kind === 'ok' ? outcome.value : undefined);
      }
    expect(this.machine.audit()).toEqual([]);
  }

  private sameStart(pid: number, memory: reference.ReferenceProcess, vpn: number, value: Value | undefined): void {
    const length = promised(memory, vpn);
    if (!(value instanceof Content)) throw new Error(`process ${pid} loads no content`);
    if (length > 0) this.same(value.slice(0, length), reference.load(memory, vpn).subarray(0, length));
  }

  private same(value: Value | undefined, expected: Uint8Array): void {
    if (this.mixesUp) return;
    if (!(value instanceof Content)) throw new Error('no content');
    if (this.contents && !value.equals(Content.of(expected.slice()))) expect(value.bytes(0, value.length)).toEqual(expected);
  }
}

const overlap = (a: number, b: number, length: number): boolean => a < b + length && b < a + length;

/** The sectors that a range touches: direct I/O takes nothing else. */
function sectors({ position, length }: { position: number; length: number }): { position: number; length: number } {
  const from = position - (position % SECTOR);
  return { position: from, length: Math.ceil((position + length) / SECTOR) * SECTOR - from };
}

/** Bytes of a mapped page that everybody must agree on: what lies behind the end of a file in its last page is nobody's promise. */
function promised(memory: reference.ReferenceProcess, vpn: number): number {
  const page = memory.pages.get(vpn)!;
  return page.kind === 'anonymous' ? PAGE : Math.min(PAGE, page.file.bytes.length - page.index * PAGE);
}
