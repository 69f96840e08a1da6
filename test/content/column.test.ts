import { expect, it } from 'vitest';
import { Column } from '../../language/simulator/state/column';
import { Journal } from '../../language/simulator/state/journal';

it('filling no index changes nothing', () => {
  const journal = new Journal();
  const column = new Column(journal, 'test');
  column.fill(10, 5, 7);
  const before = journal.position;
  for (const start of [0, 9, 10, 12, 15, 20]) column.fill(start, 0, 3);
  expect(journal.position).toBe(before);
  expect(Array.from({ length: 20 }, (_, i) => column.get(i))).toEqual([...Array(10).fill(0), ...Array(5).fill(7), ...Array(5).fill(0)]);
});
