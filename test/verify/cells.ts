import { constants } from '../../language/catalogue/constants';
import type { Outcome, Setup } from '../../language/simulator/api';
import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';
import { hostOptions } from '../../extension/cli/live/host';
import { type Asked, lines } from './scenarioText';

/** Numbers below a bound, the same for the same seed. */
export type Dice = (below: number) => number;

/** A linear congruential generator: the high bits of 2^31 states. */
export function dice(seed: number): Dice {
  let state = BigInt(seed) * 2654435761n + 12345n;
  return (below) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    return Number((state >> 33n) % BigInt(below));
  };
}

const PAGE = 4096n;
/** Pages of a cell's file and of its area. */
const PAGES = 6;
const MOUNTS = {
  '/x': { type: 'xfs', options: {} },
  '/e': { type: 'ext4', options: {} },
  '/b': { type: 'btrfs', options: {} },
  '/n': { type: 'btrfs', options: { nodatacow: true } },
  '/t': { type: 'tmpfs', options: {} },
} as const;
export type Place = keyof typeof MOUNTS | 'memory';
export const PLACES: readonly Place[] = [...(Object.keys(MOUNTS) as (keyof typeof MOUNTS)[]), 'memory'];

const c = (...names: (keyof typeof constants)[]): bigint => names.reduce((sum, name) => sum | constants[name].value, 0n);

/** Two files (or none) and an area of memory that nobody else uses: what goes wrong in one cell says nothing about another. */
interface Cell {
  readonly place: Place;
  readonly base: bigint;
  /** Descriptors of the two files, and of the first one for direct I/O. */
  readonly fds: readonly bigint[];
  readonly direct: bigint;
}

/** A step, who did it and which cell it belongs to (-1: to all). */
export interface CellStep extends Asked {
  readonly cell: number;
}

export interface Cells {
  readonly text: string;
  /** The same without the steps of all other cells. */
  only(cell: number, until: number): string;
  /** Cell of each step. */
  readonly steps: readonly CellStep[];
  /** The cell that a path or address of a difference belongs to. */
  cellOf(what: string): number;
}

const base = (cell: number): bigint => 0x10_0000_0000n + BigInt(cell) * 0x400000n + 2n * PAGE;

/** Random work of `count` cells in turn, by up to three processes. */
export function cells(seed: number, count: number, rounds: number, places: readonly Place[]): Cells {
  const roll = dice(seed);
  const large = seed % 2 === 1;
  const machine = Machine.create({
    machine: { ...hostOptions(), large_folios: large },
    design: { name: 'baseline', base: 'baseline', options: {} },
    seed: 1,
  });
  if ('error' in machine) throw new Error(machine.error);
  const steps: CellStep[] = [];
  const chosen = Array.from({ length: count }, (_, i) => places[i % places.length]!);
  const setups: Setup[] = [];
  const head: string[] = large ? ['  machine { large_folios = true }'] : [];
  for (const path of new Set(chosen)) {
    if (path === 'memory') continue;
    const { type, options } = MOUNTS[path];
    setups.push({ kind: 'mount', type, path, options });
    head.push(`  mount ${type} at "${path}"${path === '/n' ? ' { nodatacow = true }' : ''}`);
  }
  chosen.forEach((path, i) => {
    if (path === 'memory') return;
    for (const name of ['f', 'g']) {
      const file = `${path}/${name}${i}`;
      const content = Content.random(PAGES * 4096, 2 * i + (name === 'f' ? 0 : 1));
      setups.push({ kind: 'file', path: file, content, options: {} });
      head.push(`  file "${file}" { size = ${PAGES} pages; content = random(${PAGES * 4096}, ${2 * i + (name === 'f' ? 0 : 1)}) }`);
    }
  });
  for (const setup of setups) machine.declare(setup);
  const first = machine.declare({ kind: 'process', name: 'p', options: {} }).pid!;
  const alive = [first];
  const step = (cell: number, who: number | 'kernel', call: string, ...args: Value[]): Outcome => {
    const { outcome } = machine.step(who, call, args);
    if (outcome.kind === 'error') throw new Error(`${call}: ${outcome.why}`);
    steps.push({ cell, who, call, args, outcome });
    return outcome;
  };
  const value = (outcome: Outcome): bigint => (outcome.kind === 'ok' && typeof outcome.value === 'bigint' ? outcome.value : -1n);
  const all = chosen.map((place, i): Cell => {
    const open = (name: string, flags: bigint): bigint =>
      place === 'memory' ? -1n : value(step(i, first, 'open', Content.text(`${place}/${name}${i}`), flags));
    return {
      place,
      base: base(i),
      fds: [open('f', c('O_RDWR')), open('g', c('O_RDWR'))],
      direct: open('f', c('O_RDWR', 'O_DIRECT')),
    };
  });
  for (let round = 0; round < rounds; round++) {
    all.forEach((cell, i) => work(roll, cell, large, alive[roll(alive.length)]!, (who, call, ...args) => step(i, who, call, ...args)));
    if (roll(4) === 0 && alive.length < 3) {
      const child = value(step(-1, alive[roll(alive.length)]!, 'fork'));
      if (child > 0n) alive.push(Number(child));
    } else if (roll(8) === 0 && alive.length > 1) step(-1, alive.splice(roll(alive.length), 1)[0]!, 'exit', 0n);
  }
  const written = (which: readonly CellStep[], declared: readonly string[]): string =>
    `scenario "cells" {\n${declared.join('\n')}\n  process p\n${lines(which, first)
      .map((line) => `  ${line}`)
      .join('\n')}\n}\n`;
  const own = (cell: number): string[] => {
    const path = chosen[cell]!;
    return head.filter(
      (line) => line.includes('machine') || line.includes(`at "${path}"`) || new RegExp(`"${path}/[fg]${cell}"`).test(line),
    );
  };
  return {
    text: written(steps, head),
    steps,
    only: (cell, until) => {
      const which = steps.slice(0, until + 1).filter((each) => each.cell === cell || each.cell === -1);
      return written(which, own(cell));
    },
    cellOf: (what) => {
      const file = /\/[fg](\d+)\b/.exec(what);
      if (file) return Number(file[1]);
      const address = /0x([0-9a-f]+)/.exec(what);
      return address ? Number((BigInt(`0x${address[1]}`) - base(0)) / 0x400000n) : -1;
    },
  };
}

