import { countsOnly } from '../countsOnly';
import { MOST_PAGES, subject } from '../observation';
import type { Trace, TracedSetup, TracedStep } from '../trace';
import { bufferOf, statements } from './calls';
import { result } from './emit';
import { needsArena } from './processCalls';
import { withoutUnused } from './prune';
import { helpers } from './runtimeCalls';
import { observe } from './runtimeObserve';
import { processes } from './runtimeProcesses';
import { setup } from './runtimeSetup';
import { setupStatements } from './setups';
import { userfault } from './runtimeUserfault';
import { USERFAULT_DEFINES } from './userfaultCalls';
import { cString } from './words';

const INCLUDES = `#define _GNU_SOURCE
${[
  ...[
    'errno.h',
    'fcntl.h',
    'glob.h',
    'limits.h',
    'linux/btrfs.h',
    'linux/fs.h',
    'linux/loop.h',
    'linux/io_uring.h',
    'linux/userfaultfd.h',
    'poll.h',
    'pthread.h',
    'sched.h',
    'setjmp.h',
  ],
  ...['signal.h', 'stdarg.h', 'stdint.h', 'stdio.h', 'stdlib.h', 'string.h', 'sys/file.h', 'sys/ioctl.h', 'sys/mman.h', 'sys/mount.h'],
  ...[
    'sys/prctl.h',
    'sys/resource.h',
    'sys/shm.h',
    'sys/socket.h',
    'sys/stat.h',
    'sys/swap.h',
    'sys/syscall.h',
    'sys/sysmacros.h',
    'sys/uio.h',
    'sys/vfs.h',
    'sys/wait.h',
    'unistd.h',
  ],
]
  .map((name) => `#include <${name}>`)
  .join('\n')}
`;

/** Missing from older C libraries. */
const DEFINES = `
#define PAGE 4096L
#define XFS_SUPER_MAGIC 0x58465342
#define EXT4_SUPER_MAGIC 0xef53
#define BTRFS_SUPER_MAGIC 0x9123683e
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define HUGETLBFS_MAGIC 0x958458f6
typedef unsigned long long u64;
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MAP_HUGE_1GB
#define MAP_HUGE_2MB (21 << 26)
#define MAP_HUGE_1GB (30 << 26)
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#ifndef MFD_EXEC
#define MFD_NOEXEC_SEAL 8
#define MFD_EXEC 16
#endif
#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x80
#endif
#ifndef RWF_NOAPPEND
#define RWF_NOAPPEND 0x20
#endif
#ifndef RWF_NOSIGNAL
#define RWF_NOSIGNAL 0x100
#endif
#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#define PR_GET_MEMORY_MERGE 68
#endif
`;

/** The most that one call, or one declared file, holds at once; bytes. */
export function bufferSize(trace: Trace): number {
  const files = trace.setups.map((each) => (each.kind === 'file' ? fileSize(each) : 0));
  return Math.max(4096, ...files, ...trace.steps.map(bufferOf));
}

/** Bytes that declared files need on disk. */
export function diskSize(trace: Trace): number {
  return trace.setups.reduce((sum, each) => sum + (each.kind === 'file' ? fileSize(each) : 0), 0);
}

export function fileSize(setup: TracedSetup & { kind: 'file' }): number {
  const { size } = setup.options;
  const { content } = setup.options;
  if (typeof size === 'bigint') return Number(size);
  return setup.content?.length ?? (typeof content === 'object' && 'length' in content ? content.length : 0);
}

/** One C program that does what the scenario does, in real processes, and prints what it sees after each step. */
export function cProgram(trace: Trace): string {
  const last = Math.max(0, ...trace.names.keys());
  const names = Array.from({ length: last + 1 }, (_, pid) =>
    cString(pid === 0 ? 'kernel' : (trace.names.get(pid) ?? '?').replaceAll(' ', '_')),
  );
  const buffer = Math.ceil(bufferSize(trace) / 4096) + 1;
  const around = trace.machine.fault_around;
  const rings = trace.steps.some(({ call }) => call === 'io_uring_setup');
  return withoutUnused(`/*
 * ${trace.file}: ${trace.scenario}
 *
 * The steps of this scenario as real system calls in real processes. Each process waits for the number of a step, does it and says so;
 * a forked child goes on in the same loop. After each step the coordinator prints what /proc shows. Run as root, or as an
 * ordinary user where nothing but tmpfs is mounted and frames need not be seen:
 *     cc -O1 -pthread -fPIE -pie -o program program.c && ./program DIRECTORY
 */
${INCLUDES}${DEFINES}${USERFAULT_DEFINES}
enum { KERNEL = 0, NPROC = ${last + 1}, DATA = ${buffer} * 4096L, ARENAS = ${trace.steps.filter(needsArena).length}, MOST_PAGES = ${MOST_PAGES}, LARGE_FOLIOS = ${trace.machine.large_folios === true ? 1 : 0} };
enum { COUNTS_ONLY = ${countsOnly(trace) ? 1 : 0} };       /* of what is cached: to map a page that was read ahead, to be dropped after use, keeps it */
#define DISK (${Math.max(1024, Math.ceil(diskSize(trace) / 2 ** 20) * 3)}L << 20)
#define FAULT_AROUND "${typeof around === 'bigint' ? around : 4096n}"

