import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Content } from '../../language/simulator/state/content';
import type { Run } from '../../language/runtime/run';
import { everyOrder as every } from './orders';
import { inScenario, outcome, run, start } from './running';

const OPENED = 'p: fd = open("/data/a", O_RDWR)\nq: fd = open("/data/a", O_RDWR)\n';
const MAPPED = `${OPENED}p: m = mmap(0, 4 pages, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0)\nq: m = mmap(0, 4 pages, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0)\n`;
const PAGE = '"A" * 4096';

const everyOrder = (lines: string, scenario = inScenario): Run[] => every((body) => scenario(body), lines);

const on =
  (filesystem: string) =>
  (lines: string): string =>
    inScenario(lines).replace('mount xfs at', `mount ${filesystem} at`);

const value = (ended: Run, text: string): string => {
  const found = ended.evaluate(text);
  return found.value instanceof Content
    ? new TextDecoder().decode(found.value.bytes(0, found.value.length))
    : String(found.value ?? found.error);
};

test('two readers of one cold page: the disk reads once, and both get the data', () => {
  const lines = `${OPENED}parallel { p { x = pread(fd, 4096, 0) } q { x = pread(fd, 4096, 0) } }
     expect p.x == ${PAGE}\nexpect q.x == p.x\nexpect disk.reads == 1 pages\nexpect events("vfs_read") == 2
     expect events("filemap_add_folio") == 1\nexpect !file("/data/a").page[0].flags.locked`;
  const orders = everyOrder(lines);
  expect(orders.map(outcome)).toEqual(orders.map(() => 'ok'));
  expect(new Set(orders.map(({ steps }) => steps))).toEqual(new Set([4]));
});

test('whoever meets a page that is being read sleeps on its lock', () => {
  const ended = run(`${OPENED}parallel { p { x = pread(fd, 4096, 0) } q { x = pread(fd, 4096, 0) } }`);
  const asleep: string[] = [];
  while (ended.back());
  do {
    const page = 'file("/data/a").page[0].flags';
    asleep.push(['locked', 'uptodate', 'waiters'].filter((flag) => value(ended, `${page}.${flag}`) === 'true').join(' '));
  } while (ended.forward());
  expect(asleep).toEqual(['', '', '', '', 'locked waiters', 'locked waiters', 'uptodate', 'uptodate']);
});

test('a reader whose page is truncated away meanwhile finds nothing there, where reads take no lock', () => {
  const lines = `${OPENED}parallel { p { x = pread(fd, 4096, 0) } q { ftruncate(fd, 0) } }`;
  const ended = everyOrder(`${lines}\nexpect disk.reads <= 1 pages\nexpect file("/data/a").cached == 0`, on('ext4'));
  expect(ended.map(outcome)).toEqual(ended.map(() => 'ok'));
  const first = ended.filter((each) => each.choices[0]!.taken === 0);
  expect(new Set(first.map((each) => value(each, 'len(p.x)')))).toEqual(new Set(['0', '4096']));
});

test('a reader of xfs has the inode until it has read everything', () => {
  const lines = `${OPENED}parallel { p { x = pread(fd, 4096, 0) } q { ftruncate(fd, 0) } }`;
  const first = everyOrder(lines).filter((each) => each.choices[0]!.taken === 0);
  expect(new Set(first.map((each) => value(each, 'len(p.x)')))).toEqual(new Set(['4096']));
});

test('what has been read before a read sleeps is kept', () => {
  const seen = (meanwhile: string, of: string): Set<string> => {
    const lines = `${OPENED}q: pread(fd, 4096, 0)\nparallel { p { x = read(fd, 8192) } q { ${meanwhile} } }\np: y = read(fd, 1)`;
    return new Set(everyOrder(lines, on('ext4')).map((ended) => value(ended, of)));
  };
  expect(seen('pwrite(fd, "B" * 4096, 0)', 'p.x == "A" * 8192')).toEqual(new Set(['true', 'false']));
  expect(seen('pwrite(fd, "B" * 4096, 0)', 'p.x == "B" * 4096 + "A" * 4096 || p.x == "A" * 8192')).toEqual(new Set(['true']));
  expect(seen('ftruncate(fd, 4096)', 'len(p.x)')).toEqual(new Set(['4096', '8192']));
});

test('a copy of what is cut away while it is read copies nothing', () => {
  const lines = `${OPENED}parallel { p { n = copy_file_range(fd, 8192, fd, 4096, 100) } q { ftruncate(fd, 8192) } }`;
  expect(new Set(everyOrder(lines, on('ext4')).map((ended) => value(ended, 'p.n')))).toEqual(new Set(['0', '100']));
});

test('two faults on one page: one reads, both had to wait and are major', () => {
  const lines = `${MAPPED}parallel { p { x = load(m, 1) } q { x = load(m, 1) } }
     expect p.x == "A"\nexpect q.x == "A"\nexpect disk.reads == 1 pages\nexpect p.majflt == 1\nexpect q.majflt == 1
     expect events("filemap_fault") == 2\nexpect events("exc_page_fault") == 2\nexpect file("/data/a").page[0].mapcount == 2`;
  expect(outcome(run(lines))).toBe('ok');
});

