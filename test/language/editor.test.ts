import { describe, expect, it } from 'vitest';
import { breakpointLine } from '../../language/analysis/breakpoints';
import { check as checkProgram } from '../../language/analysis/check';
import { completion, signatureHelp } from '../../language/analysis/editor/completion';
import { evaluatable, fixesFor, folds } from '../../language/analysis/editor/editing';
import { hover } from '../../language/analysis/editor/hover';
import { definition, documentLinks, references, rename } from '../../language/analysis/editor/navigation';
import { lenses, outline, type OutlineEntry } from '../../language/analysis/editor/outline';
import { semanticTokens } from '../../language/analysis/editor/tokens';
import { LineMap } from '../../language/syntax/positions';
import { marked } from './markers';

const HEAD = 'scenario "s" {\nunder baseline\nmount xfs at "/data"\nprocess p, db[3]\np: fd = open("/data/a", O_RDWR)\n';
/** A line in a scenario with processes p and db[3], and p's variable fd. */
const inScenario = (line: string) => marked(`${HEAD}${line}\n}`);

describe('completion', () => {
  /** The labels that are offered at `<|>` begin with, or contain, these. */
  const check = async (line: string, expected: readonly string[], not: readonly string[] = []) => {
    const { program, source, offset } = await inScenario(line);
    const labels = completion(program, source, offset).map(({ label }) => label);
    expect(labels).toEqual(expect.arrayContaining([...expected]));
    for (const label of not) expect(labels).not.toContain(label);
  };
  it('offers calls behind WHO', () => check('p: <|>', ['open', 'mmap'], ['reclaim', 'expect']));
  it("offers the kernel's own calls behind kernel", () => check('kernel: re<|>', ['reclaim', 'drop_caches'], ['open']));
  it('offers what can be asked behind a dot', () => check('expect memory.<|>', ['cached', 'used']));
  it("offers a process's variables and observables", () => check('expect p.<|>', ['fd', 'rss'], ['cached']));
  it('offers the fields of a result', () => check('p: s = fstat(fd)\nexpect p.s.<|>', ['size', 'nlink'], ['rss']));
  it('offers flags of a page through its parts', () => check('expect file("/data/a").page[3].flags.<|>', ['dirty', 'lru']));
  it('offers the constants that an argument takes', () =>
    check('p: x = mmap(NULL, 4 pages, PROT_READ | <|>', ['PROT_WRITE'], ['MAP_SHARED']));
  it('offers designs behind under', () => check('expect true under <|>', ['baseline'], ['shared_folio']));
  it('offers the errors that a call can have', () => check('expect p: close(p.fd) fails <|>', ['EBADF'], ['ENOENT']));
  it('offers keywords where a statement starts', () => check('<|>', ['expect', 'mount', 'p'], ['scenario']));
  it('offers options in braces, and their values', async () => {
    await check('machine { <|> }', ['memory', 'thp']);
    await check('machine { thp = <|> }', ['never', 'always']);
  });
  it('offers nothing in comments and strings', async () => {
    const comment = await inScenario('// p<|>');
    expect(completion(comment.program, comment.source, comment.offset)).toEqual([]);
    const string = await inScenario('file "<|>"');
    expect(completion(string.program, string.source, string.offset)).toEqual([]);
  });
  it('offers items at file level, in an empty file too', async () => {
    const { program, source, offset } = await marked('<|>');
    expect(completion(program, source, offset).map(({ label }) => label)).toEqual(['scenario', 'routine', 'import', 'design', 'param']);
  });
});

describe('hover', () => {
  const check = async (line: string, ...expected: readonly string[]) => {
    const { program, source, offset } = await inScenario(line);
    const markdown = hover(program, source, offset)?.markdown ?? 'nothing';
    for (const part of expected) expect(markdown).toContain(part);
  };
  it('explains calls with their errors and source', () => check('p: rea<|>d(fd, 3)', 'read(fd, len)', 'EBADF', 'man 2 read'));
  it('explains constants with their value', () => check('p: x = mmap(NULL, 1 page, PROT_RE<|>AD, MAP_SHARED)', 'PROT_READ = 1'));
  it('explains observables with their unit', () => check('expect disk.rea<|>ds == 0', '(bytes)'));
  it('explains the fields of a result', () => check('p: s = fstat(fd)\nexpect p.s.nli<|>nk == 1', 'fstat(…).nlink', 'names of the inode'));
  it('marks simulator choices', () => check('machine { memo<|>ry = 64M }', 'Simulator choice', 'Default: `64M`'));
  it('explains keywords where they are such', () => check('exp<|>ect true', 'What must be true here'));
  it('shows where a variable comes from', () => check('expect p.f<|>d == 3', 'p: fd = open("/data/a", O_RDWR)'));
  it('says what a size amounts to', () => check('machine { memory = 64<|>M }', '67,108,864'));
  it('is silent elsewhere', () => check('p: read(fd<|>  , 3) // x', 'fd'));
});

describe('signature help', () => {
  const check = async (line: string, expected: string) => {
    const { program, source, offset } = await inScenario(line);
    const found = signatureHelp(program, source, offset);
    const active = found?.params[found.active];
    expect(found && `${found.label} @ ${active ? found.label.slice(active.start, active.end) : '-'}`).toBe(expected);
  };
  it('shows the argument being typed', () =>
    check('p: x = mmap(NULL, (3 + 4) pages, <|>', 'mmap(addr, len, prot, flags[, fd][, offset]) @ prot'));
  it('shows functions of expressions', () => check('expect zeros(<|>', 'zeros(n) @ n'));
});

