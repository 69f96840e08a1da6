import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digest } from '../../language/simulator/state/digest';
import { hugeOperations, operations } from './operations';
import { Pair } from './pair';
import { runs } from './runs';

describe.each(['baseline', 'extent_cache', 'reflink_pages', 'shared_folio', 'master_inode', 'whole_file'])('%s', (design) => {
  test('agrees with the reference model in every content and signal', () => {
    fc.assert(
      fc.property(operations({ minLength: 1, maxLength: 60 }), (steps) => {
        const pair = new Pair(design);
        for (const op of steps) pair.do(op);
        pair.compare();
      }),
      { numRuns: runs(150) },
    );
  });

  test('keeps the counts right and the contents true where memory is tight', () => {
    fc.assert(
      fc.property(operations({ minLength: 20, maxLength: 80 }), fc.integer({ min: 28, max: 60 }), (steps, frames) => {
        const pair = new Pair(design, BigInt(frames) * 4096n);
        for (const op of steps) {
          try {
            pair.do(op);
          } catch (problem) {
            if (!pair.somebodyDied()) throw problem;
          }
          if (pair.somebodyDied()) break;
        }
        expect(pair.machine.audit()).toEqual([]);
      }),
      { numRuns: runs(150) },
    );
  });

  test('undoing and redoing any part of a run gives the same state', () => {
    fc.assert(
      fc.property(operations({ minLength: 1, maxLength: 40 }), fc.array(fc.nat(), { maxLength: 10 }), (steps, jumps) => {
        const pair = new Pair(design);
        const { machine } = pair;
        const seen = [{ position: machine.position(), state: digest(machine.journal) }];
        for (const op of steps) {
          pair.do(op);
          seen.push({ position: machine.position(), state: digest(machine.journal) });
        }
        for (const jump of jumps) {
          const { position, state } = seen[jump % seen.length]!;
          machine.moveTo(position);
          expect(digest(machine.journal)).toEqual(state);
          expect(machine.audit()).toEqual([]);
        }
      }),
      { numRuns: runs(60) },
    );
  });
});

test('transparent huge pages change no content and no signal', () => {
  fc.assert(
    fc.property(hugeOperations, fc.integer({ min: 3, max: 12 }), (steps, memory) => {
      const pair = new Pair('baseline', BigInt(memory) << 20n, {}, { thp: 'always' });
      for (const op of steps) {
        pair.do(op);
        expect(pair.machine.audit()).toEqual([]);
      }
      pair.compare();
    }),
    { numRuns: runs(150) },
  );
});

test('large folios of the page cache change no content and no signal', () => {
  fc.assert(
    fc.property(operations({ minLength: 1, maxLength: 60 }), (steps) => {
      const pair = new Pair('baseline', 4n << 20n, {}, { large_folios: true });
      for (const op of steps) {
        pair.do(op);
        expect(pair.machine.audit()).toEqual([]);
      }
      pair.compare();
    }),
    { numRuns: runs(300) },
  );
});

test.each([
  ['extent_cache', { reads: 'shared_only' }],
  ['extent_cache', { after_writeback: 'drop' }],
  ['extent_cache', { after_writeback: 'move' }],
  ...['copy_all', 'steal_take', 'drop_and_refetch'].map(
    (how) => ['whole_file', { 'break.how': how, 'break.when': 'first_dirty_fault', reshare: 'on_dedupe' }] as const,
  ),
  ['whole_file', { 'share.optin': 'explicit', reshare: 'on_dedupe' }],
  ['whole_file', { 'break.when': 'open_for_write' }],
] as const)('%s with %o agrees with the reference model', (design, options) => {
  fc.assert(
    fc.property(operations({ minLength: 1, maxLength: 60 }), (steps) => {
      const pair = new Pair(design, 4n << 20n, options);
      for (const op of steps) pair.do(op);
      pair.compare();
    }),
    { numRuns: runs(150) },
  );
});

test.each(['copy_all', 'steal_take', 'drop_and_refetch'])('whole_file that leaves PTEs keeps the counts right: %s', (how) => {
  fc.assert(
    fc.property(operations({ minLength: 1, maxLength: 60 }), (steps) => {
      const pair = new Pair('whole_file', 4n << 20n, { 'break.how': how, 'break.ptes': 'leave', 'break.when': 'first_dirty_fault' });
      pair.contents = false;
      for (const op of steps) pair.do(op);
      pair.compare();
    }),
    { numRuns: runs(150) },
  );
});
