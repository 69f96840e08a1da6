import type { Inode } from './files';
import { AddressSpace } from './memory';

/** An open file: descriptors that are copies of one another have one of these. */
export interface OpenFile {
  /** Only of files that the scenario has, too. */
  readonly inode: Inode | undefined;
  /** What it is, as far as the log says. */
  readonly path?: string;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly append: boolean;
  readonly direct: boolean;
  position: number;
}

export interface Descriptor {
  readonly open: OpenFile;
  /** execve closes it; in the scenario it does so by itself where open was told. */
  cloexec: boolean;
  readonly told: boolean;
}

/** A process: what its threads have in common. */
export interface Process {
  readonly tasks: Set<Task>;
  leader: Task;
  memory: AddressSpace;
  /** In the scenario the descriptor 3 is the variable `fd3`. */
  readonly descriptors: Map<number, Descriptor>;
  /** Shared memory segments that it has a variable for. */
  readonly segments: Set<number>;
  directory: string;
  /** The program that it executes, if the scenario has it. */
  image?: Inode;
  /** It was made by vfork and has the memory of its parent as yet. */
  borrowed: boolean;
}

export interface Task {
  /** Its number among all of the log: a pid may come again. */
  readonly id: number;
  readonly pid: number;
  readonly process: Process;
  /** What its last execve ran; it is named after that. */
  program: string;
  /** It waits until this child calls execve or exits (vfork). */
  waitsFor?: Task;
  alive: boolean;
}

export function makeProcess(directory: string): Process {
  return {
    tasks: new Set(),
    leader: undefined as unknown as Task,
    memory: new AddressSpace(),
    descriptors: new Map(),
    segments: new Set(),
    directory,
    borrowed: false,
  };
}

/** What a child has of its parent. Open files are common to both, descriptors each one's own. */
export function copyProcess(parent: Process): Process {
  const child = makeProcess(parent.directory);
  child.memory = parent.memory.copy();
  for (const [fd, { open, cloexec, told }] of parent.descriptors) {
    child.descriptors.set(fd, { open, cloexec, told });
    if (open.inode && open.writable) open.inode.writers++;
  }
  for (const id of parent.segments) child.segments.add(id);
  return child;
}
