import { keywords } from '../../language/catalogue/keywords';
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SourceFile, Statement } from '../../language/syntax/ast';
import { numberValue, stringValue } from '../../language/syntax/literals';
import { parse } from '../../language/syntax/parse';
import { print } from '../../language/syntax/print';
import { scan } from '../../language/syntax/scan';

function statements(text: string): readonly Statement[] {
  const file = parse(`scenario "s" {\n${text}\n}`);
  expect(file.problems).toEqual([]);
  const [item] = file.items;
  return item?.kind === 'scenario' ? item.body.statements : [];
}

/** What is read is what is printed: the text in its usual layout, one statement a line. */
function check(text: string, kind: Statement['kind'], expected = text): void {
  const [statement, ...more] = statements(text);
  expect(more).toEqual([]);
  expect(statement?.kind).toBe(kind);
  const file = parse(`scenario "s" {\n${text}\n}`);
  expect(print(file, '')).toBe(`scenario "s" {\n${expected.replace(/^/gm, '  ')}\n}\n`);
}

describe('what exists before the first step', () => {
  it.each([
    ['under', 'under baseline, extent_cache'],
    ['machine', 'machine { memory = 64M; swap = 0; readahead = 0; fault_around = 1 page; thp = never }'],
    ['host', 'host n2, n3'],
    ['mount', 'mount xfs at "/data" { size = 1G }'],
    ['mount', 'mount overlay at "/m" { lower = ["/lower", "/l2"]; upper = "/upper" }'],
    ['file', 'file "/a" { size = 4 pages; content = "A" }'],
    ['file', 'file "/a" = "text"'],
    ['directory', 'directory "/d" { mode = 0755; uid = 0 }'],
    ['reflink', 'reflink "/a" to "/b"'],
    ['snapshot', 'snapshot "/a" to "/b"'],
    ['dedupe', 'dedupe "/a", "/b"'],
    ['process', 'process p, q'],
    ['process', 'process db[1500]'],
    ['process', 'process p { uid = 1000 }'],
    ['process', 'process p in "/db"'],
    ['process', 'process q on n2'],
    ['cgroup', 'cgroup "/db" { limit = 1G }'],
    ['param', 'param n = 1500'],
  ] as const)('%s: %s', (kind, text) => check(text, kind));
});

describe('statements', () => {
  it.each([
    ['action', 'p: fa = open("/data/a", O_RDONLY)'],
    ['action', 'db[3]: exit(0)'],
    ['action', 'db[1..9]: touch(x, n pages, PROT_READ | PROT_WRITE)'],
    ['action', 'db[*]: fork() as w'],
    ['action', 'p: fork() as w[10]'],
    ['action', 'p: clone() as t'],
    ['action', 'kernel: reclaim(16 pages)'],
    ['action', 'remote: pwrite(fd, "x", 0)'],
    ['action', 'p: x = 3 + 4'],
    ['action', 'p: share(fd, master) under d1, d2'],
    ['process-block', 'p {\n  a = 1\n  exit(0)\n}'],
    ['for', 'for i in 0..9 {\n  p: exit(i)\n}'],
    ['for', 'for w in db {\n  w: exit(0)\n}'],
    ['for', 'for x in [a, b] {\n  p: exit(x)\n}'],
    ['repeat', 'repeat 3 {\n  p: getpid()\n}'],
    ['if', 'if a == 1 {\n  p: a()\n} else if b {\n  p: b()\n} else {\n  p: c()\n}'],
    ['let', 'let x = "a" * 4 pages + zeros(3)'],
    ['parallel', 'parallel {\n  p {\n    a()\n  }\n  q {\n    b()\n  }\n}'],
    ['step', 'step "the copy-up"'],
    ['return', 'return x + 1'],
    ['invariant', 'invariant memory.used <= 4 pages'],
    ['expect', 'expect p.pte[addr].writable == false under d1, d2 : "why it matters"'],
    ['expect', 'expect file("/a").page[3].flags.dirty && !frame[7].flags.lru'],
    ['expect-failure', 'expect p: open("/none", O_RDONLY) fails ENOENT'],
    ['expect-failure', 'expect db[*]: store(addr, "x") raises SIGSEGV under d1 : "why"'],
  ] as const)('%s: %s', (kind, text) => check(text, kind));

  it('are separated by line ends, `;`, closing braces and comments with a line break', () => {
    expect(statements('p: a(); p: b()\np: c() /* x\n y */ p: d()\nif x { } p: e()').map(({ kind }) => kind)).toEqual([
      'action',
      'action',
      'action',
      'action',
      'if',
      'action',
    ]);
  });

  it('go on over line breaks in brackets, and `else` may follow on the next line', () => {
    expect(statements('p: mmap(NULL,\n 4 pages, [1,\n 2])\nif x { }\nelse { }')).toHaveLength(2);
  });

  it('may use keywords as names where no statement starts', () => {
    check('p: file = open("/a", O_RDONLY)', 'action');
    check('expect p.file == step.if', 'expect');
  });
});

