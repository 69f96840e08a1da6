import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCommand, runCommand } from './command';

const LOG = `1 openat(AT_FDCWD, "/a", O_RDONLY) = 3
1 read(3, "x"..., 4096) = 4096
1 +++ exited with 0 +++
`;

let command: string;
let folder: string;
beforeAll(async () => {
  command = await buildCommand();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-import-'));
  fs.writeFileSync(path.join(folder, 'good.log'), LOG);
  fs.writeFileSync(path.join(folder, 'cut.log'), `${LOG.slice(0, 50)}\n${LOG}`);
  fs.writeFileSync(path.join(folder, 'mail.log'), 'Dear list,\n\nthis is no log.\n'.repeat(10_000));
  fs.writeFileSync(path.join(folder, 'empty.log'), '');
  fs.writeFileSync(path.join(folder, 'nothing.log'), '1 getpid() = 1\n');
  fs.writeFileSync(path.join(folder, 'binary.log'), Buffer.from([1, 0, 255, 3]));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function mmscn(args: readonly string[], input = '') {
  return runCommand(command, args, { cwd: folder, input });
}

describe('import strace', () => {
  it('writes a scenario that runs', () => {
    const { code, out, err } = mmscn(['import', 'strace', 'good.log']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    fs.writeFileSync(path.join(folder, 'out.mmscn'), out);
    const run = mmscn(['run', 'out.mmscn']);
    expect(run.out).toContain('✓ baseline  3 steps');
    expect(mmscn(['format', 'out.mmscn', '--check']).code).toBe(0);
    expect(mmscn(['import', 'strace', '-'], LOG).out.split('\n').slice(1)).toEqual(out.replaceAll('good.log', '-').split('\n').slice(1));
  });

  it('takes another filesystem, no touching and a limit', () => {
    const { out, err, code } = mmscn(['import', 'strace', 'good.log', '--fs', 'btrfs', '--touch', 'none', '--limit', '1']);
    expect(out).toContain('mount btrfs at "/"');
    expect(out).toContain('--touch none');
    expect({ code, err }).toEqual({
      code: 0,
      err: 'mmscn: good.log:2: the scenario ends here, the log at line 3: --limit N takes more steps\n',
    });
  });

  it.each([
    [['cut.log'], 0, 'mmscn: cut.log:2: 1 line left out that strace does not write, or only half: 1 read(3, "'],
    [['mail.log'], 1, 'mmscn: mail.log:1: no line of it is one that strace writes: Dear list,; a log is made by strace -f -y -o LOG'],
    [['empty.log'], 1, 'mmscn: empty.log:1: it is empty; a log is made by strace -f -y'],
    [['nothing.log'], 1, 'mmscn: nothing.log:1: nothing in it can be carried over: no file was opened, nothing mapped, no process made'],
    [['binary.log'], 2, 'mmscn: binary.log is a binary file, not a log of strace'],
    [['none.log'], 2, 'mmscn: none.log does not exist; make one with strace -f'],
    [['.'], 2, 'mmscn: . is a directory, not a log'],
    [[], 2, 'mmscn: which log? mmscn import strace LOG'],
    [['good.log', 'cut.log'], 2, 'mmscn: import strace takes one log, not 2'],
    [['good.log', '--touch', 'file'], 2, 'mmscn: --touch takes none, files, all, not file; did you mean files?'],
    [['good.log', '--fs', 'ntfs'], 2, 'mmscn: --fs takes xfs, btrfs, ext4, not ntfs'],
    [['good.log', '--limit', '0'], 2, 'mmscn: --limit takes a number of steps from 1 to 9999999, not 0'],
  ])('import strace %j ends with %i', (args, expected, message) => {
    const { code, err } = mmscn(['import', 'strace', ...args]);
    expect(err).toContain(message);
    expect(code).toBe(expected);
  });

  it('says what can be imported', () => {
    expect(mmscn(['import']).err).toBe('mmscn: import what? mmscn import strace LOG, or mmscn import proc PID…\n');
    expect(mmscn(['import', 'ltrace', 'x']).err).toBe('mmscn: import ltrace? mmscn import strace LOG, or mmscn import proc PID…\n');
  });
});

describe('import proc', () => {
  const onLinux = process.platform === 'linux';

  it('writes what a process holds, as a scenario that runs', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000); console.log("up")']);
    try {
      await once(child.stdout, 'data');
      const { code, out, err } = mmscn(['import', 'proc', String(child.pid)]);
      if (!onLinux) {
        expect({ code, err }).toEqual({ code: 2, err: 'mmscn: import proc needs the /proc of Linux, and there is none here\n' });
        return;
      }
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const rss = Number(/^RssAnon:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]);
      const [name] = /^ {2}process (\w+)$/m.exec(out)!.slice(1);
      // The garbage collector of the other process goes on, and it may be one of an embedded runtime.
      const near = `  expect ${name}.rss_anon > ${Math.round(rss * 0.8)}K\n  expect ${name}.rss_anon < ${Math.round(rss * 1.2)}K\n}\n`;
      fs.writeFileSync(path.join(folder, 'held.mmscn'), out.replace(/}\n$/, near));
      expect(mmscn(['run', 'held.mmscn']).out).toContain('2 expectations hold');
    } finally {
      child.kill();
    }
  }, 60_000);

  it('says of each process why it can not be read, and reads the others', () => {
    if (!onLinux) return;
    const { code, out, err } = mmscn(['import', 'proc', String(process.pid), '4999999']);
    expect(out).toContain('scenario "what ');
    expect({ code, err }).toEqual({ code: 2, err: 'mmscn: there is no process 4999999: ps -e lists those that there are\n' });
  });

  it('takes numbers, and at least one', () => {
    expect(mmscn(['import', 'proc']).err).toContain('mmscn: which processes? mmscn import proc PID…');
    expect(mmscn(['import', 'proc', 'bash']).err).toBe(
      'mmscn: import proc takes process numbers, from 1, not bash; pgrep bash finds those of a program\n',
    );
    expect(mmscn(['import', 'proc', '0']).err).toBe('mmscn: import proc takes process numbers, from 1, not 0\n');
    if (onLinux) expect(mmscn(['import', 'proc', '1', '--reflink', '--fs', 'ext4']).err).toContain('--fs xfs or btrfs');
  });
});
