import { constants } from '../../../catalogue/constants';
import type { Constant, ConstantGroup } from '../../../catalogue/types';
import { flags as flagExpr, ref } from '../../build';
import { type Arg, fixed } from '../../step';
import { readDescriptor, readFlags, readNumber, readString } from '../args';
import type { Call, Context } from '../context';
import { absolute, type Inode, isSpecial, resized } from '../files';
import type { Descriptor, OpenFile, Process, Task } from '../tasks';
import { octal, pathOf, quoted } from './paths';

/** What a scenario has no use for, or would have to mean something by: everybody is root in it. */
const LEFT_OUT = new Set(['O_NONBLOCK', 'O_NOFOLLOW', 'O_NOATIME']);

/** Those of the names that the language has in one of its groups. */
export function known(names: readonly string[], group: ConstantGroup): string[] {
  return names.filter((name) => {
    if (LEFT_OUT.has(name) || !Object.hasOwn(constants, name)) return false;
    return (constants as Readonly<Record<string, Constant>>)[name]!.groups.includes(group);
  });
}

/** Descriptor 3 of the log is the variable `fd3` of its process. */
export const variable = (fd: number): string => `fd${fd}`;
export const fdArg = (fd: number): Arg => fixed(ref(variable(fd)));

/** Descriptors are that large at most (the hard limit of what a system may allow). */
const MOST_DESCRIPTORS = 2 ** 30;