describe('expressions', () => {
  it.each([
    ['1 + 2 * 3 == 7', '1 + 2 * 3 == 7'],
    ['(1 + 2) * 3', '(1 + 2) * 3'],
    ['((a)) & (1 == 0)', 'a & 1 == 0'],
    ['a - (b - c)', 'a - (b - c)'],
    ['-(a + b) pages', '-(a + b) pages'],
    ['"A" * 4 pages', '"A" * 4 pages'],
    ['!a && ~b | c ^ d', '!a && ~b | c ^ d'],
    ['a << 2 >> 1 % 3', 'a << 2 >> 1 % 3'],
  ])('%s', (text, expected) => check(`expect ${text}`, 'expect', `expect ${expected}`));

  it('bind as in C', () => {
    const [statement] = statements('expect a & 1 == 0');
    expect(statement).toMatchObject({ condition: { operator: '&', right: { operator: '==' } } });
  });
});

describe('literals', () => {
  it.each([
    ['4096', 4096n],
    ['0x1000', 4096n],
    ['0755', 493n],
    ['1_000', 1000n],
    ['4K', 4096n],
    ['25G', 25n << 30n],
    ['1P', 1n << 50n],
    ['15E', 15n << 60n],
    ['18446744073709551615', 2n ** 64n - 1n],
  ])('%s', (text, value) => expect(numberValue(text)).toEqual({ value }));

  it.each(['18446744073709551616', '16E', '0x', '08', '4k', '8KB', '1__0', '9'.repeat(100_000)])('%.30s is refused', (text) =>
    expect(numberValue(text).problem).toBeTruthy(),
  );

  it('have C escapes', () => {
    expect([...stringValue('"\\n\\t\\0\\x41\\101\\\\\\"\\u00e4"').value.bytes]).toEqual([10, 9, 0, 65, 65, 92, 34, 0xc3, 0xa4]);
    expect(stringValue('"\\q"').problem).toContain('no escape');
  });
});

describe('bad input', () => {
  it.each<[string, string, string | undefined]>([
    ['nothing', '', undefined],
    ['a zero byte', 'scenario\0', 'this is not text: it holds a zero byte'],
    ['10 MB in one line', 'a '.repeat(5_000_000), 'this line is 10000000 characters long; at most 100000 are read'],
    ['100,000 open parentheses', `scenario "x" { p: x = ${'(\n'.repeat(100_000)}`, 'this `{` is never closed: a `}` is missing'],
    [
      '20,000 blocks',
      `scenario "x" {${'p {\n'.repeat(20_000)}${'}\n'.repeat(20_001)}`,
      'nested too deeply: blocks, parentheses and brackets go 200 deep at most',
    ],
    ['20,000 operators', `scenario "x" { p: x = ${'1+\n'.repeat(20_000)}1 }`, undefined],
    ['a comment that never ends', '/* x', 'this comment is never closed: `*/` is missing'],
  ])('%s has a clear answer', (_name, text, message) => {
    const { problems } = parse(text);
    if (message !== undefined) expect(problems[0]?.message).toBe(message);
    expect(problems.length).toBeLessThan(210);
  });

  it('says more than 200 mistakes once', () => expect(parse('p: a b\n'.repeat(5000)).problems).toHaveLength(201));
});

describe('the scan', () => {
  it('finds comments outside strings, as they are', () => {
    expect(scan('a // b\n"// no" /* c\n */ /// d').comments.map(({ text }) => text)).toEqual(['// b', '/* c\n */', '/// d']);
  });
});

it('documentation stands above its item', () => {
  const file: SourceFile = parse('/// one\n/// two\nscenario "a" { }\n\n/// not this\n\nroutine r() { }');
  expect(file.items.map((item) => ('doc' in item ? item.doc : undefined))).toEqual(['one\ntwo', undefined]);
});

it('the TextMate grammar is valid and knows every keyword that begins a statement', () => {
  const grammar = fs.readFileSync('language/syntax/mmscn.tmLanguage.json', 'utf8');
  const patterns = [...grammar.matchAll(/"(?:match|begin|end)": ("(?:\\.|[^"\\])*")/g)].map((match) => JSON.parse(match[1]!) as string);
  expect(patterns.length).toBeGreaterThan(20);
  for (const pattern of patterns) expect(() => new RegExp(pattern)).not.toThrow();
  for (const keyword of Object.keys(keywords)) expect(grammar).toMatch(new RegExp(`[(|]${keyword}[|)]`));
});
