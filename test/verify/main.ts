import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { parseArguments } from '../../extension/cli/arguments';
import { interrupted, interruptible } from '../../extension/cli/live/machine';
import { hasColour } from '../../extension/cli/terminal';
import { verify } from '../../extension/cli/verify';
import { manyCells } from './cellsLive';
import { randomScenarios } from './random';

/** The fidelity suite and every sample, then random scenarios, on the kernel that this runs on: `npm run test:verify -- --seed 7 --count 50`. */
const { values } = parseArgs({ options: { seed: { type: 'string' }, count: { type: 'string', default: '50' }, only: { type: 'string' } } });
const out = { write: (text: string) => void process.stdout.write(text), colour: hasColour(process.stdout, process.env) };
const folders = ['test/simulator/live', 'test/simulator/calls', 'samples'];
const files = folders.flatMap((folder) =>
  fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.mmscn'))
    .map((name) => `${folder}/${name}`),
);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
process.exitCode = await interruptible(async () => {
  const code =
    values.only !== undefined && values.only !== 'suite' ? 0 : await verify.run(parseArguments(files, verify.options), { out, err: out });
  if (values.only === 'suite' || interrupted.signal) return code;
  const say = (line: string): void => out.write(`${line}\n`);
  const agree =
    values.only === 'cells'
      ? await manyCells(seed, Number(values.count), say)
      : await randomScenarios(seed, Number(values.count), say, values.only === 'swap');
  return interrupted.signal ? 130 : agree ? code : 1;
});
