import fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { importLog, wrong } from './importing';
import { runs } from '../simulator/runs';

const FOLDER = path.join(import.meta.dirname, 'strace');
const logs = fs
  .readdirSync(FOLDER)
  .filter((name) => name.endsWith('.log'))
  .map((name) => fs.readFileSync(path.join(FOLDER, name), 'utf8').split('\n'));

/** One thing that can happen to a log, at a place between 0 and 1. */
const damage = fc.record({
  how: fc.constantFrom('drop', 'double', 'swap', 'cut', 'garble', 'digit', 'foreign', 'merge', 'move'),
  at: fc.double({ min: 0, max: 0.999, noNaN: true }),
  by: fc.nat(40),
  text: fc.string({ maxLength: 30, unit: 'binary' }),
});

function damaged(lines: string[], { how, at, by, text }: { how: string; at: number; by: number; text: string }): void {
  const i = Math.floor(at * lines.length);
  const line = lines[i] ?? '';
  switch (how) {
    case 'drop':
      lines.splice(i, by);
      break;
    case 'double':
      lines.splice(i, 0, ...lines.slice(i, i + by));
      break;
    case 'swap':
      lines[i] = lines[by % lines.length] ?? '';
      break;
    case 'cut':
      lines[i] = line.slice(0, by * 3);
      break;
    case 'garble':
      lines[i] = line.slice(0, by) + text + line.slice(by + 2);
      break;
    case 'digit':
      lines[i] = line.replace(/\d(?=\D*$|.{20,40}$)/, String(by % 10));
      break;
    case 'foreign':
      lines.splice(i, 0, text);
      break;
    case 'merge':
      lines.splice(i, 2, line + (lines[i + 1] ?? ''));
      break;
    case 'move':
      lines.splice((i + by) % (lines.length + 1), 0, ...lines.splice(i, 1));
      break;
  }
}

const someLog = fc.record({
  which: fc.nat(logs.length - 1),
  other: fc.nat(logs.length - 1),
  from: fc.double({ min: 0, max: 0.9, noNaN: true }),
  length: fc.integer({ min: 1, max: 160 }),
  mixed: fc.boolean(),
  damages: fc.array(damage, { maxLength: 12 }),
});

test('a cut or damaged log gives a scenario that checks clean and runs, or says why not', () => {
  fc.assert(
    fc.property(someLog, fc.constantFrom('none', 'files', 'all'), ({ which, other, from, length, mixed, damages }, touch) => {
      const part = (lines: readonly string[]) => lines.slice(Math.floor(from * lines.length)).slice(0, length);
      const lines = part(logs[which]!);
      // Two logs into one file, line about.
      if (mixed) for (const [i, line] of part(logs[other]!).entries()) lines.splice(2 * i, 0, line);
      for (const each of damages) damaged(lines, each);
      const { text, summary } = importLog(lines.join('\n'), 'damaged.log', { touch: touch as 'none' | 'files' | 'all' });
      if (summary.problem === undefined) expect(wrong(text)).toBe('');
      else expect(summary.steps).toBe(0);
    }),
    { numRuns: runs(60) },
  );
}, 600_000);
