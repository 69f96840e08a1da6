import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MmscnDebugSession } from '../../extension/debug/session';

const TEXT = `routine twice(path) {
  fd = open(path, O_RDONLY)
  repeat 2 { read(fd, 1 page) }
}
scenario "s" {
  machine { memory = 64M }
  mount xfs at "/data"
  file "/data/a" { size = 4 pages; content = "A" }
  process p
  p: twice("/data/a")
  p: m = mmap(NULL, 2 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
  p: touch(m, 2 pages, PROT_WRITE)
  p: fork() as c
  c: store(m, "x")
  expect memory.anon == 0
  for i in 0..20 { p: n = i }
}
`;

type Message = {
  type: string;
  command?: string;
  event?: string;
  request_seq?: number;
  success?: boolean;
  body?: Record<string, unknown>;
  message?: string;
};

/** The adapter without any transport: what it sends is kept. */
function adapter() {
  const sent: Message[] = [];
  const readText = (uri: string) => (uri === '/s.mmscn' ? Promise.resolve(TEXT) : Promise.reject(new Error('no such file')));
  const session = new MmscnDebugSession({ readText, send: (message) => sent.push(message as Message) });
  let seq = 0;
  const send = (command: string, args?: unknown) => {
    session.handleMessage({ type: 'request', seq: ++seq, command, arguments: args });
    return seq;
  };
  const settled = async (count: number) => {
    for (const end = Date.now() + 5000; Date.now() < end;) {
      if (sent.filter(({ type }) => type === 'response').length >= count) return;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    throw new Error('a request was never answered');
  };
  return { sent, send, settled, session };
}

const junk = fc.oneof(
  fc.integer({ min: -5, max: 200 }),
  fc.string(),
  fc.constant(null),
  fc.boolean(),
  fc.constant(undefined),
  fc.object({ maxDepth: 2 }),
  fc.double(),
);

/** Put in the place of an id: the newest one that a reply has given. */
const FRAME = 'the newest frame';
const ROWS = 'the newest rows';

const sensible = {
  threadId: fc.integer({ min: 1, max: 4 }),
  frameId: fc.constantFrom<unknown>(FRAME, FRAME, FRAME, 3),
  variablesReference: fc.constantFrom<unknown>(ROWS, ROWS, ROWS, 4),
  start: fc.integer({ min: -3, max: 9 }),
  count: fc.integer({ min: -3, max: 9 }),
  filter: fc.constantFrom('indexed', 'named', 'neither'),
  expression: fc.constantFrom(
    'p.n',
    'memory.free',
    'p: read(3, 1)',
    'p: store(0, "x")',
    'p: x = p.fd',
    '1 +',
    '',
    'frame[1]',
    'p.fd',
    'expect 1 == 2',
    ')(',
  ),
  context: fc.constantFrom('watch', 'hover', 'repl', 'clipboard'),
  source: fc.oneof(fc.constant({ path: '/s.mmscn' }), fc.record({ sourceReference: fc.integer({ min: 0, max: 5 }) })),
  breakpoints: fc.array(
    fc.record({
      line: fc.integer({ min: -1, max: 25 }),
      name: fc.constantFrom('read', 'twice', 'vfs_read'),
      condition: fc.constantFrom('', '1 == 1', '(('),
      dataId: fc.constantFrom('p.n', 'memory.anon', 'frame[1].refcount', '))'),
      hitCondition: fc.constantFrom('', '2', '% 0', '% 2'),
    }),
  ),
  filters: fc.subarray(['expect', 'errno', 'signal', 'violation']),
  line: fc.integer({ min: -1, max: 25 }),
  step: fc.integer({ min: -1, max: 60 }),
  targetId: fc.integer({ min: -1, max: 60 }),
  sourceReference: fc.integer({ min: 0, max: 5 }),
  name: fc.constantFrom('n', 'm', 'fd', '???'),
  value: fc.constantFrom('1', 'n +', '"x"'),
  text: fc.constantFrom('', 'p.', 'memory.c', 'p: re', '\ud800', '((', 'file("/data/a").page[0].fl'),
  memoryReference: fc.constantFrom('1:0x7ffff7ffd000', '9:0x0', 'nowhere'),
  offset: fc.integer({ min: -5000, max: 5000 }),
  column: fc.integer({ min: -1, max: 20 }),
  requestId: fc.integer({ min: 0, max: 20 }),
  format: fc.constantFrom({ hex: true }, null),
  program: fc.constantFrom('/s.mmscn', '/s.mmscn', '/none.mmscn'),
  arguments: fc.constantFrom<unknown>({ program: '/s.mmscn' }, 7),
};

const args = fc.oneof(
  { weight: 1, arbitrary: junk },
  { weight: 1, arbitrary: fc.record(Object.fromEntries(Object.keys(sensible).map((key) => [key, junk])), { requiredKeys: [] }) },
  { weight: 2, arbitrary: fc.record(sensible, { requiredKeys: [] }) },
  { weight: 6, arbitrary: fc.record(sensible) },
);

const COMMANDS = [
  ...['initialize', 'launch', 'configurationDone', 'restart', 'setBreakpoints', 'setFunctionBreakpoints', 'setExceptionBreakpoints'],
  ...[
    'breakpointLocations',
    'exceptionInfo',
    'threads',
    'stackTrace',
    'scopes',
    'variables',
    'setVariable',
    'source',
    'loadedSources',
    'evaluate',
  ],
  ...[
    'completions',
    'next',
    'stepIn',
    'stepOut',
    'stepBack',
    'continue',
    'reverseContinue',
    'mmscn/reverseStepIn',
    'mmscn/reverseStepOut',
    'pause',
  ],
  ...['stackTrace', 'scopes', 'variables', 'variables', 'evaluate', 'next', 'stepIn', 'stepIn', 'stepBack'],
  ...[
    'gotoTargets',
    'goto',
    'mmscn/goto',
    'mmscn/panel',
    'cancel',
    'dataBreakpointInfo',
    'setDataBreakpoints',
    'readMemory',
    'constructor',
    'nonsense',
  ],
];
type Request = readonly [command: string, args: unknown];

/** What a client does at each stop. */
const look = fc.record(sensible).map((given): Request[] => [
  ['threads', {}],
  ['stackTrace', given],
  ['scopes', { frameId: FRAME }],
  ['variables', { variablesReference: ROWS }],
  ['variables', { ...given, variablesReference: ROWS }],
  ['evaluate', { ...given, frameId: FRAME }],
  ['completions', { ...given, column: 3, frameId: FRAME }],
  ['setVariable', { ...given, variablesReference: ROWS }],
]);
const one = fc.tuple(fc.constantFrom(...COMMANDS), args).map((request): Request[] => [request]);
const requests = (length: number) =>
  fc.array(fc.oneof({ weight: 5, arbitrary: one }, { weight: 1, arbitrary: look }), { maxLength: length }).map((each) => each.flat());

function filledIn(arg: unknown, sent: readonly Message[]): unknown {
  if (typeof arg !== 'object' || arg === null) return arg;
  const frames = sent.flatMap(({ body }) => (body?.['stackFrames'] as { id: number }[] | undefined) ?? []);
  const rows = sent.flatMap(
    ({ body }) => ((body?.['scopes'] ?? body?.['variables']) as { variablesReference: number }[] | undefined) ?? [],
  );
  const newest: Readonly<Record<string, number | undefined>> = {
    [FRAME]: frames.at(-1)?.id,
    [ROWS]: rows.findLast(({ variablesReference }) => variablesReference > 0)?.variablesReference,
  };
  return Object.fromEntries(
    Object.entries(arg).map(([name, value]) => [name, typeof value === 'string' && value in newest ? newest[value] : value]),
  );
}

/** Exactly one reply each, none of them a bug of ours. */
async function answered(plan: readonly Request[], pauses: readonly boolean[]): Promise<void> {
  const { sent, send, settled, session } = adapter();
  const asked: number[] = [];
  for (const [i, [command, arg]] of plan.entries()) {
    asked.push(send(command, filledIn(arg, sent)));
    if (pauses[i % pauses.length]) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  asked.push(send('disconnect'));
  await settled(asked.length);
  const replies = sent.filter(({ type }) => type === 'response');
  expect(replies.map(({ request_seq }) => request_seq!).sort((a, b) => a - b)).toEqual(asked);
  const bugs = sent.filter(({ message, body }) => /bug in mmscn/.test(`${message ?? ''}${String(body?.['output'] ?? '')}`));
  expect(bugs).toEqual([]);
  session.dispose();
}

describe('the debug adapter answers every request exactly once', () => {
  it('whatever is sent in whatever order', async () => {
    await fc.assert(fc.asyncProperty(requests(30), fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }), answered), { numRuns: 150 });
  });

  it('also in the middle of a session', async () => {
    const begin: Request[] = [
      ['initialize', { adapterID: 'mmscn' }],
      ['launch', { program: '/s.mmscn' }],
      ['configurationDone', {}],
    ];
    await fc.assert(
      fc.asyncProperty(requests(40), fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }), (plan, pauses) =>
        answered([...begin, ...plan], [true, ...pauses]),
      ),
      { numRuns: 250 },
    );
  });
});
