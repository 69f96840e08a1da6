import { calls } from '../catalogue/calls';
import { invariants } from '../catalogue/invariants';
import type { Parameter } from '../catalogue/types';
import { argument } from './arguments';
import type { MachineOptions, Options, Outcome, Setup, Violation } from './api';
import { audit, Checker } from './check';
import { declare } from './declare';
import { describe } from './describe';
import { design_named, designNames } from './designs/registry';
import { callFunctions, observers } from './implemented';
import { hugetlb_init } from './mm/hugetlb_pool';
import { forget_locks, is_held, keep_locks } from './kernel/locks';
import { type Asleep, Nap, Sleep } from './kernel/sleep';
import { is_sleeper } from './kernel/sleepers';
import { end_io, woken } from './mm/folio_wait';
import { Killed } from './mm/oom_kill';
import { is_unresolved } from './mm/userfaultfd_wait';
import { Content } from './state/content';
import { Impossible } from './state/impossible';
import { FrameType, Kernel, type KernelOptions, type KsmOptions, type SwapOptions, TaskState } from './state/kernel';
import { Mark } from './state/trace';
import { pagesOf } from './state/units';
import { kern_path, name_on_host } from './fs/namei';
import { cached_inode } from './fs/overlayfs/inode';
import { fput } from './fs/file';
import { filesystems } from './fs/registry';
import type { ObjectRef, Value } from './value';

type Function = (k: Kernel, task: number, ...args: unknown[]) => Outcome;
type Observer = (k: Kernel, subject: ObjectRef) => Value;

const DEFAULT_MEMORY = 64 * 2 ** 20;
/** Bytes of a hugetlb page. */
const HPAGE = 2n ** 21n;
const NOBODY: ObjectRef = { kind: 'host', id: 0 };

/** What a step came to. `asleep`: the call sleeps, and goes on from there. */
export interface Stepped {
  readonly outcome: Outcome;
  readonly violations: readonly Violation[];
  readonly asleep?: Asleep;
}

export type { Asleep };

interface Position {
  readonly records: number;
  readonly marks: number;
}

/** One simulated machine: state, steps, and questions. Nothing here is thrown but bugs. */
export class Machine {
  /** The first host's. */
  readonly kernel: Kernel;
  private readonly checkers: readonly Checker[];

  private constructor(
    kernel: Kernel,
    private readonly hostNames: readonly string[],
  ) {
    this.kernel = kernel;
    this.checkers = kernel.hosts.map((host) => new Checker(host));
  }

  /** A machine with these options, or the sentence that says why there is none. */
  static create(options: MachineOptions): Machine | { readonly error: string } {
    const { machine, design } = options;
    const memory = machine.memory === undefined ? BigInt(DEFAULT_MEMORY) : machine.memory;
    if (typeof memory !== 'bigint' || memory < 4096n)
      return { error: 'a machine needs at least one page of memory: machine { memory = 64M }' };
    const around = typeof machine.fault_around === 'bigint' ? pagesOf(Number(machine.fault_around)) : 1;
    if (![1, 2, 4, 8, 16, 32, 64, 128, 256, 512].includes(around))
      return { error: `fault_around = ${around} pages: it is a power of two, at most 512 pages (one page table)` };
    const thp = machine.thp ?? 'never';
    const shmemThp = machine.shmem_thp ?? 'never';
    if (shmemThp !== 'never' && shmemThp !== 'advise' && shmemThp !== 'within_size' && shmemThp !== 'always')
      return { error: 'shmem_thp is never, advise, within_size or always' };
    if (thp !== 'never' && thp !== 'madvise' && thp !== 'always') return { error: 'thp is never, madvise or always' };
    const ksm = ksm_options(machine);
    if (typeof ksm === 'string') return { error: ksm };
    const readahead = typeof machine.readahead === 'bigint' ? pagesOf(Number(machine.readahead)) : 0;
    const make = design_named(design.base);
    if (make === undefined) return { error: `the design ${design.base} is not simulated yet; these are: ${designNames().join(', ')}` };
    const hugetlb = typeof machine.hugetlb === 'bigint' ? machine.hugetlb : 0n;
    if (hugetlb < 0n) return { error: 'hugetlb cannot be negative' };
    const swap = swap_options(machine);
    if (typeof swap === 'string') return { error: swap };
    const names = ['', ...(options.hosts ?? [])];
    let first: Kernel | undefined;
    for (let host = 0; host < names.length; host++) {
      const made = make(design.options);
      if (typeof made === 'string') return { error: made };
      const overlay = overlay_options(machine);
      const kernel = new Kernel(
        {
          memory: Number(memory / 4096n),
          faultAround: around,
          readahead,
          thp,
          shmemThp,
          zeroPage: machine.zero_page !== false,
          softDirty: machine.soft_dirty !== false,
          largeFolios: machine.large_folios === true,
          ksm,
          overlay,
          swap,
        },
        first,
      );
      kernel.design = made;
      kernel.filesystems = filesystems;
      if (!hugetlb_init(kernel, Number(hugetlb / HPAGE)))
        return { error: `hugetlb = ${hugetlb / HPAGE} pages of 2M do not fit into the memory` };
      first ??= kernel;
    }
    return new Machine(first!, names);
  }

