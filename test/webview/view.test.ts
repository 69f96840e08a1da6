import { describe, expect, it } from 'vitest';
import type { Want } from '../../webview/protocol';
import { run, start } from '../runtime/running';
import { after, plain, section, viewed } from './viewed';

/** The lines as a run of a small scenario, its state behind statement `position`: the section of the text view below `heading`. */
function check(lines: string, position: number, heading: string, expected: string, want: Partial<Want> = {}): void {
  expect(section(viewed(after(run(lines), position), want), heading)).toBe(plain(expected));
}

const FORK = `
p: m = mmap(NULL, 3 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
p: store(m, "A" * 2 pages)
p: fork() as child
child: store(m, "Q")
p: store(m, "P")
child: exit(0)
p: munmap(m, 3 pages)`;

describe('what a step changed', () => {
  it('a mapping', () => check(FORK, 1, 'What the last', 'added: p, VMA 0x7ffff7ffc000–0x7ffff7fff000 rw-p [anon]'));

  it('a first touch: PTEs, frames and page tables', () =>
    check(
      FORK,
      2,
      'What the last',
      `added: p, PTE 0x7ffff7ffc000–0x7ffff7ffe000 (2 pages): frame none→1, P 0→1, W 0→1, A 0→1, D 0→1, S 0→1, X 0→1
       added: frames 1–2: free→anon, mapcount 0→1, refcount 0→1, uptodate 0→1, anon-exclusive 0→1, content none→"AAAA"
       added: frames 16377–16379: free→table, refcount 0→1`,
    ));

  it('a fork: both PTEs read-only, the frames shared', () =>
    check(
      FORK,
      3,
      'What the last',
      `added: process child
       added: child, VMA 0x7ffff7ffc000–0x7ffff7fff000 rw-p [anon]
       modified: p, PTE 0x7ffff7ffc000–0x7ffff7ffe000 (2 pages): W 1→0, X 1→0
       added: child, PTE 0x7ffff7ffc000–0x7ffff7ffe000 (2 pages): frame none→1, P 0→1, D 0→1, S 0→1
       modified: frames 1–2: mapcount 1→2, refcount 1→2, anon-exclusive 1→0
       added: frames 16373–16376: free→table, refcount 0→1`,
    ));

  it('poisoned memory', () =>
    check(
      `p: m = mmap(NULL, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
       p: u = userfaultfd(0)
       p: uffd_api(u, 0)
       p: uffd_register(u, m, 2 pages, UFFDIO_REGISTER_MODE_MISSING)
       p: uffd_poison(u, m, 2 pages)`,
      5,
      'What the last',
      `added: p, PTE 0x7ffff7ffb000–0x7ffff7ffd000 (2 pages): B 0→1
       added: frames 16377–16379: free→table, refcount 0→1`,
    ));

  it('a copy on write: another frame for the writer, one reference less to the old one', () =>
    check(
      FORK,
      4,
      'What the last',
      `modified: child, PTE 0x7ffff7ffc000: frame 1→3, W 0→1, A 0→1, X 0→1
       modified: frame 1: mapcount 2→1, refcount 2→1
       added: frame 3: free→anon, mapcount 0→1, refcount 0→1, uptodate 0→1, anon-exclusive 0→1, content none→"QAAA"`,
    ));

  it('a reuse', () =>
    check(
      FORK,
      5,
      'What the last',
      `modified: p, PTE 0x7ffff7ffc000: W 0→1, X 0→1
       modified: frame 1: anon-exclusive 0→1, content "AAAA"→"PAAA"`,
    ));

  it('pages that went to swap, with their slots', () =>
    check(
      `machine { swap = 1M }
process p
p: m = mmap(NULL, 3 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
p: store(m, "A" * 2 pages)
p: madvise(m, 2 pages, MADV_PAGEOUT)`,
      3,
      'What the last',
      `modified: p, PTE 0x7ffff7ffc000: frame 1→none, slot none→1, P 1→0, W 1→0, A 1→0, D 1→0, O 0→1
       modified: p, PTE 0x7ffff7ffd000: frame 2→none, slot none→2, P 1→0, W 1→0, A 1→0, D 1→0, O 0→1
       gone: frames 1–2: anon→free, mapcount 1→0, refcount 1→0, uptodate 1→0, anon-exclusive 1→0, content "AAAA"→none`,
    ));

  it('nothing, where nothing was done', () => check('p: fa = open("/data/a", O_RDONLY)\nexpect p.fa == 3', 2, 'What the last', 'Nothing.'));

  it('is cut with a number, never silently', () => {
    const { changes } = viewed(after(run(FORK), 3), { changes: 2 });
    expect([changes.rows.length, changes.total]).toEqual([2, 6]);
  });
});

