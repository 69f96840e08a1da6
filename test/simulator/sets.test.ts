import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Sets } from '../../language/simulator/designs/sets';

const numbers = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 5000 }), fc.nat({ max: 2_000_000 }));

test('equal sets are the same number, whatever made them', () => {
  const sets = new Sets();
  const known = new Map<string, number>([['', 0]]);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), numbers), { maxLength: 60 }), (changes) => {
      let set = 0;
      const expected = new Set<number>();
      for (const [there, value] of changes) {
        set = there ? sets.with(set, value) : sets.without(set, value);
        if (there) expected.add(value);
        else expected.delete(value);
        const values = [...expected].sort((a, b) => a - b);
        expect(sets.values(set)).toEqual(values);
        expect(sets.first(set)).toBe(values[0]);
        expect(sets.size(set)).toBe(values.length);
        expect(sets.has(set, value)).toBe(there);
        const key = values.join();
        expect(known.get(key) ?? set).toBe(set);
        known.set(key, set);
      }
    }),
  );
});
