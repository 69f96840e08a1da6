import { fail, type Calls } from '../calls';
import { ebadf, fget } from './file';

export const calls = {
  share(k, task, fd, master_fd) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    const master = master_fd === undefined ? 0 : fget(k, task, master_fd);
    if (master_fd !== undefined && master === 0) return ebadf(master_fd);
    const inode = k.file.inode.get(file);
    if (k.inode.directory.get(inode) !== 0) return fail('EISDIR', `descriptor ${fd} is a directory`);
    return k.design.share(k, inode, master === 0 ? 0 : k.file.inode.get(master));
  },
} satisfies Calls;
