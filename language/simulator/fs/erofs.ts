import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Content } from '../state/content';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { disk_read_iter, populate_blocks } from './disk_file';
import { alloc_blocks, device_of, map_blocks } from './extents';
import type { Filesystem } from './filesystem';
import { iomap_read_folio } from './read_folio';

/** Bit of `mount.options` of an image that was made with chunk deduplication. */
const DEDUPE = 1;
/** Longest file that is deduplicated page by page. */
const MOST_CHUNKS = 4096;

const read_only = (): Outcome => fail('EROFS', 'erofs is read-only');

/** EROFS: an image that is made once. Every file has a page cache of its own, also of blocks that several files share. */
export const erofs: Filesystem = {
  name: 'erofs',
  device: true,
  readonly: true,
  options: ['device', 'dedupe'],
  mount(k, mount, options) {
    k.mount.options.set(mount, options.dedupe === true ? DEDUPE : 0);
    return undefined;
  },
  populate: (k, inode, content) => (k.mount.options.get(k.inode.mount.get(inode)) === DEDUPE ? chunks : populate_blocks)(k, inode, content),
  f_op: {
    read_iter: disk_read_iter,
    write_iter: read_only,
    fallocate: read_only,
    fsync: () => fail('EINVAL', 'erofs has no fsync'),
  },
  a_ops: { kind: AddressSpaceKind.Disk, read_folio: iomap_read_folio },
  i_op: { setattr_size: () => undefined },
};

/** `mkfs.erofs --chunksize=4096`: a chunk that is on the image already is not stored again. Simulator choice: files of more than 16 MiB are stored whole. */
function chunks(k: Kernel, inode: number, content: Content): void {
  const pages = pagesOf(content.length);
  if (pages > MOST_CHUNKS) {
    populate_blocks(k, inode, content);
    return;
  }
  const device = device_of(k, inode);
  const columns = k.device.of(device);
  for (let at = 0; at < pages; at++) {
    const page = k.contents.page(content.slice(at * PAGE_SIZE, (at + 1) * PAGE_SIZE));
    const known = block_with(k, device, page);
    const block = known ?? alloc_blocks(k, device, 1).block;
    if (known === undefined) columns.content.set(block, page);
    else columns.refcount.add(block, 1, 1);
    map_blocks(k, inode, at, block, 1);
  }
}

/** The first block in use that holds this page; undefined if there is none. */
function block_with(k: Kernel, device: number, page: number): number | undefined {
  const { content, refcount } = k.device.of(device);
  let found: number | undefined;
  content.runs(0, refcount.runStart(Number.MAX_SAFE_INTEGER, 0), (at, n, number) => {
    if (number !== page) return;
    for (let block = at; found === undefined && block < at + n; block++) if (refcount.get(block) > 0) found = block;
  });
  return found;
}
