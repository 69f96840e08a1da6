import { describe, expect, test } from 'vitest';
import { casesIn, problemsOf } from './scenarios';

describe.each(['samples', 'test/simulator/live', 'test/simulator/calls'])('%s', (folder) => {
  test.each(casesIn(folder))('$title · $design', (scenario) => {
    expect(problemsOf(scenario)).toEqual([]);
  });
});