test('a fault that comes when the page has been read is minor', () => {
  expect(
    outcome(
      run(
        `${MAPPED}parallel { p { x = load(m, 1); y = 1 } q { a = 1; b = 1; x = load(m, 1) } }\nexpect p.majflt == 1\nexpect q.majflt == 0`,
      ),
    ),
  ).toBe('ok');
});

test('a fault whose page is truncated away meanwhile raises SIGBUS', () => {
  const lines = `${MAPPED}parallel { p { expect p: load(m, 1) raises SIGBUS } q { ftruncate(fd, 0) } }`;
  const first = everyOrder(lines).filter((each) => each.choices[0]!.taken === 0);
  expect(new Set(first.map(outcome))).toEqual(new Set(['ok', 'p: load(m, 1) raises SIGBUS: success, not SIGBUS']));
});

test('a store that slept half way does not repeat what it has stored', () => {
  const lines = `${MAPPED}p: load(m, 1)\nparallel { p { store(m, "B" * 8192) } q { store(m, "C") } }\nq: x = load(m, 2)\nq: y = load(m + 4096, 1)`;
  const ended = run(`${lines}\nexpect q.x == "CB"\nexpect q.y == "B"`);
  expect(outcome(ended)).toBe('ok');
});

test('who reads at a position that another sleeps at waits for it', () => {
  const lines = `p: fd = open("/data/a", O_RDONLY)\np: fork() as c\nparallel { p { x = read(fd, 4096) } c { x = read(fd, 8192) } }
     expect len(p.x) + len(c.x) == 12288\np: y = read(fd, 8192)\nexpect len(p.y) == 4096`;
  const orders = everyOrder(lines);
  expect(orders.map(outcome)).toEqual(orders.map(() => 'ok'));
});

test('a process that sleeps in a call does no other', () => {
  const lines = `${OPENED}parallel { p { x = pread(fd, 4096, 0) } q { p: y = pread(fd, 4096, 4096) } }\nexpect disk.reads == 2 pages`;
  const orders = everyOrder(lines);
  expect(orders.map(outcome)).toEqual(orders.map(() => 'ok'));
});

test('the seed chooses who goes on first', () => {
  const lines = `${OPENED}p: order = 0\nparallel { p { x = pread(fd, 4096, 0); p: order = p.order * 2 + 1 } q { x = pread(fd, 4096, 0); p: order = p.order * 3 } }`;
  const results = new Set(Array.from({ length: 20 }, (_, seed) => value(run(lines, { seed }), 'p.order')));
  expect(results).toEqual(new Set(['1', '3']));
  expect(value(run(lines, { seed: 7 }), 'p.order')).toBe(value(run(lines, { seed: 7 }), 'p.order'));
});

test('a call that sleeps takes two turns: as many orders as ways to shuffle them', () => {
  const lines = (more: string): string => `${OPENED}parallel { p { x = pread(fd, 4096, 0) } q { ${more} } }`;
  expect(everyOrder(lines('y = 1')).length).toBe(3);
  expect(everyOrder(lines('x = pread(fd, 4096, 4096)')).length).toBe(6);
});

test('outside of parallel, and where several act in one line, nothing sleeps', () => {
  const ended = run(`${OPENED}p: x = pread(fd, 4096, 0)\nparallel { q { y = 1 } p { z = 2 } }`);
  expect([ended.steps, ended.length]).toEqual([3, 6]);
});

test('back and forth over a call that sleeps', () => {
  const ended = run(`${MAPPED}parallel { p { x = load(m, 4 pages) } q { ftruncate(fd, 8192); y = 1 } }`);
  const { length, steps, microsteps } = ended;
  const states = (): string[] => {
    const seen: string[] = [];
    while (ended.back());
    do seen.push(`${ended.steps} ${value(ended, 'memory.used')} ${value(ended, 'disk.reads')} ${value(ended, 'events("filemap_fault")')}`);
    while (ended.forward());
    return seen;
  };
  const first = states();
  expect(states()).toEqual(first);
  expect([ended.length, ended.steps, ended.microsteps]).toEqual([length, steps, microsteps]);
  for (let entry = 0; entry < length; entry++) {
    ended.moveTo(ended.before(entry));
    ended.into();
    expect(ended.location.stack.length).toBeGreaterThan(0);
  }
});

test('a line typed while a branch sleeps leaves it asleep', () => {
  const paused = start(inScenario(`${OPENED}parallel { p { x = pread(fd, 4096, 0) } q { y = 1 } }\nexpect p.x == ${PAGE}`));
  while (paused.length < 4) paused.forward();
  const asleep = paused.waiting(Number(value(paused, 'p.pid')));
  expect([asleep?.text, asleep?.why]).toEqual(['p: pread(fd, 4096, 0)', 'the page is locked until the disk has read it']);
  expect(paused.execute('p: pread(fd, 1, 0)').error).toBe('its process sleeps in another call');
  expect(paused.execute('q: z = pread(fd, 1, 0)').error).toBeUndefined();
  paused.finish();
  expect(outcome(paused)).toBe('ok');
});

