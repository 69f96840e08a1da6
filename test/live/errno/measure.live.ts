import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Simulated } from '../../simulator/errno/surroundings';
import { FILESYSTEMS, write } from '../../simulator/errno/tables';
import { ended, line } from './answers';
import { cases } from './cases';

/** How the calls end on a filesystem of this type, which is there as long as the program runs. */
function live(type: string, folder: string, program: string, all: readonly string[]): string[] {
  const input = `${all.map(line).join('\n')}\n`;
  const mount = path.join(import.meta.dirname, 'mount.sh');
  const said = execFileSync('unshare', ['--mount', 'sh', mount, type, folder, program], { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return said
    .trimEnd()
    .split('\n')
    .map((answer, i) => ended(all[i]!, answer));
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-errno-'));
const program = path.join(folder, 'perform');

beforeAll(() => {
  const sources = ['perform.c', 'surroundings.c', 'calls.c', 'userfault.c'].map((name) => path.join(import.meta.dirname, name));
  execFileSync('cc', ['-O1', '-static', '-o', program, ...sources]);
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Needs root: each filesystem is made and mounted for the test, seen by nobody else. What Linux says is written down for errno.test.ts. */
test.each(FILESYSTEMS)(
  '%s',
  (type) => {
    const all = cases(type);
    const linux = live(type, folder, program, all);
    write(type, new Map(all.map((text, i) => [text, linux[i]!])));
    const simulated = new Simulated(type);
    const differ = all.map((call, i) => ({ call, linux: linux[i], simulated: simulated.perform(call) }));
    expect(differ.filter((each) => each.simulated !== each.linux)).toEqual([]);
  },
  600_000,
);
