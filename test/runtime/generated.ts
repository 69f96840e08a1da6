import fc from 'fast-check';
import type { Run } from '../../language/runtime/run';
import type { Position } from '../../language/runtime/position';
import { digest } from '../../language/simulator/state/digest';

/** Scenarios made at random of what the machine can do: anonymous memory and files shared and private, fork and exit, copies on write, reflinks, writeback. */
export const scenarioText: fc.Arbitrary<string> = fc
  .record({ design: fc.constantFrom('baseline', 'extent_cache'), lines: fc.array(lineOf(), { minLength: 3, maxLength: 14 }) })
  .map(({ design, lines }) => {
    const numbered = lines.map((line, i) => line.replaceAll('NEW', `c${i}`));
    return `routine fill(fd, text) {
  n = pwrite(fd, text * 3 pages, 0)
  if n > 4 { again = pread(fd, 10, 0) }
  return n
}
scenario "generated" {
  under ${design}
  machine { memory = 8M }
  mount xfs at "/data"
  mount tmpfs at "/tmp"
  file "/data/a" { size = 6 pages; content = "A" }
  reflink "/data/a" to "/data/b"
  file "/tmp/t" { size = 3 pages; content = "t" }
  process p, q, db[3]
  p { a = open("/data/a", O_RDWR); b = open("/data/b", O_RDWR); t = open("/tmp/t", O_RDWR) }
  q { a = open("/data/b", O_RDWR); b = open("/data/a", O_RDWR); t = open("/tmp/t", O_RDWR) }
  p: m = mmap(NULL, 8 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  q: m = mmap(NULL, 6 pages, PROT_READ | PROT_WRITE, MAP_SHARED, b, 0)
  ${numbered.join('\n  ')}
}`;
  });

function lineOf(): fc.Arbitrary<string> {
  const who = fc.constantFrom('p', 'q');
  const page = fc.integer({ min: 0, max: 5 });
  const fd = fc.constantFrom('a', 'b', 't');
  const word = fc.constantFrom('x', 'yz', '\\0');
  return fc.oneof(
    fc.tuple(who, page, word).map(([p, i, w]) => `${p}: store(m + ${i} pages, "${w}")`),
    fc.tuple(who, page).map(([p, i]) => `${p}: v = load(m + ${i} pages, 10)`),
    fc.tuple(who, page).map(([p, n]) => `${p}: touch(m, ${n} pages + 1, PROT_READ | PROT_WRITE)`),
    fc.tuple(who, fd, page, word).map(([p, f, i, w]) => `${p}: pwrite(${f}, "${w}" * 2000, ${i} pages + 100)`),
    fc.tuple(who, fd, page).map(([p, f, i]) => `${p}: r = pread(${f}, 2 pages, ${i} pages)`),
    fc.tuple(who, fd).map(([p, f]) => `${p}: fsync(${f})`),
    fc.constant('kernel: writeback()'),
    fc.tuple(who, page).map(([p, i]) => `${p}: munmap(m + ${i} pages, 1 page)`),
    fc.tuple(who, page).map(([p, i]) => `${p}: fork() as NEW\n  NEW: store(m + ${i} pages, "c")\n  NEW: exit(0)`),
    fc.tuple(who, page).map(([p, i]) => `${p}: fork() as NEW\n  ${p}: store(m + ${i} pages, "c")\n  NEW: v = load(m + ${i} pages, 4)`),
    who.map((p) => `${p}: ficlone(a, b)`),
    fc.tuple(who, fd).map(([p, f]) => `${p}: n = fill(${f}, "fill")`),
    fc.constant('expect p.rss == 3 pages && disk.writes == 0'),
    fc.constant('expect p: open("/none", O_RDONLY) fails ENOENT'),
    fc.constant('db[*]: x = 1\n  db[*] { y = x + 1; f = open("/data/a", O_RDONLY) }'),
    page.map((n) => `for i in 0..${n} { q: w = pread(a, 100, i pages) }`),
    fc.constant('let NEW = p.rss\n  if NEW > 0 { p: z = NEW }'),
    fc.constant('parallel { p { s1 = 1; store(m, "1") } db[*] { s2 = 2 } }'),
  );
}

/** All that can be told about a run where it stands: the machine's state, the variables, and the place. */
export function picture(run: Run): string {
  const { location, steps, microsteps, position } = run;
  const stack = location.stack.map((frame) =>
    frame.kind === 'kernel' ? `${frame.name}@${frame.line}` : `${frame.name}:${frame.place.span.start}`,
  );
  return JSON.stringify([
    position,
    location.place.span,
    location.actor,
    location.sentence,
    stack,
    steps,
    microsteps,
    run.ended?.kind,
    run.expectations.length,
    [...run.locals()].map(([name, value]) => `${name}=${String(value)}`),
    digest(run.machine.journal),
  ]);
}

export function key({ entry, mark, held }: Position): string {
  return `${entry}/${mark}${held ? ' held' : ''}`;
}
