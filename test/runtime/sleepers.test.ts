import { expect, test } from 'vitest';
import { keep_locks } from '../../language/simulator/kernel/locks';
import { LockKind } from '../../language/simulator/kernel/sleep';
import { Content } from '../../language/simulator/state/content';
import type { Run } from '../../language/runtime/run';
import { everyOrder } from './orders';
import { inScenario, outcome, start } from './running';

const on = (filesystem: string, lines: string): string => inScenario(lines).replace('mount xfs at', `mount ${filesystem} at`);

const OPENED = ['p', 'q']
  .flatMap((who) => [
    `${who}: fd = open("/data/a", O_RDWR)`,
    `${who}: direct = open("/data/a", O_RDWR|O_DIRECT)`,
    `${who}: end = open("/data/a", O_WRONLY|O_APPEND)`,
    `${who}: m = mmap(0, 4 pages, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0)`,
  ])
  .join('\n');

const WARM = `${OPENED}\np: x = pread(fd, 4 pages, 0)`;
const DIRTY = `${WARM}\np: store(m, "B")`;

/** What `of` is after each order in which `first` begins. */
function results(filesystem: string, before: string, first: string, second: string, of: string): Set<string> {
  const lines = `${before}\nparallel { p { ${first} } q { ${second} } }\nq: z = pread(fd, 5 pages, 0)`;
  const ended = everyOrder((body) => on(filesystem, body), lines).filter((each) => each.choices[0]!.taken === 0);
  expect(new Set(ended.map(outcome))).toEqual(new Set(['ok']));
  return new Set(ended.map((each) => value(each, of)));
}

function value(ended: Run, text: string): string {
  const found = ended.evaluate(text);
  return found.value instanceof Content ? found.value.asText()! : String(found.value ?? found.error);
}

/** Runs until `who` sleeps or waits; gives the run and why. */
function asleep(filesystem: string, lines: string, who: 'p' | 'q'): { readonly run: Run; readonly why: string | undefined } {
  const run = start(on(filesystem, lines));
  const pid = (): number => Number(value(run, `${who}.pid`));
  while (run.waiting(pid()) === undefined && run.forward());
  return { run, why: run.waiting(pid())?.why };
}

const why = (filesystem: string, before: string, first: string, second: string, who: 'p' | 'q' = 'q'): string | undefined =>
  asleep(filesystem, `${before}\nparallel { p { ${first} } q { ${second} } }`, who).why;

test('whoever syncs a file sleeps while the disk writes', () => {
  for (const sync of ['fsync(fd)', 'fdatasync(fd)', 'msync(m, 1 pages, MS_SYNC)', 'sync_file_range(fd, 0, 0, 7)']) {
    const { run, why } = asleep('xfs', `${DIRTY}\nparallel { p { ${sync} } q { x = 1 } }`, 'p');
    expect([sync, why]).toEqual([sync, 'the page is under writeback until the disk has written it']);
    const page = 'file("/data/a").page[0].flags';
    expect(['writeback', 'dirty', 'waiters'].map((flag) => value(run, `${page}.${flag}`))).toEqual(['true', 'false', 'true']);
    expect(value(run, 'disk.writes')).toBe('4096');
    run.finish();
    expect([outcome(run), value(run, `${page}.writeback`)]).toEqual(['ok', 'false']);
  }
});

test('one that only starts writing goes on', () => {
  for (const flush of [
    'sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE)',
    'kernel: writeback()',
    'posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED)',
  ]) {
    const { run, why } = asleep('xfs', `${DIRTY}\nparallel { p { ${flush}; fsync(fd) } q { x = 1 } }`, 'p');
    expect(why).toBe('the page is under writeback until the disk has written it');
    expect(value(run, 'disk.writes')).toBe('4096');
  }
});

test('who writes back what is being written waits, and has nothing to write', () => {
  expect(results('xfs', DIRTY, 'fsync(fd)', 'fsync(fd)', 'disk.writes')).toEqual(new Set(['4096']));
  expect(why('xfs', DIRTY, 'fsync(fd)', 'fsync(fd)')).toBe('the page is under writeback until the disk has written it');
});

