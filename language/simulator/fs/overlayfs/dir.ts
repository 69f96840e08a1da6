import type { Outcome } from '../../api';
import { fail } from '../../calls';
import type { Kernel } from '../../state/kernel';
import type { NameOperations } from '../filesystem';
import { d_instantiate } from '../inode';
import { is_below, moved, parent_of, path_lookup } from '../namei';
import { d_delete, d_move, drop_name, entries, vfs_create, vfs_link, vfs_rename } from '../names';
import { ovl_copy_up } from './copy_up';
import { Xattr } from './inode';
import { layers_at, lower_positive, ovl_lookup, upper_name } from './lookup';

/** `ovl_dir_inode_operations`: changes go to the upper layer; what lies below is hidden by whiteouts and opaque directories. */
export const ovl_names: NameOperations = {
  lookup: ovl_lookup,

  create: (k, mount, name, attributes) =>
    k.in('ovl_create_object', 1, () => {
      const above = upper_place(k, mount, name);
      const hidden = remove_whiteout(k, above);
      const upper = vfs_create(k, above, attributes);
      if (hidden && attributes.directory === true) set_opaque(k, upper);
      return ovl_lookup(k, mount, name, true);
    }),

  remove: (k, mount, name) => {
    k.in('ovl_do_remove', 1, () => {
      const above = upper_place(k, mount, name);
      if (path_lookup(k, above) !== 0) remove_upper(k, above);
      if (lower_positive(k, mount, name)) whiteout(k, above);
      d_delete(k, name);
    });
  },

  link: (k, mount, inode, name) => {
    k.in('ovl_link', 1, () => {
      ovl_copy_up(k, inode, 'metadata');
      const above = upper_place(k, mount, name);
      remove_whiteout(k, above);
      vfs_link(k, k.ovlInode.upper.get(inode), above);
      d_instantiate(k, name, inode);
    });
  },

  tmpfile: (k, mount, name) => k.in('ovl_tmpfile', 1, () => parent_of(upper_place(k, mount, `${name}/#tmpfile`))),

  rename: (k, mount, from, to) => k.in('ovl_rename', 1, () => ovl_rename(k, mount, from, to)),

  has_entries: (k, mount, name) =>
    layers_at(k, mount, name, true).some((layer) =>
      entries(k, layer.name).some((real) => path_lookup(k, moved(real, layer.name, name)) !== 0),
    ),
};

/** The name in the upper layer, whose directory exists there afterwards. */
function upper_place(k: Kernel, mount: number, name: string): string {
  ovl_copy_up(k, path_lookup(k, parent_of(name)), 'metadata');
  return upper_name(k, mount, name);
}

/** Whether there was one. */
function remove_whiteout(k: Kernel, above: string): boolean {
  const inode = path_lookup(k, above);
  if (inode === 0 || k.inode.xattr.get(inode) !== Xattr.Whiteout) return false;
  drop_name(k, above);
  return true;
}

/** A file of the upper layer; or a directory, in which nothing but whiteouts can be left. */
function remove_upper(k: Kernel, above: string): void {
  const inside = entries(k, above).filter((name) => is_below(name, above));
  for (const name of inside.sort().reverse()) drop_name(k, name);
  drop_name(k, above);
}

/** `ovl_whiteout()`: a character device 0/0, which hides the name. */
function whiteout(k: Kernel, above: string): void {
  const inode = vfs_create(k, above, { mode: 0, uid: 0 });
  k.inode.xattr.set(inode, Xattr.Whiteout);
  k.trace.effect('{name:0} is a whiteout: the lower file is hidden', 1, k.names.id(above));
}

function set_opaque(k: Kernel, upper: number): void {
  k.inode.xattr.set(upper, Xattr.Opaque);
  k.trace.effect('{file:0} is opaque: it hides the lower directory', 1, upper);
}

function ovl_rename(k: Kernel, mount: number, from: string, to: string): Outcome | undefined {
  const inode = path_lookup(k, from);
  const directory = k.inode.directory.get(inode) !== 0;
  if (directory && k.ovlInode.lower.get(inode) !== 0)
    return fail('EXDEV', `${from} has a part in a lower layer, and the overlay is mounted without redirect_dir`);
  if (k.inode.directory.get(path_lookup(k, to)) !== 0 && ovl_names.has_entries(k, mount, to)) return fail('ENOTEMPTY', `${to} has entries`);
  ovl_copy_up(k, inode, 'metadata');
  const above = { from: upper_name(k, mount, from), to: upper_place(k, mount, to) };
  const hidden = remove_whiteout(k, above.to) || lower_positive(k, mount, to);
  if (directory && path_lookup(k, above.to) !== 0) remove_upper(k, above.to);
  const problem = vfs_rename(k, above.from, above.to);
  if (problem !== undefined) return problem;
  if (directory && hidden) set_opaque(k, k.ovlInode.upper.get(inode));
  if (lower_positive(k, mount, from)) whiteout(k, above.from);
  d_move(k, from, to);
  return undefined;
}
