import { free_pipe, is_pipe_inode } from './pipe';
import type { AddressSpaceKind, Kernel } from '../state/kernel';
import { filemap_remove_folio } from '../mm/filemap';
import { io_ring_ctx_free } from '../mm/io_rsrc';
import { truncate_inode_partial_folios } from '../mm/large_split';
import { unmap_mapping_range } from '../mm/rmap';
import { shmem_free_swap } from '../mm/shmem_swap';
import { userfaultfd_release } from '../mm/userfaultfd_register';
import { clear_shadow_entries, mapping_end } from '../mm/workingset';
import { extents_end, free_extents } from './extents';
import { filesystem_at, filesystem_of, type InodeAttributes } from './filesystem';
import { name_on_host } from './namei';

/** A new inode on `mount` with an empty address space; `path` is for display. */
export function new_inode(k: Kernel, mount: number, path: string, attributes: InodeAttributes): number {
  const inode = k.inodes.next();
  k.inode.mount.set(inode, mount);
  k.inode.path.set(inode, k.names.id(path));
  k.inode.mode.set(inode, attributes.mode);
  k.inode.uid.set(inode, attributes.uid);
  k.inode.directory.set(inode, attributes.directory === true ? 1 : 0);
  const { a_ops, i_op } = filesystem_at(k, mount);
  for (const host of k.hosts) host.inode.mapping.set(inode, new_mapping(host, inode, a_ops.kind));
  i_op.init?.(k, inode);
  return inode;
}

export function new_mapping(k: Kernel, host: number, aops: AddressSpaceKind): number {
  const mapping = k.mappings.next();
  k.mapping.host.set(mapping, host);
  k.mapping.aops.set(mapping, aops);
  return mapping;
}

/** Gives an inode a name. */
export function d_instantiate(k: Kernel, path: string, inode: number): void {
  k.dentry.set(k.names.id(name_on_host(k, path)), inode);
  k.inode.nlink.set(inode, k.inode.nlink.get(inode) + 1);
}

/** Another user of the inode: an open file, or a mapping of it. */
export function ihold(k: Kernel, inode: number): void {
  k.inode.refs.set(inode, k.inode.refs.get(inode) + 1);
}

/** One user less; without users and names the inode goes, with its pages and blocks. */
export function iput(k: Kernel, inode: number): void {
  k.inode.refs.set(inode, k.inode.refs.get(inode) - 1);
  evict_if_unused(k, inode);
}

export function evict_if_unused(k: Kernel, inode: number): void {
  if (k.inode.refs.get(inode) > 0 || k.inode.nlink.get(inode) > 0) return;
  k.in('evict', 1, () => {
    k.trace.effect('{file:0} has no name and no user left', 1, inode);
    if (is_pipe_inode(k, inode)) free_pipe(k, inode);
    if (k.userfaultfd.mm.get(inode) !== 0) userfaultfd_release(k, inode);
    if (k.ring.entries.get(inode) !== 0) io_ring_ctx_free(k, inode);
    for (const host of k.hosts) {
      filesystem_at(k, k.inode.mount.get(inode)).evict_inode?.(host, inode);
      const mapping = host.inode.mapping.get(inode);
      const pages = mapping_end(host, mapping);
      if (pages > 0) k.in('truncate_inode_pages_final', 1, () => filemap_remove_folio(host, mapping, 0, pages));
      shmem_free_swap(host, mapping, 0, pages);
      clear_shadow_entries(host, mapping, 0, pages);
      host.design.evicted(host, inode);
    }
    filesystem_of(k, inode).i_op.evict?.(k, inode);
    free_extents(k, inode, 0, extents_end(k, inode));
    k.inode.size.set(inode, 0);
    settle_disk_size(k, inode);
    k.inode.inline.set(inode, 0);
  });
}

/**
 * `truncate_pagecache()`: takes the pages from `index` on out of the cache and out of every mapping; `evenCows`: private copies too. `from`: the page in
 * which the range begins, if it does not begin with a page; a large folio is split around that.
 */
export function truncate_inode_pages(k: Kernel, inode: number, index: number, count: number, evenCows: boolean, from = index): void {
  if (count <= 0) return;
  const mapping = k.inode.mapping.get(inode);
  unmap_mapping_range(k, mapping, index, count, evenCows);
  k.in('truncate_inode_pages_range', 1, () => {
    const whole = truncate_inode_partial_folios(k, mapping, index, index + count, from);
    if (whole.from < whole.to) filemap_remove_folio(k, mapping, whole.from, whole.to - whole.from);
    shmem_free_swap(k, mapping, index, count);
    clear_shadow_entries(k, mapping, index, count);
  });
  k.design.truncated(k, mapping, index, count);
}
import { settle_disk_size } from './disk_size';