test('a store to a page that is being written makes it dirty again; with checksums it waits', () => {
  const stored = (filesystem: string): string | undefined => why(filesystem, DIRTY, 'fsync(fd)', 'store(m, "C")');
  expect([stored('xfs'), stored('ext4')]).toEqual([undefined, undefined]);
  expect(stored('btrfs')).toBe('the page is under writeback until the disk has written it');
  expect(why('btrfs', DIRTY, 'fsync(fd)', 'pwrite(fd, "C", 0)')).toBe(stored('btrfs'));
  for (const filesystem of ['xfs', 'ext4', 'btrfs']) {
    const dirty = results(filesystem, DIRTY, 'fsync(fd)', 'store(m, "C")', 'file("/data/a").dirty');
    expect([filesystem, ...dirty]).toEqual([filesystem, '4096']);
  }
});

test('a page that was dirty again when it was synced a second time is written twice', () => {
  const lines = results('xfs', DIRTY, 'fsync(fd)', 'store(m, "C"); fsync(fd)', 'disk.writes');
  expect(lines).toEqual(new Set(['8192']));
});

test('truncate waits for what is being written or read', () => {
  expect(why('ext4', DIRTY, 'fsync(fd)', 'ftruncate(fd, 0)')).toBe('the page is under writeback until the disk has written it');
  expect(why('ext4', OPENED, 'pread(fd, 1 pages, 0)', 'ftruncate(fd, 0)')).toBe('the page is locked until the disk has read it');
  expect(why('ext4', DIRTY, 'fsync(fd)', 'ftruncate(fd, 4096)')).toBe(undefined);
});

test('a write that has to read a page first keeps the inode to itself', () => {
  const held = (by: string): RegExp => new RegExp(`^i_rwsem of /data/a is held by process \\d+, which sleeps${by}$`);
  for (const filesystem of ['xfs', 'ext4', 'btrfs'])
    for (const second of ['pwrite(fd, "C", 8192)', 'ftruncate(fd, 0)', 'pread(direct, 4096, 8192)', 'pwrite(direct, "C" * 4096, 8192)'])
      expect(why(filesystem, OPENED, 'pwrite(fd, "B", 0)', second)).toMatch(held(''));
  const read = (filesystem: string): string | undefined =>
    why(filesystem, `${OPENED}\nq: pread(fd, 1 pages, 8192)`, 'pwrite(fd, "B", 0)', 'pread(fd, 1 pages, 8192)');
  expect(read('xfs')).toMatch(held(''));
  expect([read('ext4'), read('btrfs')]).toEqual([undefined, undefined]);
});

test('of a write in two pages a reader without the lock can see the half', () => {
  const seen = (filesystem: string): Set<string> =>
    results(filesystem, `${OPENED}\nq: pread(fd, 1 pages, 0)`, 'pwrite(fd, "B" * 10, 4091)', 'x = pread(fd, 10, 4091)', 'q.x');
  expect(seen('ext4')).toEqual(new Set(['BBBBBAAAAA', 'B'.repeat(10)]));
  expect(seen('xfs')).toEqual(new Set(['B'.repeat(10)]));
});

test('two who append do not write over each other', () => {
  const cold = `${OPENED}\np: ftruncate(fd, 10)\nkernel: writeback()\nkernel: drop_caches()`;
  const ends = results('ext4', cold, 'write(end, "B" * 5000)', 'write(end, "C" * 5000)', 'q.z == "A" * 10 + "B" * 5000 + "C" * 5000');
  expect(ends).toEqual(new Set(['true']));
});

test('direct I/O sleeps while the device works', () => {
  expect(why('xfs', OPENED, 'pread(direct, 4096, 0)', 'x = 1', 'p')).toBe('the device works on its buffer');
  expect(why('xfs', OPENED, 'pwrite(direct, "B" * 4096, 0)', 'x = 1', 'p')).toBe('the device works on its buffer');
  expect(why('xfs', DIRTY, 'pread(direct, 4096, 0)', 'x = 1', 'p')).toBe('the page is under writeback until the disk has written it');
});

test('direct I/O to whole blocks of the file shares the inode', () => {
  for (const filesystem of ['xfs', 'ext4']) {
    expect(why(filesystem, OPENED, 'pwrite(direct, "B" * 4096, 0)', 'pwrite(direct, "C" * 4096, 4096)')).toBe(
      'the device works on its buffer',
    );
    expect(why(filesystem, OPENED, 'pwrite(direct, "B" * 512, 0)', 'pwrite(direct, "C" * 4096, 4096)')).toMatch(/^i_rwsem/);
  }
  expect(results('xfs', OPENED, 'pwrite(direct, "B" * 4096, 0)', 'x = pread(fd, 1, 0)', 'q.x')).toEqual(new Set(['B']));
});

