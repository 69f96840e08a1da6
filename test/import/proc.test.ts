import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addPages, noPages, type Pages } from '../../language/import/proc/pagemap';
import { readProcess, type ProcFiles, type RunningProcess } from '../../language/import/proc/process';
import { importProcesses } from '../../language/import/proc/scenario';
import { readSmaps } from '../../language/import/proc/smaps';
import { format } from '../../language/syntax/print';
import { wrong } from './importing';
import { runs } from '../simulator/runs';

/**
 * A process as text: its head `PID of PARENT NAME`, then its mappings as in /proc/PID/maps, beneath each its pages. A page is `f` with a frame
 * (of a file), `a` with a frame (anonymous), `-` (none) or `s` (swapped); without a frame `f` and `a` are mapped exclusively, `f=` and `a=` not.
 */
function processes(text: string): RunningProcess[] {
  return text
    .trim()
    .split(/\n(?=\d+ of )/)
    .map((part) => {
      const [head, ...lines] = part.split('\n');
      const [, pid, parent, name] = /^(\d+) of (\d+) (\S+)/.exec(head!)!;
      const maps = lines.filter((line) => /^\S/.test(line));
      const pages = new Map<number, Pages>();
      lines.forEach((line, i) => {
        if (/^\s+pages/.test(line)) pages.set(readSmaps(lines[i - 1]!)[0]!.start, decoded(line.trim().split(/\s+/).slice(1)));
      });
      const files: ProcFiles = {
        pid: Number(pid),
        stat: `${pid} (${name}) S ${parent} 1 1`,
        smaps: maps.filter((line) => !line.startsWith('fd')).join('\n'),
        ...(!part.includes('no pagemap') && { pages }),
        descriptors: maps.flatMap((line) => {
          const [, fd, path, flags, pos] = /^fd (\d+) (\S+) (\d+) (\d+)/.exec(line) ?? [];
          return fd === undefined ? [] : [{ fd: Number(fd), path: path!, file: '08:01:7', info: `pos:\t${pos}\nflags:\t${flags}\n` }];
        }),
      };
      return readProcess(files)!;
    });
}

/** As the kernel writes pagemap: 8 bytes a page. */
function decoded(pages: readonly string[]): Pages {
  const bytes = new Uint8Array(pages.length * 8);
  const view = new DataView(bytes.buffer);
  pages.forEach((page, i) => {
    const frame = /\d+/.exec(page)?.[0];
    const exclusive = frame === undefined && !page.endsWith('=');
    const bits = { f: 0xa0000000, a: 0x80000000, s: 0x40000000, '-': 0 }[page[0]!]! + (exclusive ? 0x01000000 : 0);
    view.setUint32(8 * i + 4, bits, true);
    view.setUint32(8 * i, Number(frame ?? 0), true);
  });
  const table = noPages();
  addPages(table, bytes, 0);
  return table;
}

function check(text: string, expected: string, facts: readonly [string, { size: number; content?: string }][] = [], then = ''): string {
  const lines = [...importProcesses(processes(text), new Map(facts), { filesystem: 'xfs' }).text];
  const whole = lines.map((line) => `${line}\n`).join('');
  expect(
    lines
      .slice(lines.indexOf('') + 1, -1)
      .map((line) => line.replace(/^ {2}/, ''))
      .join('\n'),
  ).toBe(expected);
  expect(format(whole)).toBe(whole);
  expect(wrong(whole.replace(/}\n$/, `${then}\n}\n`))).toBe('');
  return whole;
}

const TWO = `7 of 1 a
00400000-00402000 r--p 00000000 08:01 5 /bin/a
  pages f1 f2
8 of 1 b
00400000-00402000 r--p 00000000 08:01 6 /bin/b
  pages f3 f4`;

