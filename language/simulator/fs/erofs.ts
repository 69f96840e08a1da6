import type { Outcome } from '../api';
import { fail } from '../calls';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { disk_read_iter } from './disk_file';
import { IMAGE, store_file } from './erofs_image';
import { erofs_read_folio } from './erofs_read';
import type { Filesystem } from './filesystem';

/** In `mount.options`, above the bits of the image: the number of the domain's name, +1, of a mount with `inode_share`. */
const DOMAIN = 4;

const read_only = (): Outcome => fail('EROFS', 'erofs is read-only');

/** EROFS: an image that is made once. Every file has a page cache of its own, also of blocks that several files share. */
export const erofs: Filesystem = {
  name: 'erofs',
  device: true,
  readonly: true,
  directory_dio: true,
  options: ['device', 'dedupe', 'compressed', 'inode_share', 'domain_id'],
  mount(k, mount, options) {
    const domain = options.domain_id ?? '';
    if (typeof domain !== 'string') return 'domain_id is a word';
    const image = (options.dedupe === true ? IMAGE.dedupe : 0) + (options.compressed === true ? IMAGE.compressed : 0);
    k.mount.options.set(mount, image + (options.inode_share === true ? DOMAIN * (k.names.id(domain) + 1) : 0));
    return undefined;
  },
  populate: store_file,
  f_op: {
    read_iter: disk_read_iter,
    write_iter: read_only,
    fallocate: read_only,
    fsync: () => fail('EINVAL', 'erofs has no fsync'),
  },
  a_ops: { kind: AddressSpaceKind.Disk, large_folios: 'anywhere', read_folio: erofs_read_folio },
  i_op: { setattr_size: () => undefined },
};

/** The domain (number of its name, +1) within which files of a mount share page cache by fingerprint; 0: it was not mounted with `inode_share`. */
export function share_domain(k: Kernel, inode: number): number {
  const mount = k.inode.mount.get(inode);
  return k.filesystems[k.mount.type.get(mount)] === erofs ? Math.floor(k.mount.options.get(mount) / DOMAIN) : 0;
}