test('whoever faults pages in sleeps for them, and shares the read with others', () => {
  const each = [
    'mlock(m, 1 pages)',
    'pin(m, 1 pages, PROT_READ)',
    'madvise(m, 1 pages, MADV_POPULATE_READ)',
    'mmap(0, 1 pages, PROT_READ, MAP_SHARED|MAP_POPULATE, fd, 0)',
    'process_vm_readv(q.pid, m, 10)',
    'pwrite_from(end, m, 10, 0)',
  ];
  for (const call of each) {
    expect([call, why('ext4', OPENED, call, 'x = 1', 'p')]).toEqual([call, 'the page is locked until the disk has read it']);
    expect([call, ...results('ext4', OPENED, call, 'x = load(m, 1)', 'disk.reads')]).toEqual([call, String(4 * 4096)]);
  }
});

test('what only asks for pages waits for nothing', () => {
  for (const ask of ['posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED)', 'readahead(fd, 0, 1 pages)']) {
    expect(why('ext4', OPENED, ask, 'x = 1', 'p')).toBe(undefined);
    expect(why('ext4', OPENED, ask, 'x = load(m, 1)')).toBe('the page is locked until the disk has read it');
  }
  expect(why('ext4', OPENED, 'madvise(m, 1 pages, MADV_WILLNEED)', 'x = 1', 'p')).toBe(undefined);
  expect(why('ext4', OPENED, 'madvise(m, 1 pages, MADV_WILLNEED)', 'x = load(m, 1)')).toBe('the page is locked until the disk has read it');
});

test('sharing blocks waits for what is written of either file, with both locked', () => {
  const two = `${DIRTY}\np: to = open("/data/b", O_RDWR|O_CREAT)\nq: to = open("/data/b", O_RDWR)`;
  expect(why('xfs', two, 'ficlone(to, fd)', 'x = 1', 'p')).toBe('the page is under writeback until the disk has written it');
  expect(why('xfs', two, 'ficlone(to, fd)', 'pwrite(to, "C", 0)')).toMatch(/^i_rwsem of \/data\/b/);
  expect(results('xfs', two, 'ficlone(to, fd)', 'ficlone(fd, to)', 'len(q.z)')).toEqual(new Set([String(4 * 4096)]));
});

test('copy_file_range reads with one lock and writes with the other', () => {
  const two = `${OPENED}\np: to = open("/data/b", O_RDWR|O_CREAT)\nq: to = open("/data/b", O_RDWR)`;
  const lines = `${two}\nq: pwrite(to, "B" * 100, 0)\nkernel: writeback()\nkernel: drop_caches()`;
  const swapped = results('xfs', lines, 'copy_file_range(fd, 0, to, 0, 100)', 'copy_file_range(to, 0, fd, 0, 100)', 'q.z == "A" * 4 pages');
  expect(swapped).toEqual(new Set(['true', 'false']));
});

test('what a sleeping call has to do with a descriptor that is closed meanwhile is done', () => {
  const lines = 'p: fd = open("/data/a", O_RDWR)\np: clone() as t\nparallel { p { pwrite(fd, "B", 0) } t { close(fd) } }';
  const ended = everyOrder((body) => on('ext4', body), `${lines}\np: fd = open("/data/a", O_RDONLY)\np: x = pread(fd, 2, 0)`);
  const first = ended.filter((each) => each.choices[0]!.taken === 0);
  expect(new Set(first.map((each) => `${outcome(each)} ${value(each, 'p.x')}`))).toEqual(new Set(['ok BA']));
});

test('where the holder of a lock never wakes the run ends, and names who waits for what', () => {
  const run = start(on('ext4', `${OPENED}\nparallel { p { pwrite(fd, "B", 0) } q { ftruncate(fd, 0) } }`));
  while (!run.evaluate('q.m').value) run.forward();
  const { kernel } = run.machine;
  const holder = Number(value(run, 'db[0].pid'));
  keep_locks(kernel, holder, [{ kind: LockKind.i_rwsem, of: run.machine.file('/data/a')!.id, shared: false }]);
  run.finish();
  const lock = `i_rwsem of /data/a is held by process ${holder}, which sleeps`;
  const said = outcome(run);
  expect(said).toMatch(/^deadlock: every branch waits, and nobody is left to wake one: /);
  for (const call of ['p: pwrite(fd, "B", 0)', 'q: ftruncate(fd, 0)']) expect(said).toContain(`${call} (${lock})`);
});
