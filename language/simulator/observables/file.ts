import { Content } from '../state/content';
import { any, PG } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE, target } from '../state/shift';
import { pagesOf } from '../state/units';
import { device_of } from '../fs/extents';
import { fiemap } from '../fs/fiemap';
import { inode_blocks, vfs_getattr } from '../fs/stat';
import { folio_head, folio_order, folio_test_hugetlb, is_large } from '../mm/folio';
import { cached_inode, is_overlay, layer_with_data } from '../fs/overlayfs/inode';
import { folio_content } from '../mm/filemap';
import { evicted, mapping_end } from '../mm/workingset';
import type { ObjectRef, Value } from '../value';
import { bytes, type Observers } from './observer';
import { region_mm } from './process';

const pages_of = (k: Kernel, inode: number): number => pagesOf(k.inode.size.get(inode));

/** Visits what a reader of the file would find cached, in runs. */
export function cached_runs(k: Kernel, inode: number, visit: (index: number, count: number, pfn: number) => void): void {
  const mapping = k.inode.mapping.get(inode);
  const end = pages_of(k, inode);
  for (let at = 0; at < end;) {
    const { pfn, count } = k.design.lookup(k, mapping, at, end - at);
    if (pfn !== 0) visit(at, count, pfn);
    at += count;
  }
}

/** What a read of the whole file would return, without bringing anything in. */
export function file_content(k: Kernel, inode: number): Content {
  const below = is_overlay(k, inode) ? file_content(k, cached_inode(k, layer_with_data(k, inode))) : Content.empty;
  const end = pages_of(k, inode);
  const mapping = k.inode.mapping.get(inode);
  const disk = k.mapping.aops.get(mapping) === AddressSpaceKind.Disk;
  const parts: Content[] = [];
  for (let at = 0; at < end;) {
    const { pfn, count } = k.design.lookup(k, mapping, at, end - at);
    if (pfn !== 0) parts.push(folio_content(k, pfn, count));
    else if (below.length > at * 4096) parts.push(below.slice(at * 4096, (at + count) * 4096));
    else if (!disk) parts.push(shmem_content(k, mapping, at, count));
    else parts.push(disk_content(k, inode, at, count));
    at += count;
  }
  return Content.join(parts).slice(0, k.inode.size.get(inode));
}

/** What a file of tmpfs has in swap of `count` pages from `index`; holes as zeros. */
function shmem_content(k: Kernel, mapping: number, index: number, count: number): Content {
  const parts: Content[] = [];
  k.shmemSwap.of(mapping).slot.runs(index, count, (at, n, value) => {
    if (value === NONE) parts.push(Content.zeros(n * 4096));
    else
      k.swapSlot.content.runs(target(at, value), n, (slot, length, number) => {
        parts.push(k.contents.run(number, slot, length));
      });
  });
  return Content.join(parts);
}

/** What lies on disk for `count` pages of a file from `index`; holes as zeros. */
function disk_content(k: Kernel, inode: number, index: number, count: number): Content {
  const kept = k.inode.inline.get(inode);
  if (kept !== 0 && index === 0) {
    const page = k.contents.at(kept - 1, 0);
    return count === 1 ? page : page.concat(disk_content(k, inode, 1, count - 1));
  }
  const { content } = k.device.of(device_of(k, inode));
  const parts: Content[] = [];
  k.extents.of(inode).blocks.runs(index, count, (at, n, value) => {
    if (value === NONE) parts.push(Content.zeros(n * 4096));
    else
      content.runs(target(at, value), n, (block, length, number) => {
        parts.push(k.contents.run(number, block, length));
      });
  });
  return Content.join(parts);
}

/** An observable of the inode that the pages and blocks belong to: for a file of an overlay a real one. */
const of_data =
  (observe: (k: Kernel, inode: number) => Value) =>
  (k: Kernel, { id }: ObjectRef): Value =>
    observe(k, cached_inode(k, id));

const file = {
  size: of_data((k, inode) => BigInt(k.inode.size.get(inode))),
  cached: of_data((k, inode) => {
    let pages = 0;
    cached_runs(k, inode, (_index, count) => (pages += count));
    return bytes(pages);
  }),
  dirty: of_data((k, inode) => {
    let pages = 0;
    cached_runs(k, inode, (_index, count, pfn) => {
      k.page.flags.runs(pfn, count, (_at, n, flags) => {
        if (any(flags, PG.dirty)) pages += n;
      });
    });
    return bytes(pages);
  }),
  writeback: () => 0n,
  evicted: of_data((k, inode) => {
    const mapping = k.inode.mapping.get(inode);
    return bytes(evicted(k, mapping, 0, mapping_end(k, mapping)).nr_evicted);
  }),
  extents: of_data((k, inode) => BigInt(fiemap(k, inode).length)),
  shared_extents: of_data((k, inode) => BigInt(fiemap(k, inode).filter((extent) => extent.shared).length)),
  blocks: of_data((k, inode) => bytes(inode_blocks(k, inode))),
  nlink: (k, { id }) => BigInt(vfs_getattr(k, id).nlink),
  ino: (k, { id }) => BigInt(vfs_getattr(k, id).ino),
  mode: (k, { id }) => BigInt(vfs_getattr(k, id).mode),
  uid: (k, { id }) => BigInt(vfs_getattr(k, id).uid),
  content: of_data(file_content),
  mm: (k, { id }) => region_mm(k, k.msharefs.mshare.get(id)),
} satisfies Observers<'file'>;

const page = {
  pfn: (_k, { id }) => BigInt(id),
  refcount: (k, { id }) => BigInt(k.page.refcount.get(id)),
  mapcount: (k, { id }) => BigInt(k.page.mapcount.get(id)),
  pincount: (k, { id }) => BigInt(k.page.pincount.get(id)),
  order: (k, { id }) => BigInt(folio_order(k, id)),
  index: (k, { id }) => BigInt(target(id, k.page.index.get(id))),
  mappings: (k, { id }): Value => k.design.members(k, id).map(({ mapping, index }) => ({ kind: 'mapping', id: mapping, at: index })),
  content: (k, { id }) => k.contents.at(k.page.content.get(id), id),
  charged_to: (k, { id }) => {
    const memcg = k.page.memcg.get(id);
    return Content.text(memcg === 0 ? '' : k.names.text(k.cgroup.path.get(memcg)));
  },
} satisfies Observers<'page'>;

const mapping = {
  path: (k, { id }) => Content.text(k.names.text(k.inode.path.get(k.mapping.host.get(id)))),
  index: (_k, { at = 0 }) => BigInt(at),
} satisfies Observers<'mapping'>;

const flags = {
  ...(Object.fromEntries(
    Object.entries(PG).map(([name, bit]) => [name, (k: Kernel, { id }: ObjectRef) => any(k.page.flags.get(id), bit)]),
  ) as Observers<'flags'>),
  head: (k, { id }) => is_large(k, id) && folio_head(k, id) === id,
  thp: (k, { id }) => is_large(k, id) && !folio_test_hugetlb(k, id),
  huge: (k, { id }) => folio_test_hugetlb(k, id),
} satisfies Observers<'flags'>;

export const fileObservers = { file, page, mapping, flags };
