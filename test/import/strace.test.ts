import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { format } from '../../language/syntax/print';
import { importLog, steps, wrong } from './importing';

const FOLDER = path.join(import.meta.dirname, 'strace');
const logs = fs.readdirSync(FOLDER).filter((name) => name.endsWith('.log'));

describe('logs of real programs', () => {
  test.each(logs)('%s', async (name) => {
    const { text } = importLog(fs.readFileSync(path.join(FOLDER, name), 'utf8'), name);
    await expect(text).toMatchFileSnapshot(path.join(FOLDER, name.replace(/\.log$/, '.mmscn')));
    expect(format(text)).toBe(text);
    expect(wrong(text)).toBe('');
    expect(wrong(text, 'extent_cache')).toBe('');
  });

  test.each(logs)('%s, with all memory touched and with none', (name) => {
    const log = fs.readFileSync(path.join(FOLDER, name), 'utf8');
    for (const touch of ['all', 'none'] as const) expect(wrong(importLog(log, name, { touch }).text)).toBe('');
  });
});

test('the example of docs/import.md is what comes out', () => {
  const page = fs.readFileSync('docs/import.md', 'utf8');
  const [log, scenario] = ['', 'mmscn'].map((kind) => new RegExp(`^\`\`\`${kind}\n([^]*?)^\`\`\``, 'm').exec(page)![1]!);
  const { text } = importLog(log!, 'run.log');
  expect(text.slice(text.indexOf('scenario'))).toBe(scenario);
});

