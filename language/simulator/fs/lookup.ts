import type { Outcome } from '../api';
import { fail } from '../calls';
import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { kern_path, normalize, parent_of, parent_path, path_lookup, user_path, why_not_found, type Path } from './namei';
import { permitted } from './permission';

/** Bytes of a path with its end, and of a name in it. */
const PATH_MAX = 4096;
const NAME_MAX = 255;

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
  /** What its last part is: a name, or one that no directory has an entry for to make, remove or rename. */
  readonly last: 'name' | '.' | '..';
}

const bytes_of = (text: string): number => Content.text(text).length;

/** `getname()`: why this is no path; undefined: it is one. */
function getname(path: string): Outcome | undefined {
  if (bytes_of(path) >= PATH_MAX) return fail('ENAMETOOLONG', `a path has at most ${PATH_MAX - 1} bytes`);
  if (path.startsWith('/')) return undefined;
  return fail('ENOENT', path === '' ? 'an empty path' : `${path} is not absolute, and a scenario has no working directory`);
}

const NAME_TOO_LONG = fail('ENAMETOOLONG', `a name has at most ${NAME_MAX} bytes`);

/** `link_path_walk()`: why the task does not get through these parts of a path to the last one; undefined: it does. */
function link_path_walk(k: Kernel, task: number, parts: readonly string[]): Outcome | undefined {
  let at = '/';
  for (const [i, part] of parts.entries()) {
    const inode = kern_path(k, at);
    if (inode === 0 && user_path(k, at).mnt !== 0) return fail('ENOENT', why_not_found(k, at));
    if (inode !== 0 && k.inode.directory.get(inode) === 0) return fail('ENOTDIR', `${at} is a file, not a directory`);
    if (inode !== 0 && !permitted(k, task, inode, 'search')) return fail('EACCES', `uid ${k.task.uid.get(task)} may not search ${at}`);
    if (i < parts.length - 1 && bytes_of(part) > NAME_MAX) return NAME_TOO_LONG;
    at = normalize(`${at}/${part}`)!;
  }
  return undefined;
}

function walk(k: Kernel, task: number, path: string, lead: (k: Kernel, at: string) => Path): Named | Outcome {
  const bad = getname(path);
  if (bad !== undefined) return bad;
  const parts = path.split('/').filter((part) => part !== '');
  const blocked = link_path_walk(k, task, parts);
  if (blocked !== undefined) return blocked;
  const at = normalize(path)!;
  const end = parts.at(-1);
  const last = end === '.' || end === '..' ? end : 'name';
  const to = last === 'name' ? lead(k, at) : user_path(k, at);
  const inode = path_lookup(k, to.name);
  const parent = path_lookup(k, parent_of(to.name));
  if (inode === 0 && (parent === 0 || to.mnt === 0)) return fail('ENOENT', why_not_found(k, at));
  return { ...to, at, inode, parent, slash: path.endsWith('/'), last };
}

/** `lookup_one_qstr_excl()`: why no directory can have an entry of this name; undefined: one can. */
export const lookup_one = ({ at }: Named): Outcome | undefined =>
  bytes_of(at.slice(at.lastIndexOf('/') + 1)) > NAME_MAX ? NAME_TOO_LONG : undefined;

/** Where a path leads, over what is mounted there; the last part may be missing. */
export function filename_lookup(k: Kernel, task: number, path: string): Named | Outcome {
  const named = walk(k, task, path, user_path);
  return 'kind' in named ? named : (lookup_one(named) ?? named);
}

/** The last part of a path in its directory, whatever is mounted on it: what is made, removed and renamed. */
export const filename_parentat = (k: Kernel, task: number, path: string): Named | Outcome => walk(k, task, path, parent_path);

/** `filename_create()`: a path at which something is about to be made; nothing may be there yet. */
export function filename_create(k: Kernel, task: number, path: string): Named | Outcome {
  const to = filename_parentat(k, task, path);
  if ('kind' in to) return to;
  if (to.last !== 'name' || to.inode !== 0) return fail('EEXIST', `${to.at} exists`);
  return lookup_one(to) ?? to;
}

/** `user_path_at()`: the file that a path names, which has to exist. */
export function user_path_at(k: Kernel, task: number, path: string): Named | Outcome {
  const named = filename_lookup(k, task, path);
  if ('kind' in named) return named;
  if (named.inode === 0) return fail('ENOENT', why_not_found(k, named.at));
  if (named.slash && k.inode.directory.get(named.inode) === 0)
    return fail('ENOTDIR', `${named.at} is no directory, and the path ends in a slash`);
  return named;
}
