import { expect, test } from 'vitest';
import { outcome, start } from '../runtime/running';

/** When nobody is left whose end would free anything, the run ends and says so. What comes before that is in calls/exhausted.mmscn. */
test.each([
  {
    title: 'what a tmpfs holds belongs to nobody',
    text: `
    machine { memory = 64 pages }
    mount tmpfs at "/t" { size = 1G }
    process p, q
    q: a = mmap(NULL, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
    q: touch(a, 4 pages, PROT_WRITE)
    p: fd = open("/t/f", O_RDWR | O_CREAT)
    p: write(fd, "A" * 50 pages)
    p: write(fd, "A" * 50 pages)`,
    ended: 'out-of-memory: all 64 frames of memory are in use, and killing a process would free nothing',
  },
  {
    title: 'dirty pages of files are not written by reclaim',
    text: `
    machine { memory = 32 pages }
    mount xfs at "/x"
    process p
    p: fd = open("/x/f", O_RDWR | O_CREAT)
    p: write(fd, "A" * 50 pages)`,
    ended:
      'out-of-memory: all 32 frames of memory are in use, and killing a process would free nothing; pages of files that are dirty: 31, which `kernel: writeback()` writes, so that they can be reclaimed',
  },
  {
    title: 'a group full of what a tmpfs holds',
    text: `
    machine { memory = 64M }
    mount tmpfs at "/t"
    cgroup "/a" { limit = 32 pages }
    process p in "/a"
    p: fd = open("/t/f", O_RDWR | O_CREAT)
    p: write(fd, "A" * 50 pages)`,
    ended: 'out-of-memory: cgroup /a is at its limit of 32 pages, and killing a process would free nothing',
  },
  {
    title: 'a machine of one page',
    text: `
    machine { memory = 1 page }
    process p
    p: a = mmap(NULL, 1 page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
    p: touch(a, 1 page, PROT_WRITE)`,
    ended: 'out-of-memory: all 1 frames of memory are in use, and killing a process would free nothing',
  },
])('$title', ({ text, ended }) => {
  const run = start(`scenario "test" {\n${text}\n}`);
  run.finish();
  expect(outcome(run)).toBe(ended);
  expect(run.machine.audit()).toEqual([]);
});
