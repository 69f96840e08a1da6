import { expect, test } from 'vitest';
import { thisKernel } from '../../extension/cli/live/machine';
import { hostOptions } from '../../extension/cli/live/host';
import { asUser, needsOf } from '../../language/export/needs';
import { whyNot } from '../../language/export/possible';
import { type Trace, traceScenario } from '../../language/export/trace';
import { type Kernel, verifyTrace } from '../../language/export/verify';
import { program } from '../runtime/running';

const SCENARIO = `process p
  p: a = mmap(0x500000000000, 2 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
  p: store(a, "x")
  p: v = load(a, 1)`;

const text = (body: string): string => `scenario "s" {\n  machine { memory = 64M }\n  ${body}\n}`;

function traced(body: string, machine = {}): Trace {
  const trace = traceScenario(program(text(body)), { machine });
  if (!('steps' in trace)) throw new Error(trace.error);
  return trace;
}

const ABOUT = { file: 's.mmscn', scenario: 's' };

/** A machine that prints what it is told to. */
const printing = (root: boolean, output: string): Kernel => ({
  root,
  refusal: () => undefined,
  run: () => Promise.resolve({ output }),
});

const VMA =
  'vma p 500000000000 500000002000 rw-p Rss=4 Pss=4 Shared_Clean=0 Shared_Dirty=0 Private_Clean=0 Private_Dirty=4 Referenced=4 Anonymous=4 KSM=0 Swap=0 SwapPss=0';
/** What an ordinary user is shown of the scenario: no frames. */
const SHOWN = [
  ...['step 0', 'result 87960930222080', 'faults 0 0', 'tables p 0', VMA.replaceAll('=4', '=0')],
  ...['step 1', 'result 0', 'faults 1 0', 'tables p 12', VMA, 'pte p 500000000000 PX-'],
  ...['step 2', 'result 1 bytes fd0c5087', 'faults 0 0', 'tables p 12', VMA, 'pte p 500000000000 PX-', 'end', ''],
].join('\n');

test('what an ordinary user is not shown is not compared', async () => {
  const seen = await verifyTrace(traced(SCENARIO), ABOUT, printing(false, SHOWN));
  expect(seen.steps.map(({ differences }) => differences)).toEqual([[], [], []]);
  expect(seen.frames).toBe(false);
  const asRoot = await verifyTrace(traced(SCENARIO), ABOUT, printing(true, SHOWN));
  expect(asRoot.differences).toBeGreaterThan(0);
});

test('what differs is told at its step, with its line', async () => {
  const seen = await verifyTrace(traced(SCENARIO), ABOUT, printing(false, SHOWN.replace('faults 1 0', 'faults 2 0')));
  const [found] = seen.steps.filter(({ differences }) => differences.length > 0);
  expect(found).toMatchObject({
    index: 1,
    step: { uri: 'test.mmscn', line: 5 },
    differences: [{ what: 'faults', field: 'minflt', machine: '2', simulator: '1' }],
  });
});

test('what differs only once is counted, not told', async () => {
  let runs = 0;
  const kernel = {
    ...printing(false, ''),
    run: () => Promise.resolve({ output: runs++ > 0 ? SHOWN : SHOWN.replace('faults 1 0', 'faults 2 0') }),
  };
  expect(await verifyTrace(traced(SCENARIO), ABOUT, kernel)).toMatchObject({ differences: 0, fleeting: 1 });
});

test.each([
  ['mount xfs at "/x"\n  process p\n  p: fd = open("/x/f", O_RDWR | O_CREAT)', 'to mount xfs'],
  ['mount tmpfs at "/t"\n  process p\n  p: fd = open("/t/f", O_RDWR | O_CREAT)', undefined],
  ['cgroup "/a" { limit = 1M }\n  process p in "/a"\n  p: pipe()', 'to make a control group'],
  ['process p { uid = 1000 }\n  p: pipe()', 'to be user 1000'],
  [SCENARIO, undefined],
  [
    'mount tmpfs at "/t"\n  file "/t/l/f" = "f"\n  mount overlay at "/m" { lower = "/t/l"; upper = "/t/u" }\n  process p\n  p: pipe()',
    undefined,
  ],
  ['mount xfs at "/x"\n  file "/x/l/f" = "f"\n  mount overlay at "/m" { lower = "/x/l" }\n  process p\n  p: pipe()', 'to mount xfs'],
])('%s: needs root %s', (body, why) => {
  expect(needsOf(traced(body)).root).toBe(why);
});

