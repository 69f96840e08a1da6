import { constants } from '../catalogue/constants';
import type { Trace, TracedSetup, TracedStep } from './trace';
import { needsArena } from './c/processCalls';
import { bufferSize, diskSize } from './c/program';
import { has_swap, mountOf, toolsOf } from './c/setups';

/** What the program of a trace needs of the host that it runs on. */
export interface Needs {
  /** What only root may do; undefined where an ordinary user can run it, in a user namespace. */
  readonly root?: string;
  /** Programs to be found in PATH. */
  readonly tools: readonly string[];
  readonly processes: number;
  /** The most that one call handles at once, bytes. */
  readonly buffer: number;
  /** Bytes, of all processes and the page cache. */
  readonly memory: number;
  /** Bytes of the images of filesystems. */
  readonly disk: number;
  /** Whether it asks for huge pages of 1 GiB, which not every processor has. */
  readonly gigantic: boolean;
  /** Which kind of swap: in memory, or on a device that does not answer at once. */
  readonly swap?: 'memory' | 'disk';
}

/** `own`: the filesystem that programs run on, of which an ordinary user may have a directory. */
export function needsOf(trace: Trace, own?: string): Needs {
  const buffer = bufferSize(trace);
  const processes = trace.names.size;
  const root = rootOf(trace, own);
  return {
    tools: toolsOf(trace),
    processes,
    buffer,
    memory: trace.memory + buffer * Math.max(1, processes) * (1 + trace.steps.filter(needsArena).length),
    disk: 3 * diskSize(trace) + 2 ** 27,
    gigantic: gigantic(trace),
    ...(root !== undefined && { root }),
    ...(has_swap(trace) && { swap: trace.machine.swap_synchronous === false ? 'disk' : 'memory' }),
  };
}

/** Calls that name the size, or mounts that have it. */
function gigantic({ setups, steps }: Trace): boolean {
  const asked = steps.some(({ call, args }) => {
    const place = call === 'mmap' ? 3 : call === 'memfd_create' ? 1 : -1;
    const flags = args[place];
    return typeof flags === 'bigint' && (flags & constants.MAP_HUGE_1GB.value) === constants.MAP_HUGE_1GB.value;
  });
  return asked || setups.some((each) => each.kind === 'mount' && each.type === 'hugetlbfs' && each.options.pagesize === 2n ** 30n);
}

/** What of a scenario an ordinary user can do: what comes before the first step that only root may do. */
export function asUser(trace: Trace): Trace {
  const at = trace.steps.findIndex((step) => stepNeedsRoot(step) !== undefined);
  const first = trace.steps[at];
  if (first === undefined) return trace;
  const { line, text } = first;
  return { ...trace, steps: trace.steps.slice(0, at), stopped: { line, text, why: `it needs root, ${stepNeedsRoot(first)}` } };
}

function stepNeedsRoot({ who, call, args }: TracedStep): string | undefined {
  if (who === 'kernel') return call === 'writeback' && args.length > 0 ? undefined : `to ask the kernel for ${call}()`;
  if (call === 'userfaultfd' && typeof args[0] === 'bigint' && args[0] % 2n === 0n)
    return 'to be told of faults of the kernel (userfaultfd without UFFD_USER_MODE_ONLY)';
  if (call === 'madvise' && args[2] === constants.MADV_HUGEPAGE.value) return 'to set transparent_hugepage/enabled';
  return call === 'chown' ? 'to change the owner of a file' : undefined;
}

function rootOf(trace: Trace, own: string | undefined): string | undefined {
  const { setups, machine } = trace;
  for (const setup of setups) {
    const why = setupNeedsRoot(trace, setup, own);
    if (why !== undefined) return why;
  }
  if (typeof machine.hugetlb === 'bigint' && machine.hugetlb > 0n) return 'to set the pool of huge pages';
  if (typeof machine.swap === 'bigint' && machine.swap > 0n) return 'to turn on swap';
  if (typeof machine.thp === 'string' && machine.thp !== 'never') return 'to set transparent_hugepage/enabled';
  if (typeof machine.shmem_thp === 'string' && machine.shmem_thp !== 'never') return 'to set transparent_hugepage/shmem_enabled';
  return undefined;
}

type Mount = TracedSetup & { readonly kind: 'mount' };

function mountNeedsRoot(trace: Trace, setup: Mount, own: string | undefined): string | undefined {
  if (setup.type === 'tmpfs' || (setup.type === own && canBeDirectory(trace, setup))) return undefined;
  const { lower, upper, metacopy } = setup.options;
  const layers = setup.type === 'overlay' && metacopy !== true ? [lower, upper].flat().filter((each) => typeof each === 'string') : [];
  const below = layers.map((layer) => mountOf(trace, layer));
  const possible = below.length > 0 && below.every((each) => each !== undefined && mountNeedsRoot(trace, each, own) === undefined);
  return possible ? undefined : `to mount ${setup.type}`;
}

/** Whether a directory does as well as a filesystem of its own: it has no options, is the only one of its kind and is never unmounted. */
function canBeDirectory({ setups, steps }: Trace, setup: Mount): boolean {
  const alike = setups.filter((each) => each.kind === 'mount' && each.type === setup.type);
  return alike.length === 1 && Object.keys(setup.options).length === 0 && !steps.some(({ call }) => call === 'umount');
}

function setupNeedsRoot(trace: Trace, setup: TracedSetup, own: string | undefined): string | undefined {
  switch (setup.kind) {
    case 'mount':
      return mountNeedsRoot(trace, setup, own);
    case 'cgroup':
      return 'to make a control group';
    case 'file':
    case 'directory':
    case 'process':
      return typeof setup.options.uid === 'bigint' && setup.options.uid !== 0n ? `to be user ${setup.options.uid}` : undefined;
    case 'reflink':
    case 'dedupe':
    case 'snapshot':
      return undefined;
  }
}
