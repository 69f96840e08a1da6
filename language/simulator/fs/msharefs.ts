import type { Outcome } from '../api';
import { fail, ok } from '../calls';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, TASK_PAGES } from '../state/units';
import { PGDIR_PAGES } from '../mm/mshare';
import { mshare_mmap } from '../mm/mshare_mmap';
import { mshare_evict, new_region } from '../mm/mshare_region';
import { inode_policy, policies, set_policies } from '../mm/mshare_policy';
import { has_flag, O } from './file';
import type { Filesystem } from './filesystem';

/** `sizeof(struct mshare_info)`. */
const INFO = 16;

/** A region's file holds no data: whatever treats it as one that does is refused. */
const control = (): Outcome => fail('EINVAL', 'a file on msharefs controls a region: it has no data');

/** msharefs (proposed): each file controls a region of memory whose page tables are shared by the processes that map it. */
export const msharefs: Filesystem = {
  name: 'msharefs',
  device: false,
  options: policies,
  mount(k, mount, options) {
    set_policies(k, mount, options);
    return undefined;
  },
  populate(k, inode) {
    k.inode.size.set(inode, 0);
  },
  f_op: {
    open: (_k, inode, flags) => (has_flag(flags, O.DIRECT) ? control() : { inode, overlay: 0 }),
    read_iter: mshare_info,
    write_iter: control,
    fallocate: control,
    fsync: control,
    mmap: mshare_mmap,
  },
  a_ops: {
    kind: AddressSpaceKind.Region,
    read_folio() {
      throw new Error('a region has no page cache');
    },
  },
  i_op: {
    setattr_prepare: (k, inode, size) => (inode_policy(k, inode, 'interface') === 'ioctl_2025' ? may_size(k, inode, size) : control()),
    setattr_size(k, inode, size) {
      if (size > 0) new_region(k, k.current, inode, PGDIR_PAGES, size / PAGE_SIZE);
    },
    evict: mshare_evict,
  },
};

/** ftruncate(2) as of 2025 gives a region its size, once: whole PGD entries. */
function may_size(k: Kernel, inode: number, size: number): Outcome | undefined {
  if (k.msharefs.mshare.get(inode) !== 0) return fail('EINVAL', 'the region has a size already');
  const pages = size / PAGE_SIZE;
  if (size === 0 || pages % PGDIR_PAGES !== 0) return fail('EINVAL', 'the size is not a multiple of 512 GiB, what a PGD entry maps');
  return pages + PGDIR_PAGES < TASK_PAGES ? undefined : fail('EINVAL', 'no address space is that large');
}

/** read(2): `struct mshare_info`, where the region lies and how long it is; both are 0 while the file has none. */
function mshare_info(k: Kernel, file: number, _position: number, length: number): Outcome {
  if (inode_policy(k, k.file.inode.get(file), 'interface') === 'ioctl_2025') return control();
  if (length < INFO) return fail('EINVAL', `struct mshare_info has ${INFO} bytes`);
  const region = k.msharefs.mshare.get(k.file.inode.get(file));
  const start = region === 0 ? 0 : k.mshare.start.get(region) * PAGE_SIZE;
  const size = region === 0 ? 0 : k.mshare.size.get(region) * PAGE_SIZE;
  return ok({ kind: 'record', of: 'read', fields: { start: BigInt(start), size: BigInt(size) } });
}
