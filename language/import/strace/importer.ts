import { readDescriptor, splitArgs } from './args';
import { descriptorCalls } from './calls/descriptors';
import { ioCalls } from './calls/io';
import { memoryCalls } from './calls/memory';
import { pathCalls } from './calls/paths';
import { exitGroup, FORKS, makeChild, processCalls } from './calls/processes';
import { type Call, Context, type StraceOptions } from './context';
import { Joiner, type LogEvent, type LoggedCall } from './join';
import { makeProcess, type Task } from './tasks';

const CALLS: Readonly<Record<string, (context: Context, call: Call) => void>> = {
  ...descriptorCalls,
  ...ioCalls,
  ...memoryCalls,
  ...pathCalls,
  ...processCalls,
};

/** Calls that mean something for memory, and are not carried over. What is in neither table means nothing for it. */
const NOT_CARRIED = new Set([
  ...['mlock2', 'mlockall', 'munlockall', 'remap_file_pages', 'pkey_mprotect', 'mbind', 'move_pages', 'migrate_pages', 'mseal'],
  ...['vmsplice', 'tee', 'process_vm_readv', 'process_vm_writev', 'process_madvise', 'userfaultfd', 'prctl', 'swapon', 'swapoff'],
  ...[
    'io_uring_setup',
    'io_uring_enter',
    'io_uring_register',
    'io_submit',
    'mount',
    'umount2',
    'fsconfig',
    'move_mount',
    'pivot_root',
    'chroot',
  ],
]);

/** Events of processes whose parent is not known yet, altogether. */
const HELD = 20_000;

/** A log, line by line, to the steps of a scenario. Memory grows with what is open, mapped and alive, and with the text that comes out. */
export class Importer {
  readonly joiner = new Joiner();
  readonly context: Context;
  /** Every process and thread that the log has shown, in order. */
  readonly tasks: Task[] = [];
  /** Those that were there before the first step. */
  readonly first: Task[] = [];
  private readonly byPid = new Map<number, Task>();
  /** Forks that have begun: the parent's pid → the call, and the child once it is there. */
  private readonly forks = new Map<number, { name: string; args: string; child?: Task }>();
  /** Calls of execve that have begun, by pid. */
  private readonly execs = new Map<number, LoggedCall>();
  private readonly held = new Map<number, { line: number; event: LogEvent }[]>();
  private heldCount = 0;
  /** Calls that failed. */
  failed = 0;
  /** The line at which there were as many steps as may be. */
  fullAt: number | undefined;
  /** Files seen before that. */
  private filesThen = 0;

  constructor(options: StraceOptions, filesystem: string) {
    this.context = new Context(options, filesystem);
  }

  next(text: string): void {
    const event = this.joiner.next(text);
    this.context.line = this.joiner.lines;
    if (!event) return;
    if (this.context.full) {
      if (this.fullAt !== undefined) return;
      this.fullAt = this.joiner.lines;
      this.filesThen = this.context.files.all.length;
      return;
    }
    this.event(event);
  }

  /** The files that steps name. */
  get files() {
    return this.fullAt === undefined ? this.context.files.all : this.context.files.all.slice(0, this.filesThen);
  }

  finish(): void {
    for (const pid of [...this.held.keys()]) this.release(pid);
    if (!this.context.full) for (const task of this.tasks) if (task.alive && !task.process.borrowed) this.context.touch(task);
    this.context.folder.finish();
  }

  private event(event: LogEvent): void {
    const task = this.taskOf(event);
    if (!task) return;
    if (event.kind === 'begins') {
      if (FORKS.has(event.name)) this.forks.set(event.pid, { name: event.name, args: event.args });
      else if (event.name === 'execve') this.execs.set(event.pid, { ...event, result: '0' });
      else if (event.name === 'exit_group') exitGroup(this.context, task, event.args);
    } else if (event.kind === 'ended') {
      if (event.signal !== undefined && task.alive) this.context.remark(`killed by ${event.signal}`);
      this.context.end(task, event.status);
    } else this.call(task, event);
  }

