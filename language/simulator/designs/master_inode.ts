import type { Options } from '../api';
import { fail, ok } from '../calls';
import { filemap_get_entry } from '../mm/filemap';
import { is_pinned } from '../mm/pin';
import { frame_runs } from '../mm/rmap';
import { file_content } from '../observables/file';
import type { Kernel } from '../state/kernel';
import { pagesOf } from '../state/units';
import type { Design, Lookup } from './design';
import { link, linked_files, master_of, move_pages, new_master, way } from './links';
import { is_clean } from './members';
import { pfn_entries } from './pfn_entries';
import { share_again } from './reshare';

/**
 * A master inode owns the folios; files that are clones of each other are linked to it and find its pages at the same index until they
 * write (Wilcox, LWN 2017). Simulator choice: a clone links at the places where both files have the blocks, so a dedupe to another offset does not.
 */
export function master_inode(options: Options): Design {
  const anyFilesystem = options.master_home === 'pseudo_sb';
  const again = options.reshare === 'on_dedupe';
  return {
    ...(options.links === 'pfn_entries' ? pfn_entries(linked_files) : linked_files),
    as_on_disk: true,

    cloned(k, source, target, from, to, count, dedupe) {
      if (from !== to || source === target) return;
      const master = master_for(k, source);
      if (dedupe && !again && master_of(k, target) === master) return;
      link_like(k, target, source, from, count);
      bring_along(k, source, from, count);
      if (dedupe) bring_along(k, target, from, count);
    },

    share(k, inode, master) {
      if (master === 0) return fail('EINVAL', 'the file of the master has to be named: share(fd, master_fd)');
      if (inode === master) return fail('EINVAL', 'a file cannot be its own master');
      if (!anyFilesystem && k.inode.mount.get(inode) !== k.inode.mount.get(master))
        return fail(
          'EXDEV',
          'the master is on another filesystem (master_home = same_fs_only); with master_home = pseudo_sb it could be linked to',
        );
      if (!file_content(k, inode).equals(file_content(k, master))) return fail('EINVAL', 'the two files have different contents');
      const end = pagesOf(k.inode.size.get(inode));
      if (end === 0) return fail('EINVAL', 'both files are empty: there are no pages to share');
      master_for(k, master);
      if (!link_like(k, inode, master, 0, end))
        return fail('EBUSY', 'the file of the master has gone its own way in every page: the master has nothing of it');
      for (const each of [master, inode]) bring_along(k, each, 0, end);
      return ok();
    },
  };
}

/** Links `count` pages of a file from `index` where another is linked: what that has apart is not the master's. False: it is nowhere. */
function link_like(k: Kernel, inode: number, other: number, index: number, count: number): boolean {
  const mapping = k.inode.mapping.get(other);
  let linked = false;
  for (let at = index; at < index + count;) {
    const { master, count: n } = way(k, mapping, at, index + count - at);
    if (master !== 0) link(k, inode, master, at, n);
    linked ||= master !== 0;
    at += n;
  }
  return linked;
}

/**
 * Simulator choice: where a linked file has clean pages of its own, among `count` from `index`, they become the master's; where that has the page
 * already, the file's own goes. What is dirty or pinned stays.
 */
function bring_along(k: Kernel, inode: number, index: number, count: number): void {
  const mapping = k.inode.mapping.get(inode);
  const shared = (at: number, n: number): Lookup & { master: number } => {
    const { master, count: run } = way(k, mapping, at, n);
    return { master, ...(master === 0 ? { pfn: 0, count: run } : filemap_get_entry(k, master, at, run)) };
  };
  share_again(k, mapping, index, count, shared);
  for (let at = index; at < index + count;) {
    const { master, pfn: theirs, count: run } = shared(at, index + count - at);
    const own = filemap_get_entry(k, mapping, at, run);
    if (master !== 0 && theirs === 0 && own.pfn !== 0)
      frame_runs(k, own.pfn, own.count, ['flags', 'pincount'], (pfn, n) => {
        if (!is_clean(k.page.flags.get(pfn)) || is_pinned(k, pfn, n)) return;
        move_pages(k, mapping, master, at + pfn - own.pfn, n);
        k.design.inserted(k, mapping, at + pfn - own.pfn, pfn, n);
      });
    at += own.count;
  }
}

/** The master that a file is linked to; a new one, to which the whole file is linked, if it has none. */
function master_for(k: Kernel, inode: number): number {
  const known = master_of(k, inode);
  if (known !== 0) return known;
  const master = new_master(k, `master of ${k.names.text(k.inode.path.get(inode))}`);
  link(k, inode, master, 0, pagesOf(k.inode.size.get(inode)));
  return master;
}
