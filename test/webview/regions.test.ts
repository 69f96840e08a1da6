import { describe, expect, it } from 'vitest';
import type { Run } from '../../language/runtime/run';
import { start } from '../runtime/running';
import { after, plain, section, viewed } from './viewed';

const REGION = `scenario "a region" {
  mount msharefs at "/sys/fs/mshare"
  process p, q, r
  p: fd = open("/sys/fs/mshare/db", O_RDWR | O_CREAT, 0600)
  p: m = mmap(0x10000000000, 512G, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0)
  p: touch(m, 2 pages, PROT_READ | PROT_WRITE)
  q: fd = open("/sys/fs/mshare/db", O_RDWR)
  q: m = mmap(p.m, 512G, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0)
  q: load(m, 1)
  q: store(m + 8192, "q")
  p: munmap(m, 512G)
}`;

function at(position: number): Run {
  const run = start(REGION);
  run.finish();
  return after(run, position);
}

const check = (position: number, heading: string, expected: string): void =>
  expect(section(viewed(at(position)), heading)).toBe(plain(expected));

describe('a region whose page tables are shared', () => {
  it('is one row among the address spaces, with those who map it', () => {
    const { processes } = viewed(at(6));
    const { name, detail, vmas } = processes.rows.at(-1)!;
    expect([name, detail]).toEqual(['host of /sys/fs/mshare/db', 'no task; mapped by p, q']);
    expect(vmas?.rows.map(({ backing }) => backing)).toEqual(['/dev/zero (deleted)']);
  });

  it('a process that maps it has a VMA, and no tables before its first touch', () => {
    const backing = (position: number): string | undefined => viewed(at(position)).processes.rows[1]!.vmas?.rows.at(-1)?.backing;
    expect(backing(5)).toBe('/sys/fs/mshare/db, a region: its tables are not linked');
    expect(backing(6)).toBe("/sys/fs/mshare/db, a region: the host's tables");
  });

  it('a first touch is linked; what others have touched is there already', () =>
    check(6, 'What the last', 'added: q, PGD entry for 0x10000000000: none→PUD table of the host of /sys/fs/mshare/db'));

  it('a step of one process changes what all of them see', () => {
    check(
      7,
      'What the last',
      `added: host of /sys/fs/mshare/db (for p, q), PTE 0x10000002000: frame none→3, P 0→1, W 0→1, A 0→1, D 0→1, S 0→1
       added: /dev/zero (deleted), page 2: frame none→3, U 0→1, D 0→1
       added: frame 3: free→shmem, mapcount 0→1, refcount 0→2, uptodate 0→1, D 0→1`,
    );
    expect(viewed(at(7)).processes.rows.at(-1)!.detail).toBe("no task; mapped by p, q; q's step changed what all 2 see");
  });

  it('both processes show the entries of the one table', () => {
    const { processes } = viewed(at(7));
    const frames = processes.rows.map(({ vmas }) =>
      vmas?.rows
        .at(-1)
        ?.band?.cells.map(({ pfn }) => pfn)
        .filter((pfn) => pfn !== null),
    );
    expect(frames).toEqual([[1, 2, 3], [1, 2, 3], undefined, [1, 2, 3]]);
  });

  it('a frame in it is mapped by the host', () =>
    expect(viewed(at(7)).focus?.holders.rows.map(({ text }) => text)).toEqual([
      'page cache of /dev/zero (deleted), index 2',
      'host of /sys/fs/mshare/db 0x10000002000 PWADS-----',
    ]));

  it('who unmaps it is linked to nothing any more', () =>
    check(
      8,
      'What the last',
      `gone: p, VMA 0x10000000000–0x18000000000 rw-s /sys/fs/mshare/db, a region: the host's tables
       gone: p, PGD entry for 0x10000000000: PUD table of the host of /sys/fs/mshare/db→none`,
    ));
});
