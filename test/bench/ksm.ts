import { Machine } from '../../language/simulator/machine';
import { Content } from '../../language/simulator/state/content';
import type { Value } from '../../language/simulator/value';
import { grouped, print, type Row, seconds, timed } from './table';

const PAGE = 4096;
const MADV_MERGEABLE = 12n;

/** Three full scans of `pages` mergeable pages, beside a Map from content to the first page that has it. */
function scans(what: string, pages: number, content: Content): Row[] {
  const machine = Machine.create({
    machine: { memory: 8n * 2n ** 30n },
    design: { name: 'baseline', base: 'baseline', options: {} },
    seed: 1,
  });
  if ('error' in machine) throw new Error(machine.error);
  const { pid } = machine.declare({ kind: 'process', name: 'p', options: {} });
  const step = (who: number | 'kernel', call: string, ...args: Value[]): Value | undefined => {
    const { outcome } = machine.step(who, call, args);
    if (outcome.kind !== 'ok') throw new Error(`${call}: ${JSON.stringify(outcome)}`);
    return outcome.value;
  };
  const length = BigInt(pages * PAGE);
  const base = step(pid!, 'mmap', 0n, length, 3n, 0x22n, -1n, 0n) as bigint;
  step(pid!, 'store', base, content);
  step(pid!, 'madvise', base, length, MADV_MERGEABLE);
  const times = [1, 2, 3].map(() => timed(() => step('kernel', 'ksm_scan')));
  const plain = timed(() => {
    const first = new Map<number, number>();
    for (let page = 0; page < pages; page++) {
      const key = content.slice(page * PAGE, (page + 1) * PAGE).hash();
      if (!first.has(key)) first.set(key, page);
    }
  });
  const sharing = machine.observe('memory', 'ksm_sharing') as bigint;
  return times.map((ms, i) => ({
    what: `${what}, scan ${i + 1}`,
    figure: seconds(ms),
    beside:
      i === 0 ? `a plain Map ${seconds(plain)}` : i === 1 ? `ratio ${(ms / plain).toFixed(1)}; ${grouped(sharing)} merged in the end` : '',
  }));
}

/** KSM over equal pages, which go in batches, and over pages that all differ, which cannot. */
export function ksm(): void {
  print('ksm_scan', [
    ...scans('1,048,576 equal pages', 1_048_576, Content.text('x').repeat(1_048_576 * PAGE)),
    ...scans('16,384 different pages', 16_384, Content.random(16_384 * PAGE, 1)),
  ]);
}
