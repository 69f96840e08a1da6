import type { CallName } from '../catalogue/calls';
import { filesystems } from './fs/registry';
import { calls as copyCalls } from './fs/copy_file_range';
import { calls as directoryCalls } from './fs/directories';
import { calls as dropCachesCalls } from './fs/drop_caches';
import { calls as fadviseCalls } from './fs/fadvise';
import { calls as fallocateCalls } from './fs/fallocate';
import { calls as mountCalls } from './fs/namespace';
import { calls as lseekCalls } from './fs/lseek';
import { calls as openCalls } from './fs/open';
import { calls as clearRefsCalls } from './fs/proc_task_mmu';
import { calls as ioUringCalls } from './fs/io_uring';
import { calls as bufferCalls } from './fs/user_buffers';
import { calls as pipeCalls } from './fs/pipe';
import { calls as spliceCalls } from './fs/splice';
import { calls as readWriteCalls } from './fs/read_write';
import { calls as remapCalls } from './fs/remap_range';
import { calls as shareCalls } from './fs/share';
import { calls as snapshotCalls } from './fs/snapshot';
import { calls as statCalls } from './fs/stat';
import { calls as renameCalls } from './fs/rename';
import { calls as syncCalls } from './fs/sync';
import { calls as reclaimCalls } from './kernel/reclaim';
import { calls as cgroupCalls } from './kernel/cgroup';
import { calls as execCalls } from './kernel/exec';
import { calls as exitCalls } from './kernel/exit';
import { calls as forkCalls } from './kernel/fork';
import { calls as pidfdCalls } from './kernel/pidfd';
import { calls as signalCalls } from './kernel/signal';
import { calls as sysCalls } from './kernel/sys';
import { calls as accessCalls } from './mm/accesses';
import { calls as cachestatCalls } from './mm/cachestat';
import { calls as khugepagedCalls } from './mm/khugepaged';
import { calls as ksmCalls } from './mm/ksm';
import { calls as madviseCalls, unsimulatedAdvice } from './mm/madvise';
import { calls as mlockCalls } from './mm/mlock';
import { calls as pinCalls } from './mm/pin';
import { calls as shmCalls } from './mm/shm';
import { calls as swapoffCalls } from './mm/swapoff';
import { calls as processVmCalls } from './mm/process_vm_access';
import { calls as mincoreCalls } from './mm/mincore';
import { calls as mmapCalls } from './mm/mmap';
import { calls as mshareCalls } from './mm/mshare_calls';
import { calls as mprotectCalls } from './mm/mprotect';
import { calls as mremapCalls } from './mm/mremap';
import { calls as msyncCalls } from './mm/msync';
import { calls as userfaultCalls, unsimulatedFeatures } from './mm/userfaultfd';
import { fileObservers } from './observables/file';
import { machineObservers } from './observables/machine';
import { processObservers } from './observables/process';
import { functions, outcomes, violations } from './generated/names';
import { designNames } from './designs/registry';
import type { Calls } from './calls';

/** Every call that is simulated. */
export const callFunctions: Calls = {
  ...openCalls,
  ...mountCalls,
  ...lseekCalls,
  ...renameCalls,
  ...readWriteCalls,
  ...pipeCalls,
  ...spliceCalls,
  ...bufferCalls,
  ...ioUringCalls,
  ...syncCalls,
  ...shareCalls,
  ...remapCalls,
  ...snapshotCalls,
  ...copyCalls,
  ...fallocateCalls,
  ...fadviseCalls,
  ...directoryCalls,
  ...statCalls,
  ...cachestatCalls,
  ...dropCachesCalls,
  ...clearRefsCalls,
  ...mmapCalls,
  ...mprotectCalls,
  ...mshareCalls,
  ...mremapCalls,
  ...madviseCalls,
  ...khugepagedCalls,
  ...msyncCalls,
  ...userfaultCalls,
  ...mincoreCalls,
  ...mlockCalls,
  ...pinCalls,
  ...shmCalls,
  ...processVmCalls,
  ...accessCalls,
  ...ksmCalls,
  ...swapoffCalls,
  ...sysCalls,
  ...forkCalls,
  ...execCalls,
  ...exitCalls,
  ...signalCalls,
  ...pidfdCalls,
  ...cgroupCalls,
  ...reclaimCalls,
};

/** Every observable that is simulated, by owner. */
export const observers = { ...processObservers, ...fileObservers, ...machineObservers };

/** Asked with an index or an argument, or through an object of its own, by the machine's methods (`pte`, `vma`, `page`, `frame`). */
const INDEXED = ['process.pte', 'process.vma', 'mm.vma', 'file.page', 'page.flags', 'run.events', 'run.violations'];

/** Options of statements that have an effect; with `=value` only that value (a default needs nothing). Mounts name theirs; a design has an effect for each. */
const OPTIONS = [
  'machine.memory',
  'machine.fault_around',
  'machine.overlay.cache',
  'machine.overlay.reopen_on_copy_up',
  'machine.zero_page',
  'machine.soft_dirty',
  'machine.thp',
  'machine.shmem_thp',
  'machine.large_folios',
  'machine.hugetlb',
  'machine.ksm.max_page_sharing',
  'machine.ksm.use_zero_pages',
  'machine.ksm.smart_scan',
  'machine.readahead',
  'machine.swap',
  'machine.swappiness',
  'machine.page_cluster',
  'machine.swap_synchronous',
  'machine.host_cache',
  'file.size',
  'file.content',
  'file.mode',
  'file.uid',
  'directory.mode',
  'directory.uid',
  'process.uid',
  'cgroup.limit',
  'cgroup.swap',
];

/** Constants with which a call is refused, whatever the state (`Impossible`). */
const REFUSED = ['SHM_HUGETLB', 'PR_SET_THP_DISABLE', 'SIGSTOP', ...unsimulatedAdvice, ...unsimulatedFeatures];

/** The invariants that every design has (check.ts). */
const INVARIANTS = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'lockdep cycle'];

/** Kinds of statements: all. */
const STATEMENTS = [
  ...['under', 'machine', 'host', 'mount', 'file', 'directory', 'reflink', 'snapshot', 'dedupe', 'process', 'cgroup', 'param'],
  ...['action', 'process-block', 'let', 'if', 'for', 'repeat', 'step', 'parallel', 'expect', 'expect-failure', 'invariant', 'return'],
];

/** What the simulator does so far, under the catalogue's names: the checks say of everything else that it is not simulated yet. */
export const implemented = {
  calls: new Set<string>(Object.keys(callFunctions) satisfies string[] as CallName[]),
  get designs(): ReadonlySet<string> {
    return new Set(designNames());
  },
  observables: new Set<string>([
    ...INDEXED,
    ...Object.entries(observers).flatMap(([owner, names]) => Object.keys(names).map((name) => `${owner}.${name}`)),
  ]),
  mounts: new Set<string>(filesystems.map(({ name }) => name)),
  options: new Set<string>([...OPTIONS, ...filesystems.flatMap(({ name, options }) => options.map((option) => `mount.${name}.${option}`))]),
  statements: new Set<string>(STATEMENTS),
  refused: new Set<string>(REFUSED),
  functions: new Set<string>(functions),
  outcomes: new Map<string, ReadonlySet<string>>(Object.entries(outcomes).map(([name, words]) => [name, new Set(words)])),
  violations: new Set<string>([...INVARIANTS, ...violations]),
};
