import { describe, expect, it } from 'vitest';
import { outcome, run, start } from './running';

/** `lines` in a scenario with processes p, q, db[3] and the file /data/a; `expected` is what the run came to. */
function check(lines: string, expected = 'ok', before = ''): void {
  it(lines.trim().split('\n')[0]!.trim() + (expected === 'ok' ? '' : ` → ${expected}`), () =>
    expect(outcome(run(lines, {}, before))).toBe(expected),
  );
}

describe('numbers', () => {
  check('expect 7 / 2 == 3 && -7 / 2 == -3 && -7 % 2 == -1');
  check('expect 3 pages == 12288 && 1 page == page_size && 2K == 2048');
  check('expect 0xffff_ffff_ffff_ffff - 1 == 18446744073709551614');
  check('expect (0x7ffff7ffe123 & ~4095) == 0x7ffff7ffe000');
  check('expect 1 << 63 == 9223372036854775808 && 1 + 2 * 3 == 7');
  check('expect 5 - 6 == -1', 'ok');
  check('expect 1 << 64 == 0', 'wrong-value: a shift by 64; 0 to 63 are possible');
  check('expect 18446744073709551615 + 1 == 0', 'overflow: 18446744073709551616 does not fit: integers reach from −2^63 to 2^64−1');
  check('let zero = 0\nexpect 1 / zero == 1', 'division-by-zero: 1 / 0: division by zero');
  check('expect 1 == 2', '1 == 2: 1, not 2');
  check('expect (1 & 1) == 1 && !(1 > 2) || 1 / 0 == 1');
});

describe('content', () => {
  check('expect "abc" * 4 == "abca" && "a" + "b" * 2 == "abb"');
  check('expect zeros(4) == "\\0" * 4 && len(random(10, 1)) == 10 && random(9, 1) == random(9, 1)');
  check('expect "A" * 1P == "AA" * 1P && "A" * 1P != "AB" * 1P');
  check('expect "ä" == "\\xc3\\xa4"');
  check('expect "" * 4 == ""', 'wrong-value: an empty content has nothing to repeat');
  check('expect "1" == 1', `wrong-value: the content "1" and the integer 1 can't be compared`);
  check('expect random(1T, 1) == zeros(1)', 'wrong-value: random(1099511627776, …): at most 67108864 random bytes; repeat them with `*`');
});

describe('names', () => {
  check('let x = 2\np: y = x + 1\nexpect p.y == 3\nq: y = 10\nexpect p.y == 3 && q.y == 10');
  check('p: y = z', 'unbound-variable: p has not set `z`');
  check('expect q.y == 1', 'unbound-variable: q has no variable `y` (yet)');
  check('db[*]: x = 5\ndb[1]: x = x + 1\nexpect db[0].x == 5 && db[1].x == 6 && db[2].x == 5');
  check('db[3]: x = 1', 'wrong-value: there is no db[3]: db has 3 processes, counted from 0');
  check('db: x = 1', 'wrong-value: db is an array of 3 processes: write db[*]');
  check('nobody: x = 1', 'unknown-name: there is no process nobody now');
  check('db[0..1]: x = 7\nexpect db[1].x == 7\nexpect db[2].x == 7', 'unbound-variable: db[2] has no variable `x` (yet)');
});

describe('blocks', () => {
  check('p { x = 1; y = x + 1 }\nexpect p.y == 2');
  check('let step = 1\ndb[*] { x = step; x = x + 1 }\nexpect db[2].x == 2');
  check('p: n = 0\nfor i in 0..9 { p: n = n + i }\nexpect p.n == 45');
  check('p: n = 0\nfor i in 5..4 { p: n = 1 }\nexpect p.n == 0');
  check('p: n = 1\nfor x in [2, 3, 4] { p: n = n * x }\nexpect p.n == 24');
  check('for w in db { w: me = 1 }\nexpect db[0].me == 1 && db[2].me == 1');
  check('p: n = 0\nrepeat 3 { repeat 2 { p: n = n + 1 } }\nexpect p.n == 6');
  check('p: n = 0\nif p.n == 1 { p: n = 5 } else if p.n == 0 { p: n = 6 } else { p: n = 7 }\nexpect p.n == 6');
  check('if 1 { p: n = 1 }', 'wrong-value: A condition has to be true or false, not the integer 1; write `!= 0`');
  check('for i in 0..1 { let x = i }\nlet x = 9\nexpect x == 9');
  check('parallel { p { x = 1; x = x + 1 } db[*] { x = 5 } }\nexpect p.x == 2 && db[2].x == 5');
});