  /** A further host by its name. */
  host(name: string): ObjectRef | undefined {
    const id = name === '' ? -1 : this.hostNames.indexOf(name);
    return id < 0 ? undefined : { kind: 'host', id, host: id };
  }

  /** A host's name, as declared; the first has none. */
  hostName(host: number): string {
    return this.hostNames[host] ?? '';
  }

  /** The host on which a process runs. */
  kernelOf(pid: number): Kernel {
    if (this.kernel.hosts.length === 1) return this.kernel;
    return this.kernel.hosts.find((host) => host.task.state.get(pid) !== TaskState.None) ?? this.kernel;
  }

  private kernelBehind(subject: ObjectRef | undefined): Kernel {
    if (this.kernel.hosts.length === 1 || subject === undefined) return this.kernel;
    if (subject.kind === 'process' || subject.kind === 'pte') return this.kernelOf(subject.id);
    return this.kernel.hosts[subject.host ?? 0] ?? this.kernel;
  }

  get journal(): Kernel['journal'] {
    return this.kernel.journal;
  }

  get trace(): Kernel['trace'] {
    return this.kernel.trace;
  }

  /** Sets up one declaration, before the first step. A process gives its pid. */
  declare(setup: Setup): { pid?: number; error?: string } {
    try {
      if (setup.kind === 'process') {
        const host = setup.host === undefined ? 0 : this.host(setup.host)?.id;
        return host === undefined ? { error: `there is no host ${setup.host}` } : declare(this.kernel.hosts[host]!, setup);
      }
      for (const host of this.kernel.hosts) {
        const declared = host.host === 0 || is_own(host, setup) ? declare(host, setup) : {};
        if (declared.error !== undefined) return declared;
      }
      return {};
    } catch (problem) {
      if (problem instanceof Impossible) return { error: problem.message };
      throw problem;
    }
  }

  /**
   * One process (or the kernel itself) does one call or access; then the invariants are checked. A step that can't be done leaves nothing behind.
   * `sleeps`: where it has to wait for the disk or a lock, the call sleeps in the middle (an error `would-wait` with `asleep`, but what it has done stays),
   * and the same step with that goes on. Without, the disk is idle when the step begins, and does at once what the step asks for.
   */
  step(who: number | 'kernel', call: string, args: readonly Value[], sleeps?: 'may' | Asleep): Stepped {
    const k = who === 'kernel' ? this.kernel : this.kernelOf(who);
    const entry = (callFunctions as Readonly<Record<string, Function>>)[call];
    const signature = (calls as Readonly<Record<string, { params: readonly Parameter[] }>>)[call];
    if (entry === undefined || signature === undefined)
      return { outcome: { kind: 'error', code: 'not-implemented', why: `${call} is not simulated yet` }, violations: [] };
    if (who !== 'kernel' && k.task.vfork.get(who) !== 0)
      return { outcome: { kind: 'error', code: 'would-wait', why: suspended(k, who) }, violations: [] };
    if (who !== 'kernel' && k.task.asleep.get(who) !== 0 && typeof sleeps !== 'object')
      return { outcome: { kind: 'error', code: 'would-wait', why: 'its process sleeps in another call' }, violations: [] };
    if (who !== 'kernel' && k.task.pinned.get(who) !== 0)
      return { outcome: { kind: 'error', code: 'would-wait', why: PINNED }, violations: [] };
    const plain = signature.params.map((parameter, i) => argument(parameter, args[i]));
    const before = this.position();
    for (const host of k.hosts) {
      host.violated = [];
      host.audited = false;
    }
    k.current = who === 'kernel' ? 0 : who;
    k.activeMemcg = undefined;
    k.trace.step(call, k.current);
    if (who !== 'kernel' && typeof sleeps === 'object' && !this.alive(who)) return this.killedAsleep(k, before, who, sleeps);
    try {
      this.wake(k, call, sleeps);
      const outcome = entry(k, k.current, ...plain);
      this.letGo(k);
      const violations = this.violations(before.records);
      k.trace.endStep();
      return { outcome, violations };
    } catch (problem) {
      if (problem instanceof Killed) return this.killed(k, before, problem.message);
      if (problem instanceof Sleep) return this.asleep(k, before, problem);
      if (!(problem instanceof Impossible)) throw problem;
      this.moveTo(before);
      this.discardFuture();
      return { outcome: { kind: 'error', code: problem.code, why: problem.message }, violations: [] };
    }
  }

