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

/** The inode that `path` names, 0 if there is none. */
export function path_lookup(k: Kernel, path: string): number {
  const name = k.names.known(name_on_host(k, path));
  return name === undefined ? 0 : k.dentry.get(name);
}

/** The mount that `path` lies in: the one with the longest path above it; 0 if there is none. */
export function mount_of(k: Kernel, path: string): number {
  let best = 0;
  let length = -1;
  for (let mount = 1; mount <= k.mounts.count; mount++) {
    if (k.mount.host.get(mount) !== 0 && k.mount.host.get(mount) !== k.host + 1) continue;
    const at = k.names.text(k.mount.path.get(mount));
    const inside = path === at || path.startsWith(at === '/' ? '/' : `${at}/`);
    if (inside && at.length > length) {
      best = mount;
      length = at.length;
    }
  }
  return best;
}

/** A name in the text for what cannot be found. */
export function why_not_found(k: Kernel, path: string): string {
  const parent = parent_of(path);
  if (mount_of(k, path) === 0) return errorMessage.noMount(path);
  return path_lookup(k, parent) === 0 ? errorMessage.noDirectory(path, parent) : errorMessage.noFile(path);
}
