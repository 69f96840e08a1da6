import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Content } from '../../../language/simulator/state/content';
import { constants } from '../../../language/catalogue/constants';
import { implemented } from '../../../language/simulator/implemented';
import { read, Simulated, worded } from '../../simulator/errno/surroundings';
import { cases } from './cases';

/** A directory on a filesystem of each type: `xfs=/mnt/xfs,tmpfs=/mnt/tmpfs/a`. What is in it is deleted. */
const MOUNTS = process.env['MMSCN_MOUNTS'] ?? 'tmpfs=/dev/shm/mmscn-errno';
/** A directory on another tmpfs. */
const FOREIGN = process.env['MMSCN_FOREIGN'] ?? '/dev/shm/mmscn-errno-foreign';
const TABLES = path.join(import.meta.dirname, '../../simulator/errno');

const ERRNO = new Map(Object.entries(os.constants.errno).map(([name, number]) => [number, name === 'ENOTSUP' ? 'EOPNOTSUPP' : name]));
const SIGNAL = new Map(Object.entries(os.constants.signals).map(([name, number]) => [number, name]));

/** What perform.c is given for a case. */
function line(text: string): string {
  const { name, args } = read(text);
  const paths = ['open', 'link', 'rename', 'unlink', 'mkdir', 'rmdir', 'chmod', 'truncate', 'memfd_create'].includes(name);
  const plain = args.map((arg) => {
    if (typeof arg === 'bigint') return BigInt.asUintN(64, arg).toString();
    if (!(arg instanceof Content)) throw new Error(`${text}: an argument that C does not have`);
    return paths ? new TextDecoder().decode(arg.bytes(0, arg.length)) || '\u0001' : String(arg.length);
  });
  return [name, ...plain].join('\t');
}

function live(program: string, directory: string, foreign: string, all: readonly string[]): string[] {
  fs.mkdirSync(directory, { recursive: true });
  fs.mkdirSync(foreign, { recursive: true });
  const input = `${all.map(line).join('\n')}\n`;
  const lines = execFileSync(program, [directory, foreign], { input, encoding: 'utf8', maxBuffer: 2 ** 26 })
    .trimEnd()
    .split('\n');
  return lines.map((answer, i) => {
    const number = Number(answer.slice(1));
    if (answer.startsWith('E')) return ERRNO.get(number) ?? answer;
    if (answer.startsWith('S')) return SIGNAL.get(number) ?? answer;
    return answer.startsWith('?') ? `could not be performed (${number})` : worded(read(all[i]!).name, BigInt(answer));
  });
}

test.each(MOUNTS.split(',').map((each) => each.split('=') as [string, string]))(
  '%s',
  (type, directory) => {
    const program = path.join(os.tmpdir(), `mmscn-perform-${process.pid}`);
    execFileSync('gcc', ['-O1', '-static', '-o', program, path.join(import.meta.dirname, 'perform.c')]);
    const all = cases().filter((text) => implemented.calls.has(text.slice(0, text.indexOf('('))) && known(text));
    const linux = live(program, directory, FOREIGN, all);
    fs.rmSync(program);
    const simulated = new Simulated(type);
    const differ: string[] = [];
    const agreed = all.filter((text, i) => {
      const ended = simulated.perform(text);
      if (ended !== linux[i]) differ.push(`${text} → ${linux[i]}, simulated: ${ended}`);
      return ended === linux[i];
    });
    const answers = new Map(all.map((text, i) => [text, linux[i]]));
    fs.writeFileSync(path.join(TABLES, `${type}.txt`), agreed.map((text) => `${text} → ${answers.get(text)}\n`).join(''));
    if (process.env['MMSCN_DIFFER']) fs.writeFileSync(process.env['MMSCN_DIFFER'], differ.join('\n'));
    expect(differ.length).toBe(0);
  },
  600_000,
);

/** Names of constants that the catalogue has. */
function known(text: string): boolean {
  return (text.match(/\b[A-Z][A-Z_0-9]+\b/g) ?? []).every((name) => Object.hasOwn(constants, name) || !name.includes('_'));
}
