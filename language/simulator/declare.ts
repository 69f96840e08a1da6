import type { Options, Setup } from './api';
import { filesystem_at, filesystem_of, MOUNT } from './fs/filesystem';
import { d_instantiate, new_inode } from './fs/inode';
import { attach_declared, attach_mnt, new_super } from './fs/mount';
import { kern_path, mount_of, normalize, parent_of, path_lookup, user_path, why_not_found } from './fs/namei';
import { vfs_create } from './fs/names';
import { settle_stacked } from './fs/overlayfs/super';
import { has_space } from './fs/space';
import { errorMessage } from './fs/why';
import { share_extents } from './fs/shared_extents';
import { wrote } from './fs/newest';
import { real_inode } from './fs/overlayfs/inode';
import { declare_snapshot } from './fs/snapshot';
import { new_task } from './kernel/fork';
import { file_content } from './observables/file';
import { Content } from './state/content';
import type { Kernel } from './state/kernel';
import { PAGE_SIZE, pagesOf } from './state/units';

type Declared = { pid?: number; error?: string };

/** Makes what a declaration says. Nothing of it is a step, and nothing of a file on disk is cached. */
export function declare(k: Kernel, setup: Setup): Declared {
  const declared = declare_one(k, setup);
  settle_stacked(k);
  return declared;
}

function declare_one(k: Kernel, setup: Setup): Declared {
  switch (setup.kind) {
    case 'mount':
      return declare_mount(k, setup.type, setup.path, setup.options);
    case 'file':
      return declare_file(k, setup.path, setup.content, setup.options);
    case 'directory':
      return declare_directory(k, setup.path, setup.options);
    case 'reflink':
      return declare_reflink(k, setup.from, setup.to);
    case 'snapshot': {
      const error = declare_snapshot(k, setup.from, setup.to);
      return error === undefined ? {} : { error };
    }
    case 'dedupe':
      return declare_dedupe(k, setup.from, setup.to);
    case 'cgroup':
      return declare_cgroup(k, setup.path, setup.options);
    case 'process': {
      const cgroup = setup.cgroup === undefined ? 0 : cgroup_named(k, setup.cgroup);
      if (cgroup === undefined) return { error: `there is no cgroup ${setup.cgroup}: declare it with cgroup "${setup.cgroup}" { … }` };
      return { pid: new_task(k, { name: setup.name, uid: whole(setup.options.uid) ?? 0, cgroup }) };
    }
  }
}

const whole = (value: unknown): number | undefined => (typeof value === 'bigint' ? Number(value) : undefined);

function cgroup_named(k: Kernel, path: string): number | undefined {
  const name = k.names.known(path);
  for (let id = 1; id <= k.cgroups.count; id++) if (k.cgroup.path.get(id) === name) return id;
  return undefined;
}

function declare_mount(k: Kernel, type: string, path: string, options: Options): Declared {
  const at = normalize(path);
  if (at === undefined) return { error: `a mount needs an absolute path, not "${path}"` };
  const number = k.filesystems.findIndex(({ name }) => name === type);
  if (number < 0) return { error: `${type} is not simulated yet` };
  if (k.host === 0 && kern_path(k, at) !== 0) return { error: `something is mounted at ${at} already` };
  const known = superblock_of(k, options.device);
  if (known !== 0) {
    if (k.mount.type.get(known) !== number) return { error: `the device ${String(options.device)} holds ${filesystem_at(k, known).name}` };
    for (const host of k.hosts) attach_mnt(host, at, known, k.names.text(k.mount.path.get(known)), false);
    return {};
  }
  const mount = new_super(k, k.names.id(at));
  k.mount.type.set(mount, number);
  const filesystem = filesystem_at(k, mount);
  if (filesystem.readonly === true) k.mount.readonly.set(mount, 1);
  if (filesystem.device) k.mount.device.set(mount, k.devices.next());
  if (typeof options.device === 'string') k.mount.source.set(mount, k.names.id(`device ${options.device}`));
  if (filesystem.device) k.device.of(k.mount.device.get(mount)).size.set(0, Math.floor((whole(options.size) ?? 0) / PAGE_SIZE));
  else k.mount.host.set(mount, k.host + 1);
  const problem = filesystem.mount?.(k, mount, options);
  if (problem !== undefined) return { error: problem };
  if (options.sharedext === true) k.mount.options.set(mount, k.mount.options.get(mount) + MOUNT.sharedext);
  if (filesystem.names === undefined)
    d_instantiate(k, at, new_inode(k, mount, at, { mode: filesystem.root_mode ?? 0o755, uid: 0, directory: true }));
  for (const host of filesystem.device ? k.hosts : [k]) attach_declared(host, at, mount, at);
  return {};
}

/** The filesystem on a device that was mounted before under this name; 0 if there is none. */
function superblock_of(k: Kernel, device: unknown): number {
  const name = typeof device === 'string' ? k.names.known(`device ${device}`) : undefined;
  for (let mount = 1; name !== undefined && mount <= k.mounts.count; mount++) if (k.mount.source.get(mount) === name) return mount;
  return 0;
}