describe('single calls', () => {
  const check = (log: string, expected: string, options = {}) => {
    expect(steps(log, options)).toBe(expected);
    expect(wrong(importLog(log, 'test.log', options).text)).toBe('');
  };

  test('a file is read: its size is what fstat said', () => {
    const log = `openat(AT_FDCWD, "/data/a", O_RDONLY) = 3
newfstatat(3, "", {st_mode=S_IFREG|0644, st_size=10000, ...}, AT_EMPTY_PATH) = 0
read(3, "..."..., 4096) = 4096
read(3, "..."..., 8192) = 5904
read(3, "", 4096) = 0
close(3) = 0
`;
    check(
      log,
      `p0: fd3 = open("/data/a", O_RDONLY)
p0: read(fd3, 1 page)
p0: read(fd3, 5904)
p0: close(fd3)`,
    );
    expect(importLog(log).text).toContain('file "/data/a" { content = random(10000, 1000001) }\n');
  });

  test('the same work again is a loop, growing offsets too', () => {
    const reads = Array.from({ length: 100 }, (_, i) => `pread64(3, "", 8192, ${i * 8192}) = 8192\n`).join('');
    const writes = Array.from({ length: 3 }, () => 'write(4, "x", 512) = 512\nfsync(4) = 0\n').join('');
    check(
      `open("/a", O_RDONLY) = 3\nopen("/log", O_WRONLY|O_CREAT|O_APPEND, 0600) = 4\n${reads}${writes}`,
      `p0: fd3 = open("/a", O_RDONLY)
p0: fd4 = open("/log", O_WRONLY | O_CREAT | O_APPEND, 0600)
for i in 0..99 {
  p0: pread(fd3, 2 pages, i * 2 pages)
}
for i in 0..2 {
  p0: write(fd4, random(512, 1 + i))
  p0: fsync(fd4)
}`,
    );
  });

  test('flags of preadv2 and pwritev2 go along, but not RWF_NOWAIT, nor RWF_DONTCACHE to a filesystem that does not know it', () => {
    const log = `open("/a", O_RDWR|O_CREAT|O_EXCL, 0600) = 3
pwritev2(3, [{iov_base=""..., iov_len=512}], 1, 0, RWF_DSYNC|RWF_APPEND) = 512
pwritev2(3, [{iov_base=""..., iov_len=100}], 1, -1, RWF_DONTCACHE) = 100
preadv2(3, [{iov_base=""..., iov_len=512}], 1, 0, RWF_NOWAIT) = 512
preadv2(3, [{iov_base=""..., iov_len=512}], 1, -1, RWF_DONTCACHE|RWF_NOWAIT) = 412
preadv2(3, 0x7f0000000000, 1, 0, RWF_NOWAIT) = -1 EAGAIN (Resource temporarily unavailable)
`;
    const lines = (drop: string, position: string): string => `p0: fd3 = open("/a", O_RDWR | O_CREAT | O_EXCL, 0600)
p0: pwritev2(fd3, random(512, 1), 0, RWF_DSYNC | RWF_APPEND)
p0: ${drop}
p0: pread(fd3, 512, 0)
p0: ${position}`;
    check(log, lines('pwritev2(fd3, random(100, 2), -1, RWF_DONTCACHE)', 'preadv2(fd3, 412, -1, RWF_DONTCACHE)'));
    expect(steps(log, {}, 'btrfs')).toBe(lines('write(fd3, random(100, 2))', 'read(fd3, 412)'));
  });

  test('prefixes and times of every kind are read alike', () => {
    const line = 'mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000';
    const forms = [
      line,
      `7 ${line}`,
      `[pid     7] ${line}`,
      `7<sh> ${line}`,
      `[pid 7<sh>] ${line} <0.000012>`,
      `12:00:00 ${line}`,
      `7 12:00:00.123456 ${line}`,
      `[pid 7] 12:00:00.123456 ${line} <0.000012>`,
      `1700000000.123456 ${line}`,
      `     0.000123 ${line}`,
      `7 12:00:00 (+     0.000123) ${line}`,
      `7 [00007f1234567890] ${line}`,
    ];
    for (const form of forms)
      expect(steps(form), form).toMatch(/^p[07]: m = mmap\(NULL, 2 pages, PROT_READ \| PROT_WRITE, MAP_PRIVATE \| MAP_ANONYMOUS\)$/);
  });

  test('a call that others interrupt is put together, and one that is cut in two by a message', () => {
    check(
      `1 openat(AT_FDCWD</x>, "a b,c", O_RDONLY <unfinished ...>
2 openat(AT_FDCWD</x>, "d", O_RDONLY) = 3</x/d>
1 <... openat resumed>) = 3</x/a b,c>
1 clone(child_stack=NULL, flags=SIGCHLDstrace: Process 4 attached
, child_tidptr=0x7fc0dd20da10) = 4
[pid 4] read(3</x/a b,c>, ""..., 10) = 10
`,
      `p2: fd3 = open("/x/d", O_RDONLY)
p1: fd3 = open("/x/a b,c", O_RDONLY)
p1: fork() as p4
p4: read(fd3, 10)`,
    );
  });

  test('a child that runs before its fork is over in the log', () => {
    check(
      `1 vfork( <unfinished ...>
2 execve("/bin/a", ["a"], 0x1 /* 1 var */ <unfinished ...>
1 <... vfork resumed>) = 2
1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000001000
2 <... execve resumed>) = 0
2 exit_group(3) = ?
2 +++ exited with 3 +++
`,
      `p1: vfork() as a
a: execve("/bin/a")
a: touch(0x400000, 16 pages, PROT_READ)
p1: m = mmap(NULL, 1 page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS)
a: exit(3)`,
    );
  });

  test('parts of mappings are named by the mapping that they are in', () => {
    check(
      `1 mmap(NULL, 16384, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, 0) = 0x7f0000000000
1 mmap(0x7f0000008000, 16384, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000004000
1 mprotect(0x7f0000001000, 16384, PROT_READ|PROT_WRITE) = 0
1 munmap(0x7f0000003000, 12288) = 0
1 mremap(0x7f0000000000, 4096, 8192, MREMAP_MAYMOVE) = 0x7f0000010000
1 madvise(0x7f0000010000, 8192, MADV_DONTNEED) = 0
1 mprotect(0x55aa00000000, 4096, PROT_READ) = 0
`,
      `p1: m = mmap(NULL, 4 pages, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)
p1: m_2 = mmap(NULL, 4 pages, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS)
p1: mprotect(m + 1 page, 3 pages, PROT_READ | PROT_WRITE)
p1: mprotect(m_2, 1 page, PROT_READ | PROT_WRITE)
p1: munmap(m + 3 pages, 1 page)
p1: munmap(m_2, 2 pages)
p1: m_3 = mremap(m, 1 page, 2 pages, MREMAP_MAYMOVE)
p1: madvise(m_3, 2 pages, MADV_DONTNEED)`,
    );
  });

  test('descriptors are copied, inherited, closed by execve', () => {
    check(
      `1 openat(AT_FDCWD, "/a", O_RDWR|O_CREAT|O_TRUNC, 0644) = 3
1 dup2(3, 1) = 1
1 fcntl(3, F_SETFD, FD_CLOEXEC) = 0
1 fork() = 2
2 write(1, "x", 5) = 5
2 execve("/bin/b", ["b"], 0x1 /* 0 vars */) = 0
2 write(1, "x", 6) = 6
2 write(3, "x", 7) = 7
2 +++ killed by SIGKILL +++
1 lseek(3, 0, SEEK_END) = 11
1 rename("/a", "/c") = 0
1 unlink("/c") = 0
`,
      `p1: fd3 = open("/a", O_RDWR | O_CREAT | O_TRUNC, 0644)
p1: fd1 = dup(fd3)
p1: fork() as b
b: write(fd1, random(5, 1))
b: close(fd3)
b: execve("/bin/b")
b: touch(0x400000, 16 pages, PROT_READ)
b: write(fd1, random(6, 2))
// killed by SIGKILL
b: exit()
p1: rename("/a", "/c")
p1: unlink("/c")`,
    );
  });

  test.each(['>(deleted)', ' (deleted)>'])('files without a name, as strace writes them: </x%s', (gone) => {
    check(
      `1 openat(AT_FDCWD</tmp>, "/tmp/x", O_RDWR|O_CREAT|O_CLOEXEC, 0777) = 3</tmp/x>
1 unlink("/tmp/x") = 0
1 write(3</tmp/x${gone}, "abc"..., 6000) = 6000
1 newfstatat(3</tmp/x${gone}, "", {st_mode=S_IFREG|0755, st_size=6000, ...}, AT_EMPTY_PATH) = 0
1 fcntl(3</tmp/x${gone}, F_DUPFD_CLOEXEC, 0) = 4</tmp/x${gone}
1 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 3</tmp/x${gone}, 0) = 0x7fe663b52000
1 pread64(4</tmp/x${gone}, "abc"..., 100, 0) = 100
1 ftruncate(3</tmp/x${gone}, 8192) = 0
1 close(3</tmp/x${gone}) = 0
1 memfd_create("x", 0) = 3</memfd:x${gone}
1 ftruncate(3</memfd:x${gone}, 65536) = 0
1 mmap(NULL, 65536, PROT_READ|PROT_WRITE, MAP_SHARED, 3</memfd:x${gone}, 0) = 0x7f6826e16000
1 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f7087eb8a10) = 2
2 mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3</memfd:x${gone}, 0x1000) = 0x7f70880a3000
`,
      `p1: fd3 = open("/tmp/x", O_RDWR | O_CREAT | O_CLOEXEC, 0777)
p1: unlink("/tmp/x")
p1: write(fd3, random(6000, 1))
p1: fd4 = dup(fd3)
p1: m_x = mmap(NULL, 1 page, PROT_READ | PROT_WRITE, MAP_SHARED, fd3, 0)
p1: touch(m_x, 1 page, PROT_READ)
p1: pread(fd4, 100, 0)
p1: ftruncate(fd3, 2 pages)
p1: close(fd3)
p1: fd3 = memfd_create("x", 0)
p1: ftruncate(fd3, 16 pages)
p1: m_memfd = mmap(NULL, 16 pages, PROT_READ | PROT_WRITE, MAP_SHARED, fd3, 0)
p1: touch(m_memfd, 16 pages, PROT_READ)
p1: fork() as p2
p2: m_memfd_2 = mmap(NULL, 1 page, PROT_READ, MAP_SHARED, fd3, 1 page)
p2: touch(m_memfd_2, 1 page, PROT_READ)`,
    );
  });

  test('O_TMPFILE, with what -y says and without', () => {
    const log = (open: string, of: string) => `1 openat(AT_FDCWD, "/srv/a", O_RDWR|O_TMPFILE, 0600) = ${open}
1 write(${of}, "x"..., 5000) = 5000
1 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, ${of}, 0) = 0x7f6827012000
1 ftruncate(${of}, 100) = 0
1 linkat(AT_FDCWD, "/proc/self/fd/3", AT_FDCWD, "/srv/b", AT_SYMLINK_FOLLOW) = 0
1 openat(AT_FDCWD, "/dev/shm", O_RDWR|O_EXCL|O_TMPFILE, 0600) = ${open.replace('3', '5').replace('srv/a', 'dev/shm')}
`;
    const came = `p1: fd3 = open("/srv/a", O_RDWR | O_TMPFILE, 0600)
p1: write(fd3, random(5000, 1))
p1: m_file = mmap(NULL, 2 pages, PROT_READ, MAP_PRIVATE, fd3, 0)
p1: touch(m_file, 2 pages, PROT_READ)
p1: ftruncate(fd3, 100)
p1: fd5 = open("/dev/shm", O_RDWR | O_EXCL | O_TMPFILE, 0600)`;
    check(log('3', '3'), came);
    for (const of of ['3</srv/a/#2320215>(deleted)', '3</srv/a/#2320215 (deleted)>']) check(log(of, of), came);
    const { text } = importLog(log('3', '3'));
    expect(text).toContain('  mount tmpfs at "/dev/shm"\n  directory "/dev"\n  directory "/srv/a"\n');
    expect(text).toContain('// - 1 × linkat of a descriptor: what is opened by that name later is a file of its own (first in line 5)\n');
  });

  test('shared memory segments, also one that was made before', () => {
    check(
      `1 shmget(IPC_PRIVATE, 56, IPC_CREAT|0600) = 7
1 shmat(7, NULL, 0) = 0x7f0000000000
2 shmat(7, NULL, SHM_RDONLY) = 0x7f0000100000
2 shmat(9, NULL, 0) = 0x7f0000200000
1 shmdt(0x7f0000000000) = 0
1 shmctl(7, IPC_RMID, NULL) = 0
`,
      `p1: shm7 = shmget(0x1007, 56, IPC_CREAT | 0600)
p1: m_shm7 = shmat(shm7)
p2: shm7 = shmget(0x1007, 56, IPC_CREAT | 0600)
p2: m_shm7 = shmat(shm7, NULL, SHM_RDONLY)
p2: shm9 = shmget(0x1009, 1 page, IPC_CREAT | 0600)
p2: m_shm9 = shmat(shm9)
p1: shmdt(m_shm7)
p1: shmctl(shm7, IPC_RMID)`,
    );
  });

  test('the working directory is what -y last said, for calls that do not say it, too', () => {
    check(
      `1 openat(AT_FDCWD</srv>, "x", O_RDWR|O_CREAT|O_TRUNC, 0600) = 3</srv/x>
1 openat(AT_FDCWD</srv/a>, "/etc/b", O_RDONLY) = 4</etc/b>
1 rename("/srv/x", "y") = 0
1 unlink("y") = 0
`,
      `p1: fd3 = open("/srv/x", O_RDWR | O_CREAT | O_TRUNC, 0600)
p1: fd4 = open("/etc/b", O_RDONLY)
p1: rename("/srv/x", "/srv/a/y")
p1: unlink("/srv/a/y")`,
    );
  });

  test('names that are no ASCII, and quotes in them', () => {
    check('open("/d/\\303\\244 \\"q\\" \\\\", O_RDONLY) = 3\n', 'p0: fd3 = open("/d/ä \\"q\\" \\\\", O_RDONLY)');
  });
});
