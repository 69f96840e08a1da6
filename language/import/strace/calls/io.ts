import { flags } from '../../build';
import { type Arg, bytes, fixed, word } from '../../step';
import { readDescriptor, readFlags, readNumber } from '../args';
import type { Call, Context } from '../context';
import { hasAtLeast, hasExactly, type Inode, isPlace, resized, writtenTo } from '../files';
import type { OpenFile } from '../tasks';
import { fdArg, fileOf, known } from './descriptors';
import { pathOf, quoted } from './paths';

const ELSEWHERE = 'reading or writing of pipes, sockets, terminals and other things without pages';

const UNREADABLE = 'a call whose numbers can not be';
/** read, write and the like move no more at once (MAX_RW_COUNT). */
const MOST = 0x7ffff000;

/** What a read or write says besides its descriptor: offset and flags as the log has them (none: at the position), and which argument is its length. */
interface How {
  readonly offset?: string | undefined;
  readonly flags?: string | undefined;
  readonly length?: string | undefined;
}

/** Flags of preadv2 and pwritev2 that a step has, too. What did not have to wait in the log may have to in a scenario, so RWF_NOWAIT is left out. */
function carried(context: Context, inode: Inode, flags: string | undefined): string[] {
  const drops = context.filesystem !== 'btrfs' && !inode.path.startsWith('/memfd:');
  return known(readFlags(flags), 'rwf').filter((name) => name !== 'RWF_NOWAIT' && (name !== 'RWF_DONTCACHE' || drops));
}

/** Offset and flags of a step: `-1` is the position. */
const placed = (offset: number | undefined, names: readonly string[]): Arg[] => [
  offset === undefined ? { kind: 'number', value: -1 } : bytes(offset),
  fixed(flags(names)),
];

function read(context: Context, call: Call, from: string | undefined, how: How = {}): void {
  const { task, returned } = call;
  const file = fileOf(context, call, from, 'read');
  if (!file) return context.lost(ELSEWHERE);
  const { fd, open, inode } = file;
  const offset = how.offset === undefined ? undefined : readNumber(how.offset);
  const place = how.offset === undefined ? open.position : offset;
  if (!isPlace(place) || returned > MOST) return context.lost(UNREADABLE);
  if (returned === 0) {
    if (!inode.own && place > 0 && inode.start === place) hasExactly(inode, place);
    return;
  }
  const length = open.direct ? (readNumber(how.length) ?? returned) : returned;
  const names = carried(context, inode, how.flags);
  hasAtLeast(inode, place + returned);
  if (names.length > 0) context.step(task, 'preadv2', [fdArg(fd), bytes(length), ...placed(offset, names)]);
  else if (offset !== undefined) context.step(task, 'pread', [fdArg(fd), bytes(length), bytes(place)]);
  else context.step(task, 'read', [fdArg(fd), bytes(length)]);
  if (offset === undefined) open.position += Math.min(length, Math.max(0, inode.size - place));
}

function write(context: Context, call: Call, to: string | undefined, how: How = {}): void {
  const { task, returned } = call;
  const file = fileOf(context, call, to, 'write');
  if (!file) return context.lost(ELSEWHERE);
  if (returned === 0) return;
  const { fd, open, inode } = file;
  const names = carried(context, inode, how.flags);
  const offset = how.offset === undefined ? undefined : readNumber(how.offset);
  const appends = names.includes('RWF_APPEND') || (open.append && !names.includes('RWF_NOAPPEND'));
  const place = appends ? inode.size : how.offset === undefined ? open.position : offset;
  if (!isPlace(place) || (how.offset !== undefined && !isPlace(offset)) || returned > MOST) return context.lost(UNREADABLE);
  const content = context.content(returned);
  if (names.length > 0) context.step(task, 'pwritev2', [fdArg(fd), content, ...placed(offset, names)]);
  else if (offset !== undefined) context.step(task, 'pwrite', [fdArg(fd), content, bytes(offset)]);
  else context.step(task, 'write', [fdArg(fd), content]);
  if (offset === undefined) open.position = place + returned;
  writtenTo(inode, place + returned);
}