describe('what processes hold', () => {
  test('files, copies of their pages, the heap, a descriptor', () => {
    const whole = check(
      `7 of 1 cat
00400000-00404000 r--p 00000000 08:01 5 /bin/cat
  pages f10 f11 - f13
00404000-00406000 rw-p 00003000 08:01 5 /bin/cat
  pages a20 f13
00406000-00407000 r--p 00004000 08:01 5 /bin/cat
  pages a21
01000000-01003000 rw-p 00000000 00:00 0 [heap]
  pages a22 - s
7ff000000000-7ff000001000 r-xp 00000000 00:00 0 [vdso]
  pages f1
7ff000002000-7ff000003000 rw-s 00000000 00:06 9 /dev/dri/card0
  pages f2
fd 3 /data/log 02001 100`,
      `// cat: cat, pid 7
cat: fd = open("/bin/cat", O_RDONLY)
cat: m_cat = mmap(0x400000, 4 pages, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0)
cat: mmap(m_cat + 4 pages, 2 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 3 pages)
cat: mmap(m_cat + 6 pages, 1 page, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 4 pages)
cat: close(fd)
cat: m_heap = mmap(0x1000000, 3 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
cat: touch(m_cat + 4 pages, 1 page, PROT_READ | PROT_WRITE)
cat: mprotect(m_cat + 6 pages, 1 page, PROT_READ | PROT_WRITE)
cat: touch(m_cat + 6 pages, 1 page, PROT_READ | PROT_WRITE)
cat: touch(m_heap, 1 page, PROT_READ | PROT_WRITE)
cat: touch(m_cat, 2 pages, PROT_READ)
cat: touch(m_cat + 3 pages, 1 page, PROT_READ)
cat: touch(m_cat + 5 pages, 1 page, PROT_READ)
cat: mprotect(m_cat + 6 pages, 1 page, PROT_READ)
cat: fd3 = open("/data/log", O_WRONLY | O_APPEND)
cat: lseek(fd3, 100, SEEK_SET)`,
      [
        ['08:01:5', { size: 20_000 }],
        ['08:01:7', { size: 500 }],
      ],
      'expect cat.rss == 7 pages; expect cat.rss_anon == 3 pages; expect cat.pte[cat.m_heap].writable',
    );
    expect(whole).toContain('file "/bin/cat" { content = random(20000, 1000001) }\n');
    expect(whole).toContain('1 × mappings of devices and other things that are no files\n');
  });

  const FORKED = `7 of 1 sh
01000000-01004000 rw-p 00000000 00:00 0 [heap]
  pages a20 a21 a30 -
02000000-02001000 rw-s 00000000 00:01 33 /dev/zero (deleted)
  pages f90
8 of 7 sh
01000000-01004000 rw-p 00000000 00:00 0 [heap]
  pages a20 a41 a22 a44
02000000-02001000 rw-s 00000000 00:01 33 /dev/zero (deleted)
  pages f90
9 of 7 sh
01000000-01004000 rw-p 00000000 00:00 0 [heap]
  pages a20 a21 a22 -
03000000-03001000 rw-p 00000000 00:00 0
  pages a50`;

  test('relatives share what has one frame; what the parent wrote since is written after the fork', () =>
    void check(
      FORKED,
      `// sh: sh, pid 7
sh: m_heap = mmap(0x1000000, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
sh: fd = open("/dev/shm/anonymous-33", O_RDWR)
sh: m_anonymous_33 = mmap(0x2000000, 1 page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0)
sh: close(fd)
sh: touch(m_heap, 3 pages, PROT_READ | PROT_WRITE)
sh: fork() as sh_2
sh: fork() as sh_3
// sh_2: sh, pid 8
sh_2: touch(m_heap + 1 page, 1 page, PROT_READ | PROT_WRITE)
sh_2: touch(m_heap + 3 pages, 1 page, PROT_READ | PROT_WRITE)
sh_2: touch(m_anonymous_33, 1 page, PROT_READ)
// sh_3: sh, pid 9
sh_3: munmap(m_anonymous_33, 1 page)
sh_3: m = mmap(0x3000000, 1 page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
sh_3: touch(m, 1 page, PROT_READ | PROT_WRITE)
sh: touch(m_heap + 2 pages, 1 page, PROT_READ | PROT_WRITE)
sh: touch(m_anonymous_33, 1 page, PROT_READ)`,
      [],
      `expect sh.rss == 4 pages
       expect sh_2.rss == 5 pages
       expect sh_3.rss == 4 pages
       expect sh.pss == page_size / 3 + page_size / 2 + page_size + page_size / 2
       expect sh_2.pss == page_size / 3 + page_size + page_size / 2 + page_size + page_size / 2
       expect sh.pte[sh.m_heap].pfn == sh_3.pte[sh_3.m_heap].pfn
       expect sh_2.pte[sh_2.m_heap + 2 pages].pfn == sh_3.pte[sh_3.m_heap + 2 pages].pfn`,
    ));

  test('siblings without their parent get one that stands in', () =>
    void check(
      FORKED.slice(FORKED.indexOf('8 of')),
      `// sh_parent stands in for a parent that was not asked for
sh_parent: m_heap = mmap(0x1000000, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
sh_parent: touch(m_heap, 1 page, PROT_READ | PROT_WRITE)
sh_parent: touch(m_heap + 2 pages, 1 page, PROT_READ | PROT_WRITE)
sh_parent: fork() as sh
sh_parent: fork() as sh_2
// sh: sh, pid 8
sh: fd = open("/dev/shm/anonymous-33", O_RDWR)
sh: m_anonymous_33 = mmap(0x2000000, 1 page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0)
sh: close(fd)
sh: touch(m_heap + 1 page, 1 page, PROT_READ | PROT_WRITE)
sh: touch(m_heap + 3 pages, 1 page, PROT_READ | PROT_WRITE)
sh: touch(m_anonymous_33, 1 page, PROT_READ)
// sh_2: sh, pid 9
sh_2: m = mmap(0x3000000, 1 page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
sh_2: touch(m_heap + 1 page, 1 page, PROT_READ | PROT_WRITE)
sh_2: touch(m, 1 page, PROT_READ | PROT_WRITE)
sh_parent: exit()`,
    ));

  test('for an ordinary user a page that is not exclusive is that of a relative', () =>
    void check(
      `7 of 1 sh
01000000-01003000 rw-p 00000000 00:00 0 [heap]
  pages a= a -
8 of 7 sh
01000000-01003000 rw-p 00000000 00:00 0 [heap]
  pages a= a a`,
      `// sh: sh, pid 7
sh: m_heap = mmap(0x1000000, 3 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
sh: touch(m_heap, 1 page, PROT_READ | PROT_WRITE)
sh: fork() as sh_2
// sh_2: sh, pid 8
sh_2: touch(m_heap + 1 page, 2 pages, PROT_READ | PROT_WRITE)
sh: touch(m_heap + 1 page, 1 page, PROT_READ | PROT_WRITE)`,
    ));

  test('without a pagemap smaps says how many', () => {
    const whole = check(
      `7 of 1 sh no pagemap
00400000-00404000 r--p 00000000 08:01 5 /bin/sh
Rss: 12 kB
Anonymous: 4 kB
Swap: 8 kB`,
      `// sh: sh, pid 7
sh: fd = open("/bin/sh", O_RDONLY)
sh: m_sh = mmap(0x400000, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0)
sh: close(fd)
sh: touch(m_sh, 1 page, PROT_READ | PROT_WRITE)
sh: touch(m_sh + 1 page, 2 pages, PROT_READ)
sh: mprotect(m_sh, 4 pages, PROT_READ)`,
    );
    expect(whole).toContain("// - of pid 7 pagemap can't be read");
    expect(whole).toContain('// - 8 kB are in swap');
  });

  test('two files of one name, and their bytes', () => {
    const whole = check(
      `7 of 1 a
00400000-00401000 r--p 00000000 08:01 5 /bin/a
  pages f1
8 of 1 a
00400000-00401000 r--p 00000000 08:02 5 /bin/a
  pages f2`,
      `// a: a, pid 7
a: fd = open("/bin/a", O_RDONLY)
a: m_a = mmap(0x400000, 1 page, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0)
a: close(fd)
a: touch(m_a, 1 page, PROT_READ)
// a_2: a, pid 8
a_2: fd = open("/other-2/bin/a", O_RDONLY)
a_2: m_a = mmap(0x400000, 1 page, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0)
a_2: close(fd)
a_2: touch(m_a, 1 page, PROT_READ)`,
      [
        ['08:01:5', { size: 100, content: 'x' }],
        ['08:02:5', { size: 100, content: 'x' }],
      ],
    );
    expect(whole).toContain(
      'file "/other-2/bin/a" { content = random(100, 1000001) } // another file that is called /bin/a, in another container or mount; the same bytes as /bin/a\n',
    );
    const two = processes(TWO);
    const facts = new Map([5, 6].map((inode) => [`08:01:${inode}`, { size: 8000, content: 'x' }]));
    const cloned = [...importProcesses(two, facts, { filesystem: 'xfs', reflink: true }).text].map((line) => `${line}\n`).join('');
    expect(cloned).toContain('  reflink "/bin/a" to "/bin/b" // the same bytes: that they share their blocks is asked for\n');
    const cached = (pages: number) => cloned.replace(/}\n$/, `expect memory.cached == ${pages} pages\n}\n`);
    expect(wrong(cached(4))).toBe('');
    expect(wrong(cached(2), 'extent_cache')).toBe('');
  });
});

