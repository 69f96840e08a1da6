import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Options } from '../../language/simulator/api';
import { digest } from '../../language/simulator/state/digest';
import { hugeOperations, operations, type Operation } from './operations';
import { Pair } from './pair';
import { runs } from './runs';

const swap = fc.record({
  swap: fc.integer({ min: 4, max: 200 }).map((pages) => BigInt(pages) * 4096n),
  swappiness: fc.constantFrom(60n, 200n, 1n),
  page_cluster: fc.constantFrom(0n, 1n, 3n),
  swap_synchronous: fc.boolean(),
});

/** Everything as far as nobody is killed for want of memory; what was done by halves the model does not know. */
function perform(pair: Pair, steps: readonly Operation[], after: () => void): boolean {
  for (const op of steps) {
    unlessKilled(pair, () => pair.do(op));
    after();
    if (pair.somebodyDied()) return false;
  }
  return true;
}

function unlessKilled(pair: Pair, work: () => void): void {
  try {
    work();
  } catch (problem) {
    if (!pair.somebodyDied()) throw problem;
  }
}

test.each(['baseline', 'extent_cache', 'reflink_pages', 'shared_folio', 'master_inode', 'whole_file'])(
  '%s: what went to swap comes back as it was',
  (design) => {
    fc.assert(
      fc.property(
        operations({ minLength: 20, maxLength: 80 }),
        fc.integer({ min: 28, max: 60 }),
        swap,
        (steps, frames, options: Options) => {
          const pair = new Pair(design, BigInt(frames) * 4096n, {}, options);
          const alive = perform(pair, steps, () => expect(pair.machine.audit()).toEqual([]));
          if (alive) unlessKilled(pair, () => pair.compare());
          else expect(pair.machine.audit()).toEqual([]);
        },
      ),
      { numRuns: runs(80) },
    );
  },
);

test('huge pages go to swap whole or in parts, and come back as they were', () => {
  fc.assert(
    fc.property(hugeOperations, fc.integer({ min: 3, max: 6 }), fc.integer({ min: 1, max: 8 }), swap, (steps, memory, most, options) => {
      const pair = new Pair('baseline', BigInt(memory) << 20n, {}, { ...options, swap: BigInt(most) << 20n, thp: 'always' });
      const alive = perform(pair, steps, () => expect(pair.machine.audit()).toEqual([]));
      if (alive) unlessKilled(pair, () => pair.compare());
    }),
    { numRuns: runs(100) },
  );
});

test('undoing and redoing any part of a run with swap gives the same state', () => {
  fc.assert(
    fc.property(
      operations({ minLength: 20, maxLength: 60 }),
      fc.array(fc.nat(), { maxLength: 10 }),
      swap,
      (steps, jumps, options: Options) => {
        const pair = new Pair('baseline', 36n * 4096n, {}, options);
        const { machine } = pair;
        const seen = [{ position: machine.position(), state: digest(machine.journal) }];
        perform(pair, steps, () => seen.push({ position: machine.position(), state: digest(machine.journal) }));
        for (const jump of jumps) {
          const { position, state } = seen[jump % seen.length]!;
          machine.moveTo(position);
          expect(digest(machine.journal)).toEqual(state);
          expect(machine.audit()).toEqual([]);
        }
      },
    ),
    { numRuns: runs(60) },
  );
});