  private violations(from: number): Violation[] {
    for (const checker of this.checkers) checker.step(from);
    return this.kernel.hosts.flatMap((host) => host.violated);
  }

  /** Whether two processes share one address space, as threads do. */
  sharesMemory(pid: number, other: number): boolean {
    const { mm } = this.kernelOf(pid).task;
    return mm.get(pid) === mm.get(other);
  }

  /** For a call that goes on the disk has done what it waits for, for one that does not sleep everything. */
  private wake(k: Kernel, call: string, sleeps: 'may' | Asleep | undefined): void {
    if (sleeps === undefined || !is_sleeper(call)) {
      k.nap = undefined;
      for (const host of k.hosts) end_io(host);
      return;
    }
    k.nap = new Nap(sleeps === 'may' ? undefined : sleeps);
    if (sleeps === 'may') return;
    if (k.current !== 0) k.task.asleep.set(k.current, 0);
    forget_locks(k, k.current);
    woken(k, sleeps);
  }

  /** A call that could sleep is over: it holds its open files no longer. */
  private letGo(k: Kernel): void {
    const { nap } = k;
    k.nap = undefined;
    for (const file of nap?.files ?? []) fput(k, file);
  }

  /** The call sleeps: the functions that it is in are left, and counted when it goes through them again. */
  private asleep(k: Kernel, before: Position, { on, message }: Sleep): Stepped {
    const { trace } = this;
    for (const mark of this.open(before.marks)) {
      trace.setPages(mark, 0);
      trace.exit();
    }
    const asleep = k.nap!.asleep(on);
    if (k.current !== 0) k.task.asleep.set(k.current, 1);
    keep_locks(k, k.current, asleep.locks);
    const violations = this.violations(before.records);
    trace.endStep();
    return { outcome: { kind: 'error', code: 'would-wait', why: message }, violations, asleep };
  }

  /** Marks of the functions that were entered since `from` and not left. */
  private open(from: number): number[] {
    const open: number[] = [];
    for (let mark = from; mark < this.trace.position; mark++) {
      const kind = this.trace.kind(mark);
      if (kind === Mark.Enter) open.push(mark);
      else if (kind === Mark.Exit) open.pop();
    }
    return open;
  }

  /** The disk does what it is still to do: nobody sleeps any more. */
  endIo(): void {
    for (const host of this.kernel.hosts) {
      if (host.bioList.first.get(0) === host.bios.count) continue;
      this.trace.step('kernel', 0);
      end_io(host);
      this.trace.endStep();
    }
  }

  /** Why a call that sleeps can't be woken: somebody holds the lock that it waits for, or nobody has resolved its fault. */
  keptFrom(who: number | 'kernel', { on }: Asleep): string | undefined {
    const k = who === 'kernel' ? this.kernel : this.kernelOf(who);
    return on.kind === 'lock' ? is_held(k, on.lock) : on.kind === 'userfault' ? is_unresolved(k, on.wait) : undefined;
  }

