import { describe, expect, it } from 'vitest';
import { Run } from '../../language/runtime/run';
import { next, stepBack, stepIn, stepOut, type Arrival, type Motion, type Stops } from '../../language/runtime/stepping';
import { inScenario, outcome, program, reported, run, start } from './running';

const routine = 'routine fill(fd) {\n  n = pwrite(fd, "x", 0)\n  return n\n}\n';

function go(run: Run, motion: (run: Run, stops: Stops) => Motion, stops: Stops = { exception: () => true }): Arrival {
  for (const moving = motion(run, stops); ;) {
    const { done, value } = moving.next();
    if (done) return value;
  }
}

/** Where a run stands: the stack, innermost first, and the text of the current line. */
function where(run: Run): string {
  const { stack, place } = run.location;
  const { text } = run.program.sources.find(({ uri }) => uri === place.uri)!;
  const line = text.slice(place.span.start, place.span.end).trim().split('\n')[0];
  return `${stack.map(({ name }) => name).join(' < ')} | ${line}`;
}

describe('a stack', () => {
  it('has kernel functions, routines and the scenario', () => {
    const run = start(inScenario('p: fd = open("/data/a", O_RDWR)\np: n = fill(fd)\nexpect p.n == 1', routine));
    const seen = [where(run)];
    for (const motion of [next, stepIn, stepIn, stepOut, next, next, next]) {
      go(run, motion);
      seen.push(where(run));
    }
    expect(seen).toEqual([
      'test | p: fd = open("/data/a", O_RDWR)',
      'test | p: n = fill(fd)',
      'fill < test | n = pwrite(fd, "x", 0)',
      'pwrite < fill < test | n = pwrite(fd, "x", 0)',
      'fill < test | return n',
      'test | expect p.n == 1',
      'test | }',
      'test | }',
    ]);
  });

  it('names who acts', () => {
    const run = start(inScenario('q: x = 1\ndb[*] { y = 1 }\nkernel: writeback()\nexpect true'));
    const actors = [];
    do actors.push(run.location.actor);
    while (run.forward());
    expect(actors).toEqual([2, 3, 3, 4, 4, 5, 5, 'kernel', 'scenario', 'scenario']);
  });
});

describe('an exception', () => {
  it('holds the run on its line, and is left without executing the next', () => {
    const run = start(inScenario('p: x = 1\nexpect p.x == 2\np: x = 3'));
    go(run, next);
    expect(go(run, next).kind).toBe('exception');
    expect(where(run)).toBe('test | expect p.x == 2');
    expect(go(run, next).kind).toBe('step');
    expect(where(run)).toBe('test | p: x = 3');
    expect(String(run.variables(1).get('x'))).toBe('1');
    go(run, stepBack);
    expect(where(run)).toBe('test | expect p.x == 2');
    expect(run.position.held).toBe(true);
    go(run, stepBack);
    expect(run.between).toBe(true);
    expect(where(run)).toBe('test | expect p.x == 2');
  });

  it('that ends the run holds it, too, and then stands at the end', () => {
    const run = start(inScenario('p: open("/none", O_RDONLY)\np: x = 3'));
    const arrival = go(run, next);
    expect(arrival.kind === 'exception' && arrival.exception.kind).toBe('errno');
    expect(go(run, next).kind).toBe('end');
    expect(where(run)).toBe('test | open("/none", O_RDONLY)');
    expect(run.ended?.kind).toBe('error');
  });
});

describe('the console', () => {
  it('runs a line where the run stands and discards what came after', () => {
    const run = start(inScenario('p: x = 1\np: y = x\nexpect p.y == 1'));
    run.finish();
    run.moveTo(run.before(1));
    expect(run.execute('p: x = 7')).toEqual({});
    expect(run.length).toBe(2);
    expect(where(run)).toBe('test | p: y = x');
    expect(outcome((run.finish(), run))).toBe('p.y == 1: 7, not 1');
    run.moveTo(run.before(1));
    expect(String(run.variables(1).get('x'))).toBe('1');
  });

  it('tells an error and goes on', () => {
    const run = start(inScenario('p: x = 1\nexpect p.x == 1'));
    run.forward();
    expect(run.execute('p: open("/none", O_RDONLY)').error).toContain('ENOENT');
    expect(run.execute('this is nonsense').error).toBeDefined();
    expect(run.execute('for i in 0..3 { p: x = i }').error).toBe('only single lines can be run here');
    expect(run.execute('let z = p.x + 1')).toEqual({});
    expect(run.evaluate('z')).toEqual({ value: 2n });
    expect(run.finish()).toBe(true);
  });

  it('waits until the run has left a step', () => {
    const run = start(inScenario('p: fd = open("/data/a", O_RDWR)'));
    run.into();
    expect(run.execute('p: x = 1').error).toContain('Step Out');
  });
});

