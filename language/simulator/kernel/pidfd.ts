import { fail, number, type Calls } from '../calls';
import { TaskState } from '../state/kernel';
import { alloc_file, ebadf, fd_install, fget, fget_raw, get_file, O } from '../fs/file';
import { new_inode } from '../fs/inode';
import { is_pidfd } from '../fs/anon_inodes';
import { ptrace_may_access } from '../mm/process_vm_access';

export const calls = {
  pidfd_open(k, task, pid) {
    if (pid <= 0) return fail('EINVAL', `${pid} is no pid`);
    if (k.task.state.get(pid) === TaskState.None || k.task.reaped.get(pid) === 1) return fail('ESRCH', `there is no process ${pid}`);
    if (k.task.tgid.get(pid) !== pid) return fail('ENOENT', `${pid} is a thread, not the first one of its process`);
    const inode = new_inode(k, 0, 'anon_inode:[pidfd]', { mode: 0o700, uid: 0 });
    k.pidfd.pid.set(inode, pid);
    return number(fd_install(k, task, alloc_file(k, inode, O.RDWR), true));
  },

  pidfd_getfd(k, task, pidfd, fd) {
    const file = fget(k, task, pidfd);
    if (file === 0 || !is_pidfd(k, file)) return fail('EBADF', `descriptor ${pidfd} is no pidfd`);
    const pid = k.pidfd.pid.get(k.file.inode.get(file));
    if (k.task.state.get(pid) !== TaskState.Running) return fail('ESRCH', `process ${pid} has ended`);
    const refused = ptrace_may_access(k, task, pid);
    if (refused !== undefined) return refused;
    const found = fget_raw(k, pid, fd);
    if (found === 0) return ebadf(fd);
    return k.in('__pidfd_fget', 1, () => {
      get_file(k, found);
      const mine = fd_install(k, task, found, true);
      k.trace.effect('descriptor {0} of process {1} is now descriptor {2} here too: one open file', 1, fd, pid, mine);
      return number(mine);
    });
  },
} satisfies Calls;
