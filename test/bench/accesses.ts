import { Machine } from '../../language/simulator/machine';
import { grouped, print, timed } from './table';

const PAGES = 1024 * 1024;
const PAGE = 4096n;

/** Every page once, in an order that jumps about (a full-period linear congruence). */
function scattered(): bigint[] {
  const order: bigint[] = [];
  for (let i = 0, at = 12345; i < PAGES; i++) {
    order.push(BigInt(at));
    at = (at * 69069 + 1234567) % PAGES;
  }
  return order;
}

/** 1 M accesses of one page each, spread over 1 M pages: history and checks on; beside them the same accesses on a plain Map. */
export function accesses(): void {
  const machine = Machine.create({
    machine: { memory: 8n * 2n ** 30n },
    design: { name: 'baseline', base: 'baseline', options: {} },
    seed: 1,
  });
  if ('error' in machine) throw new Error(machine.error);
  const { pid } = machine.declare({ kind: 'process', name: 'p', options: {} });
  const mapped = machine.step(pid!, 'mmap', [0n, BigInt(PAGES) * PAGE, 3n, 0x22n, -1n, 0n]).outcome;
  if (mapped.kind !== 'ok' || typeof mapped.value !== 'bigint') throw new Error('mmap');
  const base = mapped.value;
  const order = scattered();
  const sweep = (prot: bigint): number =>
    timed(() => {
      for (const page of order) machine.step(pid!, 'touch', [base + page * PAGE, PAGE, prot]);
    });
  const before = machine.trace.microsteps;
  const first = sweep(3n);
  const micro = machine.trace.microsteps - before;
  const again = sweep(3n);
  const frames = new Map<bigint, { frame: number; dirty: boolean }>();
  const plainFirst = timed(() => {
    for (const page of order) frames.set(page, { frame: frames.size + 1, dirty: true });
  });
  const plainAgain = timed(() => {
    for (const page of order) frames.get(page)!.dirty = true;
  });
  const rate = (ms: number): string => `${grouped(Math.round((PAGES / ms) * 1000))}/s`;
  const undo = timed(() => machine.moveTo({ records: 0, marks: 0 }));
  print('Random accesses over 1,048,576 pages, one page each, history and incremental checks on', [
    {
      what: '(i) first touch',
      figure: rate(first),
      beside: `a plain Map without history ${rate(plainFirst)}, ratio ${(first / plainFirst).toFixed(1)}`,
    },
    {
      what: '(ii) all mapped already',
      figure: rate(again),
      beside: `a plain Map without history ${rate(plainAgain)}, ratio ${(again / plainAgain).toFixed(1)}`,
    },
    { what: 'micro-steps, during (i)', figure: `${grouped(Math.round((micro / first) * 1000))}/s` },
    {
      what: 'history in all',
      figure: `${grouped(Math.round((machine.journal.bytes + machine.trace.bytes) / 1e6))} MB`,
      beside: `undone in ${Math.round(undo)} ms`,
    },
  ]);
}
