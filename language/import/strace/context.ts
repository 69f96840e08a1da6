import { Folder } from '../fold';
import { Losses } from '../losses';
import { type Arg, bytes, fixed } from '../step';
import { hex, flags as flagExpr, ref } from '../build';
import { Files, hasAtLeast } from './files';
import { pageUp, type Region } from './memory';
import type { Process, Task } from './tasks';

/** Which memory is touched, since a log doesn't say: none; what is mapped of files; private writable memory, too. */
export type Touching = 'none' | 'files' | 'all';

export interface StraceOptions {
  readonly touch: Touching;
  /** So many statements at most; what the log has beyond them is counted. */
  readonly limit: number;
}

/** A call as its function below sees it; it has succeeded. */
export interface Call {
  readonly task: Task;
  readonly name: string;
  readonly args: readonly string[];
  readonly returned: number;
  /** What -y says of a descriptor that is returned. */
  readonly path?: string;
}

/** Between fork and execve of a child made by vfork its memory is its parent's. */
const MEMORY = new Set(['mmap', 'munmap', 'mprotect', 'mremap', 'madvise', 'touch']);

/** What is written so far, and what the scenario then looks like: each function that reads a call adds steps here. */
export class Context {
  readonly files = new Files();
  readonly folder = new Folder();
  readonly losses = new Losses();
  /** Shared memory segments by the log's id, and their bytes. */
  readonly segments = new Map<number, number>();
  /** Content that the log doesn't tell: each piece is another one. */
  private seed = 0;
  /** Counted from 1. */
  line = 0;
  steps = 0;
  /** Pages of memory that are not those of files. */
  anonymous = 0;

  /** `filesystem`: what the files of the scenario lie on. */
  constructor(
    readonly options: StraceOptions,
    readonly filesystem: string,
  ) {}

  get full(): boolean {
    return this.steps >= this.options.limit;
  }

  lost(what: string): void {
    this.losses.add(what, this.line);
  }

  step(task: Task, call: string, args: readonly Arg[], more: { bind?: string; as?: string } = {}): void {
    const { waitsFor } = task;
    if (waitsFor !== undefined) {
      delete task.waitsFor;
      if (waitsFor.alive && waitsFor.process.borrowed) {
        this.remark(`how ${nameOf(waitsFor)} went on is not in the log`);
        this.end(waitsFor, 0);
      }
    }
    if (!MEMORY.has(call)) this.touch(task);
    this.write(task, call, args, more);
  }

  private write(task: Task, call: string, args: readonly Arg[], more: { bind?: string; as?: string } = {}): void {
    this.steps++;
    this.folder.push({ kind: 'step', who: nameOf(task), call, args, ...more });
  }

  remark(text: string): void {
    this.folder.push({ kind: 'remark', text });
  }

  content(size: number): Arg {
    return { kind: 'random', size, seed: ++this.seed };
  }

  /** The mappings that nobody has touched yet are touched by `task`. */
  touch(task: Task): void {
    const { memory, borrowed } = task.process;
    if (!memory.untouched || borrowed) return;
    for (const region of merged(memory.touch().filter((each) => each.prot.includes('PROT_READ')))) {
      const writes = region.prot.includes('PROT_WRITE') && !(region.shared && region.inode);
      let length = region.end - region.start;
      if (region.inode) {
        if (!region.inode.own && !region.inode.exact) hasAtLeast(region.inode, region.offset + length);
        length = Math.min(length, pageUp(region.inode.size) - region.offset);
      }
      if (writes) this.anonymous += length;
      if (length > 0)
        this.write(task, 'touch', [at(region, region.start), bytes(length), prot(writes ? ['PROT_READ', 'PROT_WRITE'] : ['PROT_READ'])]);
    }
  }

  /** The task ends, and with the first one of a process all others. */
  end(task: Task, status: number): void {
    if (!task.alive) return;
    const { process } = task;
    this.step(task, 'exit', status === 0 ? [] : [{ kind: 'number', value: status }]);
    task.alive = false;
    process.tasks.delete(task);
    if (task !== process.leader) return;
    for (const other of process.tasks) other.alive = false;
    process.tasks.clear();
    this.release(process);
  }

  /** Descriptors and program of a process that is gone. */
  private release(process: Process): void {
    for (const { open } of process.descriptors.values()) if (open.inode && open.writable) open.inode.writers--;
    process.descriptors.clear();
    if (process.image) process.image.running--;
  }
}

/** Stands for the name that the process gets when the whole log is read. */
export function nameOf(task: Task): string {
  return `\u0001${task.id}\u0002`;
}

/** An address of the log in the scenario's words. */
export function at(region: Region, address: number): Arg {
  return { kind: 'sum', base: ref(region.variable), offset: address - region.base };
}

export function prot(names: readonly string[]): Arg {
  return fixed(names.length === 0 ? ref('PROT_NONE') : flagExpr(names));
}

/** Neighbours in one mapping that are touched alike are touched at once. */
function merged(regions: readonly Region[]): Region[] {
  const found: Region[] = [];
  for (const region of regions) {
    const before = found.at(-1);
    const goesOn =
      before?.end === region.start &&
      before.variable === region.variable &&
      before.inode === region.inode &&
      before.offset + (before.end - before.start) === region.offset &&
      before.prot.includes('PROT_WRITE') === region.prot.includes('PROT_WRITE');
    if (goesOn) found[found.length - 1] = { ...before, end: region.end };
    else found.push(region);
  }
  return found;
}

export const literal = (address: number): Arg => fixed(hex(address));
