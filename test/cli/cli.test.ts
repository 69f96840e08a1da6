import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildCommand, runCommand } from './command';

const GOOD = `/// Reads once.
scenario "a read" {
  under baseline, extent_cache
  param n = 2
  machine { memory = 64M }
  mount xfs at "/data"
  file "/data/a" { size = 4 pages; content = "A" }
  process p
  p: fd = open("/data/a", O_RDONLY)
  p: buf = read(fd, n pages)
  expect disk.reads == n pages
  expect p.buf == "A" * n pages
}
`;
const BAD = GOOD.replace('disk.reads == n pages', 'disk.reads == 1 page under baseline : "one page was asked for"').replace(
  '"A" * n',
  '"B" * n',
);
const FAILS = GOOD.replace('open("/data/a"', 'open("/data/none"');
const BROKEN = GOOD.replace('p: fd = open(', 'p: fd = = open(');

let command: string;
let folder: string;
beforeAll(async () => {
  command = await buildCommand();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-cli-'));
  const files = {
    'good.mmscn': GOOD,
    'bad.mmscn': BAD,
    'fails.mmscn': FAILS,
    'broken.mmscn': BROKEN,
    'empty.mmscn': '',
    'imports.mmscn': 'import "."\n',
  };
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  fs.writeFileSync(path.join(folder, 'binary.mmscn'), Buffer.from([1, 0, 255, 3]));
  fs.writeFileSync(path.join(folder, 'latin1.mmscn'), Buffer.from('// \xe4\n', 'latin1'));
  fs.mkdirSync(path.join(folder, 'folder.mmscn'));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
  fs.rmSync(path.dirname(command), { recursive: true });
});

