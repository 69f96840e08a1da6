import fc from 'fast-check';
import { AREA_PAGES, FILES, operations, type Operation } from '../simulator/operations';
import { interrupted } from '../../extension/cli/live/machine';
import { Pair } from '../simulator/pair';
import { type Asked, lines } from './scenarioText';
import { verifyText } from './verifyText';

/** Random scenarios from the generator of the reference model's tests, done on the live kernel, on a machine with swap or without. Gives the first that differs, shrunk. */
export async function randomScenarios(seed: number, count: number, say: (line: string) => void, swap = false): Promise<boolean> {
  let done = 0;
  const checked = await fc.check(
    fc.asyncProperty(operations({ minLength: 1, maxLength: 40 }), async (steps) => {
      if (interrupted.signal) return;
      const text = scenarioText(steps, swap);
      const result = await verifyText(text);
      if (result === undefined) done++;
      if (result !== undefined) throw new Error(result);
    }),
    { seed, numRuns: count, endOnFailure: false, interruptAfterTimeLimit: 240_000, markInterruptAsFailure: false },
  );
  if (!checked.failed) {
    say(`${done} random scenarios agree (seed ${seed})`);
    return true;
  }
  const [smallest] = checked.counterexample!;
  const text = scenarioText(smallest, swap);
  say(
    `After ${checked.numRuns} scenarios (seed ${seed}, shrunk ${checked.numShrinks} times) one differs:\n\n${text}\n${await verifyText(text)}`,
  );
  return false;
}

/** Pages that fallocate makes on tmpfs: mincore(2) does not count them (docs/verify.md). */
function known(op: Operation): boolean {
  return op.do === 'fallocate' && FILES[op.file]!.startsWith('/tmp') && (op.what === 'allocate' || op.what === 'keep');
}

const SWAP = { swap: 64n << 20n, page_cluster: 3n };

/** Advice that changes no page becomes one that takes them to swap. */
function swapped(op: Operation): Operation {
  if (op.do === 'msync') return { ...op, do: 'madvise', advice: 'WILLNEED' };
  const idle = op.do === 'madvise' && ['COLD', 'DOFORK', 'KEEPONFORK', 'UNMERGEABLE', 'REMOVE'].includes(op.advice);
  return idle ? { ...op, advice: 'PAGEOUT', from: 0, count: AREA_PAGES } : op;
}

/** The operations as a scenario: a machine does them, and tells what it was asked. */
export function scenarioText(steps: readonly Operation[], swap: boolean): string {
  const asked: Asked[] = [];
  const pair = new Pair('baseline', undefined, {}, swap ? SWAP : {}, (machine) => {
    const step = machine.step.bind(machine);
    machine.step = (who, call, args) => {
      const done = step(who, call, args);
      asked.push({ who, call, args, outcome: done.outcome });
      return done;
    };
  });
  for (const op of steps) if (!known(op)) pair.do(swap ? swapped(op) : op);
  const first = asked[0]!.who as number;
  const files = FILES.map((path, i) => `  file "${path}" { size = 4 pages; content = random(16384, ${i % 2}) }`);
  const body = lines(asked, first).map((line) => `  ${line}`);
  return `scenario "random" {\n${swap ? '  machine { swap = 64M; page_cluster = 3 }\n' : ''}  mount xfs at "/data"\n  mount tmpfs at "/tmp"\n${files.join('\n')}\n  process p\n${body.join('\n')}\n}\n`;
}
