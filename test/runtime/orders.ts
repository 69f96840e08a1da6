import type { Run } from '../../language/runtime/run';
import { start } from './running';

/** Every order in which the branches can take turns, run to its end; 500 at most. */
export function everyOrder(scenario: (lines: string) => string, lines: string): Run[] {
  const runs: Run[] = [];
  const untried: (readonly number[])[] = [[]];
  for (let order = untried.pop(); order !== undefined && runs.length < 500; order = untried.pop()) {
    const ended = start(scenario(lines), { order, limits: { steps: 300 } });
    ended.finish();
    runs.push(ended);
    const taken = ended.choices.map((choice) => choice.taken);
    ended.choices.forEach((choice, turn) => {
      if (turn >= order!.length)
        for (let other = choice.taken + 1; other < choice.of; other++) untried.push([...taken.slice(0, turn), other]);
    });
  }
  return runs;
}
