import { files, ofUser as ofUserFiles } from './cases/files';
import { memory, ofUser as ofUserMemory } from './cases/memory';
import { ofUser as ofUserProcesses, processes } from './cases/processes';
import type { Tried } from './cases/tried';
import { ofUser as ofUserUserfault, userfault } from './cases/userfault';

/** At most so many of one call's combinations are tried, spread evenly over all. */
const MOST = 240;
/** Those about userfaultfd have surroundings of their own to be made. */
const MOST_USERFAULT = 100;

/** Each once, in the words of the language. On erofs nobody has the program open for writing: it would be executed. */
export function cases(type: string): string[] {
  const root = [
    ...[...files, ...memory, ...processes].flatMap((tried) => combinations(tried)),
    ...userfault.flatMap((tried) => combinations(tried, MOST_USERFAULT)),
  ];
  const user = [...ofUserFiles, ...ofUserMemory, ...ofUserProcesses, ...ofUserUserfault]
    .flatMap((tried) => combinations(tried))
    .map((call) => `user: ${call}`);
  return [...new Set([...root, ...user])].filter((call) => type !== 'erofs' || !call.includes('execve("/m/busy")'));
}

/** Combinations of the arguments of one call. A step without a common divisor with their number meets the choices of each argument equally often. */
function combinations([name, ...choices]: Tried, most = MOST): string[] {
  const total = choices.reduce((product, list) => product * list.length, 1);
  let step = Math.ceil(total * 0.618);
  while (divisor(step, total) > 1) step++;
  const found: string[] = [];
  for (let i = 0; i < Math.min(total, most); i++) {
    let rest = (i * step) % total;
    const args = [...choices].reverse().map((list) => {
      const arg = list[rest % list.length]!;
      rest = Math.floor(rest / list.length);
      return arg;
    });
    found.push(`${name}(${args.reverse().join(', ')})`);
  }
  return found.filter(isHarmless);
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/**
 * What would take away the program that performs the calls is left out: ranges that cover its own memory; and what would fill gigabytes of it.
 */
function isHarmless(text: string): boolean {
  if (/^(madvise)\(.*, (0x7fffffffffffffff|0x8000000000000000), MADV/.test(text)) return false;
  if (/^p?read\(direct, (0x7ffff000|1T)/.test(text)) return false;
  return !/^(munmap|mprotect|mmap|madvise|mremap)\((0|1|0x1000), .*(0x7f|0x8|128T)/.test(text);
}