describe('evaluating', () => {
  it('sees what the line sees, and changes nothing', () => {
    const run = start(
      inScenario('let k = 5\np: x = 1\nfor i in 3..4 { p: n = fill(i) }\n', 'routine fill(fd) {\n  half = fd * 2\n  return half\n}\n'),
    );
    for (let i = 0; i < 5; i++) run.forward();
    expect(where(run)).toBe('fill < test | return half');
    expect(run.evaluate('half + fd')).toEqual({ value: 9n });
    expect(run.evaluate('k + i + x', { frame: 1 })).toEqual({ value: 9n });
    expect(run.evaluate('x', { process: 2 })).toEqual({ error: 'q has not set `x`' });
    for (const nonsense of ['', ')', '1 +', 'p: x = 1', 'p.nothing', '1 / 0', '"a" + 1', 'frame[', 'db[9].rss', '\0', 'x'.repeat(100_000)])
      expect(run.evaluate(nonsense).error, nonsense.slice(0, 20)).toBeTypeOf('string');
  });
});

describe('limits', () => {
  const limited = (lines: string, limits: object, before = ''): string => outcome(run(lines, { limits }, before));
  it('name their settings', () => {
    expect(limited('p: n = 0\nrepeat 18446744073709551615 { p: n = n + 1 }', { steps: 1000 })).toBe(
      'step-limit: the run has more than 1000 statements (the setting is mmscn.limits.steps)',
    );
    expect(limited('repeat 10000 { db[*]: pid = open("/data/a", O_RDONLY) }', { steps: 500 })).toContain(
      '500 steps (the setting is mmscn.limits.steps)',
    );
    expect(limited('p: f()', { nesting: 20 }, 'routine f() { f() }\n')).toContain(
      '20 routines are open (the setting is mmscn.limits.nesting)',
    );
    expect(limited('p: n = 0\nrepeat 100000 { p: n = n + 1 }', { history: 4_000_000 })).toContain('(the setting is mmscn.limits.history)');
  });

  it('of history do not hold where none is kept', () => {
    const started = start(inScenario('p: n = 0\nrepeat 100000 { p: n = n + 1 }\nexpect p.n == 100000'), {
      history: false,
      limits: { history: 4_000_000 },
    });
    expect(started.finish()).toBe(true);
    expect(started.machine.journal.bytes).toBeLessThan(1_000_000);
    expect(started.length).toBe(200_002);
  });
});

describe('what a run is started with', () => {
  const text =
    'param n = 2\nscenario "one" {\n  under baseline, extent_cache\n  param m = n * 2\n  process db[n]\n  expect n + m == 6 under baseline\n  expect n == 9 under extent_cache\n}\nscenario "two" { process p }';

  it('params, the design and the scenario', () => {
    expect(outcome(started({}))).toBe('ok');
    expect(outcome(started({ design: 'extent_cache' }))).toBe('n == 9: 2, not 9');
    expect(outcome(started({ params: { n: 9n }, design: 'extent_cache' }))).toBe('ok');
    expect(started({ params: { n: 9n } }).processes()).toHaveLength(9);
    expect(started({ scenario: 'two' }).scenario).toBe('two');
  });

  it('declarations that use a let', () => {
    const run = start(
      'scenario "a" {\n  let n = 2\n  let unknown = memory.total\n  machine { memory = n * 8M }\n  process db[n + 1]\n  expect unknown == 16M\n}',
    );
    expect(run.processes()).toHaveLength(3);
    expect(run.finish()).toBe(true);
  });

  it('nothing that would take the tool down', () => {
    const long = Array.from({ length: 20_000 }, () => '1').join(' + ');
    const refusals = [
      `expect ${long} == 20000`,
      `expect ${'('.repeat(5000)}1${')'.repeat(5000)} == 1`,
      `${'if true { '.repeat(3000)}${'}'.repeat(3000)}`,
    ];
    for (const line of refusals) expect(refused({}, `scenario "a" {\n${line}\n}`)).toContain('syntax: ');
    const chain = `if false { } ${Array.from({ length: 150 }, () => 'else if false { }').join(' ')} else { p: x = 1 }`;
    expect(outcome(run(`${chain}\nexpect p.x == 1`))).toBe('ok');
    expect(outcome(run('repeat 18446744073709551615 { }', { limits: { steps: 5000 }, history: false }))).toContain('step-limit');
    expect(outcome(run('for i in -9223372036854775808..18446744073709551615 { }', { limits: { steps: 5000 } }))).toContain('step-limit');
    expect(outcome(run('let a = "x" * 1E\nexpect a + a == "x" * 2E && a * 3 == "xxx"'))).toBe('ok');
  });

  it('or a refusal that says why', () => {
    expect(refused({ scenario: 'three' })).toBe('unknown-scenario: there is no scenario "three"; the file has "one", "two"');
    expect(refused({ params: { x: 1n } })).toBe('unknown-param: there is no param x; there are m, n');
    expect(refused({ design: 'nonsense' })).toBe('unknown-design: there is no design nonsense');
    expect(refused({}, 'scenario "a" { machine { memory = 0 } }')).toContain('setup-failed: ');
    expect(refused({}, 'scenario "a" { ??? }')).toContain('syntax: ');
    expect(refused({}, 'scenario "a" { }\nscenario "b" {\n  ???\n}')).toBe('it runs');
    expect(refused({}, 'scenario "a" { }\nroutine b() {\n  ???\n}')).toContain('syntax: ');
    expect(refused({}, '')).toBe('unknown-scenario: the file has no scenario');
  });

  function started(options: object): Run {
    const run = start(text, options);
    run.finish();
    return run;
  }
  function refused(options: object, of = text): string {
    const run = Run.start(program(of), options);
    return run instanceof Run ? 'it runs' : `${run.error.code}: ${run.error.message}`;
  }
});

