import { ihold, new_inode } from '../inode';
import { moved, name_on_host, parent_of, path_lookup } from '../namei';
import type { Kernel } from '../../state/kernel';
import { Xattr } from './inode';

/** One layer's part of a name of the overlay: the real name and its inode. */
export interface Layer {
  readonly name: string;
  readonly inode: number;
  readonly upper: boolean;
}

/** The names of the layers of an overlay, the upper one first. */
function layers_of(k: Kernel, mount: number): { name: string; upper: boolean }[] {
  const { layers } = k.overlay.of(mount);
  const found = layers.get(0) === 0 ? [] : [{ name: k.names.text(layers.get(0)), upper: true }];
  for (let i = 1; layers.get(i) !== 0; i++) found.push({ name: k.names.text(layers.get(i)), upper: false });
  return found;
}

/** The path at which an overlay was mounted; all its names begin with it. */
const root_of = (k: Kernel, mount: number): string => k.names.text(k.mount.path.get(mount));

/**
 * `ovl_lookup()`: what the layers have under a name, topmost first: one file (with a metacopy the file that has the data too), or the directories that are merged.
 */
export function layers_at(k: Kernel, mount: number, name: string, make: boolean): Layer[] {
  const root = root_of(k, mount);
  const above = name === root ? layers_of(k, mount) : layers_at(k, mount, parent_of(name), make);
  const found: Layer[] = [];
  for (const { name: directory, upper } of above) {
    const real = name === root ? directory : moved(name, parent_of(name), directory);
    const inode = path_lookup(k, real, make);
    if (inode === 0) continue;
    const xattr = k.inode.xattr.get(inode);
    const isDirectory = k.inode.directory.get(inode) !== 0;
    if (xattr === Xattr.Whiteout) break;
    if (found.length > 0 && (k.inode.directory.get(found[0]!.inode) !== 0) !== isDirectory) break;
    found.push({ name: real, inode, upper });
    if (isDirectory ? xattr === Xattr.Opaque : xattr !== Xattr.Metacopy) break;
  }
  return found;
}

/** The inode of a name of an overlay. Made when the name is used first; until then, and without `make`, the topmost real inode stands for it. */
export function ovl_lookup(k: Kernel, mount: number, name: string, make: boolean): number {
  const found = layers_at(k, mount, name, make);
  const top = found[0];
  if (top === undefined) return 0;
  if (!make) return top.inode;
  const lower = found.find((layer) => !layer.upper);
  const inode = ovl_get_inode(k, mount, name, top.upper ? top.inode : 0, lower?.inode ?? 0);
  k.dentry.set(k.names.id(name_on_host(k, name)), inode);
  k.inode.nlink.set(inode, k.inode.nlink.get(inode) + 1);
  return inode;
}

/** `ovl_get_inode()`: the overlay's inode over these real ones. Hard links share it where they lie above; a lower file with several names gets one for each. */
function ovl_get_inode(k: Kernel, mount: number, name: string, upper: number, lower: number): number {
  const real = upper || lower;
  const { inode: known } = k.overlay.of(mount);
  if (known.get(real) !== 0) return known.get(real);
  const directory = k.inode.directory.get(real) !== 0;
  const inode = new_inode(k, mount, name, { mode: k.inode.mode.get(real), uid: k.inode.uid.get(real), directory });
  k.inode.size.set(inode, k.inode.size.get(real));
  set_upper(k, inode, upper);
  k.ovlInode.lower.set(inode, lower);
  k.ovlInode.metacopy.set(inode, k.inode.xattr.get(real) === Xattr.Metacopy ? 1 : 0);
  if (lower !== 0) ihold(k, lower);
  if (upper === 0 && (directory || k.inode.nlink.get(lower) === 1)) known.set(lower, inode);
  return inode;
}

/** `ovl_inode_update()`: the inode has a real one above from now on. */
export function set_upper(k: Kernel, inode: number, upper: number): void {
  if (upper === 0) return;
  k.ovlInode.upper.set(inode, upper);
  k.overlay.of(k.inode.mount.get(inode)).inode.set(upper, inode);
  ihold(k, upper);
}

/** The name that a name of the overlay has, or would have, in the upper layer. */
export const upper_name = (k: Kernel, mount: number, name: string): string =>
  moved(name, root_of(k, mount), k.names.text(k.overlay.of(mount).layers.get(0)));

/** Whether a name would be seen if the upper layer had nothing there: it takes a whiteout to remove it. */
export function lower_positive(k: Kernel, mount: number, name: string): boolean {
  for (const { name: directory, upper } of layers_at(k, mount, parent_of(name), true)) {
    const inode = upper ? 0 : path_lookup(k, moved(name, parent_of(name), directory));
    if (inode !== 0) return k.inode.xattr.get(inode) !== Xattr.Whiteout;
  }
  return false;
}
