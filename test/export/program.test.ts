import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cProgram } from '../../language/export/c/program';
import { traceScenario } from '../../language/export/trace';
import { program } from '../runtime/running';

const compiler = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;
const ANONYMOUS = 'MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)';

const SCENARIOS = {
  'one call': 'process p\n  p: pipe()',
  files: `mount xfs at "/x"
  mount ext4 at "/e"
  file "/x/a" { size = 4 pages; content = "A" }
  reflink "/x/a" to "/x/b"
  process p
  p: fd = open("/x/b", O_RDWR)
  p: pwrite(fd, "b", 0)
  p: fallocate(fd, 0, 0, 4 pages)
  p: stat("/x/a")
  kernel: writeback()`,
  'btrfs and overlay': `mount btrfs at "/b"
  directory "/b/s"
  file "/b/s/f" = "f"
  mount overlay at "/m" { lower = "/b/s"; upper = "/b/u" }
  process p
  p: snapshot("/b/s", "/b/t")
  p: fd = open("/m/f", O_RDONLY)
  p: v = read(fd, 1)`,
  erofs: 'mount erofs at "/i"\n  file "/i/f" = "f"\n  process p\n  p: fd = open("/i/f", O_RDONLY)',
  hugetlbfs: 'machine { hugetlb = 4M }\n  mount hugetlbfs at "/h"\n  process p\n  p: fd = open("/h/f", O_RDWR | O_CREAT)',
  'control groups and swap': 'machine { swap = 16M }\n  cgroup "/g" { limit = 16M }\n  process p in "/g"\n  p: pipe()\n  kernel: swapoff()',
  processes: `process p
  p: fork() as q
  p: clone() as t
  p: vfork() as v`,
  io_uring: `process p
  p: a = mmap(NULL, 4 pages, PROT_READ | PROT_WRITE, ${ANONYMOUS}
  p: pin(a, 4 pages)
  p: unpin(a, 4 pages)
  p: ring = io_uring_setup(4)`,
  userfaultfd: `process p
  p: a = mmap(NULL, 4 pages, PROT_READ | PROT_WRITE, ${ANONYMOUS}
  p: u = userfaultfd(O_NONBLOCK)
  p: uffd_api(u, 0)
  p: uffd_register(u, a, 4 pages, UFFDIO_REGISTER_MODE_MISSING)
  p: uffd_copy(u, a, "x" * 4096, 0)`,
  KSM: `process p
  p: a = mmap(NULL, 4 pages, PROT_READ | PROT_WRITE, ${ANONYMOUS}
  p: madvise(a, 4 pages, MADV_MERGEABLE)
  kernel: ksm_scan()`,
};

function source(body: string): string {
  const trace = traceScenario(program(`scenario "s" {\n  ${body}\n}`), { machine: { memory: 2n ** 26n } });
  if (!('steps' in trace)) throw new Error(trace.error);
  expect(trace.error).toBeUndefined();
  return cProgram(trace);
}

test.each(Object.entries(SCENARIOS))(
  'a program of %s compiles without a warning',
  (_name, body) => {
    if (!compiler) return;
    const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-pthread', '-fPIE', '-S', '-o', '/dev/null', '-x', 'c', '-'];
    expect(spawnSync('cc', flags, { input: source(body), encoding: 'utf8' }).stderr).toBe('');
  },
  30_000,
);

test('a program says why it cannot work in a directory', () => {
  if (!compiler) return;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mmscn-test-'));
  const file = path.join(folder, 'program');
  spawnSync('cc', ['-w', '-pthread', '-o', file, '-x', 'c', '-'], { input: source(SCENARIOS['one call']) });
  const said = (...given: string[]): string => spawnSync(file, given, { encoding: 'utf8' }).stderr;
  expect(said()).toMatch(/^usage: .* DIRECTORY/);
  expect(said(path.join(folder, 'none', 'a'))).toMatch(/none\/a: No such file or directory$/m);
  expect(said(file)).toMatch(/program: Not a directory$/m);
  fs.rmSync(folder, { recursive: true });
});