const PAGES = fc.constantFrom({ page: 0, pages: 1 }, { page: 0, pages: 2 }, { page: 1, pages: 1 });
const TEXT = fc.record({ page: fc.nat(1), text: fc.constantFrom('X', 'Y', 'Z') });

const OPERATIONS = fc.oneof(
  PAGES.map(({ page, pages }) => `pread(fd, ${pages * 4096}, ${page * 4096})`),
  TEXT.map(({ page, text }) => `store(m + ${page * 4096}, "${text}")`),
  TEXT.map(({ page, text }) => `pwrite(fd, "${text}", ${page * 4096})`),
  TEXT.map(({ text }) => `pwrite(fd, "${text}" * 4100, 4090)`),
  TEXT.map(({ page, text }) => `pwrite(direct, "${text}" * 4096, ${page * 4096})`),
  PAGES.map(({ page, pages }) => `pread(direct, ${pages * 4096}, ${page * 4096})`),
  PAGES.map(({ page, pages }) => `msync(m + ${page * 4096}, ${pages} pages, MS_SYNC)`),
  PAGES.map(({ page, pages }) => `mlock(m + ${page * 4096}, ${pages} pages)`),
  PAGES.map(({ page, pages }) => `pin(m + ${page * 4096}, ${pages} pages, PROT_READ)`),
  PAGES.map(({ page, pages }) => `madvise(m + ${page * 4096}, ${pages} pages, MADV_POPULATE_WRITE)`),
  PAGES.map(({ page, pages }) => `mmap(0, ${pages} pages, PROT_READ, MAP_SHARED|MAP_POPULATE, fd, ${page * 4096})`),
  fc.nat(1).map((page) => `touch(m + ${page * 4096}, 1, PROT_READ)`),
  fc.nat(1).map((page) => `copy_file_range(fd, ${page * 4096 + 4096}, fd, ${page * 4096}, 100)`),
  fc.constantFrom('fsync(fd)', 'fdatasync(fd)', 'kernel: writeback()', 'sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE)'),
  fc.constantFrom('POSIX_FADV_DONTNEED', 'POSIX_FADV_WILLNEED').map((advice) => `posix_fadvise(fd, 0, 0, ${advice})`),
  fc.constantFrom('ftruncate(fd, 8192)', 'write(end, "E" * 10)', 'fallocate(fd, FALLOC_FL_PUNCH_HOLE|FALLOC_FL_KEEP_SIZE, 0, 4096)'),
);
const MACHINE = fc
  .record({
    filesystem: fc.constantFrom('xfs', 'ext4', 'btrfs'),
    readahead: fc.constantFrom('0', '4 pages', '32 pages'),
    around: fc.constantFrom(1, 16),
    memory: fc.constantFrom('64M', '11 pages'),
  })
  .map(
    ({ filesystem, readahead, around, memory }) =>
      `machine { memory = ${memory}; readahead = ${readahead}; fault_around = ${around} pages }\n  mount ${filesystem}`,
  );

/** A branch by a process; `alone`: its calls may sleep. One that an array does is done in one go. */
const branch = (who: string, operations: readonly string[], alone: boolean): string => {
  const lines = operations.map((each) => (alone || each.startsWith('kernel:') ? each : `${who}[*]: ${each}`));
  return `${who}[0] { ${lines.join('; ')} }`;
};

const START = ['p', 'q']
  .flatMap((who) => [
    `${who}[0]: fd = open("/data/a", O_RDWR)`,
    `${who}[0]: direct = open("/data/a", O_RDWR|O_DIRECT)`,
    `${who}[0]: end = open("/data/a", O_WRONLY|O_APPEND)`,
    `${who}[0]: m = mmap(0, 4 pages, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0)`,
  ])
  .join('\n');

test('whatever the order, files end as some order of whole calls leaves them', () => {
  const runs = Math.ceil(20 * Number(process.env['MMSCN_RUNS'] ?? 1));
  const operations = (most: number): fc.Arbitrary<string[]> => fc.array(OPERATIONS, { minLength: 1, maxLength: most });
  fc.assert(
    fc.property(operations(2), operations(1), MACHINE, (one, other, machine) => {
      const scenario = (body: string): string =>
        inScenario(body).replace('machine { memory = 64M }\n  mount xfs', machine).replace('process p, q', 'process p[1], q[1]');
      const lines = (alone: boolean): string =>
        `${START}\nparallel { ${branch('p', one, alone)} ${branch('q', other, alone)} }\np[0]: all = pread(fd, 5 pages, 0)`;
      const contents = (ended: Run): string => {
        const said = outcome(ended);
        if (/^(SIGKILL|dead-process|out-of-memory)/.test(said)) return 'out of memory';
        expect(said).toBe('ok');
        return value(ended, 'p[0].all');
      };
      const serial = new Set(everyOrder(lines(false), scenario).map(contents));
      for (const ended of everyOrder(lines(true), scenario)) expect(new Set([...serial, 'out of memory'])).toContain(contents(ended));
    }),
    { numRuns: runs },
  );
}, 120_000);
