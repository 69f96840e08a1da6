import { flags as flagExpr, ref } from '../../build';
import { mappingName } from '../../names';
import { bytes, fixed, word } from '../../step';
import { readFlags, readNumber } from '../args';
import { at, type Call, type Context, literal, prot } from '../context';
import type { Inode } from '../files';
import { pageUp, type Region } from '../memory';
import type { Task } from '../tasks';
import { fdArg, fileOf, known } from './descriptors';
import { octalExpr } from './paths';

/** Where the heap begins in the scenario, whatever the log's address is: nothing else is near. */
const HEAP = 0x100000000;

/** Flags that a scenario has no use for: it says itself which mapping lies where. */
const PLACES = new Set(['MAP_FIXED', 'MAP_FIXED_NOREPLACE', 'MAP_32BIT', 'MAP_GROWSDOWN']);

const UNREADABLE = 'a call whose numbers can not be';
/** No process has memory beyond it. */
const TASK_SIZE = 2 ** 47;
/** A larger mapping is not touched: programs map such for the room, not for what is in it. */
const MOST_TOUCHED = 2 ** 30;

function isRange(start: number, length: number): boolean {
  return start >= 0 && start % 4096 === 0 && length > 0 && start + length <= TASK_SIZE;
}

function mmap(context: Context, call: Call): void {
  const { task, args, returned: start } = call;
  const length = readNumber(args[1]);
  const offset = readNumber(args[5]) ?? 0;
  if (length === undefined || !isRange(start, length) || offset < 0 || offset % 4096 !== 0) return context.lost(UNREADABLE);
  const end = start + pageUp(length);
  const protection = known(readFlags(args[2]), 'prot').filter((name) => name !== 'PROT_NONE');
  const names = readFlags(args[3]);
  const shared = names.includes('MAP_SHARED') || names.includes('MAP_SHARED_VALIDATE');
  const { memory } = task.process;
  const writes = shared && protection.includes('PROT_WRITE');
  const anonymous = names.includes('MAP_ANONYMOUS') || /^\d+<\/dev\/zero/.test(args[4] ?? '');
  const file = anonymous ? undefined : fileOf(context, call, args[4], writes ? 'write' : 'read');
  if (!anonymous && !file) {
    unmap(context, call, start, end);
    return context.lost('a mapping of a device, or of a file that the log does not name');
  }
  const over = memory.within(start, end);
  const fixedAt = names.includes('MAP_FIXED') && covers(over, start, end) ? over[0] : undefined;
  if (!fixedAt) unmap(context, call, start, end);
  const flags = known(names, 'map').filter((name) => !PLACES.has(name));
  if (!flags.includes('MAP_ANONYMOUS') && anonymous) flags.push('MAP_ANONYMOUS');
  if (fixedAt) flags.push('MAP_FIXED');
  const variable = fixedAt?.variable ?? memory.variable(file ? mappingName(file.inode.path) : 'm');
  const place = fixedAt ? at(fixedAt, start) : word('NULL');
  const source = file ? [fdArg(file.fd), bytes(offset)] : [];
  context.step(
    task,
    'mmap',
    [place, bytes(length), prot(protection), fixed(flagExpr(flags)), ...source],
    fixedAt ? {} : { bind: variable },
  );
  memory.insert({
    start,
    end,
    variable,
    base: fixedAt?.base ?? start,
    shared,
    prot: protection,
    offset,
    ...(file && { inode: file.inode }),
    untouched: length <= MOST_TOUCHED && isTouched(context, names, protection, file?.inode),
  });
}

function isTouched(context: Context, flags: readonly string[], protection: readonly string[], inode: Inode | undefined): boolean {
  const { touch } = context.options;
  if (touch === 'none' || flags.some((flag) => flag === 'MAP_NORESERVE' || flag === 'MAP_STACK' || flag === 'MAP_HUGETLB')) return false;
  return inode ? protection.includes('PROT_READ') : touch === 'all' && protection.includes('PROT_WRITE');
}

/** The range is all of it in one mapping of the scenario. */
function covers(regions: readonly Region[], start: number, end: number): boolean {
  let next = start;
  for (const region of regions) {
    if (region.start !== next || region.variable !== regions[0]!.variable) return false;
    next = region.end;
  }
  return next === end && regions.length > 0;
}