test('whatever mappings, pages and relations there are, the scenario checks clean and runs', () => {
  const page = fc.constantFrom('-', 's', 'a', 'a=', 'f', 'f=', 'a1', 'a2', 'a3', 'f4', 'f5');
  const mapping = fc.record({
    gap: fc.nat(2),
    pages: fc.array(page, { minLength: 1, maxLength: 6 }),
    perms: fc.constantFrom('r--p', 'rw-p', 'r-xp', '---p', 'rw-s', 'r--s', '-w-p', '--xp'),
    offset: fc.nat(3),
    what: fc.constantFrom(
      '0',
      '0 [heap]',
      '0 [stack]',
      '5 /bin/a',
      '6 /bin/b',
      '7 /dev/zero (deleted)',
      '8 /memfd:x (deleted)',
      '9 /SYSV00000000 (deleted)',
      '3 /dev/x',
    ),
  });
  const process = fc.record({
    parent: fc.nat(4),
    name: fc.constantFrom('sh', 'file', '9p', 'ä(b'),
    mappings: fc.array(mapping, { maxLength: 5 }),
  });
  const hex = (value: number) => value.toString(16);
  const text = fc.array(process, { minLength: 1, maxLength: 4 }).map((all) =>
    all
      .map(({ parent, name, mappings }, pid) => {
        let at = 0x400000;
        const lines = mappings.map(({ gap, pages, perms, offset, what }) => {
          at += gap * 4096;
          const start = at;
          at += pages.length * 4096;
          return `${hex(start)}-${hex(at)} ${perms} ${hex(offset * 4096)} 08:01 ${what}\n  pages ${pages.join(' ')}`;
        });
        return [`${pid + 1} of ${parent} ${name}`, ...lines].join('\n');
      })
      .join('\n'),
  );
  fc.assert(
    fc.property(text, (all) => {
      const lines = [...importProcesses(processes(all), new Map([['08:01:5', { size: 9000 }]]), { filesystem: 'xfs' }).text];
      expect(wrong(lines.map((line) => `${line}\n`).join(''))).toBe('');
    }),
    { numRuns: runs(150) },
  );
}, 300_000);
