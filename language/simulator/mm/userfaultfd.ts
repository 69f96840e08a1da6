/* eslint-disable no-bitwise -- flags of userfaultfd are words of few bits. */
import { constants } from '../../catalogue/constants';
import { fail, number, type Calls } from '../calls';
import { Impossible } from '../state/impossible';
import { alloc_file, ebadf, fd_install, fget, O } from '../fs/file';
import { new_inode } from '../fs/inode';
import { page_range } from './mmap';
import { vma_is_mshare } from './mshare';
import { policy } from './mshare_policy';
import { vmas_in } from './vma';

const MODES = ['MISSING', 'WP', 'MINOR'] as const;
const KNOWN_MODES = MODES.reduce((all, mode) => all | Number(constants[`UFFDIO_REGISTER_MODE_${mode}`].value), 0);
const O_NONBLOCK = 0x800;
const USER_MODE_ONLY = 1;

/**
 * userfaultfd(2), as far as it is refused. What is missing is that a fault waits (`handle_userfault()`): in a region it would be the fault of any attacher, and
 * the registration one of the host's VMA, so that whoever registered is told once.
 */
export const calls = {
  userfaultfd(k, task, flags) {
    if ((flags & ~(O.CLOEXEC | O_NONBLOCK | USER_MODE_ONLY)) !== 0) return fail('EINVAL', 'unknown flags');
    const inode = new_inode(k, 0, 'anon_inode:[userfaultfd]', { mode: 0o600, uid: k.task.uid.get(task) });
    k.userfaultfd.mm.set(inode, k.task.mm.get(task));
    return number(fd_install(k, task, alloc_file(k, inode, O.RDWR), (flags & O.CLOEXEC) !== 0));
  },

  uffd_register(k, task, fd, addr, len, mode) {
    const file = fget(k, task, fd);
    const mm = k.userfaultfd.mm.get(k.file.inode.get(file));
    if (file === 0 || mm === 0) return ebadf(fd);
    if (mode === 0 || (mode & ~KNOWN_MODES) !== 0)
      return fail('EINVAL', 'a registration has one of the modes UFFDIO_REGISTER_MODE_*, or several');
    const range = page_range(addr, len);
    if (typeof range === 'string' || len === 0) return fail('EINVAL', typeof range === 'string' ? range : 'the length is not positive');
    const vmas = vmas_in(k, mm, range.start, range.end);
    if (vmas.length === 0) return fail('EINVAL', 'nothing is mapped in the range');
    if (vmas.some((vma) => vma_is_mshare(k, vma) && policy(k, k.vma.mshare.get(vma), 'uffd') === 'refuse'))
      return fail('EINVAL', 'the range lies in a region, where userfaultfd is refused (uffd = refuse)');
    throw new Impossible('not-implemented', 'faults that wait for a userfaultfd are not simulated');
  },
} satisfies Calls;