  /** Whose event it is. That of a process which nobody has made as yet waits until it is known who did. */
  private taskOf(event: LogEvent): Task | undefined {
    const { pid } = event;
    const task = this.byPid.get(pid);
    if (task) return task;
    const open = [...this.forks].filter(([, fork]) => !fork.child);
    if (open.length === 0) return event.kind === 'ended' ? undefined : this.start(pid);
    const [[parent, fork]] = open as [[number, { name: string; args: string; child?: Task }]];
    if (open.length === 1) {
      fork.child = this.child(this.byPid.get(parent)!, fork.name, fork.args, pid);
      return fork.child;
    }
    const held = this.held.get(pid) ?? [];
    this.held.set(pid, held);
    held.push({ line: this.joiner.lines, event });
    if (++this.heldCount > HELD) for (const each of [...this.held.keys()]) this.release(each);
    return undefined;
  }

  private start(pid: number): Task {
    const process = makeProcess('/cwd');
    const task: Task = { id: this.tasks.length, pid, process, program: '', alive: true };
    process.tasks.add(task);
    process.leader = task;
    this.first.push(task);
    return this.add(task);
  }

  private child(parent: Task, name: string, args: string, pid: number): Task {
    if (!parent.alive) return this.start(pid);
    return this.add(makeChild(this.context, parent, name, args, pid, this.tasks.length));
  }

  private add(task: Task): Task {
    this.tasks.push(task);
    this.byPid.set(task.pid, task);
    return task;
  }

  /** What waited for a process to be known; by now it is, or it was there from the start. */
  private release(pid: number): void {
    const held = this.held.get(pid);
    if (!held) return;
    this.held.delete(pid);
    this.heldCount -= held.length;
    if (!this.byPid.has(pid)) this.start(pid);
    const { line } = this.context;
    for (const each of held) {
      this.context.line = each.line;
      this.event(each.event);
    }
    this.context.line = line;
  }

  private call(task: Task, logged: LoggedCall): void {
    const value = /^(-?(?:0x[0-9a-f]+|\d+))(?:<([\s\S]*)>)?/.exec(logged.result);
    const returned = value ? Number(value[1]) : undefined;
    if (FORKS.has(logged.name)) return this.forked(task, logged, returned);
    if (!task.alive) return;
    if (logged.name === 'execve') {
      const begun = this.execs.get(task.pid);
      this.execs.delete(task.pid);
      if (begun?.result === 'done') return;
    }
    if (logged.name === 'exit_group') return exitGroup(this.context, task, logged.args);
    if (returned === undefined || !Number.isSafeInteger(returned)) return;
    if (returned < 0) {
      this.failed++;
      return;
    }
    const run = Object.hasOwn(CALLS, logged.name) ? CALLS[logged.name] : undefined;
    if (!run) {
      if (NOT_CARRIED.has(logged.name)) this.context.lost(`${logged.name}, which is not carried over`);
      return;
    }
    if (task.process.borrowed && Object.hasOwn(memoryCalls, logged.name))
      return this.context.lost('what a child of vfork maps in the memory of its parent');
    const path = readDescriptor(value![0])?.path;
    run(this.context, {
      task,
      name: logged.name,
      args: splitArgs(logged.args),
      returned,
      ...(path !== undefined && { path }),
    });
  }

  private forked(task: Task, logged: LoggedCall, child: number | undefined): void {
    const begun = this.forks.get(task.pid);
    this.forks.delete(task.pid);
    if (child === undefined || child <= 0) return;
    if (begun?.child && begun.child.pid !== child)
      this.context.lost('a child whose parent is a guess: forks of several processes were under way');
    if (begun?.child?.pid !== child && task.alive) this.child(task, logged.name, logged.args, child);
    this.release(child);
    this.afterVfork(child);
  }

  /** vfork returns when the child has a memory of its own: its execve is over, though the log says so later. */
  private afterVfork(pid: number): void {
    const child = this.byPid.get(pid);
    const exec = this.execs.get(pid);
    if (!child?.process.borrowed || exec === undefined) return;
    this.call(child, exec);
    this.execs.set(pid, { ...exec, result: 'done' });
  }
}