test.each([
  ['mount xfs at "/x"', undefined],
  ['mount xfs at "/x"\n  mount ext4 at "/e"', 'to mount ext4'],
  ['mount xfs at "/x"\n  mount xfs at "/y"', 'to mount xfs'],
  ['mount xfs at "/x" { reflink = false }', 'to mount xfs'],
  ['mount xfs at "/x"\n  file "/x/l/f" = "f"\n  mount overlay at "/m" { lower = "/x/l"; upper = "/x/u" }', undefined],
  [
    'mount xfs at "/x"\n  file "/x/l/f" = "f"\n  mount overlay at "/m" { lower = "/x/l"; upper = "/x/u"; metacopy = true }',
    'to mount overlay',
  ],
])('%s: of a user whose files are on xfs it needs root %s', (body, why) => {
  expect(needsOf(traced(`${body}\n  process p\n  p: pipe()`), 'xfs').root).toBe(why);
});

test('an ordinary user does what comes before the first step that is root’s', () => {
  const trace = asUser(traced(`${SCENARIO}\n  kernel: ksm_scan()\n  p: store(a, "y")`));
  expect(trace.steps).toHaveLength(3);
  expect(trace.stopped).toMatchObject({ line: 7, why: 'it needs root, to ask the kernel for ksm_scan()' });
});

test('a disk that is too small for its filesystem, and pages that not every processor has, are named', async () => {
  const small = traced('mount xfs at "/x" { size = 8 pages }\n  process p\n  p: fd = open("/x/f", O_RDWR | O_CREAT)');
  expect(await verifyTrace(small, ABOUT, printing(true, ''))).toMatchObject({
    refused: '/x has 32768 bytes, and xfs is made on no disk below 300 MiB',
  });
  const asked = (flags: string): boolean =>
    needsOf(traced(`process p\n  p: mmap(NULL, 2M, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB${flags}, -1, 0)`)).gigantic;
  expect([asked(''), asked(' | MAP_HUGE_2MB'), asked(' | MAP_HUGE_1GB')]).toEqual([false, false, true]);
});

test('a group at its limit ends the comparison', () => {
  const trace = traced(`cgroup "/a" { limit = 8 pages }
  mount xfs at "/x"
  file "/x/f" { size = 64 pages; content = "f" }
  process p in "/a"
  p: fd = open("/x/f", O_RDONLY)
  p: pread(fd, 2 pages, 0)
  p: pread(fd, 20 pages, 0)`);
  expect(trace.steps).toHaveLength(2);
  expect(trace.stopped).toMatchObject({ line: 9, why: expect.stringContaining('a control group is at its limit') as string });
});

test.each([
  ['execve', 'execve is not made into C yet'],
  ['unpin', 'unpin is no call of a live kernel'],
  ['oom_kill', 'the OOM killer cannot be called without harm to the host'],
  ['shmat', undefined],
])('why %s is not done: %s', (call, why) => {
  expect(whyNot(call, [])).toBe(why);
});

const BETWEEN = `process p
  p: id = shmget(IPC_PRIVATE, 2 pages, 0600)
  p: m = shmat(id)
  p: store(m, "x")
  p: fork() as c
  c: store(m, "y")
  p: ends = pipe()
  p: vmsplice(ends.write, m, 1 page)
  p: read(ends.read, 4)
  p: seen = process_vm_readv(c.pid, m, 4)
  p: process_vm_writev(c.pid, m, "z")
  p: mlockall(MCL_CURRENT)
  p: munlockall()
  p: shmdt(m)
  p: shmctl(id, IPC_RMID)`;

const FIXED = `process p
  p: fd = memfd_create("f", 0)
  p: write(fd, "0123456789")
  p: m = mmap(NULL, 2 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
  p: store(m, "A" * 2 pages)
  p: ring = io_uring_setup(1)
  p: io_uring_register(ring, IORING_REGISTER_BUFFERS, m, 2 pages)
  p: fork() as c
  c: store(m, "C")
  p: n = io_uring_read_fixed(ring, fd, m + 1, 4, 6, 0)
  p: x = load(m, 6)
  c: x = load(m, 6)
  p: munmap(m, 1 page)
  c: n = io_uring_write_fixed(ring, fd, m, 6, 2, 0)
  p: y = pread(fd, 10, 0)
  expect p: io_uring_read_fixed(ring, fd, m, 1, 0, 1) fails EFAULT
  expect p: io_uring_register(ring, IORING_REGISTER_BUFFERS, m, 1) fails EBUSY
  p: io_uring_register(ring, IORING_UNREGISTER_BUFFERS)
  expect p: io_uring_register(ring, IORING_UNREGISTER_BUFFERS) fails ENXIO`;

test.each([
  ['accesses', SCENARIO],
  ['calls between processes', BETWEEN],
  ['fixed buffers of io_uring', FIXED],
])('this machine agrees on %s, or says what it lacks', async (_what, body) => {
  const { refused, differences, problem } = await verifyTrace(traced(body, hostOptions()), ABOUT, thisKernel);
  if (refused === undefined) expect({ differences, problem }).toEqual({ differences: 0, problem: undefined });
  else expect(refused).toMatch(/^(there is no C compiler \(cc\)|this is \w+, not Linux|it would take .*)$/);
});
