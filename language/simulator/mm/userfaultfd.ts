import { constants } from '../../catalogue/constants';
import { fail, number, ok, record, type Calls } from '../calls';
import type { Outcome } from '../api';
import { Impossible } from '../state/impossible';
import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import type { Kiocb } from '../fs/filesystem';
import { set, VM } from '../state/flags';
import { PAGE_SIZE } from '../state/units';
import { alloc_file, ebadf, fd_install, fget, has_flag, O } from '../fs/file';
import { new_inode } from '../fs/inode';
import { is_userfaultfd } from '../fs/userfaultfd_file';
import { type Fill, type Filled, mfill_atomic } from './mfill_atomic';
import { page_range } from './mmap';
import { move_pages } from './userfaultfd_move';
import { userfaultfd_register, userfaultfd_unregister } from './userfaultfd_register';
import { userfaultfd_ctx_read, wake_userfault } from './userfaultfd_wait';
import { mwriteprotect_range } from './userfaultfd_wp';

type ConstantName = keyof typeof constants;
const flag = (name: ConstantName): number => Number(constants[name].value);
const bits = (prefix: string): number =>
  (Object.keys(constants) as ConstantName[]).filter((name) => name.startsWith(prefix)).reduce((sum, name) => sum + flag(name), 0);

const REGISTER = {
  MISSING: flag('UFFDIO_REGISTER_MODE_MISSING'),
  WP: flag('UFFDIO_REGISTER_MODE_WP'),
  MINOR: flag('UFFDIO_REGISTER_MODE_MINOR'),
};
const O_NONBLOCK = flag('O_NONBLOCK');
const USER_MODE_ONLY = flag('UFFD_USER_MODE_ONLY');
/** `UFFD_API_FEATURES`. */
const FEATURES = bits('UFFD_FEATURE_');
/** Those whose events would have to be waited for. */
export const unsimulatedFeatures = (Object.keys(constants) as ConstantName[]).filter((name) => name.startsWith('UFFD_FEATURE_EVENT_'));
const EVENTS = unsimulatedFeatures.map(flag);
const WP = { MODE_WP: flag('UFFDIO_WRITEPROTECT_MODE_WP'), DONTWAKE: flag('UFFDIO_WRITEPROTECT_MODE_DONTWAKE') } as const;
const MOVE = { DONTWAKE: flag('UFFDIO_MOVE_MODE_DONTWAKE'), HOLES: flag('UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES') } as const;
/** Of COPY and CONTINUE; of ZEROPAGE and POISON the first alone. */
const FILL = { DONTWAKE: flag('UFFDIO_COPY_MODE_DONTWAKE'), WP: flag('UFFDIO_COPY_MODE_WP') } as const;
/** `sizeof(struct uffd_msg)`. */
const MSG_BYTES = 32;

const has = (mode: number, bit: number): boolean => Math.abs(Math.floor(mode / bit)) % 2 === 1;
const unknown = (mode: number, ...known: readonly number[]): boolean =>
  mode < 0 || known.reduce((left, bit) => (has(left, bit) ? left - bit : left), mode) !== 0;
const EMPTY = Content.zeros(0);

