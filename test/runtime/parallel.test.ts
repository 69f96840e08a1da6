import { expect, test } from 'vitest';
import { explore, type Exploration } from '../../language/runtime/explore';
import { everyOrder } from './orders';
import { inScenario, outcome, program, run } from './running';

function explored(lines: string, limit = 1000): Exploration {
  const found = explore(program(inScenario(lines)), {}, limit);
  if ('error' in found) throw new Error(found.error);
  return found;
}

test('wait suspends its branch until a child is dead', () => {
  const ended = run('p: fork() as c\nparallel { p { x = wait() } c { x = 1; x = 2; exit(3) } }\nexpect p.x == c.pid');
  expect(outcome(ended)).toBe('ok');
  expect(ended.steps).toBe(3);
});

test('a parent that called vfork goes on when its child has exited', () => {
  expect(outcome(run('parallel { p { vfork() as c; x = wait() } q { x = 1; c: exit(0) } }\nexpect p.x == c.pid'))).toBe('ok');
});

test('where nobody is left to wake anyone the run ends', () => {
  expect(outcome(run('p: fork() as c\nparallel { p { wait() } q { x = 1; x = 2 } }'))).toBe(
    'deadlock: every branch waits, and nobody is left to wake one: p: wait() (wait: the child is alive)',
  );
});

test('outside of parallel a call that would wait is an error', () => {
  expect(outcome(run('p: fork() as c\np: wait()'))).toBe('would-wait: wait: the child is alive');
});

test('of a line that waits nothing has happened yet', () => {
  const ended = run(
    'p: fork() as c\nq: fork() as d\nd: exit(0)\nparallel { p { expect c.alive; wait(); expect !c.alive } c { x = 1; exit(0) } }',
  );
  expect(outcome(ended)).toBe('ok');
});

test('back and forth over a branch that waits', () => {
  const ended = run('p: fork() as c\nparallel { p { x = wait() } c { x = 1; exit(0) } }');
  const { length, steps } = ended;
  while (ended.back());
  while (ended.forward());
  expect([ended.length, ended.steps, outcome(ended)]).toEqual([length, steps, 'ok']);
});

test('exploring takes every order, and an order that it found can be run again', () => {
  const lines = 'p: s = 0\nparallel { p { s = p.s * 2 + 1 } q { p: s = p.s + 5 } }\nexpect p.s == 6';
  const { orders, complete, endings } = explored(lines);
  expect([orders, complete, endings.length]).toEqual([2, true, 2]);
  for (const { order, failures } of endings) expect(run(lines, { order }).failures.map(({ text }) => text)).toEqual(failures);
});

test('there are as many orders as ways to shuffle the branches', () => {
  const lines = 'parallel { p { a = 1; b = 1; c = 1 } q { a = 2; b = 2; c = 2 } }';
  expect(explored(lines)).toMatchObject({ orders: 20, complete: true });
  expect(explored(lines, 7)).toMatchObject({ orders: 7, complete: false });
});

test('exploring finds the order in which everybody waits', () => {
  const { endings } = explored('p: fork() as c\nparallel { p { if c.alive { wait(c.pid) } } q { if p.alive { c: exit(0) } } }');
  expect(endings.map(({ ended }) => ended.kind)).toEqual(['end']);
});

test('a branch can have branches of its own: all take turns, and the line after them waits for its own alone', () => {
  const inner = 'parallel { p { p: s = p.s * 2 } q { p: s = p.s + 3 } }; p: s = p.s * 10';
  const ended = everyOrder(inScenario, `p: s = 1\nparallel { p { ${inner} } db[0] { p: s = p.s + 100 } }`);
  expect(new Set(ended.map(outcome))).toEqual(new Set(['ok']));
  expect(new Set(ended.map((each) => Number(each.evaluate('p.s').value)))).toEqual(new Set([150, 180, 1050, 1080, 2050, 2080]));
});

test('branches of a branch sleep and wait as others do', () => {
  const lines = `p: fork() as c
    parallel { p { parallel { p { x = wait() } q { fd = open("/data/a", O_RDONLY); x = pread(fd, 4096, 0) } }; y = 1 } c { exit(0) } }
    expect p.x == c.pid\nexpect len(q.x) == 4096\nexpect p.y == 1`;
  const ended = everyOrder(inScenario, lines);
  expect(ended.map(outcome)).toEqual(ended.map(() => 'ok'));
  const stuck = everyOrder(inScenario, 'p: fork() as c\nparallel { p { parallel { p { wait() } q { x = 1 } } } db[0] { x = 1 } }');
  expect(new Set(stuck.map((each) => outcome(each).slice(0, 9)))).toEqual(new Set(['deadlock:']));
});