it('parallel branches take turns, the seed chooses in which order, the same each time', () => {
  const lines = 'p: n = 0\nparallel { p { a = 1; b = 1; c = 1 } q { a = 2; b = 2; c = 2 } db[*] { a = 3; b = 3 } }';
  const order = (seed: number): string => {
    const started = start(inScenario(lines), { seed });
    started.finish();
    return Array.from({ length: started.length - 2 }, (_, i) => String(started.entry(i + 2)!.actor)).join('');
  };
  expect(order(0)).toBe('123451234512');
  expect(order(7)).toBe(order(7));
  expect(new Set([1, 2, 3, 4].map(order)).size).toBeGreaterThan(1);
});

it('the timeline has labels, depths and exceptions', () => {
  const started = run('p: x = 1\nstep "the middle"\np: fill(3)\nexpect p.x == 2', {}, 'routine fill(fd) {\n  y = 1\n}\n');
  const entries = Array.from({ length: started.length }, (_, i) => started.entry(i)!);
  expect(entries.map(({ actor, depth, label, exception }) => [actor, depth, label, exception])).toEqual([
    [1, 0, undefined, undefined],
    [1, 0, 'the middle', undefined],
    [1, 1, 'the middle', undefined],
    ['scenario', 0, 'the middle', 'expect'],
  ]);
});

it('processes are not there before their birth', () => {
  const started = run('p: fork() as child\nchild: exit(3)');
  expect(started.processes().at(-1)).toEqual({ pid: 6, name: 'child', alive: false });
  started.back();
  expect(started.processes().at(-1)).toEqual({ pid: 6, name: 'child', alive: true });
  started.back();
  expect(started.processes().map(({ name }) => name)).toEqual(['p', 'q', 'db[0]', 'db[1]', 'db[2]']);
});

it('a report says what came of a run', () => {
  const report = reported(
    inScenario(
      'p: fd = open("/data/a", O_RDONLY)\nfor i in 0..3 { expect i < 2 }\np: b = read(fd, 3)\nexpect p.b == "AAB" : "why"\np: read(9, 1)',
    ),
  );
  const { observables, ...rest } = report;
  expect(rest).toEqual({
    file: 'test.mmscn',
    scenario: 'test',
    design: 'baseline',
    ok: false,
    steps: 3,
    microsteps: report.microsteps,
    expectations: [
      { line: 10, text: 'i < 2', ok: false, left: '2', right: '2', times: 4 },
      {
        line: 12,
        text: 'p.b == "AAB"',
        reason: 'why',
        ok: false,
        left: { length: 3, hash: report.expectations[1]!.left instanceof Object ? report.expectations[1]!.left.hash : '', first: '414141' },
        right: expect.objectContaining({ length: 3, first: '414142' }),
      },
    ],
    violations: [],
    error: { line: 13, code: 'EBADF', message: expect.stringContaining('p: read(9, 1) fails with EBADF: ') as string },
  });
  expect(observables['disk.reads']).toBe(4096);
  expect(observables['memory.cached']).toBe(4096);
  expect(observables['p.rss']).toBe(0);
});
