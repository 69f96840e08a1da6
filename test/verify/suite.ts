import path from 'node:path';
import { parseArguments } from '../../extension/cli/arguments';
import { verify } from '../../extension/cli/verify';

/** A line of `mmscn verify --json`, as far as it is told here. */
interface Verdict {
  readonly file: string;
  readonly scenario: string;
  readonly steps: readonly { readonly line: number; readonly text: string; readonly differences: readonly unknown[] }[];
  readonly compared: number;
  readonly differences: number;
  readonly refused?: string;
  readonly problem?: string;
  readonly stopped?: { readonly why: string };
}

type Sums = Record<'scenarios' | 'agree' | 'differ' | 'broke off' | 'in part' | 'not run' | 'values', number>;
const COLUMNS = ['scenarios', 'agree', 'differ', 'broke off', 'in part', 'not run', 'values'] as const;

/** Verifies every scenario of these files: a line for each family and for each that does not agree, then a table by file, and how often what was not run, or not to its end, and why. */
export async function verifySuite(files: readonly string[], say: (line: string) => void): Promise<number> {
  const families = new Map<string, Sums>();
  const reasons = new Map<string, number>();
  const write = (line: string): void => {
    const verdict = JSON.parse(line) as Verdict;
    const family = path
      .relative('.', verdict.file)
      .replace(/^test\/simulator\//, '')
      .replace(/^samples\/.*/, 'samples');
    if (!families.has(family)) say(`… ${family}`);
    const sums = families.get(family) ?? sumsOf(() => 0);
    families.set(family, add(sums, verdict));
    const missing = verdict.refused ?? verdict.stopped?.why;
    if (missing !== undefined) reasons.set(missing, (reasons.get(missing) ?? 0) + 1);
    if (verdict.problem !== undefined || verdict.differences > 0) say(differing(verdict));
  };
  const code = await verify.run(parseArguments([...files, '--json'], verify.options), {
    out: { write, colour: false },
    err: { write: say, colour: false },
  });
  const total = [...families.values()].reduce(
    (sum, each) => sumsOf((column) => sum[column] + each[column]),
    sumsOf(() => 0),
  );
  const rows = [
    ['family', ...COLUMNS],
    ...[...families, ['all', total] as const].map(([name, sums]) => [name, ...COLUMNS.map((column) => sums[column].toLocaleString('en'))]),
  ];
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  for (const row of rows) say(row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '));
  if (reasons.size > 0) say('\n!!!! Not run, or not to the end:');
  for (const [why, count] of [...reasons].sort(([, a], [, b]) => b - a)) say(`${String(count).padStart(5)}  ${why}`);
  return code;
}

const sumsOf = (value: (column: keyof Sums) => number): Sums =>
  Object.fromEntries(COLUMNS.map((column) => [column, value(column)])) as Sums;

function add(sums: Sums, { refused, problem, differences, stopped, compared }: Verdict): Sums {
  const outcome = refused !== undefined ? 'not run' : problem !== undefined ? 'broke off' : differences > 0 ? 'differ' : 'agree';
  const more = (column: keyof Sums): number =>
    column === 'values'
      ? compared
      : Number(column === 'scenarios' || column === outcome || (column === 'in part' && stopped !== undefined));
  return sumsOf((column) => sums[column] + more(column));
}

function differing({ file, scenario, problem, differences, steps }: Verdict): string {
  const first = steps.find((step) => step.differences.length > 0);
  const where = first ? `, first at ${first.line}: ${first.text}` : '';
  return `✗ ${file}: ${scenario}: ${problem ?? `${differences} differ${where}`}`;
}