/** The directories above `path` exist from now on; why not, if they can't. */
function make_parents(k: Kernel, path: string): string | undefined {
  const parent = parent_of(path);
  const inode = path_lookup(k, parent);
  if (inode !== 0) return k.inode.directory.get(inode) !== 0 ? undefined : `${parent} is a file`;
  const problem = make_parents(k, parent);
  if (problem === undefined) vfs_create(k, parent, { mode: 0o755, uid: 0, directory: true });
  return problem;
}

/** A new inode under a path, or why there can't be one. */
function make(k: Kernel, path: string, options: Options, directory: boolean): number | string {
  const at = normalize(path);
  if (at === undefined) return `"${path}" is not an absolute path`;
  const { name } = user_path(k, path);
  if (path_lookup(k, name) !== 0) return `${path} exists already`;
  const mount = mount_of(k, name);
  if (mount === 0) return errorMessage.unmounted(at, parent_of(at));
  if (filesystem_at(k, mount).names !== undefined && k.mount.readonly.get(mount) !== 0)
    return `the overlay at ${k.names.text(k.mount.path.get(mount))} has no upper layer: say what lies in its lower ones`;
  return (
    make_parents(k, name) ??
    vfs_create(k, name, {
      mode: whole(options.mode) ?? (directory ? 0o755 : 0o644),
      uid: whole(options.uid) ?? 0,
      directory,
    })
  );
}

function declare_directory(k: Kernel, path: string, options: Options): Declared {
  const inode = make(k, path, options, true);
  return typeof inode === 'string' ? { error: inode } : {};
}

function declare_file(k: Kernel, path: string, given: Content | undefined, options: Options): Declared {
  const inode = make(k, path, options, false);
  if (typeof inode === 'string') return { error: inode };
  const option = options.content instanceof Content ? options.content : undefined;
  const size = whole(options.size);
  const part = given ?? option;
  if (size !== undefined && size < 0) return { error: 'a size cannot be negative' };
  if (size !== undefined && size > 0 && part !== undefined && part.length === 0) return { error: 'an empty content cannot fill a size' };
  const content = part === undefined ? Content.zeros(size ?? 0) : size === undefined ? part : part.repeat(size);
  k.inode.size.set(inode, content.length);
  const pages = pagesOf(content.length);
  if (pages === 0) return {};
  const padded = content.concat(Content.zeros(pages * PAGE_SIZE - content.length));
  const hole = padded.isZero() && !filesystem_of(k, inode).device;
  if (!hole && !has_space(k, inode, 0, content.length)) return { error: `${path} does not fit: its filesystem is too small (size = …)` };
  filesystem_of(k, inode).populate(k, inode, padded);
  wrote(k, real_inode(k, inode), 0, padded);
  return {};
}

/** Why files of a mount can't share blocks; undefined if they can. */
function no_reflink(k: Kernel, mount: number): string | undefined {
  const { name, f_op } = filesystem_at(k, mount);
  return f_op.remap?.supported(k, mount) === true ? undefined : `this ${name} has no reflink: its files cannot share blocks`;
}

function declare_reflink(k: Kernel, from: string, to: string): Declared {
  const source = kern_path(k, from);
  if (source === 0) return { error: why_not_found(k, from) };
  const mount = mount_of(k, user_path(k, to).name);
  if (mount !== k.inode.mount.get(source)) return { error: `${from} and ${to} are on different filesystems: a reflink cannot cross them` };
  const problem = no_reflink(k, mount);
  if (problem !== undefined) return { error: problem };
  const known = kern_path(k, to);
  const target = known !== 0 ? known : make(k, to, { mode: BigInt(k.inode.mode.get(source)), uid: BigInt(k.inode.uid.get(source)) }, false);
  if (typeof target === 'string') return { error: target };
  share_extents(k, source, target);
  return {};
}

function declare_dedupe(k: Kernel, from: string, to: string): Declared {
  const source = kern_path(k, from);
  const target = kern_path(k, to);
  if (source === 0) return { error: why_not_found(k, from) };
  if (target === 0) return { error: why_not_found(k, to) };
  const mount = k.inode.mount.get(source);
  if (mount !== k.inode.mount.get(target)) return { error: `${from} and ${to} are on different filesystems` };
  const problem = no_reflink(k, mount);
  if (problem !== undefined) return { error: problem };
  if (!file_content(k, source).equals(file_content(k, target)))
    return { error: `${from} and ${to} have different contents: nothing can be deduplicated` };
  share_extents(k, source, target);
  return {};
}

function declare_cgroup(k: Kernel, path: string, options: Options): Declared {
  if (!path.startsWith('/')) return { error: `a cgroup's path begins with /, "${path}" does not` };
  if (cgroup_named(k, path) !== undefined) return { error: `the cgroup ${path} exists already` };
  const cgroup = k.cgroups.next();
  k.cgroup.path.set(cgroup, k.names.id(path));
  k.cgroup.limit.set(cgroup, Math.floor((whole(options.limit) ?? 0) / PAGE_SIZE));
  const swap = whole(options.swap);
  k.cgroup.swap_limited.set(cgroup, swap === undefined ? 0 : 1);
  k.cgroup.swap_limit.set(cgroup, Math.floor((swap ?? 0) / PAGE_SIZE));
  const parent = cgroup_named(k, parent_of(path));
  if (parent !== undefined) k.cgroup.parent.set(cgroup, parent);
  return {};
}
