import type { Outcome } from '../api';
import { fail } from '../calls';
import type { Kernel } from '../state/kernel';
import { normalize, parent_of, parent_path, path_lookup, user_path, why_not_found, type Path } from './namei';
import { link_path_walk } from './permission';

/** A path that a call is given, everything above its last part found. */
export interface Named extends Path {
  /** The path itself, normalized. */
  readonly at: string;
  /** What it names; 0: nothing yet. */
  readonly inode: number;
  /** The directory that it lies in. */
  readonly parent: number;
  /** It ends in a slash: it can only name a directory. */
  readonly slash: boolean;
}

function walk(k: Kernel, task: number, path: string, lead: (k: Kernel, at: string) => Path): Named | Outcome {
  const at = normalize(path);
  if (at === undefined)
    return fail('ENOENT', path === '' ? 'an empty path' : `${path} is not absolute, and a scenario has no working directory`);
  const blocked = link_path_walk(k, task, at);
  if (blocked !== undefined) return blocked;
  const to = lead(k, at);
  const inode = path_lookup(k, to.name);
  const parent = path_lookup(k, parent_of(to.name));
  if (inode === 0 && (parent === 0 || to.mnt === 0)) return fail('ENOENT', why_not_found(k, at));
  return { ...to, at, inode, parent, slash: path.endsWith('/') };
}

/** Where a path leads, over what is mounted there; the last part may be missing. */
export const filename_lookup = (k: Kernel, task: number, path: string): Named | Outcome => walk(k, task, path, user_path);

/** The last part of a path in its directory, whatever is mounted on it: what is made, removed and renamed. */
export const filename_parentat = (k: Kernel, task: number, path: string): Named | Outcome => walk(k, task, path, parent_path);

/** `user_path_at()`: the file that a path names, which has to exist. */
export function user_path_at(k: Kernel, task: number, path: string): Named | Outcome {
  const named = filename_lookup(k, task, path);
  if ('kind' in named) return named;
  if (named.inode === 0) return fail('ENOENT', why_not_found(k, named.at));
  if (named.slash && k.inode.directory.get(named.inode) === 0)
    return fail('ENOTDIR', `${named.at} is no directory, and the path ends in a slash`);
  return named;
}
