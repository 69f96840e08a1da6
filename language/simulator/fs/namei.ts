import { filesystem_at } from './filesystem';
import { errorMessage } from './why';
import type { Kernel } from '../state/kernel';

/** `/a//b/../c` → `/a/c`; undefined where it is not absolute. */
export function normalize(path: string): string | undefined {
  if (!path.startsWith('/')) return undefined;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export const parent_of = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** A path as it is known to all hosts: what lies in memory is each host's own. */
export function name_on_host(k: Kernel, path: string): string {
  if (k.host === 0) return path;
  const mount = mount_of(k, path);
  return mount !== 0 && k.mount.host.get(mount) !== 0 ? `${k.host}:${path}` : path;
}

/** What is known under a name already: the dentry cache. */
export function d_lookup(k: Kernel, name: string): number {
  const known = k.names.known(name_on_host(k, name));
  return known === undefined ? 0 : k.dentry.get(known);
}

/**
 * The inode of a name, 0 if there is none. Without `make` nothing changes by looking: for a name of an overlay that was not used yet the real inode
 * stands in.
 */
export function path_lookup(k: Kernel, name: string, make = true): number {
  const inode = d_lookup(k, name);
  if (inode !== 0) return inode;
  const mount = mount_of(k, name);
  return mount === 0 ? 0 : (filesystem_at(k, mount).names?.lookup(k, mount, name, make) ?? 0);
}

/** The filesystem that a name lies in: the one with the longest path above it; 0 if there is none. */
export function mount_of(k: Kernel, name: string): number {
  for (let at = name; ;) {
    const known = k.names.known(at);
    let found = 0;
    for (let mount = known === undefined ? 0 : k.mountAt.get(known); mount !== 0; mount = k.mount.same.get(mount))
      if (k.mount.host.get(mount) === 0 || k.mount.host.get(mount) === k.host + 1) found = mount;
    const end = at.lastIndexOf('/');
    if (found !== 0 || at === '/' || end < 0) return found;
    at = at.slice(0, end) || '/';
  }
}

/** Whether `name` is `directory` or lies somewhere in it. */
export const is_below = (name: string, directory: string): boolean =>
  name === directory || name.startsWith(directory === '/' ? '/' : `${directory}/`);

/** The same place below `to` as `name` has below `from`. */
export function moved(name: string, from: string, to: string): string {
  const rest = from === '/' ? name : name.slice(from.length);
  return to === '/' ? rest || '/' : rest === '/' ? to : to + rest;
}

/** `struct path`: the mount, and the name that the file has in its filesystem (which begins with the path where that was mounted first). */
export interface Path {
  readonly mnt: number;
  readonly name: string;
}

/** `lookup_mnt()`: what is mounted last on a path that lies in mount `parent`; 0 if nothing is. */
function lookup_mnt(k: Kernel, parent: number, at: number): number {
  let mnt = k.vfsmountAt.get(at);
  while (mnt !== 0 && (k.vfsmount.at.get(mnt) !== at || k.vfsmount.parent.get(mnt) !== parent)) mnt = k.vfsmount.same.get(mnt);
  return mnt;
}

/** `/`, `/a`, `/a/b` for `/a/b`. */
function prefixes(path: string): string[] {
  const found = ['/'];
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) found.push(path.slice(0, end));
  return path === '/' ? found : [...found, path];
}

/** Where a path leads, over all the mounts on its way; mount 0: nothing is mounted there. The file itself need not exist. */
export function user_path(k: Kernel, path: string): Path {
  const at = normalize(path) ?? path;
  let mnt = 0;
  for (const prefix of prefixes(at)) {
    const known = k.names.known(prefix) ?? 0;
    for (let next = lookup_mnt(k, mnt, known); known !== 0 && next !== 0; next = lookup_mnt(k, mnt, known)) mnt = next;
  }
  if (mnt === 0) return { mnt, name: HIDDEN };
  const name = moved(at, k.names.text(k.vfsmount.at.get(mnt)), k.names.text(k.vfsmount.root.get(mnt)));
  return { mnt, name: mount_of(k, name) === k.vfsmount.sb.get(mnt) ? name : HIDDEN };
}

/** `filename_parentat()`: what a path's last part names in its directory, whatever is mounted on it: what is made, removed and renamed. */
export function parent_path(k: Kernel, path: string): Path {
  const at = normalize(path) ?? path;
  if (at === '/') return user_path(k, at);
  const { mnt, name } = user_path(k, parent_of(at));
  return { mnt, name: moved(at, parent_of(at), name) };
}

/** No file has this name: what is on no mount, or mounted below the source of a bind mount and not seen through it. */
const HIDDEN = '';

/** The inode that a path leads to, 0 if there is none. */
export const kern_path = (k: Kernel, path: string, make = true): number => path_lookup(k, user_path(k, path).name, make);

/** Why there is no file at a path. */
export function why_not_found(k: Kernel, path: string): string {
  const at = normalize(path) ?? path;
  const parent = parent_of(at);
  if (user_path(k, at).mnt === 0) return errorMessage.noMount(path, parent);
  return kern_path(k, parent) === 0 ? errorMessage.noDirectory(path, parent) : errorMessage.noFile(path);
}
