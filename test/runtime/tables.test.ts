import { describe, expect, it } from 'vitest';
import { Run } from '../../language/runtime/run';
import { outcome, program } from './running';

/** Every row of the tables of the language reference, run: `ok`, or the named error that says what is not simulated. */
function check(body: string, expected = 'ok', before = ''): void {
  it(`${body.trim().replaceAll('\n', '; ')}${expected === 'ok' ? '' : ` → ${expected}`}`, () => {
    const started = Run.start(program(`${before}\nscenario "row" {\n${body}\n}`));
    const came = started instanceof Run ? (started.finish(), outcome(started)) : `${started.error.code}: ${started.error.message}`;
    expect(came).toBe(expected);
  });
}

const disk = 'mount xfs at "/data"\nfile "/data/a" { size = 4 pages; content = "A" }\nprocess p\n';
const mapped = `${disk}p: fd = open("/data/a", O_RDWR)\np: m = mmap(NULL, 4 pages, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)\np: store(m, "x")\n`;

describe('declarations', () => {
  check('under baseline, extent_cache\nexpect memory.used == 0');
  check('machine { memory = 64M; swap = 0; readahead = 0; fault_around = 1 page; thp = never }\nexpect memory.total == 64M');
  check('host n2, n3\nprocess q on n2\nexpect q.alive && n2.memory.used == 1 page && memory.used == 0');
  check('mount xfs at "/data"\nmount tmpfs at "/tmp"\nexpect file("/data") != NULL');
  check('mount overlay at "/m"', 'setup-failed: an overlay needs a lower directory: mount overlay at … { lower = "/path" }');
  check('mount msharefs at "/m"\nexpect file("/m") != NULL');
  check(
    'mount xfs at "/data"\nfile "/data/a" { size = 3; content = "ab" }\nfile "/data/t" = "text"\nexpect file("/data/a").content == "aba" && file("/data/t").size == 4',
  );
  check('mount xfs at "/data"\nfile "/data/a" = "A"\nexpect file("/data/a").cached == 0 && disk.reads == 0');
  check(
    'mount tmpfs at "/tmp"\nfile "/tmp/a" { size = 2 pages; content = "A" }\nfile "/tmp/z" { size = 2 pages }\nexpect file("/tmp/a").dirty == 2 pages && file("/tmp/z").cached == 0',
  );
  check(
    'mount xfs at "/data"\ndirectory "/data/d" { mode = 0700; uid = 5 }\nexpect file("/data/d").mode == 0700 && file("/data/d").uid == 5',
  );
  check(
    `${disk}reflink "/data/a" to "/data/b"\nexpect file("/data/b").content == file("/data/a").content && file("/data/b").shared_extents == 1`,
  );
  check(`${disk}snapshot "/data/a" to "/data/b"`, 'setup-failed: xfs has no snapshots');
  check(
    `${disk}file "/data/b" { size = 4 pages; content = "A" }\ndedupe "/data/a", "/data/b"\nexpect file("/data/a").shared_extents == 1 && disk.used == 4 pages`,
  );
  check('process p, q\nprocess db[1500]\nprocess r { uid = 1000 }\nexpect db[1499].alive && p.rss == 0 && r.vmas == 0');
  check('cgroup "/db" { limit = 1G }\nprocess p in "/db"\nexpect cgroup("/db").limit == 1G && cgroup("/db").usage == 1 page');
  check('process p in "/none"', 'setup-failed: there is no cgroup /none: declare it with cgroup "/none" { … }');
  check('process q on n2', 'setup-failed: there is no host n2');
  check('param n = 1500\nexpect n == 1500 && m == 3', 'ok', 'param m = 3');
});

describe('observables', () => {
  check(
    `${mapped}expect p.pid == 1 && p.alive && p.rss == 1 page && p.pss == 1 page && p.rss_file == 1 page && p.rss_anon == 0 && p.rss_shmem == 0`,
  );
  check(`${mapped}expect p.minflt + p.majflt == 1 && p.page_tables == 3 pages && p.vmas == 1 && p.m != 0`);
  check(
    `${mapped}expect p.pte[p.m].present && p.pte[p.m].writable && p.pte[p.m].accessed && p.pte[p.m].dirty && !p.pte[p.m + 1 page].present`,
  );
  check(
    `${mapped}expect p.pte[p.m].page == file("/data/a").page[0] && p.pte[p.m].pfn == file("/data/a").page[0].pfn && !p.pte[p.m].uffd_wp`,
  );
  check(`${mapped}expect p.vma[p.m].start == p.m && p.vma[p.m].size == 4 pages && p.vma[0] == NULL`);
  check(`${mapped}expect file("/data/a").size == 4 pages && file("/data/a").cached == 1 page && file("/data/a").dirty == 1 page`);
  check(`${mapped}expect file("/data/a").extents == 1 && file("/data/a").nlink == 1 && file("/data/a").page[1] == NULL`);
  check(
    `${mapped}let page = file("/data/a").page[0]\nexpect frame[page.pfn] == page && page.mapcount == 1 && page.refcount == 2 && page.flags.dirty && page.flags.uptodate`,
  );
  check(
    `${mapped}let page = file("/data/a").page[0]\nexpect page.content == "x" + "A" * 4095 && page.mappings != [] && page.charged_to == ""`,
  );
  check(
    `${mapped}expect memory.cached == 1 page && memory.anon == 0 && memory.used + memory.free == memory.total && memory.page_tables == p.page_tables`,
  );
  check(`${mapped}expect disk.reads == 1 page && disk.writes == 0 && lru.active + lru.inactive == 1 page`);
  check('expect memory.ksm_shared == 0');
  check(`${mapped}expect events("handle_mm_fault") == 1 && faults.minor + faults.major == 1 && violations("I5") == 0`);
  check('expect stale_reads == 0');
  check('expect audit_sites == 0');
  check('expect design.hits == 0 && design.breaks == 0 && design.copies == 0 && design.invalidations == 0');
});

const SIMULATED = ['baseline', 'naive_pages', 'master_inode', 'reflink_pages', 'extent_cache', 'shared_folio', 'whole_file', 'inode_share'];

describe('designs', () => {
  for (const name of SIMULATED) check(`under ${name}\n${disk}p: read(open, 1)`, 'unbound-variable: p has not set `open`');
  check(
    `under mine\n${mapped}expect design.hits == 0`,
    'ok',
    'design mine = extent_cache { key = logical; reads = shared_only; flush = inode_evict }',
  );
  check('under mine\nexpect memory.cached == 0', 'ok', 'design mine = extent_cache { flush = last_close }');
});
