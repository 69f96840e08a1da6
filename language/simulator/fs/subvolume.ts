import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Kernel } from '../state/kernel';
import { parent_of, path_lookup } from './namei';

/** What `inode.subvolume` says of a directory. */
export const SUBVOLUME = { root: 1, readonly: 2 } as const;

/** The subvolume that a name lies in, by the name of its root; the mount's own is ''. */
export function subvolume_of(k: Kernel, name: string): string {
  for (let at = name; ; at = parent_of(at)) {
    const inode = path_lookup(k, at);
    if (inode !== 0 && k.inode.subvolume.get(inode) !== 0) return at;
    if (at === '/' || at === '') return '';
  }
}

/** Why nothing may be written at a name: it lies in a read-only snapshot. Undefined where it may. */
export function btrfs_root_readonly(k: Kernel, name: string): Outcome | undefined {
  const root = subvolume_of(k, name);
  const readonly = root !== '' && k.inode.subvolume.get(path_lookup(k, root)) === SUBVOLUME.readonly;
  return readonly ? fail('EROFS', `${root} is a read-only snapshot`) : undefined;
}
