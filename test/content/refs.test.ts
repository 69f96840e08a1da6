import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Journal } from '../../language/simulator/state/journal';
import { RefColumn } from '../../language/simulator/state/refs';

it('undoes, redoes, discards and forgets as a plain list of versions would', () => {
  const action = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('set' as const), at: fc.nat(40), value: fc.option(fc.nat(8), { nil: undefined }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), to: fc.nat(100) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('forget' as const) }) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const journal = new Journal();
      const column = new RefColumn<string>(journal, 'test');
      let states = new Map([[0, new Array<string | undefined>(41).fill(undefined)]]);
      for (const action of actions) {
        const now = states.get(journal.position)!;
        if (action.kind === 'set') {
          journal.discardFuture();
          for (const position of states.keys()) if (position > journal.position) states.delete(position);
          const value = action.value === undefined ? undefined : `v${action.value}`;
          column.set(action.at, value);
          states.set(journal.position, now.with(action.at, value));
        } else if (action.kind === 'move') {
          const positions = [...states.keys()];
          journal.moveTo(positions[action.to % positions.length]!);
        } else {
          journal.discardFuture();
          journal.forget();
          states = new Map([[0, now]]);
        }
        expect(Array.from({ length: 41 }, (_, i) => column.get(i))).toEqual(states.get(journal.position));
      }
    }),
    { numRuns: 500 },
  );
});

it('keeps no values that nothing can bring back', () => {
  const journal = new Journal();
  const column = new RefColumn<object>(journal, 'test');
  const kept = {};
  column.fill(7, 3, kept);
  for (let i = 0; i < 50_000; i++) {
    column.set(0, {});
    if (i % 100 === 0) journal.forget();
  }
  expect((column as unknown as { values: unknown[] }).values.length).toBeLessThan(5000);
  expect(column.get(9)).toBe(kept);
});