/** Neighbours that are one stretch in the scenario, too. */
function stretches(regions: readonly Region[]): Region[] {
  const found: Region[] = [];
  for (const region of regions) {
    const before = found.at(-1);
    if (before?.end === region.start && before.variable === region.variable) found[found.length - 1] = { ...before, end: region.end };
    else found.push(region);
  }
  return found;
}

function unmap(context: Context, { task }: Call, start: number, end: number): void {
  const { memory } = task.process;
  const parts = memory.within(start, end);
  if (parts.some((region) => region.untouched)) context.touch(task);
  for (const part of stretches(parts)) context.step(task, 'munmap', [at(part, part.start), bytes(part.end - part.start)]);
  memory.remove(start, end);
}

/** `step` for each stretch of the range that the call names and the scenario has. */
function eachStretch(context: Context, call: Call, step: (part: Region, length: number) => void): void {
  const start = readNumber(call.args[0]);
  const length = readNumber(call.args[1]);
  if (start === undefined || length === undefined || !isRange(start, length)) return context.lost(UNREADABLE);
  const parts = stretches(call.task.process.memory.within(start, start + pageUp(length)));
  if (parts.length === 0) return context.lost(`${call.name} of memory that the log does not show being mapped, as the program's own`);
  for (const part of parts) step(part, part.end - part.start);
}

function mremap(context: Context, call: Call): void {
  const { task, args, returned } = call;
  const [start, old, length] = [readNumber(args[0]), readNumber(args[1]), readNumber(args[2])];
  const { memory } = task.process;
  const names = readFlags(args[3]);
  const from = start === undefined ? undefined : memory.at(start);
  if (start === undefined || old === undefined || length === undefined || !from)
    return context.lost('mremap of memory that the log does not show being mapped');
  const parts = memory.within(start, start + Math.max(pageUp(old), 4096));
  if (!isRange(start, length) || !isRange(returned, length)) return context.lost(UNREADABLE);
  if (old === 0 || parts.length !== 1 || parts[0]!.end - start !== pageUp(old))
    return context.lost('mremap of several mappings, or of none');
  if (from.untouched) context.touch(task);
  const end = returned + pageUp(length);
  if (returned !== start) unmap(context, call, returned, end);
  const keeps = names.includes('MREMAP_DONTUNMAP');
  const part = memory.within(start, start + pageUp(old))[0]!;
  if (!keeps) memory.remove(start, start + pageUp(old));
  const shrinks = length <= old && returned === start;
  const flags = ['MREMAP_MAYMOVE', ...(keeps ? ['MREMAP_DONTUNMAP'] : [])];
  const variable = shrinks ? part.variable : memory.variable(part.inode ? mappingName(part.inode.path) : 'm');
  const bind = shrinks ? {} : { bind: variable };
  context.step(task, 'mremap', [at(part, start), bytes(old), bytes(length), fixed(flagExpr(flags))], bind);
  memory.insert({ ...part, start: returned, end, variable, base: shrinks ? part.base : returned, untouched: false });
}

/** The heap's place in the scenario has room for as much. */
const MOST_HEAP = 2 ** 36;

function brk(context: Context, call: Call): void {
  const { task, returned } = call;
  const { memory } = task.process;
  if (returned === 0 || returned >= TASK_SIZE) return context.lost(UNREADABLE);
  const end = pageUp(returned);
  const heap = (memory.heap ??= { start: end, end });
  const old = heap.end;
  if (!memory.has('m_heap')) heap.start = old;
  if (end - heap.start > MOST_HEAP) return context.lost('a heap of more than 64 GiB');
  heap.end = end;
  if (end < old) return unmap(context, call, end, old);
  if (end === old || old < heap.start) return;
  if (memory.within(old, end).length > 0) return context.lost('brk into another mapping');
  const first = old === heap.start;
  const place = first ? literal(HEAP) : ({ kind: 'sum', base: ref('m_heap'), offset: old - heap.start } as const);
  const flags = fixed(flagExpr(['MAP_PRIVATE', 'MAP_ANONYMOUS', 'MAP_FIXED']));
  const protection = ['PROT_READ', 'PROT_WRITE'];
  context.step(task, 'mmap', [place, bytes(end - old), prot(protection), flags], first ? { bind: 'm_heap' } : {});
  const untouched = context.options.touch === 'all' && end - old <= MOST_TOUCHED;
  memory.insert({ start: old, end, variable: 'm_heap', base: heap.start, shared: false, prot: protection, offset: 0, untouched });
}

/** A segment's key in the scenario: by it, every process finds the one that the log has this number for. */
const KEYS = 0x1000;

