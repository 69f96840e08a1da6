import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Kernel } from '../state/kernel';
import { is_below, moved, user_path, type Path } from './namei';
import { btrfs_root_readonly } from './subvolume';

/** `attach_recursive_mnt()`: filesystem `sb`, from its name `root` on, is seen at path `at` from now on. */
export function attach_mnt(k: Kernel, at: string, sb: number, root: string, readonly: boolean): number {
  const on = user_path(k, at);
  const mnt = k.vfsmounts.next();
  k.vfsmount.parent.set(mnt, on.mnt);
  k.vfsmount.on.set(mnt, k.names.id(on.name));
  k.vfsmount.root.set(mnt, k.names.id(root));
  k.vfsmount.sb.set(mnt, sb);
  k.vfsmount.readonly.set(mnt, readonly ? 1 : 0);
  const path = k.names.id(at);
  k.vfsmount.at.set(mnt, path);
  k.vfsmount.same.set(mnt, k.vfsmountAt.get(path));
  k.vfsmountAt.set(path, mnt);
  return mnt;
}

/** A new filesystem (`struct super_block`), all names of which begin with a path. */
export function new_super(k: Kernel, path: number): number {
  const sb = k.mounts.next();
  k.mount.path.set(sb, path);
  k.mount.same.set(sb, k.mountAt.get(path));
  k.mountAt.set(path, sb);
  return sb;
}

/** A filesystem that exists before the first step, seen from its name `root` on; others that were declared earlier and lie below it stay in sight. */
export function attach_declared(k: Kernel, at: string, sb: number, root: string): void {
  const { mnt: parent } = user_path(k, at);
  const mnt = attach_mnt(k, at, sb, root, false);
  for (const below of mounts(k)) {
    if (below === mnt || k.vfsmount.parent.get(below) !== parent) continue;
    if (is_below(k.names.text(k.vfsmount.at.get(below)), at)) k.vfsmount.parent.set(below, mnt);
  }
}

/** Everything that is mounted, oldest first. */
export function mounts(k: Kernel): number[] {
  const found: number[] = [];
  for (let mnt = 1; mnt <= k.vfsmounts.count; mnt++) if (k.vfsmount.at.get(mnt) !== 0) found.push(mnt);
  return found;
}

/** Why nothing may be written to a filesystem at all (`SB_RDONLY`), or to the subvolume; undefined where it may. */
export function sb_permission(k: Kernel, { mnt, name }: Path): Outcome | undefined {
  const sb = k.vfsmount.sb.get(mnt);
  return k.mount.readonly.get(sb) === 0
    ? btrfs_root_readonly(k, name)
    : fail('EROFS', `the filesystem at ${k.names.text(k.mount.path.get(sb))} is read-only`);
}

/** `mnt_want_write()`: why nothing may be written through a mount; undefined where it may. */
export function mnt_want_write(k: Kernel, path: Path): Outcome | undefined {
  if (k.vfsmount.readonly.get(path.mnt) !== 0) return fail('EROFS', `${k.names.text(k.vfsmount.at.get(path.mnt))} is mounted read-only`);
  return sb_permission(k, path);
}

/** `d_mountpoint()`: whether something is mounted on this name, or it is the root of a filesystem; neither can be removed. */
export function is_mountpoint(k: Kernel, name: string): boolean {
  const known = k.names.known(name);
  return mounts(k).some((mnt) => k.vfsmount.on.get(mnt) === known || k.mount.path.get(k.vfsmount.sb.get(mnt)) === known);
}

/** `d_path()`: the path of an inode as it is seen through a mount; 0: of a file without a name. */
export function d_path(k: Kernel, mnt: number, inode: number): string {
  const name = k.names.text(k.inode.path.get(inode));
  const root = k.names.text(k.vfsmount.root.get(mnt));
  return mnt !== 0 && is_below(name, root) ? moved(name, root, k.names.text(k.vfsmount.at.get(mnt))) : name;
}

/** Open files, mapped ones too, that were opened through a mount. */
export function files_of(k: Kernel, mnt: number): number[] {
  const found: number[] = [];
  for (let file = 1; file <= k.files.count; file++) if (k.file.mnt.get(file) === mnt) found.push(file);
  return found;
}