/** What a command line prints: standard output, standard error (each line marked with `!`), the exit code. */
function mmscn(line: string): string {
  const args = (line.match(/"[^"]*"|\S+/g) ?? []).map((arg) => arg.replaceAll('"', ''));
  const { code, out, err } = runCommand(command, args, { cwd: folder });
  return `${out.replace(/\d+ micro-steps?/g, 'N micro-steps')}${err.replace(/^(?=.)/gm, '! ')}exit code ${code}`;
}

describe('mmscn run', () => {
  it('reports for people, designs with the same result in one line', () =>
    expect(mmscn('run good.mmscn --param n=3')).toMatchInlineSnapshot(`
      "good.mmscn

        a read
          ✓ baseline, extent_cache  2 steps · N micro-steps · 2 expectations

      ✓ 2 runs of 1 scenario, 4 expectations hold
      exit code 0"
    `));
  it('shows what failed, with both sides and the line', () =>
    expect(mmscn('run bad.mmscn')).toMatchInlineSnapshot(`
      "bad.mmscn

        a read
          ✗ baseline      2 steps · N micro-steps · 2 of 2 expectations failed
              11  expect disk.reads == 1 page under baseline : "one page was asked for"
                left   8192 (2 pages)
                right  4096 (1 page)
              12  expect p.buf == "B" * n pages
                left   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…" (8,192 bytes, hash 45fa9683d8dce)
                right  "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB…" (8,192 bytes, hash a4214ae0ff0e0)
          ✗ extent_cache  2 steps · N micro-steps · 1 of 1 expectation failed
              12  expect p.buf == "B" * n pages
                left   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…" (8,192 bytes, hash 45fa9683d8dce)
                right  "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB…" (8,192 bytes, hash a4214ae0ff0e0)

      ✗ 2 runs of 1 scenario, 2 failed, 3 of 3 expectations failed
      exit code 1"
    `));
  it('shows an error at its line', () =>
    expect(mmscn('run fails.mmscn --design baseline')).toMatchInlineSnapshot(`
      "fails.mmscn

        a read
          ✗ baseline  1 step · N micro-steps · ended early
              9  p: fd = open("/data/none", O_RDONLY)
                p: open("/data/none", O_RDONLY) fails with ENOENT: there is no file /data/none [ENOENT]

      ✗ 1 run of 1 scenario, 1 failed
      exit code 1"
    `));
  it('says what is wrong with a file that it does not run', () =>
    expect(mmscn('run broken.mmscn good.mmscn')).toMatchInlineSnapshot(`
      "broken.mmscn

        broken.mmscn:9:11: error: expected a value, found \`=\` [syntax]
          9 |   p: fd = = open("/data/a", O_RDONLY)
            |           ^
        broken.mmscn:10:17: error: nothing here is named \`fd\` [unknown-name]
          10 |   p: buf = read(fd, n pages)
             |                 ^^

        a read
          ✗ baseline, extent_cache  not run

      good.mmscn

        a read
          ✓ baseline, extent_cache  2 steps · N micro-steps · 2 expectations

      ✗ 4 runs of 2 scenarios, 2 failed, 4 expectations hold, 2 errors
      exit code 1"
    `));
  it('runs a file once, by whatever names it is given', () => {
    const { out } = runCommand(command, ['run', 'fails.mmscn', './fails.mmscn', path.join(folder, 'fails.mmscn')], { cwd: folder });
    expect(out.match(/ended early/g)).toHaveLength(1);
    fs.writeFileSync(path.join(folder, 'first.mmscn'), 'scenario "first" {\n  param n = 0\n  process p\n  let x = 1 / n\n}\n');
    const first = runCommand(command, ['run', 'first.mmscn'], { cwd: folder });
    expect(first.out).toContain('0 steps');
    expect(first.out).not.toContain('not run');
  });
  it('prints one object a line', () => {
    const { out, code } = runCommand(command, ['run', 'bad.mmscn', '--json'], { cwd: folder });
    const [baseline, cache, ...more] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(code).toBe(1);
    expect(more).toEqual([]);
    expect(Object.keys(baseline!)).toEqual([
      ...['file', 'scenario', 'design', 'ok', 'steps', 'microsteps', 'expectations', 'violations', 'error', 'observables'],
    ]);
    expect(baseline).toMatchObject({
      file: 'bad.mmscn',
      scenario: 'a read',
      design: 'baseline',
      ok: false,
      steps: 2,
      violations: [],
      error: null,
    });
    expect(cache).toMatchObject({ design: 'extent_cache', observables: { 'disk.reads': 8192, 'memory.cached': 8192 } });
    expect(baseline!['expectations']).toMatchInlineSnapshot(`
      [
        {
          "left": "8192",
          "line": 11,
          "ok": false,
          "reason": "one page was asked for",
          "right": "4096",
          "text": "disk.reads == 1 page",
        },
        {
          "left": {
            "first": "41414141414141414141414141414141414141414141414141414141414141414141414141414141414141414141414141414141414141414141414141414141",
            "hash": "45fa9683d8dce",
            "length": 8192,
          },
          "line": 12,
          "ok": false,
          "right": {
            "first": "42424242424242424242424242424242424242424242424242424242424242424242424242424242424242424242424242424242424242424242424242424242",
            "hash": "a4214ae0ff0e0",
            "length": 8192,
          },
          "text": "p.buf == "B" * n pages",
        },
      ]
    `);
  });
  it('takes designs and scenarios by name', () => {
    expect(mmscn('run good.mmscn --design extent_cache --design baseline --scenario "a read"')).toContain('2 runs of 1 scenario');
    expect(mmscn('run good.mmscn --all-designs')).toContain('exit code 0');
  });
});

describe('wrong use', () => {
  it('is answered in one line', () => {
    const lines = [
      '',
      'rnu good.mmscn',
      'good.mmscn',
      '--verison',
      'run',
      'run good.mmscn --desing baseline',
      'run good.mmscn --design',
      'run good.mmscn --design base_line',
      'run good.mmscn --design "extent_cache { key = logicl }"',
      'run good.mmscn --design "extent_cache { key = logical }"',
      'run good.mmscn --param n',
      'run good.mmscn --param m=1',
      'run good.mmscn --seed x',
      'run good.mmscn --seed 1 --seed 2',
      'run good.mmscn --json=yes',
      'run good.mmscn --scenario "a raed"',
      'verify good.mmscn --scenario "a raed"',
      'verify good.mmscn --param m=1',
      'export good.mmscn --c --scenario "a raed"',
      'export good.mmscn --c --param m=1',
      'export empty.mmscn --c',
      'run good.mmscn --design baseline --all-designs',
      'run gud.mmscn',
      'run folder.mmscn',
      'check binary.mmscn',
      'check latin1.mmscn',
      'dap good.mmscn',
    ];
    expect(lines.map((line) => `$ mmscn ${line}\n${mmscn(line)}`).join('\n')).toMatchInlineSnapshot(`
      "$ mmscn 
      ! mmscn: which command? Try mmscn --help
      exit code 2
      $ mmscn rnu good.mmscn
      ! mmscn: unknown command rnu; did you mean run?
      exit code 2
      $ mmscn good.mmscn
      ! mmscn: which command for good.mmscn? For example: mmscn run good.mmscn
      exit code 2
      $ mmscn --verison
      ! mmscn: unknown option --verison; did you mean --version?
      exit code 2
      $ mmscn run
      ! mmscn: which file? Name at least one .mmscn file
      exit code 2
      $ mmscn run good.mmscn --desing baseline
      ! mmscn: unknown option --desing; did you mean --design?
      exit code 2
      $ mmscn run good.mmscn --design
      ! mmscn: --design needs a value: --design D
      exit code 2
      $ mmscn run good.mmscn --design base_line
      ! mmscn: good.mmscn knows no design base_line; did you mean baseline?
      exit code 2
      $ mmscn run good.mmscn --design "extent_cache { key = logicl }"
      ! mmscn: good.mmscn: extent_cache { key = logicl }: column 22: \`key\` is device, logical; did you mean \`logical\`?
      exit code 2
      $ mmscn run good.mmscn --design "extent_cache { key = logical }"
      ! mmscn: good.mmscn: run takes designs by name: write design NAME = extent_cache { key = logical } in the file; compare --designs takes it as it is
      exit code 2
      $ mmscn run good.mmscn --param n
      ! mmscn: --param takes name=integer, as in --param n=1500, not n
      exit code 2
      $ mmscn run good.mmscn --param m=1
      ! mmscn: there is no param m; there is n
      exit code 2
      $ mmscn run good.mmscn --seed x
      ! mmscn: --seed takes a whole number from 0, not x
      exit code 2
      $ mmscn run good.mmscn --seed 1 --seed 2
      ! mmscn: --seed is given twice
      exit code 2
      $ mmscn run good.mmscn --json=yes
      ! mmscn: --json takes no value
      exit code 2
      $ mmscn run good.mmscn --scenario "a raed"
      ! mmscn: there is no scenario "a raed"; did you mean "a read"?
      exit code 2
      $ mmscn verify good.mmscn --scenario "a raed"
      ! mmscn: there is no scenario "a raed"; did you mean "a read"?
      exit code 2
      $ mmscn verify good.mmscn --param m=1
      ! mmscn: there is no param m; there is n
      exit code 2
      $ mmscn export good.mmscn --c --scenario "a raed"
      ! mmscn: there is no scenario "a raed"; did you mean "a read"?
      exit code 2
      $ mmscn export good.mmscn --c --param m=1
      ! mmscn: there is no param m; there is n
      exit code 2
      $ mmscn export empty.mmscn --c
      ! mmscn: empty.mmscn has no scenario
      exit code 2
      $ mmscn run good.mmscn --design baseline --all-designs
      ! mmscn: --design and --all-designs exclude each other
      exit code 2
      $ mmscn run gud.mmscn
      ! mmscn: gud.mmscn does not exist; did you mean bad.mmscn?
      exit code 2
      $ mmscn run folder.mmscn
      ! mmscn: folder.mmscn is a directory; name the files in it: folder.mmscn/*.mmscn
      exit code 2
      $ mmscn check binary.mmscn
      ! mmscn: binary.mmscn is a binary file, not a scenario
      exit code 2
      $ mmscn check latin1.mmscn
      ! mmscn: latin1.mmscn is not UTF-8 text
      exit code 2
      $ mmscn dap good.mmscn
      ! mmscn: dap takes no files: good.mmscn
      exit code 2"
    `);
  });
});

describe('mmscn check', () => {
  it('says that an import is a directory', () =>
    expect(mmscn('check imports.mmscn')).toBe(
      `imports.mmscn:1:8: error: . can't be read: . is a directory; name the files in it: *.mmscn [import-missing]
  1 | import "."
    |        ^^^
1 file: 1 error
exit code 1`,
    ));

  it('is content with a good file and an empty one', () =>
    expect(mmscn('check good.mmscn empty.mmscn')).toMatchInlineSnapshot(`
    "2 files: no errors
    exit code 0"
  `));
  it('shows what is wrong and where', () =>
    expect(mmscn('check broken.mmscn')).toMatchInlineSnapshot(`
      "broken.mmscn:9:11: error: expected a value, found \`=\` [syntax]
        9 |   p: fd = = open("/data/a", O_RDONLY)
          |           ^
      broken.mmscn:10:17: error: nothing here is named \`fd\` [unknown-name]
        10 |   p: buf = read(fd, n pages)
           |                 ^^
      1 file: 2 errors
      exit code 1"
    `));
  it('prints one object a line', () => {
    const { out, code } = runCommand(command, ['check', 'broken.mmscn', '--json'], { cwd: folder });
    expect(code).toBe(1);
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown)[0],
    ).toMatchInlineSnapshot(`
      {
        "code": "syntax",
        "column": 11,
        "endColumn": 12,
        "endLine": 9,
        "file": "broken.mmscn",
        "line": 9,
        "message": "expected a value, found \`=\`",
        "severity": "error",
      }
    `);
  });
});

