import { beforeAll, describe, expect, test, vi } from 'vitest';
import { implemented } from '../../language/simulator/implemented';
import { Trace } from '../../language/simulator/state/trace';
import { casesIn, problemsOf } from './scenarios';

/** Kernel functions and events that were counted in any of the scenarios. */
const counted = new Set<string>();

beforeAll(() => {
  for (const method of ['enter', 'event'] as const) {
    const original: (this: Trace, name: string, pages?: number) => unknown = Trace.prototype[method];
    vi.spyOn(Trace.prototype, method).mockImplementation(function (this: Trace, name: string, pages?: number) {
      counted.add(name);
      return original.call(this, name, pages) as never;
    });
  }
});

describe.each(['samples', 'test/simulator/live', 'test/simulator/calls', 'test/simulator/designs'])('%s', (folder) => {
  test.each(casesIn(folder))('$title · $design', (scenario) => {
    expect(problemsOf(scenario)).toEqual([]);
  });
});

test('what is counted can be asked by name', () => {
  const names = [...counted].map((name) => name.split(':')[0]!);
  expect(names.filter((name) => !implemented.functions.has(name))).toEqual([]);
});