function open(context: Context, call: Call, named: string | undefined, flags: readonly string[], mode: string | undefined): void {
  const { task, returned } = call;
  if (returned > MOST_DESCRIPTORS) return;
  forget(context, task, returned);
  const cloexec = flags.includes('O_CLOEXEC');
  const other = (): void => setDescriptor(task.process, returned, { open: nothing(named), cloexec, told: cloexec });
  const folder = flags.includes('O_TMPFILE') && named !== undefined ? absolute(named.replace(/\/#\d+$/, ''), '/') : undefined;
  const path = folder === undefined ? named : absolute('#', folder);
  if (path === undefined || isSpecial(path) || flags.includes('O_DIRECTORY') || flags.includes('O_PATH')) return other();
  const bits = readNumber(mode);
  const creates = flags.includes('O_CREAT');
  const found =
    folder !== undefined
      ? context.files.nameless(path)
      : creates
        ? context.files.created(path, flags.includes('O_EXCL'))
        : context.files.found(path);
  if (found?.directory) return other();
  const writable = flags.includes('O_WRONLY') || flags.includes('O_RDWR');
  if (writable && found && found.running > 0) {
    context.lost('opened for writing while a process whose end is not in the log executes it');
    return other();
  }
  const fresh = found === undefined || found.origin === 'made';
  const inode = found ?? context.files.created(path, true);
  if (found === undefined) context.lost('a file that comes back without having been made: O_CREAT is added');
  const wanted = known(flags, 'open').filter((flag) => flag !== 'O_EXCL' || fresh);
  const all = found === undefined ? [...wanted, 'O_CREAT'] : wanted;
  const args = [quoted(folder ?? path), fixed(flagExpr(all))];
  if ((folder !== undefined || all.includes('O_CREAT')) && bits !== undefined && bits >= 0 && bits <= 0o7777) {
    if (fresh) inode.mode ??= bits;
    args.push(octal(bits));
  }
  context.step(task, 'open', args, { bind: variable(returned) });
  if (flags.includes('O_TRUNC')) resized(inode, 0);
  const described = {
    inode,
    path,
    readable: !flags.includes('O_WRONLY'),
    writable,
    append: flags.includes('O_APPEND'),
    direct: flags.includes('O_DIRECT'),
    position: 0,
  };
  setDescriptor(task.process, returned, { open: described, cloexec, told: cloexec });
}

function nothing(path: string | undefined): OpenFile {
  return {
    inode: undefined,
    ...(path !== undefined && { path }),
    readable: true,
    writable: true,
    append: false,
    direct: false,
    position: 0,
  };
}

function setDescriptor(process: Process, fd: number, descriptor: Descriptor): void {
  process.descriptors.set(fd, descriptor);
  if (descriptor.open.inode && descriptor.open.writable) descriptor.open.inode.writers++;
}

/** A number that is given anew can't be open any more: what closed it is not in the log. */
function forget(context: Context, task: Task, fd: number): void {
  if (task.process.descriptors.get(fd)?.open.inode) close(context, task, fd);
}

export function close(context: Context, task: Task, fd: number): void {
  const { descriptors } = task.process;
  const descriptor = descriptors.get(fd);
  if (!descriptor) return;
  descriptors.delete(fd);
  const { inode, writable } = descriptor.open;
  if (!inode) return;
  if (writable) inode.writers--;
  context.step(task, 'close', [fdArg(fd)]);
}

function duplicate(context: Context, { task, returned }: Call, from: string | undefined, cloexec: boolean): void {
  const old = readDescriptor(from)?.fd;
  if (old === undefined || old === returned) return;
  if (task.process.descriptors.has(returned)) close(context, task, returned);
  const descriptor = task.process.descriptors.get(old);
  if (!descriptor) return;
  if (descriptor.open.inode) context.step(task, 'dup', [fdArg(old)], { bind: variable(returned) });
  setDescriptor(task.process, returned, { open: descriptor.open, cloexec, told: false });
}

/**
 * The open file of an argument, for reading or writing; `undefined` for what scenarios have not: pipes, sockets, terminals. What was opened
 * before the log began, and has a path by -y, is opened now.
 */
export function fileOf(
  context: Context,
  call: Call,
  argument: string | undefined,
  how: 'read' | 'write',
): { fd: number; open: OpenFile; inode: Inode } | undefined {
  const described = readDescriptor(argument);
  const fd = described?.fd;
  if (described === undefined || fd === undefined) return undefined;
  const { task } = call;
  const there = task.process.descriptors.get(fd)?.open;
  if (there) {
    if (!there.inode || (how === 'read' ? !there.readable : !there.writable)) return undefined;
    return { fd, open: there, inode: there.inode };
  }
  const { path } = described;
  if (path === undefined || isSpecial(path)) return undefined;
  const inode = context.files.found(path);
  if (!inode || inode.directory || (how === 'write' && inode.running > 0)) return undefined;
  context.lost('opened before the log begins, and here where it is used first');
  context.step(task, 'open', [quoted(path), fixed(ref(how === 'read' ? 'O_RDONLY' : 'O_RDWR'))], { bind: variable(fd) });
  const writable = how === 'write';
  const opened = { inode, path, readable: true, writable, append: false, direct: false, position: 0 };
  setDescriptor(task.process, fd, { open: opened, cloexec: false, told: false });
  return { fd, open: opened, inode };
}

function path(call: Call, name: string | undefined, folder?: string): string | undefined {
  const told = pathOf(call, name, folder);
  return call.path ?? told;
}

/** What opens, copies and closes descriptors. */
export const descriptorCalls: Readonly<Record<string, (context: Context, call: Call) => void>> = {
  open: (context, call) => open(context, call, path(call, call.args[0]), readFlags(call.args[1]), call.args[2]),
  openat: (context, call) => open(context, call, path(call, call.args[1], call.args[0]), readFlags(call.args[2]), call.args[3]),
  openat2: (context, call) => {
    const how = call.args[2];
    const named = /flags=([A-Z_|]+)/.exec(how ?? '')?.[1];
    open(context, call, path(call, call.args[1], call.args[0]), readFlags(named), /mode=(\d+)/.exec(how ?? '')?.[1]);
  },
  creat: (context, call) => open(context, call, path(call, call.args[0]), ['O_WRONLY', 'O_CREAT', 'O_TRUNC'], call.args[1]),
  close: (context, call) => {
    const fd = readDescriptor(call.args[0])?.fd;
    if (fd !== undefined) close(context, call.task, fd);
  },
  close_range: (context, call) => {
    const first = readNumber(call.args[0]) ?? 0;
    const last = readNumber(call.args[1]) ?? Infinity;
    const later = readFlags(call.args[2]).includes('CLOSE_RANGE_CLOEXEC');
    for (const [fd, descriptor] of [...call.task.process.descriptors]) {
      if (fd < first || fd > last) continue;
      if (later) descriptor.cloexec = true;
      else close(context, call.task, fd);
    }
  },
  dup: (context, call) => duplicate(context, call, call.args[0], false),
  dup2: (context, call) => duplicate(context, call, call.args[0], false),
  dup3: (context, call) => duplicate(context, call, call.args[0], readFlags(call.args[2]).includes('O_CLOEXEC')),
  fcntl: (context, call) => {
    const [of, command, value] = call.args;
    if (command?.startsWith('F_DUPFD')) duplicate(context, call, of, command === 'F_DUPFD_CLOEXEC');
    const fd = readDescriptor(of)?.fd;
    const descriptor = fd === undefined ? undefined : call.task.process.descriptors.get(fd);
    if (command === 'F_SETFD' && descriptor) descriptor.cloexec = readFlags(value).includes('FD_CLOEXEC');
  },
  getdents64: (_context, call) => isDirectory(call),
  getdents: (_context, call) => isDirectory(call),
  memfd_create: (context, call) => {
    const { task, returned, args } = call;
    forget(context, task, returned);
    const flags = readFlags(args[1]);
    const title = readString(args[0]) ?? 'memfd';
    context.step(task, 'memfd_create', [quoted(title), fixed(flagExpr(known(flags, 'memfd')))], { bind: variable(returned) });
    const inode = context.files.nameless(`/memfd:${title}`);
    const opened = { inode, readable: true, writable: true, append: false, direct: false, position: 0 };
    setDescriptor(task.process, returned, { open: opened, cloexec: flags.includes('MFD_CLOEXEC'), told: flags.includes('MFD_CLOEXEC') });
  },
};

function isDirectory(call: Call): void {
  const of = readDescriptor(call.args[0]);
  const inode = of?.fd === undefined ? undefined : call.task.process.descriptors.get(of.fd)?.open.inode;
  if (inode) inode.directory = true;
}