type Do = (who: number | 'kernel', call: string, ...args: Value[]) => Outcome;

/** One step of a cell. */
function work(roll: Dice, cell: Cell, large: boolean, who: number, act: Do): void {
  const page = (): bigint => BigInt(roll(PAGES)) * PAGE;
  const some = (): bigint => BigInt(1 + roll(3)) * PAGE;
  const at = (): bigint => cell.base + page();
  const position = (): bigint => (roll(2) === 0 ? page() : BigInt(roll(PAGES * 4096)));
  const length = (): bigint => [1n, 100n, PAGE, 5000n, 2n * PAGE, 3n * PAGE][roll(6)]!;
  const content = (n: bigint): Content => Content.of(new Uint8Array([1 + roll(250)])).repeat(Number(n));
  const one = <T>(...list: readonly T[]): T => list[roll(list.length)]!;
  const fd = cell.fds[0]!;
  const memory: (() => Outcome)[] = [
    () => map(),
    () => act(who, 'load', at() + BigInt(roll(4000)), 1n),
    () => act(who, 'load', at(), PAGE),
    () => act(who, 'store', at() + BigInt(roll(4000)), content(1n)),
    () => act(who, 'store', at(), content(PAGE)),
    () => act(who, 'touch', at(), some(), one(c('PROT_READ'), c('PROT_READ', 'PROT_WRITE'))),
    () => act(who, 'store', at() + 4000n, content(PAGE)),
    () => act(who, 'munmap', at(), PAGE),
    () =>
      act(who, 'mprotect', at(), some(), one(c('PROT_READ'), c('PROT_READ', 'PROT_WRITE'), c('PROT_NONE'), c('PROT_READ', 'PROT_WRITE'))),
    () => act(who, 'madvise', at(), some(), advice()),
    () => act(who, 'madvise', at(), some(), advice()),
    () => act(who, 'madvise', cell.base, BigInt(PAGES) * PAGE, advice()),
    () => act(who, 'msync', at(), some(), one(c('MS_SYNC'), c('MS_ASYNC'), c('MS_INVALIDATE'), c('MS_SYNC', 'MS_INVALIDATE'))),
    () =>
      one(
        () => act(who, 'mlock', at(), some()),
        () => act(who, 'mlock2', at(), some(), c('MLOCK_ONFAULT')),
        () => act(who, 'munlock', at(), some()),
      )(),
    () => act(who, 'mincore', at(), some()),
    () => remap(),
  ];
  const map = (): Outcome => {
    const kind = one(c('MAP_SHARED'), c('MAP_PRIVATE'));
    const file = cell.place !== 'memory' && roll(4) > 0;
    const flags = kind | c('MAP_FIXED') | one(0n, 0n, 0n, 0n, 0n, c('MAP_POPULATE'), c('MAP_LOCKED')) | (file ? 0n : c('MAP_ANONYMOUS'));
    const prot = one(c('PROT_READ', 'PROT_WRITE'), c('PROT_READ', 'PROT_WRITE'), c('PROT_READ', 'PROT_WRITE'), c('PROT_READ'));
    const start = roll(3) === 0 ? page() : 0n;
    const pages = roll(3) === 0 ? some() : BigInt(PAGES) * PAGE - start;
    return act(who, 'mmap', cell.base + start, pages, prot, flags, file ? fd : -1n, file ? one(0n, 0n, PAGE, 2n * PAGE) : 0n);
  };
  const remap = (): Outcome => {
    const from = at();
    if (roll(2) === 0) return act(who, 'mremap', from, some(), some(), c('MREMAP_MAYMOVE', 'MREMAP_FIXED'), cell.base + 0x200000n + page());
    if (roll(3) === 0) {
      const size = some();
      return act(
        who,
        'mremap',
        from,
        size,
        size,
        c('MREMAP_MAYMOVE', 'MREMAP_FIXED') | c('MREMAP_DONTUNMAP'),
        cell.base + 0x200000n + page(),
      );
    }
    return act(who, 'mremap', from, some(), some(), 0n);
  };
  const advice = (): bigint =>
    one(
      ...([
        c('MADV_DONTNEED'),
        c('MADV_DONTNEED'),
        c('MADV_FREE'),
        c('MADV_COLD'),
        c('MADV_PAGEOUT'),
        c('MADV_PAGEOUT'),
        c('MADV_WILLNEED'),
        c('MADV_POPULATE_READ'),
        c('MADV_POPULATE_WRITE'),
        c('MADV_REMOVE'),
        c('MADV_DONTFORK'),
        c('MADV_DOFORK'),
        c('MADV_WIPEONFORK'),
        c('MADV_KEEPONFORK'),
        c('MADV_RANDOM'),
        c('MADV_NORMAL'),
        c('MADV_SEQUENTIAL'),
        c('MADV_DONTNEED_LOCKED'),
      ] as const),
    );
  if (cell.place === 'memory') {
    one(...memory)();
    return;
  }
  const sector = (): bigint => BigInt(roll(PAGES * 8)) * 512n;
  const sectors = (): bigint => one(512n, PAGE, 2n * PAGE, 3n * PAGE, 1536n);
  const files: (() => Outcome)[] = [
    () => act(who, 'pread', fd, length(), position()),
    () => act(who, 'pread', cell.fds[roll(2)]!, length(), position()),
    () => act(who, 'read', fd, length()),
    () => act(who, 'pwrite', fd, content(length()), position()),
    () => act(who, 'pwrite', cell.fds[roll(2)]!, content(length()), position()),
    () => act(who, 'write', fd, content(length())),
    () => act(who, 'lseek', fd, position(), c('SEEK_SET')),
    () => act(who, 'lseek', fd, position(), one(c('SEEK_DATA'), c('SEEK_HOLE'), c('SEEK_END'))),
    () => act(who, 'pwrite', cell.direct, content(sectors()), sector()),
    () => act(who, 'pwrite', cell.direct, content(some()), page()),
    () => act(who, 'pread', cell.direct, sectors(), sector()),
    () => act(who, 'ftruncate', cell.fds[roll(2)]!, roll(2) === 0 ? page() + PAGE : BigInt(roll((PAGES + 1) * 4096))),
    () => act(who, 'fallocate', fd, falloc(), position(), length()),
    () => act(who, 'fallocate', fd, falloc(), page(), some()),
    () =>
      act(
        who,
        'posix_fadvise',
        fd,
        position(),
        one(0n, length()),
        one(c('POSIX_FADV_DONTNEED'), c('POSIX_FADV_DONTNEED'), c('POSIX_FADV_WILLNEED')),
      ),
    () => act(who, one('fsync', 'fdatasync'), cell.fds[roll(2)]!),
    () => act(who, 'sync_file_range', fd, position(), one(0n, length()), 7n),
    () => act(who, 'cachestat', fd, position(), one(0n, length())),
    () => act(who, 'ficlone', cell.fds[roll(2)]!, cell.fds[roll(2)]!),
    () => act(who, 'ficlonerange', cell.fds[roll(2)]!, cell.fds[roll(2)]!, page(), one(0n, some()), page()),
    () => act(who, 'dedupe', cell.fds[roll(2)]!, page(), some(), cell.fds[roll(2)]!, page()),
    () => act(who, 'fstat', fd),
  ];
  const falloc = (): bigint =>
    one(
      0n,
      c('FALLOC_FL_KEEP_SIZE'),
      c('FALLOC_FL_PUNCH_HOLE', 'FALLOC_FL_KEEP_SIZE'),
      c('FALLOC_FL_PUNCH_HOLE', 'FALLOC_FL_KEEP_SIZE'),
      c('FALLOC_FL_ZERO_RANGE'),
      c('FALLOC_FL_ZERO_RANGE', 'FALLOC_FL_KEEP_SIZE'),
      c('FALLOC_FL_COLLAPSE_RANGE'),
      c('FALLOC_FL_INSERT_RANGE'),
    );
  /* What the kernel copies itself is in large folios. */
  if (large || (cell.place !== '/x' && cell.place !== '/e'))
    files.push(
      () => act(who, 'copy_file_range', cell.fds[roll(2)]!, position(), cell.fds[roll(2)]!, position(), length()),
      () => act(who, 'copy_file_range', fd, page(), cell.fds[1]!, page(), some()),
    );
  one(...(roll(5) < 2 ? memory : files))();
}
