import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calls } from '../../language/catalogue/calls';
import { constants } from '../../language/catalogue/constants';
import type { CallEntry, Parameter } from '../../language/catalogue/types';
import { check } from '../../language/analysis/check';
import { implemented } from '../../language/simulator/implemented';
import { runs } from '../simulator/runs';
import { program, start } from './running';

type Entries = readonly (readonly [name: string, entry: CallEntry])[];
const ENTRIES = (Object.entries(calls) as unknown as Entries).filter(([name]) => implemented.calls.has(name));

const integer = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('0', '1', '-1', 'fd', 'fd + 1', '99', 'm', 'm + 1', 'm + 2 pages', '4096', '8 pages', '1T', 'p.pid'),
  },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(String) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...Object.keys(constants).filter((name) => /^(O_|PROT|MAP|MADV|MS|MREMAP|FALLOC|CLONE|SIG|E)/.test(name))),
  },
);
const text = fc.constantFrom(
  '"/x/f"',
  '"/x/d"',
  '"/x/new"',
  '"/x/f/y"',
  '""',
  '"/"',
  '"/none/x"',
  '"a" * 5000',
  '"y" * 3 pages',
  'zeros(4 pages)',
  'random(9, 1)',
);
/** What no parameter takes, or only by accident. */
const odd = fc.constantFrom(
  '1 == 1',
  'st',
  'st.size',
  'file("/x/f")',
  'p',
  'p.rss',
  'missing',
  '[1, 2]',
  '1 / 0',
  '"a" + 1',
  '!fd',
  'm % 0',
  'frame[1].refcount',
);

const isText = ({ kind }: Parameter): boolean => kind === 'path' || kind === 'content';
const argumentOf = (parameter: Parameter): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: isText(parameter) ? text : integer },
    { weight: 1, arbitrary: integer },
    { weight: 1, arbitrary: text },
    { weight: 1, arbitrary: odd },
  );

/** Some call with arguments of all kinds, at times one too few. */
const callText = fc
  .constantFrom(...ENTRIES.filter(([, { who }]) => who === 'process'))
  .chain(([name, { params }]) =>
    fc
      .tuple(fc.tuple(...params.map(argumentOf)), fc.nat({ max: 9 }))
      .map(([args, cut]) => `${name}(${(cut === 0 ? args.slice(1) : args).join(', ')})`),
  );

/** A line may fail as it likes: that it does not fail so is only noted. */
const lines = fc.array(
  callText.map((call) => `expect p: ${call} fails ENOSYS`),
  { minLength: 1, maxLength: 6 },
);

const scenario = (design: string, body: string): string => `scenario "wrong" {
  under ${design}
  machine { memory = 2M }
  mount xfs at "/x"
  file "/x/f" { size = 12388; content = "A" }
  directory "/x/d" { }
  reflink "/x/f" to "/x/g"
  process p
  process q { uid = 1000 }
  p { fd = open("/x/f", O_RDWR); st = stat("/x/f"); m = mmap(NULL, 8 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS); touch(m, 4 pages, PROT_WRITE) }
  q { fd = open("/x/g", O_RDONLY); st = stat("/x/f"); m = mmap(NULL, 8 pages, PROT_READ, MAP_SHARED, fd, 0) }
${body}
}`;

/** The run ends, whatever is in it, and its machine is whole. */
function ends(scenarioText: string, seed: number): void {
  check(program(scenarioText), implemented);
  const run = start(scenarioText, { seed });
  run.finish();
  expect(run.ended).toBeDefined();
  expect(run.machine.audit().filter(({ known }) => !known)).toEqual([]);
}

describe.each(['baseline', 'whole_file', 'extent_cache'])('%s', (design) => {
  test('no call with any expression as its arguments stops the tool', () => {
    fc.assert(
      fc.property(lines, (body) => {
        ends(scenario(design, body.join('\n')), 0);
      }),
      { numRuns: runs(150) },
    );
  });

  test('nor where others run beside it', () => {
    fc.assert(
      fc.property(lines, lines, fc.nat({ max: 99 }), (ofP, ofQ, seed) => {
        const branch = (who: string, body: readonly string[]): string =>
          `${who} { ${body.map((line) => line.replace('expect p:', `expect ${who}:`)).join('; ')} }`;
        ends(scenario(design, `parallel { ${branch('p', ofP)} ${branch('q', ofQ)} }`), seed);
      }),
      { numRuns: runs(150) },
    );
  });
});

test('a literal of the wrong kind is told before the run, at its place', () => {
  const wrong = ENTRIES.flatMap(([name, { params, who }]) =>
    params.map((parameter, at) => {
      const args = params.map((each, i) => ((i === at) !== isText(each) ? '"text"' : '1'));
      return { line: `${who === 'kernel' ? 'kernel' : 'p'}: ${name}(${args.join(', ')})`, parameter, at };
    }),
  );
  const missed = wrong.filter(({ line, parameter }) => {
    const found = check(program(scenario('baseline', line)), implemented);
    return !found.some(({ code, message }) => code === 'argument-kind' && message.includes(`\`${parameter.name}\``));
  });
  expect(missed.map(({ line, parameter }) => `${line}: ${parameter.name}`)).toEqual([]);
});
