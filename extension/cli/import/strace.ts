import { StraceImport, straceDefaults } from '../../../language/import/strace/scenario';
import { type ParsedArguments, WrongUse } from '../arguments';
import type { Streams } from '../command';
import { nearest } from '../nearest';
import { readLog } from './readLog';
import { HOW, remarks } from '../../../language/import/strace/remarks';
import { put } from './put';

const TOUCHING = ['none', 'files', 'all'] as const;
const FILESYSTEMS = ['xfs', 'btrfs', 'ext4'] as const;

export async function importStrace(names: readonly string[], args: ParsedArguments, streams: Streams): Promise<number> {
  const [name, ...more] = names;
  if (name === undefined) throw new WrongUse(`which log? mmscn import strace LOG; one is made by ${HOW}`);
  if (more.length > 0) throw new WrongUse(`import strace takes one log, not ${more.length + 1}`);
  const touch = oneOf('touch', args.one('touch') ?? straceDefaults.touch, TOUCHING);
  const log = new StraceImport(name, { touch, limit: limit(args.one('limit')) }, filesystem(args));
  await readLog(
    name,
    (text) => log.line(text),
    () => log.hopeless,
  );
  const { summary, text } = log.finish();
  if (summary.problem === undefined) put(text, streams.out);
  for (const line of remarks(name, summary)) streams.err.write(`mmscn: ${line}\n`);
  return summary.problem === undefined ? 0 : 1;
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
