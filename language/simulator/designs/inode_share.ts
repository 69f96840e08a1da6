import { fail } from '../calls';
import { share_domain } from '../fs/erofs';
import { has_flag, O } from '../fs/file';
import { file_content } from '../observables/file';
import type { Kernel } from '../state/kernel';
import { pagesOf } from '../state/units';
import type { Design } from './design';
import { link, linked_files, master_of, new_master } from './links';

/**
 * EROFS page-cache sharing (`fs/erofs/ishare.c`): an inode of the kernel's own has the pages of all files of one domain with the same fingerprint; each is
 * read by way of any of them. Simulator choice: two files have the same fingerprint where they have the same content, so their sizes agree.
 */
export function inode_share(): Design {
  return {
    ...linked_files,

    may_open: (k, inode, flags) =>
      has_flag(flags, O.DIRECT) && share_domain(k, inode) !== 0
        ? fail(
            'EINVAL',
            'O_DIRECT: the file may share its page cache; without O_DIRECT, or on a mount without inode_share, it can be opened',
          )
        : undefined,

    opened(k, inode) {
      if (share_domain(k, inode) === 0 || master_of(k, inode) !== 0 || k.inode.size.get(inode) === 0) return;
      link(k, inode, shared_inode(k, inode), 0, pagesOf(k.inode.size.get(inode)));
    },
  };
}

/** `erofs_ishare_fill_inode()`: the inode that has the pages of everything with this fingerprint in this domain; a new one if there is none. */
function shared_inode(k: Kernel, inode: number): number {
  const content = file_content(k, inode);
  const compared = new Set<number>();
  for (let other = 1; other <= k.inodes.count; other++) {
    const master = master_of(k, other);
    if (master === 0 || compared.has(master) || share_domain(k, other) !== share_domain(k, inode)) continue;
    compared.add(master);
    if (k.inode.size.get(other) === content.length && file_content(k, other).equals(content)) return master;
  }
  return new_master(k, `shared pages of ${k.names.text(k.inode.path.get(inode))}`);
}
