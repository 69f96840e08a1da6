import type { Options, OptionValue } from '../../api';
import { Content } from '../../state/content';
import type { Kernel } from '../../state/kernel';
import { filesystem_at, filesystem_of, type Filesystem } from '../filesystem';
import { iput } from '../inode';
import { d_lookup, mount_of, moved, normalize, parent_of, path_lookup, user_path } from '../namei';
import { entries, vfs_create } from '../names';
import { do_truncate, truncate_setsize, zero_cached_tail } from '../truncate';
import { errorMessage } from '../why';
import { ovl_copy_up } from './copy_up';
import { ovl_names } from './dir';
import { ovl_aops, ovl_file } from './file';
import { has_option, Ovl } from './inode';

/** overlayfs: names from several layers; whose pages are used is the option `cache`. */
export const overlay: Filesystem = {
  name: 'overlay',
  device: false,
  options: ['lower', 'upper', 'metacopy', 'cache', 'reopen_on_copy_up'],
  mount: ovl_fill_super,
  populate(k, inode, content) {
    const upper = k.ovlInode.upper.get(inode);
    k.inode.size.set(upper, k.inode.size.get(inode));
    filesystem_of(k, upper).populate(k, upper, content);
  },
  f_op: ovl_file,
  a_ops: ovl_aops,
  i_op: {
    setattr_size(k, inode, size) {
      const old = k.inode.size.get(inode);
      truncate_setsize(k, inode, size);
      if (size < old) zero_cached_tail(k, inode, size);
      do_truncate(k, k.ovlInode.upper.get(inode), size);
    },
    prepare_setattr(k, inode, data) {
      ovl_copy_up(k, inode, data ? 'data' : 'metadata');
      return data && has_option(k, k.inode.mount.get(inode), Ovl.Stacked) ? inode : k.ovlInode.upper.get(inode);
    },
    evict(k, inode) {
      const { inode: known } = k.overlay.of(k.inode.mount.get(inode));
      for (const column of [k.ovlInode.upper, k.ovlInode.lower]) {
        const real = column.get(inode);
        if (real === 0) continue;
        column.set(inode, 0);
        if (known.get(real) === inode) known.set(real, 0);
        iput(k, real);
      }
    },
  },
  names: ovl_names,
};

const text = (value: OptionValue | undefined): string | undefined =>
  value instanceof Content ? new TextDecoder().decode(value.bytes(0, value.length)) : typeof value === 'string' ? value : undefined;

function ovl_fill_super(k: Kernel, mount: number, options: Options): string | undefined {
  const { layers } = k.overlay.of(mount);
  const lower = Array.isArray(options.lower) ? (options.lower as OptionValue[]) : [options.lower];
  if (options.lower === undefined) return 'an overlay needs a lower directory: mount overlay at … { lower = "/path" }';
  const paths = [text(options.upper), ...lower.map((value) => text(value as OptionValue))];
  for (const [i, path] of paths.entries()) {
    if (path === undefined) continue;
    const directory = layer(k, path, i === 0);
    if (typeof directory !== 'object') return directory;
    layers.set(i, k.names.id(directory.name));
  }
  const stacked = (options.cache ?? k.options.overlay.cache) === 'stacked';
  const reopen = options.reopen_on_copy_up ?? k.options.overlay.reopen;
  const flags = (options.metacopy === true ? Ovl.Metacopy : 0) + (stacked ? Ovl.Stacked : 0) + (reopen === true ? Ovl.Reopen : 0);
  k.mount.options.set(mount, flags);
  k.mount.readonly.set(mount, layers.get(0) === 0 ? 1 : 0);
  return undefined;
}

/** The name of a layer's directory, which is made if it does not exist yet; or why it can't be a layer. */
function layer(k: Kernel, path: string, upper: boolean): { name: string } | string {
  const at = normalize(path);
  if (at === undefined) return `a layer of an overlay needs an absolute path, not "${path}"`;
  const { mnt, name } = user_path(k, at);
  const sb = mount_of(k, name);
  if (mnt === 0) return errorMessage.unmounted(at, parent_of(at));
  if (upper && (k.mount.readonly.get(sb) !== 0 || filesystem_at(k, sb).names !== undefined))
    return `the upper layer cannot lie on ${filesystem_at(k, sb).name}, at ${at}`;
  if (upper && upper_of_another(k, name)) return `${at} is the upper layer of another overlay already`;
  return make_directories(k, name) ?? { name };
}

function upper_of_another(k: Kernel, name: string): boolean {
  const known = k.names.id(name);
  for (let mount = 1; mount <= k.mounts.count; mount++) if (k.overlay.of(mount).layers.get(0) === known) return true;
  return false;
}

function make_directories(k: Kernel, name: string): string | undefined {
  const inode = path_lookup(k, name);
  if (inode !== 0) return k.inode.directory.get(inode) !== 0 ? undefined : `${name} is a file`;
  const problem = make_directories(k, parent_of(name));
  if (problem === undefined) vfs_create(k, name, { mode: 0o755, uid: 0, directory: true });
  return problem;
}

/** With `cache = stacked` every name of the layers has its inode before the first step: nothing else could say that none of its pages are cached. */
export function settle_stacked(k: Kernel): void {
  for (let mount = 1; mount <= k.mounts.count; mount++) {
    if (!has_option(k, mount, Ovl.Stacked) || filesystem_at(k, mount) !== overlay) continue;
    const { layers } = k.overlay.of(mount);
    const root = k.names.text(k.mount.path.get(mount));
    for (let i = 0; i === 0 || layers.get(i) !== 0; i++) {
      const directory = k.names.text(layers.get(i));
      if (directory === '') continue;
      for (const name of entries(k, directory))
        if (d_lookup(k, moved(name, directory, root)) === 0) path_lookup(k, moved(name, directory, root));
    }
  }
}
