import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { filesystem_at, type InodeAttributes } from './filesystem';
import { d_instantiate, evict_if_unused, new_inode } from './inode';
import { d_lookup, is_below, moved, mount_of, name_on_host } from './namei';
import { fail } from '../calls';
import { Impossible } from '../state/impossible';
import { is_mountpoint } from './mount';

/** `vfs_create()`, `vfs_mkdir()`: a new file or directory under a name that is free. */
export function vfs_create(k: Kernel, name: string, attributes: InodeAttributes): number {
  const mount = mount_of(k, name);
  const { names } = filesystem_at(k, mount);
  if (names !== undefined) return names.create(k, mount, name, attributes);
  const inode = new_inode(k, mount, name, attributes);
  d_instantiate(k, name, inode);
  return inode;
}

/** `vfs_unlink()`, `vfs_rmdir()`: the name goes; without other names and users, so does the inode. */
export function drop_name(k: Kernel, name: string): void {
  const mount = mount_of(k, name);
  const { names } = filesystem_at(k, mount);
  if (names === undefined) d_delete(k, name);
  else names.remove(k, mount, name);
}

/** Takes the name of an inode away, which goes if nobody else knows it. */
export function d_delete(k: Kernel, name: string): void {
  const inode = d_lookup(k, name);
  k.dentry.set(k.names.id(name_on_host(k, name)), 0);
  k.inode.nlink.set(inode, k.inode.nlink.get(inode) - 1);
  k.trace.effect('the name {name:0} is gone', 1, k.names.id(name));
  evict_if_unused(k, inode);
}

/** `vfs_link()`: one more name. */
export function vfs_link(k: Kernel, inode: number, name: string): void {
  const mount = mount_of(k, name);
  const { names } = filesystem_at(k, mount);
  if (names === undefined) d_instantiate(k, name, inode);
  else names.link(k, mount, inode, name);
  k.trace.effect('{file:0} has one more name: {name:1}', 1, inode, k.names.id(name));
}

/** `vfs_rename()`: what has the new name so far is replaced. Why it can't be, or undefined. */
export function vfs_rename(k: Kernel, from: string, to: string): Outcome | undefined {
  const mount = mount_of(k, from);
  const { names, full_directory = 'ENOTEMPTY' } = filesystem_at(k, mount);
  if (names !== undefined) return names.rename(k, mount, from, to);
  if (has_entries(k, to)) return fail(full_directory, `${to} has entries`);
  const inode = d_lookup(k, from);
  const replaced = d_lookup(k, to);
  if (replaced !== 0 && k.inode.directory.get(inode) === 0) filesystem_at(k, mount).i_op.renamed_over?.(k, inode, replaced);
  d_move(k, from, to);
  return undefined;
}

/** `d_move()`: an inode's name is another one from now on, and with a directory's all that lie in it. */
export function d_move(k: Kernel, from: string, to: string): void {
  const inode = d_lookup(k, from);
  if (d_lookup(k, to) !== 0) d_delete(k, to);
  if (k.inode.directory.get(inode) !== 0) move_below(k, from, to);
  d_instantiate(k, to, inode);
  d_delete(k, from);
  k.inode.path.set(inode, k.names.id(to));
}

function move_below(k: Kernel, from: string, to: string): void {
  if (entries(k, from).some((name) => is_mountpoint(k, name)))
    throw new Impossible('not-implemented', 'renaming a directory below which something is mounted is not simulated');
  for (const name of entries(k, from)) {
    const inode = d_lookup(k, name);
    const there = moved(name, from, to);
    k.dentry.set(k.names.id(name_on_host(k, name)), 0);
    k.dentry.set(k.names.id(name_on_host(k, there)), inode);
    if (k.names.text(k.inode.path.get(inode)) === name) k.inode.path.set(inode, k.names.id(there));
  }
  for (const host of k.hosts)
    for (let mnt = 1; mnt <= host.vfsmounts.count; mnt++)
      if (is_below(k.names.text(host.vfsmount.root.get(mnt)), from))
        host.vfsmount.root.set(mnt, k.names.id(moved(k.names.text(host.vfsmount.root.get(mnt)), from, to)));
}

/** Whether anything lies in a directory. */
export function has_entries(k: Kernel, name: string): boolean {
  const mount = mount_of(k, name);
  const { names } = filesystem_at(k, mount);
  return names === undefined ? entries(k, name).length > 0 : names.has_entries(k, mount, name);
}

/** What lies in a directory and below, of the names that are in use. */
export function entries(k: Kernel, directory: string): string[] {
  const found: string[] = [];
  const above = name_on_host(k, directory);
  k.dentry.runs(0, k.dentry.runStart(Number.MAX_SAFE_INTEGER, 0), (at, n, inode) => {
    for (let id = at; inode !== 0 && id < at + n; id++) {
      const name = k.names.text(id);
      if (name !== above && is_below(name, above)) found.push(name.slice(above.length - directory.length));
    }
  });
  return found;
}

/** The same with their inodes. */
export const names_below = (k: Kernel, directory: string): { name: string; inode: number }[] =>
  entries(k, directory).map((name) => ({ name, inode: d_lookup(k, name) }));