export const calls = {
  userfaultfd(k, task, flags) {
    if (k.task.uid.get(task) !== 0 && !has(flags, USER_MODE_ONLY))
      return fail('EPERM', 'without UFFD_USER_MODE_ONLY only root may (vm.unprivileged_userfaultfd = 0)');
    if (unknown(flags, O.CLOEXEC, O_NONBLOCK, USER_MODE_ONLY)) return fail('EINVAL', 'unknown flags');
    const inode = new_inode(k, 0, 'anon_inode:[userfaultfd]', { mode: 0o600, uid: k.task.uid.get(task) });
    k.userfaultfd.mm.set(inode, k.task.mm.get(task));
    k.userfaultfd.user_only.set(inode, has(flags, USER_MODE_ONLY) ? 1 : 0);
    const file = alloc_file(k, inode, has(flags, O_NONBLOCK) ? O_NONBLOCK : 0);
    return number(fd_install(k, task, file, has(flags, O.CLOEXEC)));
  },

  uffd_api(k, task, fd, features) {
    const ctx = ctx_of(k, task, fd);
    if (typeof ctx !== 'number') return ctx;
    if (unknown(features, ...bits_of(FEATURES))) return fail('EINVAL', 'unknown features');
    const event = EVENTS.findIndex((bit) => has(features, bit));
    if (event >= 0)
      throw new Impossible('not-implemented', `${unsimulatedFeatures[event]} is not simulated: its events would be waited for`);
    if (k.userfaultfd.ready.get(ctx) === 1) return fail('EINVAL', 'UFFDIO_API has been done before');
    k.userfaultfd.ready.set(ctx, 1);
    const unpopulated = has(features, flag('UFFD_FEATURE_WP_ASYNC')) ? flag('UFFD_FEATURE_WP_UNPOPULATED') : 0;
    k.userfaultfd.features.set(ctx, set(features, unpopulated));
    return number(FEATURES);
  },

  uffd_register(k, task, fd, addr, len, mode) {
    const ctx = ready_ctx(k, task, fd);
    if (typeof ctx !== 'number') return ctx;
    if (mode === 0 || unknown(mode, ...Object.values(REGISTER)))
      return fail('EINVAL', 'a registration has one of the modes UFFDIO_REGISTER_MODE_*, or several');
    const range = validate_range(addr, len);
    if (typeof range === 'string') return fail('EINVAL', range);
    const vm =
      (has(mode, REGISTER.MISSING) ? VM.UFFD_MISSING : 0) +
      (has(mode, REGISTER.WP) ? VM.UFFD_WP : 0) +
      (has(mode, REGISTER.MINOR) ? VM.UFFD_MINOR : 0);
    return gone(k, ctx, 'ENOMEM') ?? k.in('userfaultfd_register', 1, () => userfaultfd_register(k, ctx, range, vm));
  },

  uffd_unregister(k, task, fd, addr, len) {
    const ctx = ready_ctx(k, task, fd);
    if (typeof ctx !== 'number') return ctx;
    const range = validate_range(addr, len);
    if (typeof range === 'string') return fail('EINVAL', range);
    return gone(k, ctx, 'ENOMEM') ?? k.in('userfaultfd_unregister', 1, () => userfaultfd_unregister(k, ctx, range));
  },

  uffd_wake(k, task, fd, addr, len) {
    const ctx = ready_ctx(k, task, fd);
    if (typeof ctx !== 'number') return ctx;
    const range = validate_range(addr, len);
    if (typeof range === 'string') return fail('EINVAL', range);
    wake_userfault(k, ctx, addr, len);
    return ok();
  },

  uffd_copy: (k, task, fd, dst, content, mode = 0) =>
    fill(k, task, fd, dst, content.length, mode, [FILL.DONTWAKE, FILL.WP], { kind: 'copy', content, wp: has(mode, FILL.WP) }),

  uffd_zeropage: (k, task, fd, dst, len, mode = 0) =>
    fill(k, task, fd, dst, len, mode, [FILL.DONTWAKE], { kind: 'zeropage', content: EMPTY, wp: false }),

  uffd_continue: (k, task, fd, addr, len, mode = 0) =>
    fill(k, task, fd, addr, len, mode, [FILL.DONTWAKE, FILL.WP], { kind: 'continue', content: EMPTY, wp: has(mode, FILL.WP) }),

  uffd_poison: (k, task, fd, addr, len, mode = 0) =>
    fill(k, task, fd, addr, len, mode, [FILL.DONTWAKE], { kind: 'poison', content: EMPTY, wp: false }),

  uffd_writeprotect(k, task, fd, addr, len, mode) {
    const ctx = ready_ctx(k, task, fd);
    if (typeof ctx !== 'number') return ctx;
    const range = validate_range(addr, len);
    if (typeof range === 'string') return fail('EINVAL', range);
    const enable = has(mode, WP.MODE_WP);
    if (unknown(mode, WP.MODE_WP, WP.DONTWAKE)) return fail('EINVAL', 'unknown mode');
    if (enable && has(mode, WP.DONTWAKE)) return fail('EINVAL', 'what is protected wakes nobody anyway');
    const refused = gone(k, ctx, 'ESRCH');
    if (refused !== undefined) return refused;
    const done = k.in('mwriteprotect_range', 1, () => mwriteprotect_range(k, k.userfaultfd.mm.get(ctx), range.start, range.end, enable));
    if (done.kind === 'ok' && !enable && !has(mode, WP.DONTWAKE)) wake_userfault(k, ctx, addr, len);
    return done;
  },

  uffd_move(k, task, fd, dst, src, len, mode = 0) {
    const ctx = ready_ctx(k, task, fd);
    if (typeof ctx !== 'number') return ctx;
    const to = validate_range(dst, len);
    const from = validate_range(src, len);
    if (unknown(mode, MOVE.DONTWAKE, MOVE.HOLES)) return fail('EINVAL', 'unknown mode');
    if (typeof to === 'string' || typeof from === 'string') return fail('EINVAL', typeof to === 'string' ? to : String(from));
    const mm = k.userfaultfd.mm.get(ctx);
    const refused = gone(k, ctx, 'ESRCH');
    if (refused !== undefined) return refused;
    if (mm !== k.task.mm.get(task)) return fail('EINVAL', 'pages are only moved by the process itself');
    const move = { dst: to.start, src: from.start, count: to.end - to.start, holes: has(mode, MOVE.HOLES) };
    return finish(k, ctx, dst, len, !has(mode, MOVE.DONTWAKE), move_pages(k, ctx, mm, move));
  },

  uffd_read(k, task, fd) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    if (!is_userfaultfd(k, file)) return fail('EINVAL', `descriptor ${fd} is no userfaultfd`);
    const message = read_message(k, file, false);
    return 'kind' in message ? message : record('uffd_read', { ...message });
  },
} satisfies Calls;