  /** The process was killed while it slept in the call, which comes back no more: only what it held is let go of. */
  private killedAsleep(k: Kernel, before: Position, who: number, { files }: Asleep): Stepped {
    forget_locks(k, who);
    for (const file of files) fput(k, file);
    const violations = this.violations(before.records);
    this.trace.endStep();
    return { outcome: { kind: 'signal', signal: 'SIGKILL', why: `while it slept: ${this.deathOf(who)}`, fatal: true }, violations };
  }

  /** The OOM killer ended the process in the middle of its step: what it had entered is left. */
  private killed(k: Kernel, before: Position, why: string): Stepped {
    const { trace } = this;
    for (let open = this.open(before.marks).length; open > 0; open--) trace.exit();
    this.letGo(k);
    const violations = this.violations(before.records);
    trace.endStep();
    return { outcome: { kind: 'signal', signal: 'SIGKILL', why: `the OOM killer chose it: ${why}`, fatal: true }, violations };
  }

  /** Whether a call would have to wait now. Nothing is done. */
  wouldWait(who: number | 'kernel', call: string, args: readonly Value[], asleep?: Asleep): boolean {
    const before = this.position();
    const { outcome, asleep: sleeps } = this.step(who, call, args, asleep);
    this.moveTo(before);
    this.discardFuture();
    return sleeps === undefined && outcome.kind === 'error' && outcome.code === 'would-wait';
  }

  alive(pid: number): boolean {
    return this.kernelOf(pid).task.state.get(pid) === TaskState.Running;
  }

  /** What ended a process; undefined while it lives. */
  deathOf(pid: number): string | undefined {
    return this.alive(pid) ? undefined : this.kernel.names.text(this.kernelOf(pid).task.death.get(pid));
  }

  /** An observable of the catalogue; undefined where it is not simulated. `events` and `violations` count by their argument. */
  observe(of: string, name: string, subject?: ObjectRef, args: readonly Value[] = []): Value | undefined {
    const k = this.kernelBehind(subject);
    if (of === 'run' && (name === 'events' || name === 'violations')) {
      const [what, outcome] = args;
      if (name === 'violations') {
        const asked = what instanceof Content ? [text(what)] : Object.keys(invariants);
        return BigInt(asked.reduce((sum, invariant) => sum + k.trace.count('violation', invariant), 0));
      }
      if (!(what instanceof Content)) return 0n;
      return BigInt(k.trace.count(text(what), outcome instanceof Content ? text(outcome) : undefined));
    }
    const observer = (observers as Readonly<Record<string, Readonly<Record<string, Observer>>>>)[of]?.[name];
    const value = observer?.(k, subject ?? NOBODY);
    return k.host === 0 ? value : on_host(k, value);
  }

  file(path: string): ObjectRef | undefined {
    const inode = kern_path(this.kernel, path, false);
    return inode === 0 ? undefined : { kind: 'file', id: inode };
  }

  frame(pfn: number): ObjectRef | undefined {
    return this.kernel.page.type.get(pfn) === FrameType.Page ? { kind: 'page', id: pfn } : undefined;
  }

  cgroup(path: string): ObjectRef | undefined {
    const k = this.kernel;
    const name = k.names.known(path);
    for (let id = 1; id <= k.cgroups.count; id++) if (k.cgroup.path.get(id) === name) return { kind: 'cgroup', id };
    return undefined;
  }

  pte(pid: number, address: bigint): ObjectRef | undefined {
    return in_user_space(address) ? { kind: 'pte', id: pid, at: Number(address / 4096n) } : undefined;
  }

  /** The mapping at an address of a process, or of a region's host. */
  vma(of: ObjectRef, address: bigint): ObjectRef | undefined {
    if (!in_user_space(address)) return undefined;
    const k = this.kernelBehind(of);
    const mm = of.kind === 'mm' ? of.id : k.task.mm.get(of.id);
    const id = k.space4.of(mm).vma.get(Number(address / 4096n));
    return id === 0 ? undefined : (on_host(k, { kind: 'vma', id }) as ObjectRef);
  }

  /** The page that a reader of the file would find cached at `index`. */
  page(file: ObjectRef, index: number): ObjectRef | undefined {
    const k = this.kernelBehind(file);
    const inode = cached_inode(k, file.id);
    if (index < 0 || index >= pagesOf(k.inode.size.get(inode))) return undefined;
    const { pfn } = k.design.lookup(k, k.inode.mapping.get(inode), index, 1);
    return pfn === 0 ? undefined : (on_host(k, { kind: 'page', id: pfn }) as ObjectRef);
  }

