import { describe, expect, it } from 'vitest';
import { check as checkProgram } from '../../language/analysis/check';
import type { Implemented } from '../../language/analysis/diagnostic';
import { implemented } from '../../language/simulator/implemented';
import { LineMap } from '../../language/syntax/positions';
import { loaded } from './markers';

/** The diagnostics of a text, one a line: `line:column code: message`. */
async function check(text: string, expected: string, files: Record<string, string> = {}, can?: Implemented): Promise<void> {
  const { program, problems } = await loaded(text, files);
  const lines = checkProgram(program, can, problems).map((d) => {
    const { line, column } = new LineMap(program.sources.find(({ uri }) => uri === d.uri)!.text).place(d.start);
    return `${line}:${column} ${d.code}: ${d.message}`;
  });
  expect(lines.join('\n')).toBe(expected.trim());
}

/** One line in a scenario that has processes p and db[3], and a mount. */
const line = (text: string, expected: string) =>
  check(`scenario "s" {\nunder baseline\nmount xfs at "/data"\nprocess p, db[3]\np: fd = open("/data/a", O_RDWR)\n${text}\n}`, expected);

describe('diagnostics', () => {
  it('finds nothing in a scenario that is right', () =>
    line('p: x = pread(fd, 4 pages, 0)\nexpect p.x == zeros(4 pages) under baseline : "why"', ''));

  it('shows five mistakes of the grammar at their places', () =>
    check(
      'scenario "a" {\n  proces p\n  mount xfs "/data"\n  p: x = \n  p: read(fd, 3\n  expect true\n  p: y = "abc\n}\nroutine r(a) {\n  return a\n}',
      [
        '2:3 syntax: `proces` begins no statement; did you mean `process`?',
        '3:13 syntax: expected `at`, found `"/data"`',
        '4:9 syntax: expected a value, found the end of the line',
        '5:16 syntax: expected `,`, `)` or an operator, found the end of the line',
        '7:10 syntax: this string is never closed: `"` is missing',
      ].join('\n'),
    ));

  it('does not flood where a brace is missing', () =>
    check(
      'scenario "a" {\n  process p\n  p {\n    exit(0)\n  expect true\n}\n\nscenario "b" {\n  process q\n  q: exit(0)\n}',
      '3:5 syntax: this `{` is never closed: a `}` is missing',
    ));

  it('does not flood where there is a brace too many', () =>
    check(
      'scenario "a" {\n  process p\n  }\n  p: exit(0)\n  expect true\n}\n',
      '4:3 syntax: this stands inside a scenario or a routine, not outside of them',
    ));

  it('does not flood where a declaration is misspelt', async () => {
    const rest = ' mount xfs at "/d"\n file "/d/f" { size = 1 page }\n process p\n p: exit()\n}';
    await check(
      `scenario "a" {\n machne { memory = 64M }\n${rest}`,
      '2:2 unknown-process: there is no process `machne`; did you mean `machine`?',
    );
    await check(
      'scenario "a" {\n process p\n let q = p\n q: exit()\n process r\n}',
      '5:2 declaration-late: the declaration `process …` comes after a step: what exists is declared before the first one',
    );
    await check(
      `scenario "a" {\n process q\n q: opn("/d/f", O_RDONLY)\n${rest}`,
      '3:5 unknown-call: there is no call or routine `opn`; did you mean `open`?',
    );
  });

  it('suggests names', async () => {
    await line('p: x = opn("/a", O_RDONLY)', '6:8 unknown-call: there is no call or routine `opn`; did you mean `open`?');
    await line('p: x = open("/a", O_RDNLY)', '6:19 unknown-constant: there is no constant `O_RDNLY`; did you mean `O_RDONLY`?');
    await line('expect memory.cachd == 3', '6:15 unknown-observable: `cachd` cannot be asked of `memory`; did you mean `cached`?');
    await line(
      'expect p.rsss == 3',
      '6:10 unknown-observable: a process has no `rsss`, and nothing is bound to that name; did you mean `rss`?',
    );
    await line('expect disk.reads == 3 under basline', '6:30 unknown-design: there is no design `basline`; did you mean `baseline`?');
    await line('p: s = fstat(fd)\nexpect p.s.siz == 3', '7:12 unknown-observable: the result of fstat has no `siz`; did you mean `size`?');
    await line(
      'p: s = fstat(fd)\np: n = s.inode',
      '7:10 unknown-observable: the result of fstat has no `inode`; it has size, blocks, nlink, ino, mode, uid',
    );
    await line('p: s = fstat(fd)\np: close(s)', '7:10 argument-kind: `fd` of `close` is an integer, not the result of fstat');
    await line('expect fd == 3', '6:8 unknown-name: `fd` is a variable of a process: write whose, as `p.fd`');
    await line('expect rss == 3', '6:8 unknown-name: nothing here is named `rss`; `p.rss` asks a process');
    await line('expect db.rss == 3', '6:11 unknown-observable: `db` are several processes; ask one of them: `db[0].rss`');
    await line('pp: exit(0)', '6:1 unknown-process: there is no process `pp`; did you mean `p`?');
  });

  it('checks calls', async () => {
    await line('p: read(fd)', '6:4 argument-count: `read(fd, len)` takes 2 arguments, not 1');
    await line('p: read("a", 3)', '6:9 argument-kind: `fd` of `read` is an integer, not content');
    await line('p: write(fd, 3)', '6:14 argument-kind: `content` of `write` is content, not an integer');
    await line(
      'p: open("/a", PROT_READ | O_CREAT)',
      '6:15 wrong-constant: `PROT_READ` does not belong to `flags` of `open`; there are O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NONBLOCK, O_DSYNC, O_SYNC, …',
    );
    await line('p: reclaim(1 page)', "6:4 who-wrong: `reclaim` is the kernel's: `kernel: reclaim(…)`");
    await line('kernel: read(3, 4)', "6:9 who-wrong: `read` is a process's call, not the kernel's");
    await line('exit(0)', '6:1 who-missing: who calls `exit`? Write `p: exit(…)`');
    await line('p: y = close(fd)', '6:8 bind-nothing: `close` returns nothing that could be bound');
    await line('kernel: x = 1', "6:9 who-wrong: the kernel has no variables: `let x = …`, or a process's `p: x = …`");
    await line('db[3]: exit(0)', '6:4 unknown-process: there is no process `db[3]`: there are db[0] to db[2]');
    await line('db[1..3]: exit(0)', '6:7 unknown-process: there is no process `db[3]`: there are db[0] to db[2]');
    await line('expect db[5].rss == 0', '6:11 unknown-process: there is no process `db[5]`: there are db[0] to db[2]');
    await line('db[0..2]: exit(0)', '');
    await line('p: close(fd) as q', '6:4 as-without-fork: `as` names a new process; only fork, vfork and clone make one');
    await line('expect p: close(fd) fails SIGBUS', '6:27 unknown-constant: `SIGBUS` is no errno; `fails` takes ENOENT, EINVAL, …');
    await line('kernel: reclaim(all)', '');
  });

  it('checks operators', async () => {
    await line(
      'expect memory.used & 1 == 0',
      '6:8 bool-int-mix: `&` mixes a boolean and an integer; as in C, `==` binds tighter than `&`: parentheses say what is meant',
    );
    await line('expect "a" == 3', '6:8 type-mismatch: `==` cannot be applied to content and an integer');
    await line('expect memory.used', '6:8 type-mismatch: `expect` takes a condition, not an integer');
    await line('db[2..1]: exit(0)', '6:4 range-empty: 2..1 is empty: both ends are included, the smaller one stands first');
  });

  it('checks declarations', async () => {
    await check(
      'scenario "a" {\n machine { memry = 3 }\n mount zfs at "/d"\n mount overlay at "/m" { upper = "/u" }\n machine { thp = alwys }\n}',
      [
        '2:12 unknown-option: the machine has no option `memry`; did you mean `memory`?',
        '3:8 unknown-filesystem: there is no filesystem `zfs`; did you mean `xfs`?',
        '4:8 missing-option: a mount of overlay needs the option `lower`',
        '5:18 option-kind: `thp` is never, madvise, always; did you mean `always`?',
      ].join('\n'),
    );
    await line(
      'process q',
      '6:1 declaration-late: the declaration `process …` comes after a step: what exists is declared before the first one',
    );
    await line('return 3', '6:1 misplaced: `return` stands in a routine');
    await line('p: rss = 3', '6:4 reserved-name: a process variable may not be named `rss`: that is what can be asked of a process');
    await line('p: O_RDWR = 3', "6:4 reserved-name: a process variable may not be named `O_RDWR`: that is a constant of the system's");
    await line('p: db = 3', '6:4 reserved-name: a process variable may not be named `db`: that is a process');
    await line(
      'expect true under extent_cache',
      '6:19 design-not-named: the scenario is never run under `extent_cache`: it speaks about baseline',
    );
  });

  it('checks imports', async () => {
    await check('import "no.mmscn"', "1:8 import-missing: no.mmscn can't be read: no such file");
    await check(
      'import "b.mmscn"\nscenario "s" { process p; p: twice(3); p: once() }',
      '2:43 unknown-call: there is no call or routine `once`',
      { 'b.mmscn': 'routine twice(a) { x = a }' },
    );
    await check('import "b.mmscn"\nparam n = 3', '2:7 duplicate: this takes the place of the param `n` of b.mmscn', {
      'b.mmscn': 'param n = 4',
    });
    await check('import "b.mmscn"', '1:8 import-cycle: files import each other: main.mmscn → b.mmscn → main.mmscn', {
      'b.mmscn': 'import "main.mmscn"',
    });
  });

  it('says what is not simulated yet', () =>
    check(
      'scenario "a" {\n under baseline, shared_folio\n mount xfs at "/d"\n mount btrfs at "/e"\n process p\n p: pin(0, 1 page)\n expect p.pss == 0\n expect lru.active == 0\n}',
      [
        '2:18 not-implemented: the design shared_folio is not simulated yet',
        '4:8 not-implemented: the filesystem btrfs is not simulated yet',
        '6:5 not-implemented: the call `pin` is not simulated yet',
        '7:11 not-implemented: `process.pss` is not simulated yet',
        '8:13 not-implemented: `lru.active` is not simulated yet',
      ].join('\n'),
      {},
      {
        calls: new Set(['open']),
        designs: new Set(['baseline']),
        observables: new Set(['process.rss']),
        mounts: new Set(['xfs']),
        options: new Set(),
      },
    ));

  it('says which constants are not simulated', () =>
    check(
      'scenario "a" {\n process p\n p: madvise(0, 1 page, MADV_HWPOISON)\n p: kill(p.pid, SIGSTOP)\n p: madvise(0, 1 page, MADV_COLD)\n}',
      '3:24 not-implemented: `MADV_HWPOISON` is not simulated yet\n4:17 not-implemented: `SIGSTOP` is not simulated yet',
      {},
      implemented,
    ));

  it('knows what is counted', async () => {
    const counted = (asked: string, expected: string) =>
      check(`scenario "a" {\n process p\n expect ${asked} == 0\n}`, expected, {}, implemented);
    await counted('events("do_wp_page")', '');
    await counted('events("cow_ksm")', '');
    await counted(
      'events("do_wp_pge")',
      '3:16 unknown-event: the simulator enters no kernel function `do_wp_pge`; did you mean `do_wp_page`?',
    );
    await counted('events("folio_check_references", "KEEP")', '');
    await counted('events("violation", "I2")', '');
    await counted(
      'events("folio_check_references", "KEPE")',
      '3:42 unknown-event: `folio_check_references` never comes to `KEPE`; did you mean `KEEP`?',
    );
    await counted(
      'events("folio_check_references", "X")',
      '3:42 unknown-event: `folio_check_references` never comes to `X`: it can be ACTIVATE, KEEP, RECLAIM, RECLAIM_CLEAN',
    );
    await counted('events("do_wp_page", "KEEP")', '3:30 unknown-event: `do_wp_page` is counted without outcomes');
    await counted('violations("I2")', '');
    await counted('violations("I9")', '3:20 unknown-event: there is no invariant `I9`; did you mean `I1`?');
  });

  it('reports semantic errors in a file with syntax errors', () =>
    check(
      'scenario "a" {\n process p\n p: x = = 3\n p: opn("/a", O_RDONLY)\n}',
      '3:9 syntax: expected a value, found `=`\n4:5 unknown-call: there is no call or routine `opn`; did you mean `open`?',
    ));
});
