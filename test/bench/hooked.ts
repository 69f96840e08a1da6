// What test/bench/hooks.ts runs twice, with the hooks of the designs and without: prints the user seconds that it took.
import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';

const PAGE = 4096n;
const PAGES = 16_384n;

function work(): void {
  const machine = Machine.create({
    machine: { memory: 8n * 2n ** 30n },
    design: { name: 'baseline', base: 'baseline', options: {} },
    seed: 1,
  });
  if ('error' in machine) throw new Error(machine.error);
  machine.declare({ kind: 'mount', type: 'xfs', path: '/data', options: {} });
  machine.declare({ kind: 'file', path: '/data/a', content: Content.random(Number(PAGES * PAGE), 1), options: {} });
  const { pid } = machine.declare({ kind: 'process', name: 'p', options: {} });
  const step = (call: string, ...args: Value[]): Value | undefined => {
    const { outcome } = machine.step(pid!, call, args);
    if (outcome.kind !== 'ok') throw new Error(call);
    return outcome.value;
  };
  const every = (each: (offset: bigint) => void): void => {
    for (let page = 0n; page < PAGES; page++) each(page * PAGE);
  };
  step('open', Content.text('/data/a'), 2n);
  every((offset) => step('pread', 3n, PAGE, offset));
  every((offset) => step('pread', 3n, PAGE, offset));
  const bytes = Content.text('w').repeat(Number(PAGE));
  every((offset) => step('pwrite', 3n, bytes, offset));
  const shared = step('mmap', 0n, PAGES * PAGE, 3n, 1n, 3n, 0n) as bigint;
  every((offset) => step('touch', shared + offset, PAGE, 1n));
  every((offset) => step('touch', shared + offset, PAGE, 3n));
  every((offset) => step('touch', shared + offset, PAGE, 3n));
}

work();
const before = process.cpuUsage();
for (let i = 0; i < 3; i++) work();
console.log(process.cpuUsage(before).user / 1e6);
