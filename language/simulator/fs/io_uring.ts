import { LOFF_END } from '../arguments';
import { fail, number, type Calls } from '../calls';
import type { Outcome } from '../api';
import { Content } from '../state/content';
import { Impossible } from '../state/impossible';
import { type Kernel, TaskState } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { folio_content } from '../mm/filemap';
import { io_account_mem, io_sqe_buffers_register, io_sqe_buffers_unregister, queue_pages, validate_fixed_range } from '../mm/io_rsrc';
import { pinned_runs } from '../mm/pin';
import { write_pinned } from '../mm/usercopy';
import { constants } from '../../catalogue/constants';
import { alloc_file, ebadf, fd_install, fget, O, readable, writable } from './file';
import { new_inode } from './inode';
import { is_io_uring, is_pidfd } from './anon_inodes';
import { calls as io } from './read_write';
import { is_stream } from './userfaultfd_file';

const IORING_MAX_ENTRIES = 32768;
const REGISTER_BUFFERS = Number(constants.IORING_REGISTER_BUFFERS.value);
const UNREGISTER_BUFFERS = Number(constants.IORING_UNREGISTER_BUFFERS.value);
/** IORING_REGISTER_LAST of Linux 6.18. */
const REGISTER_LAST = 36;

export const calls = {
  io_uring_setup(k, task, entries) {
    if (entries <= 0 || entries > IORING_MAX_ENTRIES) return fail('EINVAL', `a ring has 1 to ${IORING_MAX_ENTRIES} entries`);
    const uid = k.task.uid.get(task);
    const user = uid === 0 ? 0 : uid + 1;
    const queued = 2 ** Math.ceil(Math.log2(entries));
    const over = io_account_mem(k, user, queue_pages(queued));
    if (over !== undefined) return fail('ENOMEM', over);
    const inode = new_inode(k, 0, 'anon_inode:[io_uring]', { mode: 0o600, uid: 0 });
    k.ring.user.set(inode, user);
    k.ring.entries.set(inode, queued);
    return number(fd_install(k, task, alloc_file(k, inode, O.RDWR), true));
  },

  io_uring_register(k, task, fd, opcode, addr = 0, len = 0) {
    if (opcode < 0 || opcode >= REGISTER_LAST) return fail('EINVAL', `${opcode} is no opcode`);
    if (fd === -1) return fail('EINVAL', 'a buffer is registered with a ring');
    const ring = ring_of(k, task, fd);
    if (typeof ring !== 'number') return ring;
    if (opcode === REGISTER_BUFFERS) return io_sqe_buffers_register(k, k.task.mm.get(task), ring, addr, len);
    if (opcode !== UNREGISTER_BUFFERS)
      throw new Impossible('not-implemented', `io_uring_register with opcode ${opcode} is not simulated: only buffers are`);
    if (addr !== 0 || len !== 0) return fail('EINVAL', 'all buffers are unregistered: none is named');
    return io_sqe_buffers_unregister(k, ring);
  },

  io_uring_read_fixed(k, task, ring, fd, addr, len, offset, index) {
    const buffer = fixed_buffer(k, task, ring, fd, addr, len, offset, index, false);
    if ('kind' in buffer) return buffer;
    if (len === 0 && k.inode.directory.get(buffer.inode) !== 0) return number(0);
    return k.in('io_read_fixed', 1, () => {
      const read = buffer.positioned ? io.pread(k, task, fd, len, offset) : io.read(k, task, fd, len);
      if (read.kind === 'errno' && read.errno === 'EAGAIN') throw new Impossible('would-wait', read.why);
      if (read.kind !== 'ok') return read;
      const content = read.value as Content;
      for (const { pfn, offset: within, from, to } of pieces(k, buffer.ring, addr, content.length))
        write_pinned(k, pfn, within, content.slice(from, to));
      return number(content.length);
    });
  },

  io_uring_write_fixed(k, task, ring, fd, addr, len, offset, index) {
    const buffer = fixed_buffer(k, task, ring, fd, addr, len, offset, index, true);
    if ('kind' in buffer) return buffer;
    return k.in('io_write_fixed', 1, () => {
      const content = Content.join(
        pieces(k, buffer.ring, addr, len).map(({ pfn, offset: within, from, to }) =>
          folio_content(k, pfn, pagesOf(within + to - from)).slice(within, within + to - from),
        ),
      );
      return buffer.positioned ? io.pwrite(k, task, fd, content, offset) : io.write(k, task, fd, content);
    });
  },
} satisfies Calls;

/** The inode of a ring's descriptor. */
function ring_of(k: Kernel, task: number, fd: number): number | Outcome {
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  return is_io_uring(k, file) ? k.file.inode.get(file) : fail('EOPNOTSUPP', `descriptor ${fd} is no io_uring`);
}

/** What an operation works on; `positioned`: at its offset, not at the position of the file or one after the other. */
interface Fixed {
  readonly ring: number;
  readonly inode: number;
  readonly positioned: boolean;
}

/** What is found wrong with a fixed read or write before it begins, in the kernel's order. */
function fixed_buffer(
  k: Kernel,
  task: number,
  ringFd: number,
  fd: number,
  addr: number,
  len: number,
  offset: number,
  index: number,
  write: boolean,
): Fixed | Outcome {
  const ring = ring_of(k, task, ringFd);
  if (typeof ring !== 'number') return ring;
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  const outside = validate_fixed_range(k, ring, addr, len, index);
  if (outside !== undefined) return fail('EFAULT', outside);
  if (!(write ? writable : readable)(k, file)) return fail('EBADF', `descriptor ${fd} is not open for ${write ? 'writing' : 'reading'}`);
  if (never_ready(k, file, write)) throw new Impossible('would-wait', `descriptor ${fd} is not ready, and an io_uring waits until it is`);
  if (offset < -1 || offset + len >= LOFF_END) return fail('EINVAL', 'the range is not within what offsets reach');
  return { ring, inode: k.file.inode.get(file), positioned: offset !== -1 && !is_stream(k, file) };
}

/** A ring, and the pidfd of a process that lives, are polled first. */
function never_ready(k: Kernel, file: number, write: boolean): boolean {
  if (is_io_uring(k, file)) return true;
  return is_pidfd(k, file) && (write || k.task.state.get(k.pidfd.pid.get(k.file.inode.get(file))) === TaskState.Running);
}

/** The frames behind `len` bytes from `addr` of a ring's buffer: the first one's number, where in it they begin, and which of the bytes these are. */
function pieces(k: Kernel, ring: number, addr: number, len: number): { pfn: number; offset: number; from: number; to: number }[] {
  return pinned_runs(k, ring, Math.floor(addr / PAGE_SIZE), pagesOf(addr + len)).map(({ vpn, pfn, count }) => {
    const start = Math.max(addr, vpn * PAGE_SIZE);
    const end = Math.min(addr + len, (vpn + count) * PAGE_SIZE);
    return { pfn, offset: start - vpn * PAGE_SIZE, from: start - addr, to: end - addr };
  });
}
