import type { Kernel } from '../../state/kernel';

/** What overlayfs notes with real inodes (`trusted.overlay.*`, and the character device 0/0 of a whiteout). */
export const enum Xattr {
  None = 0,
  /** The name is gone, whatever lies below. */
  Whiteout = 1,
  /** A directory that hides what lies below it. */
  Opaque = 2,
  /** Metadata only: the data is the lower file's. */
  Metacopy = 3,
}

/** Bits of `mount.options` of an overlay. */
export const enum Ovl {
  Metacopy = 1,
  /** `cache = stacked`. */
  Stacked = 2,
  /** `reopen_on_copy_up`. */
  Reopen = 4,
}

/** Whether an overlay is mounted with this option. */
export const has_option = (k: Kernel, mount: number, option: Ovl): boolean => Math.floor(k.mount.options.get(mount) / option) % 2 === 1;

/** Whether an inode is an overlay's, with real ones behind it. */
export const is_overlay = (k: Kernel, inode: number): boolean => k.ovlInode.upper.get(inode) !== 0 || k.ovlInode.lower.get(inode) !== 0;

/** `ovl_inode_real()`: the real inode that owner and permissions are kept in, through all layers; another filesystem's inode is itself. */
export const real_inode = (k: Kernel, inode: number): number =>
  is_overlay(k, inode) ? real_inode(k, k.ovlInode.upper.get(inode) || k.ovlInode.lower.get(inode)) : inode;

/** `ovl_inode_realdata()`: the inode of the layer that has the data. */
export const layer_with_data = (k: Kernel, inode: number): number =>
  k.ovlInode.metacopy.get(inode) !== 0 ? k.ovlInode.lower.get(inode) : k.ovlInode.upper.get(inode) || k.ovlInode.lower.get(inode);

/** The inode in whose address space the pages lie that readers of an inode see: with `cache = real` the real one, through all layers. */
export const cached_inode = (k: Kernel, inode: number): number =>
  is_overlay(k, inode) && !has_option(k, k.inode.mount.get(inode), Ovl.Stacked) ? cached_inode(k, layer_with_data(k, inode)) : inode;

/** Whether an open file of an overlay is one of its upper layer. */
export const is_upper_file = (k: Kernel, file: number): boolean =>
  k.file.overlay.get(file) === 0 || k.ovlInode.upper.get(k.file.overlay.get(file)) === k.file.inode.get(file);
