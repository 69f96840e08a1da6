import { constants } from '../../catalogue/constants';
import { fail, ok, type Calls } from '../calls';
import type { Kernel } from '../state/kernel';
import { filesystem_at, filesystem_of } from './filesystem';
import { d_instantiate, new_inode } from './inode';
import { mnt_want_write } from './mount';
import { is_below, kern_path, moved, parent_of, parent_path, path_lookup, user_path, why_not_found } from './namei';
import { permitted } from './permission';
import { names_below } from './names';
import { share_extents } from './shared_extents';
import { SUBVOLUME } from './subvolume';
import { filemap_write_and_wait_range } from './writeback';

const RDONLY = Number(constants.BTRFS_SUBVOL_RDONLY.value);

export const calls = {
  snapshot(k, task, source, dest, flags = 0) {
    const from = user_path(k, source);
    const to = parent_path(k, dest);
    const inode = path_lookup(k, from.name);
    if (inode === 0) return fail('ENOENT', why_not_found(k, source));
    const parent = path_lookup(k, parent_of(to.name));
    if (parent === 0) return fail('ENOENT', why_not_found(k, dest));
    const { name, snapshots } = filesystem_of(k, parent);
    if (snapshots !== true) return fail('ENOTTY', `${name} has no snapshots`);
    if (flags !== 0 && flags !== RDONLY) return fail('EOPNOTSUPP', 'BTRFS_SUBVOL_RDONLY is the only flag');
    const readonly = mnt_want_write(k, to);
    if (readonly !== undefined) return readonly;
    if (k.inode.mount.get(parent) !== k.inode.mount.get(inode)) return fail('EXDEV', `${source} and ${dest} are on different filesystems`);
    const uid = k.task.uid.get(task);
    if (uid !== 0 && uid !== k.inode.uid.get(inode)) return fail('EPERM', `uid ${uid} does not own ${source}`);
    if (kern_path(k, dest) !== 0) return fail('EEXIST', `${dest} exists`);
    if (!permitted(k, task, parent, 'write')) return fail('EACCES', `uid ${uid} may not create anything there`);
    btrfs_mksubvol(k, from.name, to.name, flags === RDONLY);
    return ok();
  },
} satisfies Calls;

/** The same before the first step: why it can't be done, or undefined. */
export function declare_snapshot(k: Kernel, from: string, to: string): string | undefined {
  const source = user_path(k, from);
  const dest = parent_path(k, to);
  if (path_lookup(k, source.name) === 0) return why_not_found(k, from);
  if (path_lookup(k, parent_of(dest.name)) === 0) return why_not_found(k, to);
  if (path_lookup(k, dest.name) !== 0) return `${to} exists already`;
  const sb = k.vfsmount.sb.get(source.mnt);
  if (sb !== k.vfsmount.sb.get(dest.mnt)) return `${from} and ${to} are on different filesystems: a snapshot cannot cross them`;
  if (filesystem_at(k, sb).snapshots !== true) return `${filesystem_at(k, sb).name} has no snapshots`;
  btrfs_mksubvol(k, source.name, dest.name, false);
  return undefined;
}

/**
 * `btrfs_mksnapshot()`: what is dirty in the source is written back; then every file of it exists twice, with the same number and the same
 * extents. No page moves. Simulator choice: every directory, and every file, can be the source, as if it were a subvolume.
 */
function btrfs_mksubvol(k: Kernel, source: string, dest: string, readonly: boolean): void {
  k.in('btrfs_mksnapshot', 1, () => {
    const entries = entries_below(k, source);
    k.in('btrfs_start_delalloc_snapshot', 1, () => {
      for (const name of entries) filemap_write_and_wait_range(k, path_lookup(k, name), 0, 2 ** 52);
    });
    k.in('create_pending_snapshot', entries.length, () => {
      const copies = new Map<number, number>();
      for (const name of entries) copy_entry(k, name, moved(name, source, dest), copies);
    });
    const root = path_lookup(k, source);
    if (k.inode.directory.get(root) === 0) return;
    if (k.inode.subvolume.get(root) === 0) k.inode.subvolume.set(root, SUBVOLUME.root);
    k.inode.subvolume.set(path_lookup(k, dest), readonly ? SUBVOLUME.readonly : SUBVOLUME.root);
  });
}

/** The name and all names below it, parents first; what lies in a subvolume below is not part of it. */
function entries_below(k: Kernel, top: string): string[] {
  const below = names_below(k, top);
  const inner = below.filter(({ inode }) => k.inode.subvolume.get(inode) !== 0);
  const part = below.filter(({ name }) => !inner.some((root) => name !== root.name && is_below(name, root.name)));
  return [top, ...part.map(({ name }) => name).sort((a, b) => a.length - b.length)];
}

/** Several names of one file stay names of one. */
function copy_entry(k: Kernel, from: string, to: string, copies: Map<number, number>): void {
  const source = path_lookup(k, from);
  let copy = copies.get(source);
  if (copy === undefined) {
    copy = new_inode(k, k.inode.mount.get(source), to, {
      mode: k.inode.mode.get(source),
      uid: k.inode.uid.get(source),
      directory: k.inode.directory.get(source) !== 0,
    });
    k.inode.ino.set(copy, k.inode.ino.get(source) || source);
    copies.set(source, copy);
    if (k.inode.directory.get(source) === 0) share_extents(k, source, copy);
  }
  d_instantiate(k, to, copy);
}