  /** Everything counted again, at the end of a run and in tests. */
  audit(): readonly Violation[] {
    return this.kernel.hosts.flatMap((host) => audit(host));
  }

  position(): { records: number; marks: number } {
    return { records: this.journal.position, marks: this.trace.position };
  }

  /** Undoes or redoes: the state, and the counts that come from the trace. */
  moveTo(position: { records: number; marks: number }): void {
    this.journal.moveTo(position.records);
    this.trace.moveTo(position.marks);
  }

  discardFuture(): void {
    this.journal.discardFuture();
    this.trace.discardFuture();
  }

  /** Nothing done so far can be undone any more. */
  forget(): void {
    this.journal.forget();
    this.trace.forget();
  }

  /** The host whose step the mark belongs to. */
  private kernelAt(index: number): Kernel {
    let mark = index;
    if (this.kernel.hosts.length > 1) while (mark > 0 && this.trace.kind(mark) !== Mark.Step) mark--;
    else return this.kernel;
    return this.kernelOf(this.trace.info(mark).args[0]);
  }

  /** The sentence of a micro-step, or the name of a function. */
  describeMark(index: number): string {
    return describe(this.kernelAt(index), this.trace.info(index));
  }
}

/** Whether each host has its own of what a declaration makes. */
function is_own(k: Kernel, setup: Setup): boolean {
  if (setup.kind === 'cgroup') return true;
  if (setup.kind === 'mount') return k.filesystems.some(({ name, device }) => name === setup.type && !device);
  return 'path' in setup && name_on_host(k, setup.path) !== setup.path;
}

/** An object says which host it belongs to. */
function on_host(k: Kernel, value: Value | undefined): Value | undefined {
  if (k.host === 0 || typeof value !== 'object' || value instanceof Content) return value;
  if (!('kind' in value)) return value.map((item) => on_host(k, item)!);
  return value.kind === 'record' ? value : { ...value, host: k.host };
}

const PINNED = 'its end has come, but it stays until nobody else maps the region that it made (creator_exit = pin_process)';

/** Why a process that called vfork can't go on yet. */
const suspended = (k: Kernel, pid: number): string =>
  `it called vfork and waits until its child (pid ${k.task.vfork.get(pid)}) calls execve or exit`;

function ksm_options(machine: Options): KsmOptions | string {
  const sharing = machine['ksm.max_page_sharing'] ?? 256n;
  if (typeof sharing !== 'bigint' || sharing < 2n)
    return `ksm.max_page_sharing = ${String(sharing)}: a merged page has at least 2 mappings`;
  return {
    maxPageSharing: Number(sharing),
    useZeroPages: machine['ksm.use_zero_pages'] === true,
    smartScan: machine['ksm.smart_scan'] === true,
  };
}

function swap_options(machine: Options): SwapOptions | string {
  const { swap = 0n, swappiness = 60n, page_cluster = 0n } = machine;
  if (typeof swap !== 'bigint' || swap < 0n) return 'swap cannot be negative';
  if (typeof swappiness !== 'bigint' || swappiness < 0n || swappiness > 200n)
    return `swappiness = ${String(swappiness)}: it is 0 (files only) to 200`;
  if (typeof page_cluster !== 'bigint' || page_cluster < 0n || page_cluster > 31n)
    return `page_cluster = ${String(page_cluster)}: it is the power of two of how many pages are read at once, 0 to 31`;
  return {
    pages: Number(swap / 4096n),
    swappiness: Number(swappiness),
    pageCluster: Number(page_cluster),
    synchronous: machine.swap_synchronous !== false,
    hostCache: typeof machine.host_cache === 'bigint' ? pagesOf(Number(machine.host_cache)) : 0,
  };
}

/** How overlays are mounted that say nothing themselves: as today's kernel does it. */
const overlay_options = (machine: MachineOptions['machine']): KernelOptions['overlay'] => ({
  cache: machine['overlay.cache'] === 'stacked' ? 'stacked' : 'real',
  reopen: machine['overlay.reopen_on_copy_up'] !== false,
});

const in_user_space = (address: bigint): boolean => address >= 0n && address < 2n ** 47n;

const text = (content: Content): string => new TextDecoder().decode(content.bytes(0, content.length));
