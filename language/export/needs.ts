import { constants } from '../catalogue/constants';
import type { TracedSetup, Trace } from './trace';
import { bufferSize, diskSize } from './c/program';
import { has_swap, toolsOf } from './c/setups';

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

export function needsOf(trace: Trace): Needs {
  const buffer = bufferSize(trace);
  const processes = trace.names.size;
  const root = rootOf(trace);
  return {
    tools: toolsOf(trace),
    processes,
    buffer,
    memory: trace.memory + buffer * Math.max(1, processes),
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

function rootOf({ setups, steps, machine }: Trace): string | undefined {
  for (const setup of setups) {
    const why = setupNeedsRoot(setup);
    if (why !== undefined) return why;
  }
  if (typeof machine.hugetlb === 'bigint' && machine.hugetlb > 0n) return 'to set the pool of huge pages';
  if (typeof machine.swap === 'bigint' && machine.swap > 0n) return 'to turn on swap';
  if (typeof machine.thp === 'string' && machine.thp !== 'never') return 'to set transparent_hugepage/enabled';
  if (typeof machine.shmem_thp === 'string' && machine.shmem_thp !== 'never') return 'to set transparent_hugepage/shmem_enabled';
  const kernel = steps.find(({ who }) => who === 'kernel');
  if (kernel) return `to ask the kernel for ${kernel.call}()`;
  const owned = steps.find(({ call }) => call === 'chown');
  return owned && 'to change the owner of a file';
}

function setupNeedsRoot(setup: TracedSetup): string | undefined {
  switch (setup.kind) {
    case 'mount':
      return setup.type === 'tmpfs' ? undefined : `to mount ${setup.type}`;
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
