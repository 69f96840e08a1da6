import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';
import { grouped, print, type Row, timed } from './table';

const PAGE = 4096n;
const SIZES = [12, 16, 20, 24, 28, 32, 36, 40] as const;
const name = (bits: number): string => {
  const unit = Math.floor(bits / 10);
  return `${2 ** (bits - unit * 10)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][unit]}`;
};

/** One process maps, touches, forks and unmaps a region that grows from one page to 1 TiB: what each step costs. */
export function growth(): void {
  const rows: Row[] = [];
  for (const bits of SIZES) {
    const machine = Machine.create({
      machine: { memory: 8n * 2n ** 40n },
      design: { name: 'baseline', base: 'baseline', options: {} },
      seed: 1,
    });
    if ('error' in machine) throw new Error(machine.error);
    machine.declare({ kind: 'mount', type: 'xfs', path: '/data', options: {} });
    machine.declare({ kind: 'file', path: '/data/a', content: Content.zeros(Number(PAGE)), options: { size: 2n ** BigInt(bits) } });
    const { pid } = machine.declare({ kind: 'process', name: 'p', options: {} });
    const step = (call: string, ...args: Value[]): Value | undefined => {
      const { outcome } = machine.step(pid!, call, args);
      if (outcome.kind !== 'ok') throw new Error(`${call}: ${JSON.stringify(outcome)}`);
      return outcome.value;
    };
    const size = 2n ** BigInt(bits);
    const ms = timed(() => {
      const fd = step('open', Content.text('/data/a'), 2n) as bigint;
      const own = step('mmap', 0n, size, 3n, 0x22n, -1n, 0n) as bigint;
      step('touch', own, size, 3n);
      const file = step('mmap', 0n, size, 3n, 1n, fd, 0n) as bigint;
      step('touch', file, size, 1n);
      step('touch', file, size, 3n);
      step('fsync', fd);
      step('fork');
      step('touch', own, size, 3n);
      step('madvise', own, size, 4n);
      step('munmap', file, size);
      step('exit', 0n);
    });
    rows.push({
      what: name(bits),
      figure: `${ms.toFixed(1)} ms`,
      beside: `${grouped(machine.journal.position)} journal records, ${grouped(machine.trace.microsteps)} micro-steps, history ${grouped(Math.round((machine.journal.bytes + machine.trace.bytes) / 1000))} kB`,
    });
  }
  print('12 steps (map, touch, write back, fork, copy on write, unmap, exit) over a region that grows', rows);
}
