import { fail, record, type Calls } from '../calls';
import { any, PG } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { ebadf, fget, file_inode, writable } from '../fs/file';
import { is_file_hugepages } from '../fs/hugetlbfs';
import { permitted } from '../fs/permission';
import { evicted, mapping_end } from './workingset';

export const calls = {
  cachestat(k, task, fd, offset, len) {
    const file = fget(k, task, fd);
    if (file === 0) return ebadf(fd);
    const inode = file_inode(k, file);
    const uid = k.task.uid.get(task);
    if (!writable(k, file) && uid !== k.inode.uid.get(inode) && !permitted(k, task, inode, 'write'))
      return fail('EPERM', `uid ${uid} could not write the file, so it does not learn what is cached of it`);
    if (is_file_hugepages(k, inode)) return fail('EOPNOTSUPP', `descriptor ${fd} is of hugetlbfs`);
    const mapping = k.inode.mapping.get(inode);
    const all = Math.max(mapping_end(k, mapping), pagesOf(k.inode.size.get(inode)));
    const first = Math.floor(offset / PAGE_SIZE);
    const end = len === 0 ? all : Math.min(all, pagesOf(offset + len));
    const count = offset < 0 || len < 0 ? 0 : Math.max(0, end - first);
    return k.in('filemap_cachestat', 1, () => record('cachestat', filemap_cachestat(k, mapping, first, count)));
  },
} satisfies Calls;

/** Counts what is cached, and what was evicted, of `count` pages from `index`. Dirty is what is tagged so: nothing of tmpfs is. */
function filemap_cachestat(k: Kernel, mapping: number, index: number, count: number) {
  const tagged = k.mapping.aops.get(mapping) !== AddressSpaceKind.Shmem;
  const found = { nr_cache: 0, nr_dirty: 0, nr_writeback: 0, ...evicted(k, mapping, index, count) };
  for (let at = index; at < index + count;) {
    const { pfn, count: n } = k.design.lookup(k, mapping, at, index + count - at);
    if (pfn !== 0) {
      found.nr_cache += n;
      k.page.flags.runs(pfn, n, (_at, length, flags) => {
        if (tagged && any(flags, PG.dirty)) found.nr_dirty += length;
        if (any(flags, PG.writeback)) found.nr_writeback += length;
      });
    }
    at += n;
  }
  return found;
}
