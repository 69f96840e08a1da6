import fc from 'fast-check';
import { describe, test } from 'vitest';
import { operations } from './operations';
import { Pair } from './pair';
import { runs } from './runs';
import { variants } from './variants';

/** It ends the run at the first folio of another mapping, which is its point. */
const ENDLESS = 'naive_pages {"i2":"retry"}';

describe.each(variants.filter(({ title }) => title !== ENDLESS))('$title', ({ design, options }) => {
  test('breaks no invariant but those that it is known for, and returns what was written', () => {
    fc.assert(
      fc.property(operations({ minLength: 1, maxLength: 50 }), (steps) => {
        const pair = new Pair(design, 4n << 20n, options);
        for (const op of steps) pair.do(op);
        pair.compare();
      }),
      { numRuns: runs(12) },
    );
  });
});
