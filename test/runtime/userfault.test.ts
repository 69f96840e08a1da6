import { expect, test } from 'vitest';
import { everyOrder } from './orders';
import { inScenario, outcome, run } from './running';

const REGISTERED = `p: m = mmap(NULL, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  p: u = userfaultfd(0)
  p: uffd_api(u, 0)
  p: uffd_register(u, m, 4 pages, UFFDIO_REGISTER_MODE_MISSING)
  p: clone() as t
  p: clone() as s
`;

const inEveryOrder = (lines: string): string[] => everyOrder((body) => inScenario(body), `${REGISTERED}${lines}`).map(outcome);
const ending = (lines: string): string => outcome(run(`${REGISTERED}${lines}`));

test('whatever the order, each fault is told once, and the faulter finds what was copied', () => {
  const ended = inEveryOrder(`parallel { t { v = load(m, 1)
    store(m + 1 page, "t") } p { repeat 2 { msg = uffd_read(u)
    uffd_copy(u, msg.address, "c" * 1 page) } } }
    p: w = load(m, 2 pages)
    expect t.v == "c"
    expect p.w == "c" * 1 page + "t" + "c" * 4095
    expect events("handle_userfault") == 2 && events("userfaultfd_ctx_read") == 2
    expect t.minflt == 2 && t.majflt == 0 && p.rss_anon == 2 pages`);
  expect(ended.length).toBeGreaterThan(3);
  expect(new Set(ended)).toEqual(new Set(['ok']));
});

test('whatever the order, a page that is copied at any time is found by whoever comes', () => {
  const ended = inEveryOrder(`parallel { t { v = load(m, 1) } s { v = load(m, 1) } p { uffd_copy(u, m, "c" * 1 page) } }
    expect t.v == "c" && s.v == "c" && p.rss_anon == 1 page`);
  expect(new Set(ended)).toEqual(new Set(['ok']));
});

test('whatever the order, closing the descriptor lets everybody go on', () => {
  const ended = inEveryOrder(`parallel { t { v = load(m, 1) } s { store(m, "s") } p { close(u) } }
    expect p.vma[p.m].uffd_missing == false && p.pte[p.m].present`);
  expect(new Set(ended)).toEqual(new Set(['ok']));
});

test('a fault that nobody resolves ends the run with who waits for what', () => {
  expect(ending('parallel { t { load(m, 1) } p { x = 1 } }')).toMatch(
    /^deadlock: every branch waits, and nobody is left to wake one: t: load\(m, 1\) \(nobody has resolved the fault at 0x[0-9a-f]+ through the userfaultfd\)$/,
  );
  expect(ending('parallel { t { load(m, 1) } p { uffd_read(u)\nuffd_read(u) } }')).toMatch(
    /p: uffd_read\(u\) \(no fault waits that the userfaultfd has not told of yet\)/,
  );
});

test('outside of `parallel` a fault that would wait is an error that says so', () => {
  expect(ending('p: load(m, 1)')).toMatch(/^would-wait: .*the fault at 0x[0-9a-f]+ \(missing\) waits for whoever reads the userfaultfd/);
});

test('who is killed in a call in which it waits learns it from the call', () => {
  const killed = (call: string): string[] =>
    inEveryOrder(`p: ends = pipe()
      p: fork() as c
      parallel { c { expect c: ${call} raises SIGKILL } t { kill(c.pid, SIGKILL) } }
      expect c.alive == false`);
  for (const call of ['uffd_read(u)', 'read(ends.read, 1)']) {
    const ended = killed(call);
    expect(ended).toContain('ok');
    expect(new Set(ended.filter((each) => each !== 'ok'))).toEqual(new Set(['dead-process: c is dead: SIGKILL ended it']));
  }
});

test('a step that sleeps is undone and done again', () => {
  const ended = run(`${REGISTERED}parallel { t { v = load(m, 1) } p { msg = uffd_read(u)
    uffd_copy(u, m, "c" * 1 page) } }
    expect t.v == "c"`);
  expect(outcome(ended)).toBe('ok');
  const faults: string[] = [];
  while (ended.back()) faults.push(String(ended.evaluate('events("handle_userfault")').value));
  expect(new Set(faults)).toEqual(new Set(['1', '0']));
  while (ended.forward());
  expect(outcome(ended)).toBe('ok');
  expect(String(ended.evaluate('p.rss_anon == 1 page').value)).toBe('true');
});