/** `userfaultfd_read()`: as many `struct uffd_msg` as there are and fit into `len` bytes; waits for the first. */
export function userfaultfd_read(k: Kernel, file: number, len: number, iocb: Kiocb = {}): Outcome {
  if (len < MSG_BYTES && k.userfaultfd.ready.get(k.file.inode.get(file)) === 1) return fail('EINVAL', `a message has ${MSG_BYTES} bytes`);
  const first = read_message(k, file, iocb.nowait === true);
  if ('kind' in first) return first;
  const parts = [bytes_of(first)];
  for (let room = len - MSG_BYTES; room >= MSG_BYTES; room -= MSG_BYTES) {
    const next = userfaultfd_ctx_read(k, k.file.inode.get(file));
    if (next === undefined) break;
    parts.push(bytes_of(next));
  }
  return ok(Content.join(parts));
}

type Message = NonNullable<ReturnType<typeof userfaultfd_ctx_read>>;

function read_message(k: Kernel, file: number, nowait: boolean): Message | Outcome {
  const ctx = k.file.inode.get(file);
  if (k.userfaultfd.ready.get(ctx) === 0) return NOT_READY;
  const message = userfaultfd_ctx_read(k, ctx);
  if (message !== undefined) return message;
  if (nowait || has_flag(k.file.flags.get(file), O_NONBLOCK)) return fail('EAGAIN', 'no fault waits that has not been read of');
  throw new Impossible('would-wait', 'no fault waits that the userfaultfd has not told of yet');
}

function bytes_of({ event, flags, address, ptid }: Message): Content {
  const bytes = new DataView(new ArrayBuffer(MSG_BYTES));
  bytes.setUint8(0, event);
  bytes.setBigUint64(8, BigInt(flags), true);
  bytes.setBigUint64(16, BigInt(address), true);
  bytes.setUint32(24, ptid, true);
  return Content.of(new Uint8Array(bytes.buffer));
}

const NOT_READY = fail('EINVAL', 'UFFDIO_API has not been done yet');

function bits_of(word: number): number[] {
  const found: number[] = [];
  for (let bit = 1; bit <= word; bit *= 2) if (has(word, bit)) found.push(bit);
  return found;
}

/** The userfaultfd behind a descriptor, or why an ioctl on it fails. */
function ctx_of(k: Kernel, task: number, fd: number): number | Outcome {
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  return is_userfaultfd(k, file) ? k.file.inode.get(file) : fail('ENOTTY', `descriptor ${fd} is no userfaultfd`);
}

function ready_ctx(k: Kernel, task: number, fd: number): number | Outcome {
  const ctx = ctx_of(k, task, fd);
  return typeof ctx === 'number' && k.userfaultfd.ready.get(ctx) === 0 ? NOT_READY : ctx;
}

const gone = (k: Kernel, ctx: number, errno: 'ENOMEM' | 'ESRCH'): Outcome | undefined =>
  k.mm.users.get(k.userfaultfd.mm.get(ctx)) === 0 ? fail(errno, 'the process whose faults they are has ended') : undefined;

/** `validate_range()`: whole pages, in user space. */
function validate_range(addr: number, len: number): { start: number; end: number } | string {
  if (len % PAGE_SIZE !== 0) return `${len} bytes are not whole pages`;
  if (len <= 0) return 'the length is not positive';
  return page_range(addr, len);
}

function fill(k: Kernel, task: number, fd: number, addr: number, len: number, mode: number, modes: readonly number[], what: Fill): Outcome {
  const ctx = ready_ctx(k, task, fd);
  if (typeof ctx !== 'number') return ctx;
  const range = validate_range(addr, len);
  if (typeof range === 'string') return fail('EINVAL', range);
  if (unknown(mode, ...modes)) return fail('EINVAL', 'unknown mode');
  const refused = gone(k, ctx, 'ESRCH');
  if (refused !== undefined) return refused;
  const filled = mfill_atomic(k, k.userfaultfd.mm.get(ctx), range.start, range.end - range.start, what);
  return finish(k, ctx, addr, len, !has(mode, FILL.DONTWAKE), filled);
}

/** Wakes the faults on what was done of `len` bytes, unless that is not asked for. In part done is EAGAIN. */
function finish(k: Kernel, ctx: number, addr: number, len: number, wakes: boolean, { done, problem }: Filled): Outcome {
  if (done === 0 && problem !== undefined) return problem;
  if (wakes) wake_userfault(k, ctx, addr, done * PAGE_SIZE);
  if (problem === undefined) return number(len);
  return fail('EAGAIN', `only ${done * PAGE_SIZE} bytes are done${problem.kind === 'errno' ? `: ${problem.why}` : ''}`);
}
