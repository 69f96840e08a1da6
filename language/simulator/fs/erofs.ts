import type { Outcome } from '../api';
import { fail } from '../calls';
import { AddressSpaceKind } from '../state/kernel';
import { disk_read_iter } from './disk_file';
import { IMAGE, store_file } from './erofs_image';
import { erofs_read_folio } from './erofs_read';
import type { Filesystem } from './filesystem';

const read_only = (): Outcome => fail('EROFS', 'erofs is read-only');

/** EROFS: an image that is made once. Every file has a page cache of its own, also of blocks that several files share. */
export const erofs: Filesystem = {
  name: 'erofs',
  device: true,
  readonly: true,
  options: ['device', 'dedupe', 'compressed'],
  mount(k, mount, options) {
    k.mount.options.set(mount, (options.dedupe === true ? IMAGE.dedupe : 0) + (options.compressed === true ? IMAGE.compressed : 0));
    return undefined;
  },
  populate: store_file,
  f_op: {
    read_iter: disk_read_iter,
    write_iter: read_only,
    fallocate: read_only,
    fsync: () => fail('EINVAL', 'erofs has no fsync'),
  },
  a_ops: { kind: AddressSpaceKind.Disk, read_folio: erofs_read_folio },
  i_op: { setattr_size: () => undefined },
};
