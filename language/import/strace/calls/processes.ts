import { bytes, fixed } from '../../step';
import { flags as flagExpr } from '../../build';
import { readNumber, readString } from '../args';
import { type Call, type Context, literal, nameOf } from '../context';
import { hasAtLeast, isSpecial } from '../files';
import { AddressSpace } from '../memory';
import { copyProcess, type Task } from '../tasks';
import { close } from './descriptors';
import { octal, pathOf, quoted } from './paths';

/** Calls that make a process or a thread. */
export const FORKS = new Set(['fork', 'vfork', 'clone', 'clone3', 'clone2']);
/** The simulator maps a program here, all of it. */
const PROGRAM = 0x400000;
/** How large a program is if the log doesn't tell: a choice. */
const PROGRAM_SIZE = 64 * 1024;

/** The child of a call of which the log may have no more than the beginning. */
export function makeChild(context: Context, parent: Task, name: string, args: string, pid: number, id: number): Task {
  const thread = args.includes('CLONE_THREAD');
  const borrows = name === 'vfork' || args.includes('CLONE_VFORK');
  if (!thread && !borrows && args.includes('CLONE_VM'))
    context.lost('a child that shares memory without being a thread: here it is forked');
  context.touch(parent);
  const process = thread ? parent.process : copyProcess(parent.process);
  const task: Task = { id, pid, process, program: parent.program, alive: true };
  process.tasks.add(task);
  if (!thread) {
    process.leader = task;
    process.borrowed = borrows;
    if (parent.process.image) {
      process.image = parent.process.image;
      process.image.running++;
    }
  }
  context.step(parent, thread ? 'clone' : borrows ? 'vfork' : 'fork', [], { as: nameOf(task) });
  if (borrows) parent.waitsFor = task;
  return task;
}

function execve(context: Context, call: Call, path: string | undefined, argument: string | undefined): void {
  const { task } = call;
  const { process } = task;
  if (process.tasks.size > 1) {
    if (task !== process.leader) return context.lost('execve of a thread that is not the first');
    for (const other of [...process.tasks]) if (other !== task) context.end(other, 0);
  }
  const shown = readString(/^\["((?:[^"\\]|\\.)*)"/.exec(argument ?? '')?.[0].slice(1));
  const inode = path === undefined || isSpecial(path) ? process.image : context.files.found(path);
  task.program = inode?.path ?? path ?? shown ?? task.program;
  const runs = inode && !inode.directory && inode.writers === 0 && !(inode.own && inode.size === 0);
  context.touch(task);
  for (const [fd, descriptor] of [...process.descriptors]) {
    if (!descriptor.cloexec && !descriptor.told) continue;
    if (!descriptor.told) close(context, task, fd);
    else {
      if (descriptor.open.inode && descriptor.open.writable) descriptor.open.inode.writers--;
      process.descriptors.delete(fd);
    }
  }
  if (runs) {
    if (!inode.exact) hasAtLeast(inode, Math.max(1, inode.size === 0 ? PROGRAM_SIZE : inode.size));
    inode.executed = true;
    if (inode.origin === 'made' && ((inode.mode ?? 0) & 0o111) === 0) {
      inode.mode = 0o755;
      context.step(task, 'chmod', [quoted(inode.path), octal(0o755)]);
    }
    if (inode.size === 0) return context.lost('execve of an empty file');
    context.step(task, 'execve', [quoted(inode.path)]);
    if (process.image) process.image.running--;
    process.image = inode;
    inode.running++;
    process.borrowed = false;
    process.memory = new AddressSpace();
    process.segments.clear();
    if (context.options.touch !== 'none')
      context.step(task, 'touch', [literal(PROGRAM), bytes(inode.size), fixed(flagExpr(['PROT_READ']))]);
  } else context.lost('execve of a program that the scenario can not have');
}

/** What makes, replaces and ends processes, as far as it is a call; how they end is said in lines of its own. */
export const processCalls: Readonly<Record<string, (context: Context, call: Call) => void>> = {
  execve: (context, call) => execve(context, call, pathOf(call, call.args[0]), call.args[1]),
  execveat: (context, call) => execve(context, call, pathOf(call, call.args[1], call.args[0]), call.args[2]),
};

/** exit_group: every thread of the process ends. */
export function exitGroup(context: Context, task: Task, status: string | undefined): void {
  context.end(task.process.leader, (readNumber(status) ?? 0) & 0xff);
}