const factorial = 'routine factorial(n) {\n  if n < 2 { return 1 }\n  m = factorial(n - 1)\n  return n * m\n}\n';
describe('routines', () => {
  check('p: r = factorial(20)\nexpect p.r == 2432902008176640000', 'ok', factorial);
  check('db[*]: r = factorial(3)\nexpect db[0].r == 6 && db[2].r == 6', 'ok', factorial);
  check('p { r = factorial(4); s = r + 1 }\nexpect p.s == 25', 'ok', factorial);
  check('p: r = factorial(4)\nexpect p.m == 1', 'unbound-variable: p has no variable `m` (yet)', factorial);
  check(
    'p: for_ever()',
    'call-depth-limit: more than 200 routines are open (the setting is mmscn.limits.nesting)',
    'routine for_ever() {\n  for_ever()\n}\n',
  );
  check(
    'p: n = read_all("/data/a")\nexpect p.n == "A" * 4 pages',
    'ok',
    'routine read_all(path) {\n  fd = open(path, O_RDONLY)\n  bytes = read(fd, 4 pages)\n  return bytes\n}\n',
  );
  check('p: f = factorial()', 'wrong-value: factorial takes 1 arguments, not 0', factorial);
});

describe('processes', () => {
  check('p: x = 1\np: fork() as child\nchild: x = x + 1\nexpect p.x == 1 && child.x == 2 && child.alive');
  check('p: fork() as w[3]\nw[*]: x = 1\nexpect w[2].x == 1');
  check('db[*]: fork() as w\nexpect w[2].alive && w[0].pid != w[1].pid');
  check('db[*] { fork() as w; x = 1 }\nexpect w[2].alive && db[2].x == 1');
  check('p: fork() as q', 'name-in-use: q is the name of a live process (q)');
  check('p: fork() as c\nc: exit(0)\np: fork() as c\nexpect c.alive');
  check('q: exit(0)\nexpect !q.alive\nq: x = 1', 'dead-process: q is dead: it exited with status 0');
  check('db[1]: exit(0)\ndb[*]: x = 1\nexpect db[2].x == 1\nfor w in db { w: y = 1 }\nexpect db[2].y == 1');
  check('db[1]: exit(0)\ndb[0..2]: x = 1', 'dead-process: db[1] is dead: it exited with status 0');
});

describe('failure', () => {
  check(
    'p: open("/none", O_RDONLY)',
    'ENOENT: p: open("/none", O_RDONLY) fails with ENOENT: there is no file /none: nothing is mounted at or above it: say mount xfs at "/" first',
  );
  check(
    'p: mmap(NULL, 18446744073709551615, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS)',
    'ENOMEM: p: mmap(NULL, 18446744073709551615, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS) fails with ENOMEM: the length is more than the 140737488351232 bytes of user space',
  );
  check(
    'p: f = open("/data/a", O_RDWR)\np: pwrite(f, "x", 8070450532247928832)',
    "out-of-range: bytes beyond 9007199254740991 of a file can't be read or written one by one (position 8070450532247928832, length 1)",
  );
  it('a file where nothing is mounted', () =>
    expect(() => start('scenario "s" {\n  file "/none/f" { size = 1 page }\n}')).toThrow(
      'nothing is mounted at or above /none/f: say mount xfs at "/none" first',
    ));
  check('expect p: open("/none", O_RDONLY) fails ENOENT');
  check('expect p: open("/none", O_RDONLY) fails EACCES', 'p: open("/none", O_RDONLY) fails EACCES: ENOENT, not EACCES');
  check('expect db[*]: open("/none", O_RDONLY) fails ENOENT\nexpect p.alive');
  check('expect p: store(0, "x") raises SIGSEGV\nexpect p.alive');
  check('p: load(0, 1)', 'SIGSEGV: p: load(0, 1) raises SIGSEGV: a load at 0x0: nothing is mapped there');
  check(
    'invariant p.vmas == 0\np: mmap(NULL, 4 pages, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)',
    "invariant-failed: the scenario's invariant does not hold: p.vmas == 0",
  );
});