function shmget(context: Context, { task, args, returned }: Call): void {
  const size = readNumber(args[1]);
  if (size !== undefined && size > 0 && size <= MOST_TOUCHED * 64)
    makeSegment(context, task, returned, context.segments.get(returned) ?? size);
}

function makeSegment(context: Context, task: Task, id: number, size: number): void {
  context.segments.set(id, size);
  if (task.process.segments.has(id)) return;
  const args = [literal(KEYS + id), bytes(size), fixed(flagExpr(['IPC_CREAT'], octalExpr(0o600)))];
  context.step(task, 'shmget', args, { bind: `shm${id}` });
  task.process.segments.add(id);
}

function shmat(context: Context, call: Call): void {
  const { task, args, returned } = call;
  const id = readNumber(args[0]);
  const { memory, segments } = task.process;
  if (id === undefined || !isRange(returned, 4096)) return context.lost(UNREADABLE);
  const size = context.segments.get(id) ?? 4096;
  if (!context.segments.has(id)) context.lost('a segment that the log does not show being made: here it has one page');
  if (!segments.has(id)) makeSegment(context, task, id, size);
  const readOnly = readFlags(args[2]).includes('SHM_RDONLY');
  const variable = memory.variable(`m_shm${id}`);
  const rest = readOnly ? [word('NULL'), word('SHM_RDONLY')] : [];
  context.step(task, 'shmat', [word(`shm${id}`), ...rest], { bind: variable });
  const protection = readOnly ? ['PROT_READ'] : ['PROT_READ', 'PROT_WRITE'];
  const end = returned + pageUp(size);
  const untouched = context.options.touch === 'all' && size <= MOST_TOUCHED;
  memory.insert({ start: returned, end, variable, base: returned, shared: true, prot: protection, offset: 0, untouched });
}

/** What maps, unmaps and changes memory. */
export const memoryCalls: Readonly<Record<string, (context: Context, call: Call) => void>> = {
  mmap,
  mmap2: mmap,
  munmap: (context, call) => {
    const [start, length] = [readNumber(call.args[0]), readNumber(call.args[1])];
    if (start === undefined || length === undefined || !isRange(start, length)) return context.lost(UNREADABLE);
    unmap(context, call, start, start + pageUp(length));
  },
  mprotect: (context, call) => {
    const names = known(readFlags(call.args[2]), 'prot').filter((name) => name !== 'PROT_NONE');
    eachStretch(context, call, (part, length) => {
      context.step(call.task, 'mprotect', [at(part, part.start), bytes(length), prot(names)]);
      call.task.process.memory.change(part.start, part.end, { prot: names });
    });
  },
  mremap,
  brk,
  madvise: (context, call) => {
    const [advice] = known(readFlags(call.args[2]), 'madvise');
    if (advice === undefined) return context.lost('madvise with advice that the language has no name for');
    eachStretch(context, call, (part, length) => context.step(call.task, 'madvise', [at(part, part.start), bytes(length), word(advice)]));
  },
  msync: (context, call) => {
    const names = known(readFlags(call.args[2]), 'msync');
    eachStretch(context, call, (part, length) =>
      context.step(call.task, 'msync', [at(part, part.start), bytes(length), fixed(flagExpr(names))]),
    );
  },
  mlock: (context, call) =>
    eachStretch(context, call, (part, length) => context.step(call.task, 'mlock', [at(part, part.start), bytes(length)])),
  munlock: (context, call) =>
    eachStretch(context, call, (part, length) => context.step(call.task, 'munlock', [at(part, part.start), bytes(length)])),
  shmget,
  shmat,
  shmdt: (context, call) => {
    const start = readNumber(call.args[0]);
    const region = start === undefined ? undefined : call.task.process.memory.at(start);
    if (!region) return context.lost('shmdt of memory that the log does not show being mapped');
    if (region.untouched) context.touch(call.task);
    context.step(call.task, 'shmdt', [word(region.variable)]);
    call.task.process.memory.remove(region.start, region.end);
  },
  shmctl: (context, call) => {
    const id = readNumber(call.args[0]);
    if (id === undefined || !call.task.process.segments.has(id) || !/^IPC_RMID$/.test(call.args[1] ?? '')) return;
    context.step(call.task, 'shmctl', [word(`shm${id}`), word('IPC_RMID')]);
    context.segments.delete(id);
    call.task.process.segments.delete(id);
  },
};
