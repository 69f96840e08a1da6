/* eslint-disable no-bitwise -- mount flags are a word of fewer than 32 bits. */
import { constants } from '../../catalogue/constants';
import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { filemap_remove_folio } from '../mm/filemap';
import { writable } from './file';
import { attach_mnt, files_of, mounts } from './mount';
import { user_path_at } from './lookup';
import { is_below, moved, normalize, user_path } from './namei';
import { filemap_write_and_wait_range } from './writeback';

const MS = {
  RDONLY: Number(constants.MS_RDONLY.value),
  REMOUNT: Number(constants.MS_REMOUNT.value),
  BIND: Number(constants.MS_BIND.value),
  REC: Number(constants.MS_REC.value),
} as const;

export const calls = {
  mount(k, task, source, target, flags) {
    const to = user_path_at(k, task, target);
    if ('kind' in to) return to;
    const { at, inode: on } = to;
    if (k.task.uid.get(task) !== 0) return fail('EPERM', `uid ${k.task.uid.get(task)} may not mount anything`);
    if ((flags & (MS.REMOUNT | MS.BIND)) === (MS.REMOUNT | MS.BIND)) return reconfigure_mnt(k, at, (flags & MS.RDONLY) !== 0);
    if ((flags & MS.BIND) === 0 || (flags & ~(MS.BIND | MS.REC | MS.RDONLY)) !== 0)
      return fail('EINVAL', 'MS_BIND, with MS_REC or MS_REMOUNT | MS_RDONLY, is what can be mounted in a scenario');
    if (source === '') return fail('EINVAL', 'a bind mount needs a source');
    const from = user_path_at(k, task, source);
    if ('kind' in from) return from;
    const { inode } = from;
    if ((k.inode.directory.get(inode) !== 0) !== (k.inode.directory.get(on) !== 0))
      return fail('ENOTDIR', `one of ${source} and ${target} is a directory, the other is not`);
    k.in('do_loopback', 1, () => {
      const tree = (flags & MS.REC) === 0 ? [] : mounts(k);
      const readonly = k.vfsmount.readonly.get(from.mnt) !== 0;
      bind(k, at, k.vfsmount.sb.get(from.mnt), from.name, readonly);
      const top = normalize(source) ?? source;
      for (const mnt of tree) {
        const path = k.names.text(k.vfsmount.at.get(mnt));
        if (path === top || !is_below(path, top)) continue;
        const below = k.vfsmount.readonly.get(mnt) !== 0;
        bind(k, moved(path, top, at), k.vfsmount.sb.get(mnt), k.names.text(k.vfsmount.root.get(mnt)), below);
      }
    });
    return ok();
  },

  umount(k, task, target) {
    const to = user_path_at(k, task, target);
    if ('kind' in to) return to;
    const { at, mnt } = to;
    if (k.task.uid.get(task) !== 0) return fail('EPERM', `uid ${k.task.uid.get(task)} may not unmount anything`);
    if (!is_root_of_mount(k, mnt, at)) return fail('EINVAL', `nothing is mounted at ${at}`);
    const inner = mounts(k).find((other) => k.vfsmount.parent.get(other) === mnt);
    if (inner !== undefined) return fail('EBUSY', `something is mounted below, at ${k.names.text(k.vfsmount.at.get(inner))}`);
    if (files_of(k, mnt).length > 0) return fail('EBUSY', `a file of ${at} is open or mapped`);
    k.in('do_umount', 1, () => {
      const sb = k.vfsmount.sb.get(mnt);
      k.vfsmount.at.set(mnt, 0);
      k.trace.effect('nothing is mounted at {name:0} any more', 1, k.names.id(at));
      if (!mounts(k).some((other) => k.vfsmount.sb.get(other) === sb)) generic_shutdown_super(k, sb);
    });
    return ok();
  },
} satisfies Calls;

function bind(k: Kernel, at: string, sb: number, root: string, readonly: boolean): void {
  attach_mnt(k, at, sb, root, readonly);
  k.trace.effect('{name:0} is seen at {name:1} too', 1, k.names.id(root), k.names.id(at));
}

const is_root_of_mount = (k: Kernel, mnt: number, at: string): boolean => k.names.text(k.vfsmount.at.get(mnt)) === at;

/** `do_reconfigure_mnt()`: MS_REMOUNT | MS_BIND makes a mount read-only or writable, not the filesystem. */
function reconfigure_mnt(k: Kernel, at: string, readonly: boolean): Outcome {
  const { mnt } = user_path(k, at);
  if (!is_root_of_mount(k, mnt, at)) return fail('EINVAL', `nothing is mounted at ${at}`);
  if (readonly && files_of(k, mnt).some((file) => writable(k, file))) return fail('EBUSY', `a file of ${at} is open for writing`);
  k.vfsmount.readonly.set(mnt, readonly ? 1 : 0);
  k.trace.effect(readonly ? '{name:0} is read-only now' : '{name:0} can be written to now', 1, k.names.id(at));
  return ok();
}

/** The last mount of a filesystem is gone: its dirty pages are written, its cache is dropped. */
function generic_shutdown_super(k: Kernel, sb: number): void {
  k.in('generic_shutdown_super', 1, () => {
    for (let inode = 1; inode <= k.inodes.count; inode++) {
      if (k.inode.mount.get(inode) !== sb) continue;
      if (k.mount.device.get(sb) !== 0) filemap_write_and_wait_range(k, inode, 0, 2 ** 52);
      const mapping = k.inode.mapping.get(inode);
      const pages = k.space.of(mapping).pages.runStart(Number.MAX_SAFE_INTEGER, 0);
      if (pages > 0) k.in('truncate_inode_pages_final', 1, () => filemap_remove_folio(k, mapping, 0, pages));
      k.design.evicted(k, inode);
    }
  });
}
