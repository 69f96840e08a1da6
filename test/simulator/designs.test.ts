import fc from 'fast-check';
import { describe, test } from 'vitest';
import { designs } from '../../language/catalogue/designs';
import type { OptionEntry } from '../../language/catalogue/types';
import type { Options, OptionValue } from '../../language/simulator/api';
import { designNames } from '../../language/simulator/designs/registry';
import { Machine } from '../../language/simulator/machine';
import { operations } from './operations';
import { Pair } from './pair';
import { runs } from './runs';

/** It ends the run at the first folio of another mapping, which is its point. */
const ENDLESS = 'naive_pages {"i2":"retry"}';

const valuesOf = ({ kind, values }: OptionEntry): readonly OptionValue[] => (kind === 'boolean' ? [true, false] : (values ?? []));

/** Every design as it is, and with each value of each option, as far as they are simulated. */
const variants = designNames().flatMap((design) => {
  const table: Record<string, OptionEntry> = designs[design as keyof typeof designs].options;
  const changed = Object.entries(table).flatMap(([name, entry]) =>
    valuesOf(entry)
      .filter((value) => String(value) !== String(entry.default))
      .map((value): Options => ({ [name]: value })),
  );
  return [{}, ...changed]
    .map((options: Options) => ({ title: `${design} ${JSON.stringify(options)}`, design, options }))
    .filter(
      ({ options, title }) =>
        title !== ENDLESS && !('error' in Machine.create({ machine: {}, design: { name: design, base: design, options }, seed: 1 })),
    );
});

describe.each(variants)('$title', ({ design, options }) => {
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
