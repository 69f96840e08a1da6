import { beyond } from '../arguments';
import { fail, number, type Calls } from '../calls';
import type { Outcome } from '../api';
import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { get_user_pages } from '../mm/gup';
import { access, type BadAccess } from '../mm/memory';
import { access_ok, hex } from '../mm/mmap';
import { read_remote, write_remote } from '../mm/process_vm_access';
import { check_loads, read_memory, write_memory } from '../mm/usercopy';
import { once } from '../kernel/sleep';
import { aligned, UNALIGNED, unaligned_read } from './direct_io';
import { ebadf, fget, has_flag, O, readable, writable } from './file';
import { filesystem_of } from './filesystem';
import { is_file_hugepages } from './hugetlbfs';
import { is_pidfd } from './anon_inodes';
import { is_stream } from './userfaultfd_file';
import { calls as io } from './read_write';

export const calls = {
  pread_to(k, task, fd, addr, len, offset) {
    const mm = k.task.mm.get(task);
    const refused = io_refused(k, task, fd, addr, len, offset, false);
    if (refused !== undefined) return refused;
    const unaligned = !aligned(offset, len) && filesystem_of(k, k.file.inode.get(fget(k, task, fd))).f_op.unaligned_dio === true;
    const direct = past_cache(k, task, fd) && !unaligned;
    const asks = direct && len > 0 && !unaligned_read(k, k.file.inode.get(fget(k, task, fd)), offset, len);
    const bad = asks ? once(k, () => pin_buffer(k, mm, addr, len, true)) : undefined;
    if (bad !== undefined) return fault(bad);
    const read = once(k, () => io.pread(k, task, fd, len, offset));
    if (read.kind !== 'ok') return read;
    const content = read.value as Content;
    if (content.length === 0) return number(0);
    if (direct) return number(write_remote(k, mm, addr, content, { write: true, pin: true, touched: asks }).written);
    const problem = copy_to_user(k, mm, addr, content);
    return problem === undefined ? number(content.length) : fault(problem);
  },

  pwrite_from(k, task, fd, addr, len, offset) {
    const mm = k.task.mm.get(task);
    const refused = io_refused(k, task, fd, addr, len, offset, true);
    if (refused !== undefined) return refused;
    if (!past_cache(k, task, fd)) {
      const { content, bad } = once(k, () => copy_from_user(k, mm, addr, len));
      return bad !== undefined && content.length === 0 ? fault(bad) : io.pwrite(k, task, fd, content, offset);
    }
    if (len > 0 && !aligned(offset, len) && filesystem_of(k, k.file.inode.get(fget(k, task, fd))).f_op.unaligned_dio !== true)
      return fail('EINVAL', UNALIGNED);
    const { content, why } = once(k, () => read_remote(k, mm, addr, len, { write: false, pin: true, fast: true }));
    return content.length === 0 && len > 0 ? fail('EFAULT', why) : io.pwrite(k, task, fd, content, offset);
  },
} satisfies Calls;

/** What read(2) and write(2) find wrong before they look into the buffer; undefined: nothing. */
function io_refused(k: Kernel, task: number, fd: number, addr: number, len: number, offset: number, write: boolean): Outcome | undefined {
  if (offset < 0) return fail('EINVAL', 'the offset may not be negative');
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  if (is_stream(k, file)) return fail('ESPIPE', `descriptor ${fd} has no positions`);
  if (!(write ? writable : readable)(k, file)) return fail('EBADF', `descriptor ${fd} is not open for ${write ? 'writing' : 'reading'}`);
  if (is_pidfd(k, file)) return fail('EINVAL', `descriptor ${fd} is a pidfd`);
  const inode = k.file.inode.get(file);
  if (write && is_file_hugepages(k, inode)) return fail('EINVAL', 'a file of huge pages is only written through a mapping');
  if (!access_ok(addr, len)) return fail('EFAULT', `${len} bytes from ${hex(addr)} leave user space`);
  if (beyond(offset, len)) return fail('EINVAL', 'the range reaches beyond the largest offset');
  return k.inode.directory.get(inode) !== 0 ? fail('EISDIR', `descriptor ${fd} is a directory`) : undefined;
}

/** Whether I/O on the descriptor goes past the page cache: only then the device works on the buffer itself. */
function past_cache(k: Kernel, task: number, fd: number): boolean {
  const file = fget(k, task, fd);
  return file !== 0 && has_flag(k.file.flags.get(file), O.DIRECT) && filesystem_of(k, k.file.inode.get(file)).device;
}

/** `bio_iov_iter_get_pages()`: faults the buffer in, and un-shares it. */
function pin_buffer(k: Kernel, mm: number, addr: number, len: number, write: boolean): BadAccess | undefined {
  const first = Math.floor(addr / PAGE_SIZE);
  return get_user_pages(k, mm, first, pagesOf(addr + len) - first, { write, pin: true, fast: true });
}

/** As much of the buffer as can be read, and what kept the rest from it. */
function copy_from_user(k: Kernel, mm: number, addr: number, len: number): { content: Content; bad: BadAccess | undefined } {
  const parts: Content[] = [];
  const first = Math.floor(addr / PAGE_SIZE);
  const count = len > 0 ? pagesOf(addr + len) - first : 0;
  const copy = (vpn: number, n: number): void => {
    parts.push(read_memory(k, mm, vpn, n));
    check_loads(k, mm, vpn, n, addr, addr + len);
  };
  const bad = access(k, mm, first, count, false, copy, parts);
  const skipped = addr - first * PAGE_SIZE;
  const bytes = Content.join(parts);
  return { content: bytes.slice(Math.min(skipped, bytes.length), Math.min(bytes.length, skipped + len)), bad };
}

function copy_to_user(k: Kernel, mm: number, addr: number, content: Content): BadAccess | undefined {
  const first = Math.floor(addr / PAGE_SIZE);
  return access(k, mm, first, pagesOf(addr + content.length) - first, true, (vpn, count) => {
    const from = Math.max(addr, vpn * PAGE_SIZE);
    const to = Math.min(addr + content.length, (vpn + count) * PAGE_SIZE);
    write_memory(k, mm, from, content.slice(from - addr, to - addr));
  });
}

const fault = (bad: BadAccess): Outcome => fail('EFAULT', `the buffer at ${hex(bad.vpn * PAGE_SIZE)}: ${bad.why}`);
