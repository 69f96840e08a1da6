import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Run } from '../../language/runtime/run';
import { parse } from '../../language/syntax/parse';
import { casesIn } from './scenarios';

const LIVE = 'test/simulator/live';
const HEAD = ['Family', 'Cases', 'Observations', 'Agreed', 'Differing'];

interface Family {
  cases: number;
  observations: number;
  differing: number;
}

/** Runs every measured case; what came of it, by file. */
function families(): Map<string, Family> {
  const found = new Map<string, Family>();
  for (const { file, title, design } of casesIn(LIVE)) {
    const text = fs.readFileSync(file, 'utf8');
    const run = Run.start({ sources: [{ uri: file, text, file: parse(text) }] }, { scenario: title, design });
    if ('error' in run) throw new Error(`${title}: ${run.error.message}`);
    run.finish();
    const name = path.basename(file, '.mmscn');
    const family = found.get(name) ?? { cases: 0, observations: 0, differing: 0 };
    family.cases++;
    family.observations += run.expectations.length;
    family.differing += run.failures.length;
    found.set(name, family);
  }
  return found;
}

/** Rows of a table as prettier writes it: the first column to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}

const row = (name: string, { cases, observations, differing }: Family): string[] =>
  [name, cases, observations, observations - differing, differing].map(String);

test('docs/fidelity.md says how many measured observations agree', () => {
  const found = [...families()];
  const all = found.reduce(
    (sum, [, family]) => ({
      cases: sum.cases + family.cases,
      observations: sum.observations + family.observations,
      differing: sum.differing + family.differing,
    }),
    { cases: 0, observations: 0, differing: 0 },
  );
  const wanted = table([HEAD, ...found.map(([name, family]) => row(name, family)), row('all', all)]);
  const text = fs.readFileSync('docs/fidelity.md', 'utf8');
  expect(text.includes(wanted), `docs/fidelity.md has to hold this table:\n\n${wanted}\n`).toBe(true);
}, 120_000);
