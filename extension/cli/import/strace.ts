import { StraceImport, straceDefaults, type Summary } from '../../../language/import/strace/scenario';
import { type ParsedArguments, WrongUse } from '../arguments';
import type { Streams } from '../command';
import { nearest } from '../nearest';
import { counted, grouped } from '../words';
import { HOW, readLog } from './readLog';
import { put } from './put';

const TOUCHING = ['none', 'files', 'all'] as const;
export const FILESYSTEMS = ['xfs', 'btrfs', 'ext4'] as const;
/** A file of which so many lines are none of strace's from the start is no log. */
const GIVE_UP = 10_000;

export async function importStrace(names: readonly string[], args: ParsedArguments, streams: Streams): Promise<number> {
  const [name, ...more] = names;
  if (name === undefined) throw new WrongUse(`which log? mmscn import strace LOG; one is made by ${HOW}`);
  if (more.length > 0) throw new WrongUse(`import strace takes one log, not ${more.length + 1}`);
  const touch = oneOf('touch', args.one('touch') ?? straceDefaults.touch, TOUCHING);
  const log = new StraceImport(name, { touch, limit: limit(args.one('limit')) }, filesystem(args));
  let lines = 0;
  await readLog(
    name,
    (text) => {
      lines++;
      log.line(text);
    },
    () => lines > GIVE_UP && !log.looksLikeOne,
  );
  const { summary, text } = log.finish();
  if (summary.problem === undefined) put(text, streams.out);
  for (const line of remarks(name, summary)) streams.err.write(`mmscn: ${line}\n`);
  return summary.problem === undefined ? 0 : 1;
}

/** What whoever imports should know: `PLACE: what; what to do`. */
export function remarks(name: string, summary: Summary): string[] {
  const { problem, strange, firstStrange, fullAt } = summary;
  const found: string[] = [];
  if (problem !== undefined) return [`${name}:${firstStrange?.line ?? 1}: ${problem}${shown(firstStrange)}; a log is made by ${HOW}`];
  if (strange > 0)
    found.push(
      `${name}:${firstStrange?.line}: ${counted(strange, 'line')} left out that strace does not write, or only half${shown(firstStrange)}`,
    );
  if (fullAt !== undefined)
    found.push(
      `${name}:${fullAt}: the scenario ends here, ${grouped(summary.lines - fullAt)} lines before the log: --limit N takes more steps`,
    );
  return found;
}

function shown(first: Summary['firstStrange']): string {
  return first ? `: ${first.text.slice(0, 60).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?')}` : '';
}

function limit(text: string | undefined): number {
  if (text === undefined) return straceDefaults.limit;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new WrongUse(`--limit takes a number of steps from 1 to 9999999, not ${text}`);
  return Number(text);
}

export function filesystem(args: ParsedArguments): string {
  return oneOf('fs', args.one('fs') ?? 'xfs', FILESYSTEMS);
}

function oneOf<T extends string>(option: string, given: string, values: readonly T[]): T {
  const found = values.find((value) => value === given);
  if (found === undefined) throw new WrongUse(`--${option} takes ${values.join(', ')}, not ${given}${nearest(given, values)}`);
  return found;
}
