import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Simulated } from './errno/surroundings';

const FOLDER = path.join(import.meta.dirname, 'errno');

/** How a live Linux ended thousands of calls, most of them wrong (test/live/errno measures it): a line each, `call → end`. */
test.each(fs.readdirSync(FOLDER).filter((name) => name.endsWith('.txt')))('%s', (table) => {
  const simulated = new Simulated(path.basename(table, '.txt'));
  const lines = fs.readFileSync(path.join(FOLDER, table), 'utf8').trimEnd().split('\n');
  const ended = lines.map((line) => {
    const call = line.slice(0, line.indexOf(' → '));
    return `${call} → ${simulated.perform(call)}`;
  });
  expect(ended.filter((line, i) => line !== lines[i])).toEqual([]);
});