describe('names', () => {
  const PROGRAM = `${HEAD}p: read(fd, 1)\nexpect p.fd == 3\nexpect db[0].rss == 0\nlet n = 3\nfor i in 0..n { db[i]: x = twice(i) }\n}\nroutine twice(a) { return a + a }`;
  const places = async (text: string, find: string, to: string) => {
    const { program, source } = await marked(text);
    const result = rename(program, source, text.indexOf(find) + find.length - 1, to);
    if ('error' in result) return result.error;
    let renamed = text;
    for (const { start, end } of [...result].sort((a, b) => b.start - a.start)) renamed = renamed.slice(0, start) + to + renamed.slice(end);
    return renamed;
  };
  it('rename variables wherever they are asked', async () =>
    expect(await places(PROGRAM, 'p: fd', 'file1')).toBe(PROGRAM.replaceAll('fd', 'file1')));
  it('rename routines, parameters, lets', async () => {
    expect(await places(PROGRAM, 'routine tw', 'double')).toBe(PROGRAM.replaceAll('twice', 'double'));
    expect(await places(PROGRAM, 'return a', 'b')).toBe(PROGRAM.replace('(a)', '(b)').replace('a + a', 'b + b'));
    expect(await places(PROGRAM, 'let n', 'm')).toBe(PROGRAM.replace('let n', 'let m').replace('0..n', '0..m'));
  });
  it("are the language's own, or taken", async () => {
    expect(await places(PROGRAM, 'p: read', 'x')).toBe("this name is the language's own");
    expect(await places(PROGRAM, 'p: fd', '3x')).toContain('is no name');
    expect(await places(PROGRAM, 'process p', 'db')).toBe('`db` is taken by a process');
  });
  it('lead to their definition, also in an import', async () => {
    const { program, source, offset } = await marked('import "b.mmscn"\nscenario "s" { process p; p: tw<|>ice(3) }', {
      'b.mmscn': '\nroutine twice(a) { }',
    });
    expect(definition(program, source, offset)).toMatchObject([{ uri: 'b.mmscn', start: 9, end: 14 }]);
    expect(references(program, source, offset)).toHaveLength(2);
    expect(documentLinks(source)).toEqual([{ start: 8, end: 15, target: 'b.mmscn' }]);
  });
  it('have tokens of their kind', async () => {
    const { program, source, text } = await marked(PROGRAM);
    const kinds = new Map(semanticTokens(program, source).map(({ start, end, type }) => [text.slice(start, end), type]));
    expect(Object.fromEntries(kinds)).toMatchObject({
      p: 'class',
      fd: 'variable',
      open: 'method',
      O_RDWR: 'enumMember',
      rss: 'property',
      twice: 'function',
      baseline: 'type',
    });
  });
});

describe('structure', () => {
  const show = (entries: readonly OutlineEntry[], indent = ''): string =>
    entries.map((e) => `${indent}${e.kind} ${e.name}\n${show(e.children, `${indent}  `)}`).join('');
  it('has an outline, half typed too', async () => {
    const { source } = await marked('scenario "one" {\n process p, q\n step "a"\n p: x = \n step "b"\n}\nroutine r(a) {\n  p: open(');
    expect(show(outline(source))).toBe('scenario one\n  process p\n  process q\n  step a\n  step b\nroutine r\n');
  });
  it('has a lens above each scenario', async () =>
    expect(lenses((await marked('scenario "a" { }\n\nscenario "b" { }')).source).map(({ scenario }) => scenario)).toEqual(['a', 'b']));
  it('folds blocks, comments and imports', async () => {
    const { source, text } = await marked(
      'import "a"\nimport "b"\n// x\n// y\nscenario "a" {\n  process p\n  p {\n    a()\n    b()\n  }\n}\n',
    );
    expect(folds(source, new LineMap(text)).map(({ start, end, kind }) => `${start}-${end} ${kind ?? 'block'}`)).toEqual([
      '1-2 imports',
      '3-4 comment',
      '5-10 block',
      '7-9 block',
    ]);
  });
  it('moves breakpoints from declarations and comments to the next statement', async () => {
    const text = '\nscenario "a" {\n  process p\n  // note\n  p: a()\n  for i in 0..3 {\n\n    p: b()\n  }\n}\n';
    const { source } = await marked(text);
    const lines = new LineMap(text);
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map((line) => breakpointLine(source.file, lines, line))).toEqual([
      undefined,
      5,
      5,
      5,
      5,
      6,
      8,
      8,
      undefined,
    ]);
  });
});

describe('editing', () => {
  it('fixes what it suggests', async () => {
    const { program, text } = await inScenario('p: x = opn("/a", O_RDNLY)');
    const fixes = checkProgram(program).flatMap(fixesFor);
    expect(fixes.map(({ start, end, text: to }) => `${text.slice(start, end)} → ${to}`)).toEqual(['opn → open', 'O_RDNLY → O_RDONLY']);
  });
  it.each([
    ['expect q.bu<|>f == 1', 'q.buf'],
    ['expect file("/a").page[3].refc<|>ount == 1', 'file("/a").page[3].refcount'],
    ['expect p.pt<|>e[addr].pfn == 1', 'p.pte[addr]'],
    ['p: x = op<|>en("/a", O_RDONLY)', undefined],
    ['// com<|>ment', undefined],
  ])('evaluates in %s: %s', async (line, expected) => {
    const { source, text, offset } = await inScenario(line);
    const found = evaluatable(source, offset);
    expect(found && text.slice(found.start, found.end)).toBe(expected);
  });
});
