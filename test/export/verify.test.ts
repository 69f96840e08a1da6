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

test('of a program that breaks off the step in which it does tells nothing', async () => {
  const broken = `${SHOWN.slice(0, SHOWN.indexOf('vma p', SHOWN.indexOf('step 2')))}\n`;
  const seen = await verifyTrace(traced(SCENARIO), ABOUT, printing(false, broken));
  expect(seen).toMatchObject({ differences: 0, problem: 'the program ended early' });
  expect(seen.steps).toHaveLength(2);
});

test('what the kernel has not given back is told', async () => {
  const kernel = { ...printing(false, ''), run: () => Promise.resolve({ output: SHOWN, left: 'HugePages_Rsvd was 0, and is 1' }) };
  expect(await verifyTrace(traced(SCENARIO), ABOUT, kernel)).toMatchObject({ differences: 0, left: 'HugePages_Rsvd was 0, and is 1' });
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

test('an overlay whose upper is all of a filesystem is not run: there is no place for its workdir', async () => {
  const over = (upper: string): Trace =>
    traced(
      `mount tmpfs at "/u"\n  mount tmpfs at "/l"\n  file "/l/f" = "f"\n  mount overlay at "/m" { lower = "/l"; upper = "${upper}" }\n  process p\n  p: pipe()`,
    );
  expect(await verifyTrace(over('/u'), ABOUT, printing(true, ''))).toMatchObject({
    refused: 'the upper of /m is all of /u: a kernel wants a workdir beside it on the same filesystem, as with upper = "/u/upper"',
  });
  expect((await verifyTrace(over('/u/upper'), ABOUT, printing(true, ''))).refused).toBeUndefined();
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
  ['mshare_create', 'mshare_create is no call of a live kernel'],
  ['execve', undefined],
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

const stopped = (body: string): string | undefined => traced(body).stopped?.why;

test('what a machine cannot do the same way ends the comparison where it comes', () => {
  const program = 'mount tmpfs at "/t"\n  file "/t/prog" { size = 1 page; content = "P"; mode = 0755 }\n  process p\n';
  expect(stopped(`${program}  p: execve("/t/prog")`)).toMatch(/is a program in the simulator .*, but none of this machine/);
  expect(stopped(`${program}  expect p: execve("/t/none") fails ENOENT`)).toBeUndefined();
  const pinned = 'process p\n  p: m = mmap(NULL, 4 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)\n  p: pin(m, 2 pages)\n';
  expect(stopped(`${pinned}  p: unpin(m, 1 page)`)).toBe('a machine lets go only of all that was pinned at once');
  expect(stopped(`${pinned}  p: unpin(m, 2 pages)\n  expect p: unpin(m + 2 pages, 1 page) fails EINVAL`)).toBeUndefined();
});

test('a pass of KSM is not compared where it would merge what the program itself has in memory', () => {
  const scanned = (before: string): string | undefined => stopped(`process p\n${before}  kernel: ksm_scan()`);
  expect(scanned('')).toBeUndefined();
  expect(scanned('  p: prctl(PR_SET_MEMORY_MERGE, 0)\n')).toBeUndefined();
  expect(scanned('  p: prctl(PR_SET_MEMORY_MERGE, 1)\n')).toBe(
    'since prctl(PR_SET_MEMORY_MERGE) it would find the memory of the program itself, too',
  );
});

const ASKED = `process p
  p: m = mmap(0x500000000000, 2 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED)
  p: u = userfaultfd(0)
  p: uffd_api(u, 0)
  p: uffd_register(u, m, 2 pages, UFFDIO_REGISTER_MODE_MISSING)
  p: clone() as t
  parallel {
    t { touch(m, 2 pages, PROT_WRITE) }
    p {
      repeat 2 {
        msg = uffd_read(u)
        uffd_copy(u, msg.address, "c" * 1 page)
      }
    }
  }
  p: v = load(m, 1)`;

test('who sleeps in a call and goes on: how the trace tells of it', () => {
  const steps = traced(ASKED).steps.slice(5);
  expect(
    steps.map(({ call, sleeps = false, since, unsettled = false, ending }) => [call, sleeps, since, unsettled, ending.result]),
  ).toEqual([
    ['touch', true, undefined, false, 'asleep'],
    ['uffd_read', false, undefined, false, 'ok'],
    ['uffd_copy', false, undefined, true, '4096'],
    ['touch', true, 5, false, 'asleep'],
    ['uffd_read', false, undefined, false, 'ok'],
    ['uffd_copy', false, undefined, true, '4096'],
    ['touch', false, 5, false, 'ok'],
    ['load', false, undefined, false, '1 bytes e60c2c52'],
  ]);
  expect(steps[1]!.ending.fields).toMatchObject({ event: '18', flags: '1', address: '0x500000000000' });
  expect([steps[0]!.ending.minflt, steps[6]!.ending.minflt, steps[6]!.ending.majflt]).toEqual([undefined, '2', '0']);
});

test('a step after which somebody goes on is not compared, and what differs lasts', async () => {
  const trace = traced(ASKED);
  const nothing = trace.steps.map((_step, n) => `step ${n}\nresult asleep\n`).join('');
  const { steps } = await verifyTrace(trace, ABOUT, printing(true, `${nothing}end\n`));
  const of = (n: number): string[] => steps[n]!.differences.map(({ what }) => what);
  expect(of(7)).toEqual(['result']);
  expect(of(8)).not.toContain('@1');
});

const MONITORED = `${ASKED}
  p: fork() as monitor
  t: store(m, "t")
  parallel {
    t { store(m + 1 page, "t") }
    p { exit(0) }
  }
  monitor: v = load(m, 1)`;

const FAMILY = `process p
  p: m = mmap(NULL, 2 pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS)
  p: store(m, "A")
  p: clone() as t
  t: store(m, "T")
  t: fd = memfd_create("x", 0)
  p: ftruncate(fd, 1 page)
  p: vfork() as v
  v: store(m + 1 page, "V")
  expect v: execve("/none") fails ENOENT
  v: exit(3)
  p: w = wait(v.pid)
  p: clone(CLONE_VM) as other
  other: store(m, "O")
  p: clone(CLONE_FILES) as files
  files: store(m, "F")
  p: x = load(m, 1)
  t: exit(0)
  p: kill(files.pid, SIGTERM)
  p: wait(files.pid)
  expect p: kill(files.pid, 0) fails ESRCH
  expect p: kill(p.pid, SIGUSR1) raises SIGUSR1
  p: pin(m, 1 page)
  p: unpin(m, 1 page)
  other: exit(0)
  p: wait()
  expect p: wait() fails ECHILD`;

test.each([
  ['accesses', SCENARIO],
  ['faults that are asked for', ASKED],
  ['who ends while others wait', MONITORED],
  ['threads, vfork, signals, wait', FAMILY],
  ['calls between processes', BETWEEN],
  ['fixed buffers of io_uring', FIXED],
])('this machine agrees on %s, or says what it lacks', async (_what, body) => {
  const { refused, differences, problem } = await verifyTrace(traced(body, hostOptions()), ABOUT, thisKernel);
  if (refused === undefined) expect({ differences, problem }).toEqual({ differences: 0, problem: undefined });
  else expect(refused).toMatch(/^(there is no C compiler \(cc\)|this is \w+, not Linux|it would take .*)$/);
});