/** A descriptor and an offset as the log has them. */
type Place = readonly (string | undefined)[];

/** sendfile and splice move pages of the page cache; here they are read, and written where they go to a file. */
function transfer(context: Context, call: Call, from: Place, to: Place): void {
  const explicit = (offset: string | undefined): string | undefined =>
    offset === undefined || offset === 'NULL' ? undefined : /\[(\d+)/.exec(offset)?.[1];
  for (const [how, [fd, offset]] of [
    ['read', from],
    ['write', to],
  ] as const) {
    const known = readDescriptor(fd)?.fd;
    if (known === undefined || (!call.task.process.descriptors.get(known)?.open.inode && !readDescriptor(fd)?.path?.startsWith('/')))
      continue;
    (how === 'read' ? read : write)(context, call, fd, { offset: explicit(offset) });
  }
}

function copyRange(context: Context, call: Call): void {
  const { task, args, returned } = call;
  const from = fileOf(context, call, args[0], 'read');
  const to = fileOf(context, call, args[2], 'write');
  if (!from || !to || returned === 0) return;
  const place = (offset: string | undefined, open: OpenFile) => Number(/\[(\d+)/.exec(offset ?? '')?.[1] ?? open.position);
  const [start, end] = [place(args[1], from.open), place(args[3], to.open)];
  if (!isPlace(start) || !isPlace(end) || returned > MOST) return context.lost(UNREADABLE);
  hasAtLeast(from.inode, start + returned);
  context.step(task, 'copy_file_range', [fdArg(from.fd), bytes(start), fdArg(to.fd), bytes(end), bytes(returned)]);
  writtenTo(to.inode, end + returned);
  if (args[1] === 'NULL') seek(context, call, from, start + returned);
  if (args[3] === 'NULL') seek(context, call, to, end + returned);
}

function seek(context: Context, { task }: Call, { fd, open }: { fd: number; open: OpenFile }, position: number): void {
  if (open.position === position) return;
  context.step(task, 'lseek', [fdArg(fd), bytes(position), word('SEEK_SET')]);
  open.position = position;
}

function lseek(context: Context, call: Call): void {
  const { args, returned } = call;
  const fd = readDescriptor(args[0])?.fd;
  const open = fd === undefined ? undefined : call.task.process.descriptors.get(fd)?.open;
  if (!open?.inode || fd === undefined || !isPlace(returned)) return;
  const by = readNumber(args[1]);
  if (args[2] === 'SEEK_END' && by !== undefined && by <= returned) hasExactly(open.inode, returned - by);
  seek(context, call, { fd, open }, returned);
}

function onFile(how: 'read' | 'write', step: (context: Context, call: Call, fd: number, inode: Inode) => void) {
  return (context: Context, call: Call): void => {
    const file = fileOf(context, call, call.args[0], how);
    if (file) step(context, call, file.fd, file.inode);
  };
}

/** Of any descriptor of a file, however it was opened. */
function onAny(step: (context: Context, call: Call, fd: number) => void) {
  return (context: Context, call: Call): void => {
    const fd = readDescriptor(call.args[0])?.fd;
    if (fd !== undefined && call.task.process.descriptors.get(fd)?.open.inode) step(context, call, fd);
  };
}

/** Of preadv2 and pwritev2: an offset of -1 is the position. */
const vector = ({ args }: Call): How => ({ offset: args[3] === '-1' ? undefined : args[3], flags: args[4] });

/** Reading, writing, flushing and the size of files. */
export const ioCalls: Readonly<Record<string, (context: Context, call: Call) => void>> = {
  read: (context, call) => read(context, call, call.args[0], { length: call.args[2] }),
  readv: (context, call) => read(context, call, call.args[0]),
  pread64: (context, call) => read(context, call, call.args[0], { length: call.args[2], offset: call.args[3] }),
  preadv: (context, call) => read(context, call, call.args[0], { offset: call.args[3] }),
  preadv2: (context, call) => read(context, call, call.args[0], vector(call)),
  write: (context, call) => write(context, call, call.args[0]),
  writev: (context, call) => write(context, call, call.args[0]),
  pwrite64: (context, call) => write(context, call, call.args[0], { offset: call.args[3] }),
  pwritev: (context, call) => write(context, call, call.args[0], { offset: call.args[3] }),
  pwritev2: (context, call) => write(context, call, call.args[0], vector(call)),
  sendfile: (context, call) => transfer(context, call, [call.args[1], call.args[2]], [call.args[0]]),
  splice: (context, call) => transfer(context, call, [call.args[0], call.args[1]], [call.args[2], call.args[3]]),
  copy_file_range: copyRange,
  lseek,
  fsync: onAny((context, call, fd) => context.step(call.task, 'fsync', [fdArg(fd)])),
  fdatasync: onAny((context, call, fd) => context.step(call.task, 'fdatasync', [fdArg(fd)])),
  sync_file_range: onAny((context, call, fd) => {
    const [offset, length] = [readNumber(call.args[1]), readNumber(call.args[2])];
    const names = known(readFlags(call.args[3]), 'sync_file_range');
    if (!isPlace(offset) || !isPlace(length) || names.length === 0) return;
    context.step(call.task, 'sync_file_range', [fdArg(fd), bytes(offset), bytes(length), fixed(flags(names))]);
  }),
  ftruncate: onFile('write', (context, call, fd, inode) => {
    const size = readNumber(call.args[1]);
    if (!isPlace(size)) return context.lost(UNREADABLE);
    context.step(call.task, 'ftruncate', [fdArg(fd), bytes(size)]);
    resized(inode, size);
  }),
  truncate: (context, call) => {
    const path = pathOf(call, call.args[0]);
    const size = readNumber(call.args[1]);
    const inode = path === undefined ? undefined : context.files.at(path);
    if (path === undefined || inode === undefined || !isPlace(size)) return;
    context.step(call.task, 'truncate', [quoted(path), bytes(size)]);
    resized(inode, size);
  },
  fallocate: onFile('write', (context, call, fd, inode) => {
    const [offset, length] = [readNumber(call.args[2]), readNumber(call.args[3])];
    const names = readFlags(call.args[1]);
    if (!isPlace(offset) || !isPlace(length) || length === 0) return context.lost(UNREADABLE);
    if (names.some((name) => !['FALLOC_FL_KEEP_SIZE', 'FALLOC_FL_PUNCH_HOLE', 'FALLOC_FL_ZERO_RANGE'].includes(name)))
      return context.lost('fallocate in a mode that moves blocks');
    context.step(call.task, 'fallocate', [fdArg(fd), fixed(flags(names)), bytes(offset), bytes(length)]);
    if (!names.includes('FALLOC_FL_KEEP_SIZE')) writtenTo(inode, offset + length);
  }),
  fadvise64: onAny((context, call, fd) => {
    const [offset, length] = [readNumber(call.args[1]), readNumber(call.args[2])];
    const [advice] = known(readFlags(call.args[3]), 'fadvise');
    if (!isPlace(offset) || !isPlace(length) || advice === undefined) return;
    context.step(call.task, 'posix_fadvise', [fdArg(fd), bytes(offset), bytes(length), word(advice)]);
  }),
  readahead: onFile('read', (context, call, fd) => {
    const [offset, count] = [readNumber(call.args[1]), readNumber(call.args[2])];
    if (isPlace(offset) && isPlace(count)) context.step(call.task, 'readahead', [fdArg(fd), bytes(offset), bytes(count)]);
  }),
  ioctl: (context, call) => {
    if (!/^(FICLONE|BTRFS_IOC_CLONE)$/.test(call.args[1] ?? '')) return;
    const to = fileOf(context, call, call.args[0], 'write');
    const from = fileOf(context, call, call.args[2], 'read');
    if (!to || !from) return context.lost('a clone of a file that is not otherwise used');
    context.step(call.task, 'ficlone', [fdArg(to.fd), fdArg(from.fd)]);
    writtenTo(to.inode, from.inode.size);
  },
};
