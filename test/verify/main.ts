import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { interrupted, interruptible } from '../../extension/cli/live/machine';
import { manyCells } from './cellsLive';
import { randomScenarios } from './random';
import { verifySuite } from './suite';

/** The fidelity suite and every sample (`npm run test:live`), then random scenarios, on the kernel that this runs on: `npm run test:verify -- --seed 7 --count 50`. */
const { values } = parseArgs({ options: { seed: { type: 'string' }, count: { type: 'string', default: '50' }, only: { type: 'string' } } });
const folders = ['test/simulator/live', 'test/simulator/calls', 'samples'];
const files = folders.flatMap((folder) =>
  fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.mmscn'))
    .map((name) => `${folder}/${name}`),
);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
process.exitCode = await interruptible(async () => {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const code = values.only !== undefined && values.only !== 'suite' ? 0 : await verifySuite(files, say);
  if (values.only === 'suite' || interrupted.signal) return code;
  const agree =
    values.only === 'cells'
      ? await manyCells(seed, Number(values.count), say)
      : await randomScenarios(seed, Number(values.count), say, values.only === 'swap');
  return interrupted.signal ? 130 : agree ? code : 1;
});
