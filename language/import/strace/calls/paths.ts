import type { Expr } from '../../../syntax/ast';
import { number, string } from '../../build';
import { fixed, type Arg } from '../../step';
import { readDescriptor, readNumber, readString, field } from '../args';
import type { Call, Context } from '../context';
import { absolute, hasExactly, type Inode, isPlace, isSpecial } from '../files';

/** The path that an argument names, from the directory of `folder` (a descriptor; the working directory if left out); `undefined` if the log doesn't tell. */
export function pathOf(call: Call, path: string | undefined, folder?: string): string | undefined {
  const from = readDescriptor(folder);
  const { process } = call.task;
  if (from?.path !== undefined && from.fd === undefined) process.directory = from.path;
  const name = readString(path);
  if (name === undefined || name === '') return undefined;
  if (name.startsWith('/')) return absolute(name, '/');
  const base = from?.path ?? (from?.fd === undefined ? process.directory : process.descriptors.get(from.fd)?.open.path);
  return base?.startsWith('/') ? absolute(name, base) : undefined;
}

export const quoted = (path: string): Arg => fixed(string(path));

/** `0644` */
export const octalExpr = (mode: number): Expr => number(mode, `0${mode.toString(8)}`);
export const octal = (mode: number): Arg => fixed(octalExpr(mode));

type Names = (call: Call) => [string | undefined, string | undefined];

const plainNames: Names = (call) => [pathOf(call, call.args[0]), pathOf(call, call.args[1])];
const atNames: Names = (call) => [pathOf(call, call.args[1], call.args[0]), pathOf(call, call.args[3], call.args[2])];

function unlink(context: Context, { task }: Call, path: string | undefined): void {
  const inode = path === undefined ? undefined : context.files.at(path);
  if (path === undefined || !inode) return;
  context.step(task, 'unlink', [quoted(path)]);
  context.files.remove(path);
}

/** A directory is not moved, its files are: in the scenario all directories are there from the start. */
function rename(context: Context, call: Call, [from, to]: ReturnType<Names>): void {
  const { files } = context;
  if (from === undefined || to === undefined || from === to) return;
  const beneath = files.beneath(from);
  const pairs: [string, string][] = beneath.length > 0 ? beneath.map((path) => [path, to + path.slice(from.length)]) : [[from, to]];
  for (const [old, fresh] of pairs) {
    const inode = files.at(old) ?? (files.at(fresh) ? files.found(old) : undefined);
    if (!inode || isSpecial(fresh)) {
      context.lost('rename of a file that is not otherwise used');
      continue;
    }
    context.step(call.task, 'rename', [quoted(old), quoted(fresh)]);
    files.remove(old);
    files.name(fresh, inode);
  }
}

function link(context: Context, call: Call, [from, to]: ReturnType<Names>): void {
  const inode = from === undefined ? undefined : context.files.at(from);
  if (!inode || from === undefined || to === undefined || context.files.at(to)) return;
  context.step(call.task, 'link', [quoted(from), quoted(to)]);
  context.files.name(to, inode);
}

/** Sizes of files; of what is a directory, that it is one. Nothing of it is a step: stat reads no page. */
function stat(context: Context, of: string | Inode | undefined, told: string | undefined): void {
  const mode = field(told, 'st_mode') ?? field(told, 'stx_mode');
  const size = readNumber(field(told, 'st_size') ?? field(told, 'stx_size'));
  if (of === undefined || !isPlace(size)) return;
  const inode = typeof of === 'string' ? context.files.at(of) : of;
  if (mode?.startsWith('S_IFDIR') && inode) inode.directory = true;
  if (!mode?.startsWith('S_IFREG')) return;
  if (inode) hasExactly(inode, size);
  else if (typeof of === 'string' && !isSpecial(of)) context.files.stat(of, size);
}

function behind(call: Call, descriptor: string | undefined): string | Inode | undefined {
  const of = readDescriptor(descriptor);
  return (of?.fd === undefined ? undefined : call.task.process.descriptors.get(of.fd)?.open.inode) ?? of?.path;
}

function statAt(context: Context, call: Call, told: string | undefined): void {
  const empty = readString(call.args[1]) === '';
  stat(context, empty ? behind(call, call.args[0]) : pathOf(call, call.args[1], call.args[0]), told);
}

function chmod(context: Context, call: Call, path: string | undefined, mode: string | undefined): void {
  const inode = path === undefined ? undefined : context.files.at(path);
  const bits = readNumber(mode);
  if (!inode || path === undefined || bits === undefined || bits < 0 || bits > 0o7777) return;
  inode.mode = bits;
  context.step(call.task, 'chmod', [quoted(path), octal(bits)]);
}

/** Names of files and what they are told apart by. */
export const pathCalls: Readonly<Record<string, (context: Context, call: Call) => void>> = {
  unlink: (context, call) => unlink(context, call, pathOf(call, call.args[0])),
  unlinkat: (context, call) => unlink(context, call, pathOf(call, call.args[1], call.args[0])),
  rename: (context, call) => rename(context, call, plainNames(call)),
  renameat: (context, call) => rename(context, call, atNames(call)),
  renameat2: (context, call) => {
    if (/EXCHANGE|WHITEOUT/.test(call.args[4] ?? '')) context.lost('renameat2 with RENAME_EXCHANGE or RENAME_WHITEOUT');
    else rename(context, call, atNames(call));
  },
  link: (context, call) => link(context, call, plainNames(call)),
  linkat: (context, call) => {
    const [from, to] = atNames(call);
    if (call.args[4]?.includes('AT_EMPTY_PATH') || from?.startsWith('/proc/'))
      context.lost('linkat of a descriptor: what is opened by that name later is a file of its own');
    else link(context, call, [from, to]);
  },
  stat: (context, call) => stat(context, pathOf(call, call.args[0]), call.args[1]),
  lstat: (context, call) => stat(context, pathOf(call, call.args[0]), call.args[1]),
  fstat: (context, call) => stat(context, behind(call, call.args[0]), call.args[1]),
  newfstatat: (context, call) => statAt(context, call, call.args[2]),
  fstatat64: (context, call) => statAt(context, call, call.args[2]),
  statx: (context, call) => statAt(context, call, call.args[4]),
  chmod: (context, call) => chmod(context, call, pathOf(call, call.args[0]), call.args[1]),
  fchmodat: (context, call) => chmod(context, call, pathOf(call, call.args[1], call.args[0]), call.args[2]),
  chdir: (_context, call) => {
    call.task.process.directory = pathOf(call, call.args[0]) ?? call.task.process.directory;
  },
  fchdir: (_context, call) => {
    const of = readDescriptor(call.args[0]);
    const path = of?.path ?? (of?.fd === undefined ? undefined : call.task.process.descriptors.get(of.fd)?.open.path);
    call.task.process.directory = path ?? call.task.process.directory;
  },
};
