import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digest } from '../../language/simulator/state/digest';
import type { Position } from '../../language/runtime/position';
import { report } from '../../language/runtime/report';
import type { Run } from '../../language/runtime/run';
import {
  continueOn,
  next,
  reverseContinue,
  stepBack,
  stepBackIn,
  stepBackOut,
  stepIn,
  stepOut,
  type Arrival,
  type Motion,
  type Stops,
} from '../../language/runtime/stepping';
import { key, picture, scenarioText } from './generated';
import { start } from './running';

const ALL: Stops = { exception: () => true };

function go(run: Run, motion: (run: Run, stops: Stops) => Motion, stops: Stops = ALL): Arrival {
  for (const moving = motion(run, stops); ;) {
    const { done, value } = moving.next();
    if (done) return value;
  }
}

/** Every position that stepping in reaches, from the beginning to the end. */
function everyLine(run: Run): Position[] {
  const positions = [run.position];
  while (go(run, stepIn).kind !== 'end') positions.push(run.position);
  return [...positions, run.position];
}

/** Functions open where the run stands. */
const openAt = (run: Run): number => run.location.stack.length;

describe('stepping back is the inverse of stepping', () => {
  it('of Next: state and position, for statements and for micro-steps', () => {
    fc.assert(
      fc.property(scenarioText, (text) => {
        const run = start(text);
        for (const position of everyLine(run)) {
          run.moveTo(position);
          const before = picture(run);
          const depth = openAt(run);
          const arrival = go(run, next);
          if (arrival.kind === 'end' && run.between && key(run.position) === key(position)) continue;
          if (openAt(run) !== depth || (!run.between && run.position.entry !== position.entry)) continue;
          const inside = position.mark !== run.before(position.entry).mark && !position.held;
          if (inside && run.position.entry !== position.entry) continue;
          go(run, stepBack);
          expect(picture(run)).toBe(before);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('of Step In, everywhere', () => {
    fc.assert(
      fc.property(scenarioText, (text) => {
        const run = start(text);
        for (const position of everyLine(run)) {
          run.moveTo(position);
          const before = picture(run);
          const arrival = go(run, stepIn);
          if (arrival.kind === 'end' && key(run.position) === key(position)) continue;
          go(run, stepBackIn);
          expect(picture(run)).toBe(before);
        }
      }),
      { numRuns: 20 },
    );
  });
});

it('a position is the same however one comes to it', () => {
  const chosen = fc.array(fc.nat(), { minLength: 10, maxLength: 30 });
  fc.assert(
    fc.property(scenarioText, chosen, (text, order) => {
      const run = start(text);
      const positions = everyLine(run);
      const known = new Map<string, string>();
      for (const n of order) {
        const position = positions[n % positions.length]!;
        run.moveTo(position);
        const seen = picture(run);
        expect(known.get(key(position)) ?? seen).toBe(seen);
        known.set(key(position), seen);
      }
      const again = start(text);
      for (const position of everyLine(again)) {
        again.moveTo(position);
        if (known.has(key(position))) expect(picture(again)).toBe(known.get(key(position)));
      }
    }),
    { numRuns: 30 },
  );
});

it('the state before a micro-step is what it was when the micro-step was done', () => {
  let looks = 0;
  fc.assert(
    fc.property(scenarioText, (text) => {
      const run = start(text);
      const { trace, journal } = run.machine;
      const seen = new Map<number, string>();
      const look = (): unknown => seen.set(trace.position, digest(journal));
      const { effect, enter } = trace;
      trace.effect = (...args) => (look(), effect.apply(trace, args));
      trace.enter = (...args) => (look(), enter.apply(trace, args));
      for (const position of everyLine(run)) {
        run.moveTo(position);
        if (!run.between && !position.held && seen.has(position.mark)) expect(digest(journal)).toBe(seen.get(position.mark));
      }
      looks += seen.size;
    }),
    { numRuns: 20 },
  );
  expect(looks).toBeGreaterThan(20 * 10);
});

it('any walk ends where its last step says, and running on from there gives the same run', () => {
  const motions = [next, stepIn, stepOut, stepBack, stepBackIn, stepBackOut, continueOn, reverseContinue];
  const walk = fc.array(fc.oneof(fc.constantFrom(...motions), fc.constant('discard' as const)), { maxLength: 40 });
  fc.assert(
    fc.property(scenarioText, walk, (text, steps) => {
      const reference = start(text);
      reference.finish();
      const run = start(text);
      for (const motion of steps) {
        if (motion === 'discard') run.discardFuture();
        else go(run, motion);
        const { position } = run;
        reference.moveTo(position);
        expect(picture(run)).toBe(picture(reference));
      }
    }),
    { numRuns: 60 },
  );
});

it('Reverse Continue stops where Continue stopped, in the opposite order', () => {
  fc.assert(
    fc.property(scenarioText, fc.nat(5), fc.constantFrom('handle_mm_fault', 'do_wp_page', 'vfs_read', 'nothing'), (text, nth, name) => {
      const run = start(text);
      const stops: Stops = {
        at: (run) => run.location.place.span.start % 6 === nth,
        within: (run, entry) => entered(run, entry, name),
        exception: ({ kind }) => kind === 'expect',
      };
      const forth: string[] = [];
      while (go(run, continueOn, stops).kind !== 'end') forth.push(key(run.position));
      const back: string[] = [];
      for (;;) {
        const arrival = go(run, reverseContinue, stops);
        if (arrival.kind === 'start') break;
        back.push(key(run.position));
        if (run.position.entry === 0 && run.between) break;
      }
      expect(back.reverse().filter((each) => each !== key(run.before(0)))).toEqual(forth);
    }),
    { numRuns: 30 },
  );
});

function entered(run: Run, entry: number, name: string): number[] {
  const marks: number[] = [];
  const [from, to] = run.entry(entry)!.marks;
  for (let mark = from; mark < to; mark++) if (run.machine.describeMark(mark) === name) marks.push(mark + 1);
  return marks;
}

it('asking changes nothing, wherever the run stands', () => {
  const questions = [
    'file("/data/a").cached + file("/tmp/t").dirty + file("/data/b").extents',
    'file("/data/b").page[1]',
    'file("/data/b").page[1].content',
    'p.pte[p.m].page.flags.dirty',
    'p.pte[p.m].present',
    'p.vma[p.m].start',
    'frame[3].mappings',
    'frame[3].refcount + frame[3].mapcount',
    'p.pss + q.rss + memory.page_tables + events("do_wp_page")',
    'file("/data/a").content',
  ];
  const answers = new Set<string>();
  fc.assert(
    fc.property(scenarioText, (text) => {
      const run = start(text);
      for (const position of everyLine(run)) {
        run.moveTo(position);
        const before = picture(run);
        const machine = JSON.stringify(run.machine.position());
        for (const question of questions) if (run.evaluate(question).error === undefined) answers.add(question);
        expect(picture(run)).toBe(before);
        expect(JSON.stringify(run.machine.position())).toBe(machine);
      }
    }),
    { numRuns: 20 },
  );
  expect([...answers].sort()).toEqual([...questions].sort());
});

it('a run without history comes to the same', () => {
  fc.assert(
    fc.property(scenarioText, (text) => {
      const kept = start(text);
      kept.finish();
      const plain = start(text, { history: false });
      plain.finish();
      expect(report(plain)).toEqual(report(kept));
    }),
    { numRuns: 30 },
  );
});