describe('who points at a frame', () => {
  it('the frame that the step was about, when none is asked for', () =>
    check(
      FORK,
      3,
      'Frame',
      `mapcount = 2 (was 1), refcount = 2 (was 1)
       p 0x7ffff7ffc000 P-ADS----- [modified: PWADS-X---→P-ADS-----]
       child 0x7ffff7ffc000 P--DS----- [added]
       the same bytes are in frame 2
       flags: uptodate lru swapbacked anon
       content: "A" * 4096`,
    ));

  it('the frame that is asked for, with the PTE that has just gone as a ghost', () =>
    check(
      FORK,
      4,
      'Frame 1',
      `mapcount = 1 (was 2), refcount = 1 (was 2)
       p 0x7ffff7ffc000 P-ADS-----
       child 0x7ffff7ffc000 P--DS----- (gone) [gone]
       the same bytes are in frame 2
       flags: uptodate lru swapbacked anon
       content: "A" * 4096`,
      { frame: 1 },
    ));

  it('a page of a file: the page cache and the PTEs of all who map it', () =>
    check(
      `p: fa = open("/data/a", O_RDONLY)
       p: m = mmap(NULL, 4 pages, PROT_READ, MAP_SHARED, fa, 0)
       p: load(m, 1)
       q: fa = open("/data/a", O_RDONLY)
       q: m = mmap(NULL, 4 pages, PROT_READ, MAP_PRIVATE, fa, 0)
       q: load(m, 1)`,
      6,
      'Frame',
      `mapcount = 2 (was 1), refcount = 3 (was 2)
       page cache of /data/a, index 0
       p 0x7ffff7ffb000 P-A-------
       q 0x7ffff7ffb000 P-A------- [added]
       flags: uptodate lru
       content: "A" * 4096`,
    ));

  it('a page table: whose', () =>
    check(FORK, 2, 'Frame 16379', 'mapcount = 0, refcount = 1 (was 0)\npage tables of p [added]\nflags: none\ncontent: zeros(4096)', {
      frame: 16379,
    }));

  it('lists at most as many as are wanted, and says how many there are', () => {
    const state = viewed(after(run(FORK), 3), { holders: 1 });
    expect([state.focus?.holders.rows.length, state.focus?.holders.total]).toEqual([1, 2]);
  });
});

describe('files', () => {
  const READ = 'p: fa = open("/data/a", O_RDWR)\np: pread(fa, 2 pages, 4096)\np: pwrite(fa, "x", 4096)\np: fsync(fa)';
  it('the pages that are cached, their flags, and where the file lies', () =>
    check(
      READ,
      2,
      '/data/a',
      `size 16 kB, cached 8 kB, dirty 0 kB
       on disk, pages 0 … 3: blocks 0 … 3
       page 0, not present
       page 1, frame 1, page cache, uptodate
       page 2, frame 2, page cache, uptodate
       page 3, not present`,
    ));
  it('a page that a write made dirty, and that is clean after fsync', () => {
    const flags = (position: number) => viewed(after(run(READ), position)).files.rows[0]?.band?.cells[1];
    expect(flags(3)).toMatchObject({ flags: 'UD-', mark: 'M', changes: [{ name: 'D', from: '0', to: '1' }] });
    expect(flags(4)).toMatchObject({ flags: 'U--', mark: 'M', changes: [{ name: 'D', from: '1', to: '0' }] });
  });
});

describe('ghosts', () => {
  it('an unmapped area stays for the stop after it, its PTEs crossed out', () =>
    check(
      FORK,
      7,
      'p, pid 1',
      `rss 0 kB, pss 0 kB, page_tables 0 kB, minflt 3, majflt 0
       VMA 0x7ffff7ffc000–0x7ffff7fff000 rw-p [anon], gone [gone]
       0x7ffff7ffc000, gone, frame 1, anonymous, mapcount 1, present, writable, accessed, dirty, soft-dirty, anon-exclusive
       0x7ffff7ffd000, gone, frame 2, anonymous, mapcount 1, present, accessed, dirty, soft-dirty
       0x7ffff7ffe000, not present`,
    ));
  it('a process that ended', () => {
    const rows = viewed(after(run(FORK), 6)).processes.rows;
    expect(rows.find(({ name }) => name === 'child')).toMatchObject({ ghost: true, mark: 'D' });
    expect(viewed(after(run(FORK), 7)).processes.rows.map(({ name }) => name)).not.toContain('child');
  });
  it('a freed frame shows what it was', () => {
    const cell = viewed(after(run(FORK), 6)).frames.cells.find(({ at }) => at === 3);
    expect(cell).toMatchObject({ kind: 'anon', ghost: true, mark: 'D' });
    expect(cell?.changes?.[0]).toEqual({ name: '', from: 'anon', to: 'free' });
  });
});

