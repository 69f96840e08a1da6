import os from 'node:os';
import { Content } from '../../../language/simulator/state/content';
import { read, worded } from '../../simulator/errno/surroundings';

/** Names that stand for a number that has another name, too. */
const SAME: Readonly<Record<string, string>> = { ENOTSUP: 'EOPNOTSUPP', EWOULDBLOCK: 'EAGAIN' };
const ERRNO = new Map(Object.entries(os.constants.errno).map(([name, number]) => [number, SAME[name] ?? name]));
const SIGNAL = new Map(Object.entries(os.constants.signals).map(([name, number]) => [number, name === 'SIGALRM' ? 'waits' : name]));
const PATHS = [
  'open',
  'link',
  'rename',
  'unlink',
  'mkdir',
  'rmdir',
  'chmod',
  'chown',
  'utimensat',
  'stat',
  'truncate',
  'memfd_create',
].concat('mount', 'umount', 'execve');

/** What perform.c is given for a case. */
export function line(text: string): string {
  const { user, name, args } = read(text);
  const plain = args.map((arg) => {
    if (typeof arg === 'bigint') return BigInt.asUintN(64, arg).toString();
    if (!(arg instanceof Content)) throw new Error(`${text}: an argument that C does not have`);
    return PATHS.includes(name) ? new TextDecoder().decode(arg.bytes(0, arg.length)) || '\u0001' : String(arg.length);
  });
  return [user ? 1000 : 0, name, ...plain].join('\t');
}

/** What it said, in the words of the tables. */
export function ended(text: string, answer: string): string {
  const number = Number(answer.slice(1));
  if (answer.startsWith('E')) return ERRNO.get(number) ?? answer;
  if (answer.startsWith('S')) return SIGNAL.get(number) ?? `signal ${number}`;
  return answer.startsWith('?') ? `could not be performed (${number})` : worded(read(text).name, BigInt(answer));
}
