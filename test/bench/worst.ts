import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';
import { grouped, print, seconds, timed } from './table';

const PAGE = 4096n;
const PAGES = 1_048_576;
const ACCESSES = 10_000_000;

const peak = (): string => `process ${grouped(Math.round(process.resourceUsage().maxRSS / 1e3))} MB at its peak`;

function started(): { machine: Machine; step: (call: string, ...args: Value[]) => Value | undefined } {
  const machine = Machine.create({
    machine: { memory: 32n * 2n ** 30n },
    design: { name: 'baseline', base: 'baseline', options: {} },
    seed: 1,
  });
  if ('error' in machine) throw new Error(machine.error);
  const { pid } = machine.declare({ kind: 'process', name: 'p', options: {} });
  const step = (call: string, ...args: Value[]): Value | undefined => {
    const { outcome } = machine.step(pid!, call, args);
    if (outcome.kind !== 'ok') throw new Error(`${call}: ${JSON.stringify(outcome)}`);
    return outcome.value;
  };
  return { machine, step };
}

/** Nothing can be done in batches: every second page of 1 M differs from its neighbours. */
export function worst(): void {
  const { machine, step } = started();
  const base = step('mmap', 0n, BigInt(PAGES) * PAGE, 3n, 0x22n, -1n, 0n) as bigint;
  step('touch', base, BigInt(PAGES) * PAGE, 3n);
  const scatter = timed(() => {
    for (let page = 0; page < PAGES; page += 2) step('store', base + BigInt(page) * PAGE, Content.text(`${page}`));
  });
  const fork = timed(() => step('fork'));
  const copy = timed(() => {
    for (let page = 1; page < PAGES; page += 2) step('touch', base + BigInt(page) * PAGE, PAGE, 3n);
  });
  const again = timed(() => step('fork'));
  const part = BigInt(PAGES / 8) * PAGE;
  const all = timed(() => {
    for (let i = 0n; i < 8n; i++) step('touch', base + i * part, part, 3n);
  });
  const gone = timed(() => step('exit', 0n));
  const map = new Map<number, { text: string }>();
  const plain = timed(() => {
    for (let page = 0; page < PAGES; page += 2) map.set(page, { text: `${page}` });
  });
  print('The worst case: every second page of 1,048,576 differs from its neighbours', [
    {
      what: '524,288 stores of different bytes',
      figure: seconds(scatter),
      beside: `a plain Map ${seconds(plain)}, ratio ${(scatter / plain).toFixed(1)}`,
    },
    { what: 'fork', figure: seconds(fork) },
    { what: '524,288 copies on write, one a step', figure: seconds(copy) },
    { what: 'fork again, now in runs of one page', figure: seconds(again) },
    { what: 'eight steps that write all pages', figure: seconds(all) },
    { what: 'exit', figure: seconds(gone), beside: `${grouped(machine.journal.position)} journal records; ${peak()}` },
  ]);
}

/** 10 M accesses of one page each, over 1 M pages that are mapped already. */
export function tenMillion(): void {
  const { machine, step } = started();
  const base = step('mmap', 0n, BigInt(PAGES) * PAGE, 3n, 0x22n, -1n, 0n) as bigint;
  step('touch', base, BigInt(PAGES) * PAGE, 3n);
  const ms = timed(() => {
    for (let i = 0, at = 12345; i < ACCESSES; i++) {
      step('touch', base + BigInt(at) * PAGE, PAGE, 3n);
      at = (at * 69069 + 1234567) % PAGES;
    }
  });
  const frames = new Map<number, { dirty: boolean }>();
  for (let i = 0; i < PAGES; i++) frames.set(i, { dirty: true });
  const plain = timed(() => {
    for (let i = 0, at = 12345; i < ACCESSES; i++) {
      frames.get(at)!.dirty = true;
      at = (at * 69069 + 1234567) % PAGES;
    }
  });
  print('10,000,000 accesses of one page each', [
    {
      what: 'wall time',
      figure: seconds(ms),
      beside: `${grouped(Math.round((ACCESSES / ms) * 1000))}/s; a plain Map without history ${seconds(plain)}, ratio ${(ms / plain).toFixed(1)}`,
    },
    { what: 'history', figure: `${grouped(Math.round((machine.journal.bytes + machine.trace.bytes) / 1e6))} MB`, beside: peak() },
  ]);
}