describe('mmscn format', () => {
  it('names the files that it changes, once', () => {
    fs.writeFileSync(path.join(folder, 'ugly.mmscn'), GOOD.replace('  process p', '      process   p // here'));
    expect([mmscn('format ugly.mmscn --check'), mmscn('format ugly.mmscn good.mmscn'), mmscn('format ugly.mmscn'), mmscn('run ugly.mmscn')])
      .toMatchInlineSnapshot(`
        [
          "ugly.mmscn
        ! 1 of 1 file would change
        exit code 1",
          "ugly.mmscn
        ! 1 of 2 files changed
        exit code 0",
          "exit code 0",
          "ugly.mmscn

          a read
            ✓ baseline, extent_cache  2 steps · N micro-steps · 2 expectations

        ✓ 2 runs of 1 scenario, 4 expectations hold
        exit code 0",
        ]
      `);
  });
});

describe('the command', () => {
  it('explains itself', () =>
    expect(['--help', 'run --help', '--version'].map(mmscn).join('\n')).toMatchInlineSnapshot(`
      "Memory Scenario: runs, checks and steps memory-management scenarios.

        mmscn run FILE… [--scenario TITLE] [--design D]… [--all-designs] [--param n=…] [--seed N | --order N,… | --explore] [--json]
                                Runs scenarios under the designs that they name, and reports
        mmscn compare FILE [--designs A,B,…] [--scenario TITLE]… [--param n=…] [--sweep n=1..2000:100] [--format F] [--svg FILE]
                                Runs a scenario under several designs and puts what they cost side by side
        mmscn check FILE… [--json]
                                Says what is wrong with scenarios, without running them
        mmscn verify FILE… [--scenario TITLE] [--param n=…] [--steps] [--json]
                                Does the steps of scenarios on this kernel, and says where it and the simulator differ
        mmscn export FILE --c [--scenario TITLE]
                                Prints a scenario as one C program that does the same with real system calls
        mmscn import strace LOG | proc PID… [--touch WHAT] [--limit N] [--children] [--reflink] [--fs TYPE]
                                Writes a scenario of what real processes did, by a log of strace, or of what they hold, by /proc
        mmscn format FILE… [--check]
                                Gives files the usual layout; comments and blank lines stay
        mmscn dap [--stdio]     The debug adapter on standard input and output (Debug Adapter Protocol, type mmscn)
        mmscn lsp [--stdio]     The language server on standard input and output (Language Server Protocol)
        mmscn COMMAND --help    More about one command
        mmscn --version         The version

      Exit code: 0 all is well, 1 a failed expectation or an error in a scenario, 2 wrong use.
      exit code 0
      mmscn run FILE… [--scenario TITLE] [--design D]… [--all-designs] [--param n=…] [--seed N | --order N,… | --explore] [--json]

      Runs scenarios under the designs that they name, and reports.

        --scenario TITLE        Only the scenario with this title; may be given several times
        --design D              Under this design; may be given several times
        --all-designs           Under every design that is simulated
        --param n=1500          Another value for a param; may be given several times
        --seed N                Another order for \`parallel\` branches
        --order 0,1,…           Which branch of \`parallel\`, of those that can go on, is taken at each turn
        --explore               Every order of \`parallel\` branches; reports one that goes wrong, if one does
        --json                  One JSON object a line for each scenario and design

      Exit code: 0 all is well, 1 a failed expectation or an error in a scenario, 2 wrong use.
      exit code 0
      mmscn 0.0.0
      exit code 0"
    `));
  it('colours nothing that goes into a file', () => expect(mmscn('run bad.mmscn')).not.toContain('\x1b'));
  it('ends quietly when nobody reads on', async () => {
    const child = spawn(
      process.execPath,
      [
        command,
        'run',
        ...Array<string>(200)
          .fill('good.mmscn')
          .map((name, i) => (i ? `./${'./'.repeat(i)}${name}` : name)),
        '--json',
      ],
      { cwd: folder },
    );
    let err = '';
    child.stderr.on('data', (data) => (err += String(data)));
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    expect(err).toBe('');
  });
});