describe('a large machine', () => {
  const HUGE = `scenario "huge" {
    machine { memory = 2T }
    mount tmpfs at "/dev/shm"
    file "/dev/shm/r" { size = 300G }
    process db[40]
    db[*] {
      fd = open("/dev/shm/r", O_RDWR)
      m = mmap(NULL, 300G, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
    }
    db[*]: touch(m, 300G, PROT_READ | PROT_WRITE)
  }`;
  const huge = start(HUGE);
  while (huge.forward());

  it('shows frames as runs', () => {
    const texts = viewed(huge).frames.segments.map(({ text, count }) => text ?? `${count} slot by slot`);
    expect(texts.slice(0, 3)).toEqual(['1 slot by slot', '78,643,200 frames: shmem of /dev/shm/r', texts[2]]);
    expect(texts[2]).toMatch(/^[\d,]+ free frames$/);
  });
  it('shows PTEs as runs', () => {
    expect(viewed(huge).processes.rows[0]?.vmas?.rows[0]?.band?.segments[0]).toMatchObject({
      count: 78_643_200,
      consecutive: true,
      text: '78,643,200 pages → frames 1–78643200  PWADS-----',
      like: { mapcount: 40 },
    });
  });
  it('sends little: it grows with runs, not with pages', () => {
    expect(JSON.stringify(viewed(huge)).length).toBeLessThan(100_000);
  });
  it('tells all who share a frame by their number', () => {
    const { focus } = viewed(huge, { frame: 4711, holders: 3 });
    expect(focus).toMatchObject({ mapcount: 40, refcount: 41, holders: { total: 41 } });
  });
  it('shows only the processes whose name contains the filter', () => {
    expect(viewed(huge, { filter: 'db[3' }).processes.total).toBe(11);
  });
  it('sends the slots in view of a run that is laid out, and no others', () => {
    const bands = [{ id: 'frames', open: true, from: 100, count: 50 }];
    const { cells } = viewed(huge, { bands, minRun: 2 ** 40 }).frames;
    expect([cells[0]?.at, cells.length]).toEqual([100, 50]);
  });
});

describe('asking', () => {
  it('leaves the run where it stands, between statements and inside of them', () => {
    const started = run(FORK);
    for (const position of [0, 3, 7]) {
      after(started, position);
      const before = [started.position, started.machine.position()];
      viewed(started);
      expect([started.position, started.machine.position()]).toEqual(before);
    }
    after(started, 3);
    expect(started.into()).toBe(true);
    const inside = started.machine.position();
    expect(viewed(started).timeline).toMatchObject({ position: 3, micro: 0 });
    expect(started.machine.position()).toEqual(inside);
  });

  it('inside of a statement it is about the last micro-step', () => {
    const started = after(run(FORK), 3);
    started.into();
    const seen: string[] = [];
    for (let mark = started.position.mark; mark < started.entry(3)!.marks[1]; mark++) {
      started.moveTo({ entry: 3, mark });
      const state = viewed(started);
      if (state.changes.total > 0 && state.summary.sentence !== seen.at(-1)) seen.push(state.summary.sentence);
    }
    expect(seen.length).toBeGreaterThan(1);
    expect(viewed(started).timeline.micros).toBeGreaterThan(1);
  });

  it('tells the timeline: who did what, and where the run stands', () => {
    const { timeline, summary } = viewed(after(run(FORK), 4));
    expect(timeline).toMatchObject({ position: 4, length: 7, ended: true, lanes: ['p', 'child'] });
    expect(timeline.steps[3]).toEqual({ step: 4, who: 'child', text: 'store(m, "Q")' });
    expect(summary).toMatchObject({ scenario: 'test', design: 'baseline', statement: 'p: store(m, "P")', who: 'child' });
    expect(summary.sentence).toMatch(/^line \d+ did: .*wp_page_copy\)$/);
  });
});

const HOSTS = `scenario "two hosts" {
  host n2
  machine { memory = 4M }
  mount xfs at "/data"
  file "/data/a" { size = 2 pages; content = "A" }
  process p
  process q on n2
  p: fd = open("/data/a", O_RDONLY)
  p: read(fd, 1 page)
  q: fd = open("/data/a", O_RDONLY)
  q: read(fd, 2 pages)
}`;

describe('several hosts', () => {
  const at = (position: number) => {
    const two = start(HOSTS);
    two.finish();
    return viewed(after(two, position));
  };

  it('shows the host that did the last step slot by slot, of the others the numbers', () => {
    const files = (state: ReturnType<typeof at>) =>
      state.files.rows.map(
        ({ path, band, amounts }) => `${path} ${band ? 'pages' : 'numbers'} ${amounts.find(({ name }) => name === 'cached')?.value}`,
      );
    expect(files(at(2))).toEqual(['/data/a pages 4096', 'n2: /data/a numbers 0']);
    expect(files(at(4))).toEqual(['/data/a pages 8192', 'first host: /data/a numbers 4096']);
    expect(at(4).processes.rows.map(({ name }) => name)).toEqual(['first host: p', 'q']);
    expect(at(4).summary.scenario).toBe('two hosts · n2');
    expect(at(4).changes.rows.map(({ what }) => what)).toEqual(['/data/a, pages 0–1', 'frames 1–2']);
    expect(
      at(4)
        .sums.filter(({ name }) => /cached/.test(name))
        .map(({ name, value }) => `${name} ${value}`),
    ).toEqual(['memory.cached 4096', 'n2.memory.cached 8192']);
  });
});