static const char *const names[NPROC] = { ${names.join(', ')} };

/* Looked at after each step, from one on. */
static const struct { const char *path; int from; } files[] = { ${[...lookedAt(trace), '{ NULL, 0 }'].join(', ')} };

enum { ENDS = 1, LETS_GO = 2, SLEEPS = 4, GOES_ON = 8, LENDS = 16, KILLED = 32, RINGS = 64 };
static const struct { int line, who, child, how; } steps[] = {
${trace.steps.map((step, n) => `    /* ${n} */ { ${step.line}, ${step.who === 'kernel' ? 'KERNEL' : step.who}, ${childOf(step)}, ${howOf(step, rings)} },`).join('\n')}
    { 0, 0, 0, 0 }
};

/* Which processes end with which step. */
static const struct { int step, process; } ends[] = { ${trace.steps.flatMap(({ ends }, n) => ends.map((pid) => `{ ${n}, ${pid} }, `)).join('')}{ 0, 0 } };
${processes}${helpers}${userfault}${setup}${observe}
/* ---- The scenario ---- */

static void set_up(void)
{
${indented(setupStatements(trace))}
}

static void start_processes(void)
{
${indented(starts(trace))}
}

/* Thousands of short cases: to make them fast takes a compiler minutes. */
__attribute__((optimize("O0"))) static long step(int n)
{
    switch (n) {
${cases(trace.steps).join('\n')}
    }
    return 0;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    set_up();
    begin_processes();
    start_processes();
    for (int n = 0; n < ${trace.steps.length}; n++) do_step(n);
    printf("end\\n");
    return 0;
}
`);
}

/** Before these the program closes what it holds open for looking: it would be in the way. */
const LETS_GO: ReadonlySet<string> = new Set(['umount']);

/** Below an overlay a file is looked at from when it is there: to have looked for it makes a name that is not there known as such (a negative dentry), whatever comes below. */
function lookedAt({ files, setups, steps }: Trace): string[] {
  const overlays = setups.flatMap((each) => (each.kind === 'mount' && each.type === 'overlay' ? [`${each.path}/`] : []));
  return files.map((path) => {
    const above = overlays.some((overlay) => path.startsWith(overlay));
    const from = above ? steps.findIndex(({ after }) => after.facts.has(subject.file(path))) : 0;
    return `{ ${cString(path.slice(1))}, ${from < 0 ? steps.length : from} }`;
  });
}

const BIRTHS: ReadonlySet<string> = new Set(['fork', 'vfork', 'clone']);

const childOf = (step: TracedStep): bigint => (BIRTHS.has(step.call) ? (result(step) ?? 0n) : 0n);

/** The flags of a step: what the coordinator does about it. */
function howOf({ call, who, ends, sleeps, since, outcome }: TracedStep, rings: boolean): string {
  const itself = ends.some((pid) => pid === who);
  const flags = [
    ...(itself ? ['ENDS'] : []),
    ...(itself && call === 'kill' ? ['KILLED'] : []),
    ...(LETS_GO.has(call) ? ['LETS_GO'] : []),
    ...(rings && (call === 'close' || ends.length > 0) ? ['RINGS'] : []),
    ...(sleeps === true ? ['SLEEPS'] : []),
    ...(since === undefined ? [] : ['GOES_ON']),
    ...(call === 'vfork' && outcome.kind === 'ok' ? ['LENDS'] : []),
  ];
  return flags.join(' | ') || '0';
}

/** What each step does; one that goes on with another has nothing to begin. */
function cases(steps: readonly TracedStep[]): string[] {
  let arenas = 0;
  return steps.flatMap((step, n) => {
    if (step.since !== undefined) return [];
    const body = statements[step.call as keyof typeof statements]!(step, needsArena(step) ? ++arenas : 0);
    const who = step.who === 'kernel' ? '' : ` by ${step.who}`;
    return [
      `    case ${n}: {  /* line ${step.line}${who}: ${step.text.replaceAll('*/', '* /').slice(0, 160)} */\n${body.map((line) => `        ${line}`).join('\n')}\n    }`,
    ];
  });
}

function starts(trace: Trace): string[] {
  const processes = trace.setups.filter((each) => each.kind === 'process');
  return processes.flatMap((each, i) => {
    const uid = typeof each.options.uid === 'bigint' ? each.options.uid : 0n;
    const group = each.cgroup === undefined ? 'NULL' : cString(each.cgroup.slice(1));
    return [`start_process(${each.pid}, ${group}, ${uid});`, ...(i === 0 ? [`measure_own(${each.pid});`] : [])];
  });
}

const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line}`).join('\n');
