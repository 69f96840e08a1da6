import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';
import { File, NaiveMachine, Process } from '../simulator/naive';
import { grouped, print, type Row, timed } from './table';

const PAGE = 4096n;
const PAGES = 16_384;
const RW = 3n;

/** A machine with one process and one file of `PAGES` pages, open as descriptor 3. */
function machine(): { step: (call: string, ...args: Value[]) => Value | undefined; machine: Machine } {
  const made = Machine.create({
    machine: { memory: 8n * 2n ** 30n },
    design: { name: 'baseline', base: 'baseline', options: {} },
    seed: 1,
  });
  if ('error' in made) throw new Error(made.error);
  made.declare({ kind: 'mount', type: 'xfs', path: '/data', options: {} });
  made.declare({ kind: 'file', path: '/data/a', content: Content.random(PAGES * Number(PAGE), 1), options: {} });
  const { pid } = made.declare({ kind: 'process', name: 'p', options: {} });
  const step = (call: string, ...args: Value[]): Value | undefined => {
    const { outcome } = made.step(pid!, call, args);
    if (outcome.kind !== 'ok') throw new Error(`${call}: ${JSON.stringify(outcome)}`);
    return outcome.value;
  };
  step('open', Content.text('/data/a'), 2n);
  return { step, machine: made };
}

/** The same in the reference model: one object a page. */
function naive(): { machine: NaiveMachine; process: Process; file: File } {
  const file = new File('xfs', PAGES);
  const reference = new NaiveMachine([file], 1);
  const process = new Process([{ file, previous: -1 }]);
  reference.processes.set(1, process);
  return { machine: reference, process, file };
}

const every = (work: (page: number) => void): void => {
  for (let page = 0; page < PAGES; page++) work(page);
};

/** `PAGES` steps of one page each, by kind; every one a step with its checks and its history. */
export function kinds(): void {
  const rows: Row[] = [];
  const row = (what: string, ours: ReturnType<typeof machine>, work: () => void, reference: () => void): void => {
    const before = ours.machine.trace.microsteps;
    const ms = timed(work);
    const micro = ours.machine.trace.microsteps - before;
    const beside = timed(reference);
    const rate = (n: number): string => grouped(Math.round((n / ms) * 1000));
    const ratio = `the reference model ${grouped(Math.round((PAGES / beside) * 1000))}/s, ratio ${(ms / beside).toFixed(1)}`;
    rows.push({ what, figure: `${rate(PAGES)}/s`, beside: `${rate(micro)} micro-steps/s; ${ratio}` });
  };
  const a = machine();
  const b = naive();
  const open = b.process.files[0]!;
  row(
    'pread, not cached',
    a,
    () => every((page) => a.step('pread', 3n, PAGE, BigInt(page) * PAGE)),
    () => every((page) => b.machine.read(open, page, 1)),
  );
  row(
    'pread, cached',
    a,
    () => every((page) => a.step('pread', 3n, PAGE, BigInt(page) * PAGE)),
    () => every((page) => b.machine.read(open, page, 1)),
  );
  const bytes = Content.text('w').repeat(Number(PAGE));
  row(
    'pwrite, a whole page',
    a,
    () => every((page) => a.step('pwrite', 3n, bytes, BigInt(page) * PAGE)),
    () => every((page) => b.machine.write(open, page, 1, false)),
  );
  const map = (flags: bigint, fd: bigint): { at: bigint; vpn: number } => {
    const at = a.step('mmap', 0n, BigInt(PAGES) * PAGE, RW, flags, fd, 0n) as bigint;
    const vpn = Number(at / PAGE);
    b.machine.map(b.process, vpn, PAGES, fd < 0n ? undefined : b.file, 0, flags % 2n === 1n, true);
    return { at, vpn };
  };
  const touch = (what: string, { at, vpn }: { at: bigint; vpn: number }, write: boolean): void =>
    row(
      what,
      a,
      () => every((page) => a.step('touch', at + BigInt(page) * PAGE, PAGE, write ? RW : 1n)),
      () => every((page) => b.machine.access(b.process, vpn + page, write)),
    );
  const shared = map(1n, 3n);
  touch('load, first, of a shared file mapping', shared, false);
  touch('store, first, to it', shared, true);
  touch('store, again', shared, true);
  const cow = map(2n, 3n);
  touch('store, first, to a private file mapping', cow, true);
  const anonymous = map(0x22n, -1n);
  touch('store, first, to anonymous memory', anonymous, true);
  const forked = timed(() => a.step('fork'));
  const child = timed(() => b.machine.processes.set(2, b.machine.fork(b.process)));
  rows.push({
    what: `fork of ${grouped(3 * PAGES)} mapped pages`,
    figure: `${forked.toFixed(1)} ms`,
    beside: `the reference model ${child.toFixed(1)} ms`,
  });
  const history = (a.machine.journal.bytes + a.machine.trace.bytes) / 1e6;
  rows.push({ what: 'history of all this', figure: `${grouped(Math.round(history))} MB` });
  print(`One page a step, ${grouped(PAGES)} pages, history and checks on`, rows);
}
