import fs from 'node:fs';
import path from 'node:path';

/** The filesystem whose table says everything; those of the others only say what ends otherwise there. */
const FIRST = 'xfs';
export const FILESYSTEMS = [FIRST, 'ext4', 'btrfs', 'tmpfs', 'overlay', 'erofs'];

const path_of = (type: string): string => path.join(import.meta.dirname, `${type}.txt`);

function lines(type: string): [call: string, end: string][] {
  const text = fs.readFileSync(path_of(type), 'utf8').trimEnd();
  return text.split('\n').map((line) => line.split(' → ') as [string, string]);
}

/** Stands for the end of a call that was not tried on this filesystem. */
const UNTRIED = 'not tried';

/** How Linux ends each call of the tables on this filesystem. */
export function table(type: string): Map<string, string> {
  const ends = new Map([...lines(FIRST), ...(type === FIRST ? [] : lines(type))]);
  return new Map([...ends].filter(([, end]) => end !== UNTRIED));
}

/** Writes down how the calls ended; the first filesystem comes first. */
export function write(type: string, ends: ReadonlyMap<string, string>): void {
  const first = type === FIRST ? new Map<string, string>() : table(FIRST);
  const told = [...ends].filter(([call, end]) => first.get(call) !== end);
  const untold = [...first.keys()].filter((call) => !ends.has(call)).map((call): [string, string] => [call, UNTRIED]);
  fs.writeFileSync(path_of(type), [...told, ...untold].map(([call, end]) => `${call} → ${end}\n`).join(''));
}
