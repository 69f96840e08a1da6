import type { Options } from '../api';
import { fail, ok } from '../calls';
import { file_content } from '../observables/file';
import type { Kernel } from '../state/kernel';
import { pagesOf } from '../state/units';
import type { Design } from './design';
import { link, linked_files, master_of, new_master, way } from './links';

/**
 * A master inode owns the folios; files that are clones of each other are linked to it and find its pages at the same index until they
 * write (Wilcox, LWN 2017). Simulator choice: a clone links at the places where both files have the blocks, so a dedupe to another offset does not.
 */
export function master_inode(options: Options): Design | string {
  if (options.links === 'pfn_entries') return 'master_inode with links = pfn_entries is not simulated yet';
  const anyFilesystem = options.master_home === 'pseudo_sb';
  const again = options.reshare === 'on_dedupe';
  return {
    ...linked_files,

    cloned(k, source, target, from, to, count, dedupe) {
      if (from !== to || source === target) return;
      const master = master_for(k, source);
      if (dedupe && !again && master_of(k, target) === master) return;
      const mapping = k.inode.mapping.get(source);
      for (let at = from; at < from + count;) {
        const { master: shared, count: n } = way(k, mapping, at, from + count - at);
        if (shared !== 0) link(k, target, shared, at, n);
        at += n;
      }
    },

    share(k, inode, master) {
      if (master === 0) return fail('EINVAL', 'the file of the master has to be named: share(fd, master_fd)');
      if (inode === master) return fail('EINVAL', 'a file cannot be its own master');
      if (!anyFilesystem && k.inode.mount.get(inode) !== k.inode.mount.get(master))
        return fail('EXDEV', 'the master is on another filesystem (master_home = same_fs_only)');
      if (!file_content(k, inode).equals(file_content(k, master))) return fail('EINVAL', 'the two files have different contents');
      link(k, inode, master_for(k, master), 0, pagesOf(k.inode.size.get(inode)));
      return ok();
    },
  };
}

/** The master that a file is linked to; a new one, to which the whole file is linked, if it has none. */
function master_for(k: Kernel, inode: number): number {
  const known = master_of(k, inode);
  if (known !== 0) return known;
  const master = new_master(k, `master of ${k.names.text(k.inode.path.get(inode))}`);
  link(k, inode, master, 0, pagesOf(k.inode.size.get(inode)));
  return master;
}