describe('designs', () => {
  check('p: x = 1 under extent_cache\nexpect p.x == 1', 'unbound-variable: p has no variable `x` (yet)');
  check('p: x = 1 under baseline, extent_cache\nexpect p.x == 2 under extent_cache\nexpect p.x == 1');
  check('invariant p.vmas == 7 under extent_cache\np: open("/data/a", O_RDONLY)');
  check('p: exit(0) under extent_cache\nexpect p.alive');
});

describe('what is asked', () => {
  check('expect file("/none") == NULL && file("/data/a") != NULL && file("/data/a") == file("/data/a")');
  check('expect file("/none").size == 0', 'wrong-value: `.size` is asked of NULL: there is no file /none');
  check('expect file("/data/a").page[0] == NULL && file("/data/a").size == 4 pages');
  check('expect file("/data/a").page[0].refcount == 1', 'wrong-value: `.refcount` is asked of NULL: there is no page there now');
  check('expect !p.pte[0x1000].present && p.vma[0x1000] == NULL && p.pte[0x1000].pfn == 0');
  check('p: open("/data/a", O_RDONLY)\nexpect events("open") == 0 && violations("I5") == 0');
  check('expect memory.nothing == 0', 'unknown-observable: there is no `memory.nothing`');
  check('expect stale_reads == 0');
  check('expect [1, 2] == [1, 1 + 1] && [p.pid] != [q.pid] && [1] != [1, 2]');
  check('expect true == (1 == 1)');
  check('expect p.pid & 1 == 0', "wrong-value: `&` can't be applied to the integer 1 and false; parentheses may be missing");
});

describe('what is bound', () => {
  check('p: r = munmap(mmap, 1)', 'unbound-variable: p has not set `mmap`');
  check(
    'p: m = mmap(NULL, 2 pages, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)\np: r = munmap(m, 2 pages)\nexpect p.r == 0 && p.m != 0',
  );
  check('p: c = fork() as child\nexpect p.c == child.pid');
  check('p: x = "a"\np: x = x + "b"\nexpect p.x == "ab"');
  check('let x = 1\np { let x = 2\n y = x }\nexpect p.y == 2 && x == 1');
  check('p: make()\nexpect made.alive && made.seen == 3', 'ok', 'routine make() {\n  fork() as made\n  made: seen = 3\n}\n');
  check('p: x = 1\np: set()\nexpect p.x == 2 && q.x == 2', 'ok', 'routine set() {\n  q: x = 2\n  p: x = 1 + 1\n  x = 9\n}\n');
  check('p: seen = 4\np: make()\nexpect made.seen == 4', 'ok', 'routine make() {\n  seen = 5\n  fork() as made\n}\n');
  check(
    'p: n = f(3)\nexpect p.n == 6',
    'ok',
    'routine f(n) {\n  total = 0\n  for i in 1..n { total = total + i }\n  if total > 5 { return total }\n  return 0\n}\n',
  );
});

describe('the end', () => {
  check('p { exit(0); x = 1 }', 'dead-process: p is dead: it exited with status 0');
  check('db[*] { exit(0) }\nexpect !db[0].alive && !db[2].alive');
  check('db[*]: exit(1)\ndb[*]: x = 1\nexpect db[*]: open("/none", O_RDONLY) fails ENOENT');
  check('invariant p.rss == 0\np: exit(0)', 'dead-process: while checking the invariant: p is dead: it exited with status 0');
  check('parallel { p { exit(0) } q { x = 1 } }\nexpect q.x == 1 && !p.alive');
});
