import type { Outcome } from '../api';
import { fail, ok } from '../calls';
import { Content } from '../state/content';
import { any, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_get_entry, folio_content } from '../mm/filemap';
import { HPAGE_PMD_NR, HPAGE_SIZE } from '../mm/folio';
import { folio_zero_segment } from '../mm/folio_zero';
import { hugetlb_add_to_page_cache } from '../mm/hugetlb';
import { alloc_hugetlb_folio, reserve_private, reserve_shared, unreserve_shared } from '../mm/hugetlb_pool';
import { FL } from './fallocate';
import type { Filesystem } from './filesystem';
import { new_inode, truncate_inode_pages } from './inode';
import { new_super } from './mount';

/** Where MAP_HUGE_* says which huge pages are meant: log2 of their size, above 26 bits. */
const HUGE_SHIFT = 2 ** 26;
const SIZES = { default: 0, pmd: 21, pud: 30 } as const;
/** The kernel's own mount, for memfd and MAP_HUGETLB: no path lies in it. */
const MNT = 'hugetlbfs';

/** hugetlbfs: files of huge pages out of the pool. Nothing is ever written anywhere; write(2) is refused. */
export const hugetlbfs: Filesystem = {
  name: 'hugetlbfs',
  device: false,
  options: ['pagesize'],
  mount(_k, _mount, { pagesize }) {
    return pagesize === undefined || pagesize === BigInt(HPAGE_SIZE) ? undefined : 'only hugetlb pages of 2M are simulated';
  },
  populate(k, inode, content) {
    const size = Math.ceil(content.length / HPAGE_SIZE) * HPAGE_SIZE;
    k.inode.size.set(inode, size);
    if (content.isZero()) return;
    fill_range(k, inode, 0, pagesOf(size));
    const { pfn } = filemap_get_entry(k, k.inode.mapping.get(inode), 0, 1);
    if (pfn !== 0) k.page.content.fill(pfn, pagesOf(content.length), k.contents.layout(content, pfn));
  },
  evict_inode: hugetlbfs_evict_inode,
  f_op: {
    read_iter: hugetlbfs_read_iter,
    write_iter: () => fail('EINVAL', 'files of huge pages are written through mappings only'),
    fallocate: hugetlbfs_fallocate,
  },
  a_ops: {
    kind: AddressSpaceKind.Hugetlb,
    read_folio() {
      throw new Error('hugetlb pages are not read in');
    },
  },
  i_op: {
    setattr_prepare: (_k, _inode, size) =>
      size % HPAGE_SIZE === 0 ? undefined : fail('EINVAL', 'the size is not a multiple of the size of a huge page'),
    setattr_size(k, inode, size) {
      const old = k.inode.size.get(inode);
      k.inode.size.set(inode, size);
      if (size < old) remove_inode_hugepages(k, inode, size / PAGE_SIZE, (old - size) / PAGE_SIZE, true);
    },
  },
};

export const is_file_hugepages = (k: Kernel, inode: number): boolean =>
  k.mapping.aops.get(k.inode.mapping.get(inode)) === AddressSpaceKind.Hugetlb;

/** Whether `flags` (MAP_HUGE_*, MFD_HUGE_*) ask for a size that there is a pool of; the errno where not. */
export function hugetlb_size(flags: number, unknown: 'EINVAL' | 'ENODEV'): Outcome | undefined {
  const shift = Math.floor(flags / HUGE_SHIFT) % 64;
  if (shift === SIZES.default || shift === SIZES.pmd) return undefined;
  return shift === SIZES.pud
    ? fail('ENOMEM', 'there is no pool of 1 GiB pages')
    : fail(unknown, `there are no huge pages of 2^${shift} bytes`);
}

/** `hugetlb_file_setup()`: a file of huge pages without a name; `size` in bytes. */
export function hugetlb_file_setup(k: Kernel, name: string, size: number): number {
  const inode = new_inode(k, hugetlbfs_mnt(k), name, { mode: 0o777, uid: k.task.uid.get(k.current) });
  k.inode.size.set(inode, size);
  return inode;
}

function hugetlbfs_mnt(k: Kernel): number {
  const path = k.names.id(MNT);
  for (let mount = 1; mount <= k.mounts.count; mount++)
    if (k.mount.path.get(mount) === path && k.mount.host.get(mount) === k.host + 1) return mount;
  const mount = new_super(k, path);
  k.mount.type.set(
    mount,
    k.filesystems.findIndex(({ name }) => name === hugetlbfs.name),
  );
  k.mount.host.set(mount, k.host + 1);
  return mount;
}

/** `hugetlbfs_file_mmap()`: reserves what a new mapping of `count` pages from `index` may need; ENOMEM, or the map of a private reservation (0: none). */
export function hugetlbfs_file_mmap(k: Kernel, inode: number, index: number, count: number, vm: number): number | Outcome {
  const reserves = !any(vm, VM.NORESERVE);
  const shared = any(vm, VM.SHARED);
  const map = reserves && !shared ? reserve_private(k, count) : 0;
  const enough = !reserves || (shared ? reserve_shared(k, k.inode.mapping.get(inode), index, count) : map !== 0);
  if (!enough) return fail('ENOMEM', `the pool has fewer than ${count / HPAGE_PMD_NR} huge pages that nobody uses or has reserved`);
  const end = (index + count) * PAGE_SIZE;
  if (any(vm, VM.WRITE) && k.inode.size.get(inode) < end) k.inode.size.set(inode, end);
  return map;
}

/** `hugetlbfs_read_iter()`: what is not there reads as zeros. */
function hugetlbfs_read_iter(k: Kernel, file: number, position: number, length: number): Content {
  const inode = k.file.inode.get(file);
  const end = Math.min(position + length, k.inode.size.get(inode));
  const parts: Content[] = [];
  for (let at = Math.floor(position / PAGE_SIZE); at * PAGE_SIZE < end;) {
    const { pfn, count } = filemap_get_entry(k, k.inode.mapping.get(inode), at, pagesOf(end) - at);
    parts.push(pfn === 0 ? Content.zeros(count * PAGE_SIZE) : folio_content(k, pfn, count));
    at += count;
  }
  const skipped = position % PAGE_SIZE;
  return position >= end ? Content.empty : Content.join(parts).slice(skipped, skipped + end - position);
}

/** `hugetlbfs_fallocate()`: allocation, and holes: whole huge pages go, of others what lies in the hole becomes zeros if they are there. */
function hugetlbfs_fallocate(k: Kernel, inode: number, mode: number, offset: number, length: number): Outcome {
  const what = mode - (mode % 2);
  if (what !== 0 && what !== FL.PUNCH_HOLE) return fail('EOPNOTSUPP', 'hugetlbfs knows allocation and holes only');
  const end = offset + length;
  if (what === FL.PUNCH_HOLE) {
    const first = Math.ceil(offset / HPAGE_SIZE) * HPAGE_PMD_NR;
    const last = Math.floor(end / HPAGE_SIZE) * HPAGE_PMD_NR;
    if (first >= last) hugetlbfs_zero_partial_page(k, inode, offset, end);
    else {
      hugetlbfs_zero_partial_page(k, inode, offset, first * PAGE_SIZE);
      remove_inode_hugepages(k, inode, first, last - first, false);
      hugetlbfs_zero_partial_page(k, inode, last * PAGE_SIZE, end);
    }
    return ok();
  }
  const first = Math.floor(offset / HPAGE_SIZE) * HPAGE_PMD_NR;
  const last = Math.ceil(end / HPAGE_SIZE) * HPAGE_PMD_NR;
  if (!fill_range(k, inode, first, last - first)) return fail('ENOSPC', 'the pool of huge pages is empty');
  if (mode % 2 === 0 && end > k.inode.size.get(inode)) k.inode.size.set(inode, end);
  return ok();
}

/** The bytes `from` … `to` of a file become zeros, in the pages that are there. */
function hugetlbfs_zero_partial_page(k: Kernel, inode: number, from: number, to: number): void {
  const mapping = k.inode.mapping.get(inode);
  for (let at = from; at < to;) {
    const index = Math.floor(at / PAGE_SIZE);
    const { pfn, count } = filemap_get_entry(k, mapping, index, pagesOf(to) - index);
    const stop = Math.min(to, (index + count) * PAGE_SIZE);
    if (pfn !== 0)
      for (let byte = at; byte < stop;) byte += zero_segment(k, pfn + Math.floor(byte / PAGE_SIZE) - index, byte % PAGE_SIZE, stop - byte);
    at = stop;
  }
}

/** Zeroes `length` bytes from byte `offset` of a frame on, or what that frame and those that follow it whole have of them; gives how many. */
function zero_segment(k: Kernel, pfn: number, offset: number, length: number): number {
  const whole = offset === 0 ? Math.floor(length / PAGE_SIZE) : 0;
  if (whole > 0) k.page.content.fill(pfn, whole, 0);
  else folio_zero_segment(k, pfn, offset, Math.min(PAGE_SIZE, offset + length));
  return whole > 0 ? whole * PAGE_SIZE : Math.min(PAGE_SIZE - offset, length);
}

/** Pages for the holes among `count` pages from `index`; false where the pool ends. */
function fill_range(k: Kernel, inode: number, index: number, count: number): boolean {
  const mapping = k.inode.mapping.get(inode);
  for (let at = index; at < index + count;) {
    const { pfn, count: n } = filemap_get_entry(k, mapping, at, index + count - at);
    if (pfn !== 0) {
      at += n;
      continue;
    }
    const got = alloc_hugetlb_folio(k, 0, mapping, at, n);
    if (got.count === 0) return false;
    hugetlb_add_to_page_cache(k, mapping, at, got.pfn, got.count * HPAGE_PMD_NR);
    at += got.count * HPAGE_PMD_NR;
  }
  return true;
}

/** `remove_inode_hugepages()`: the pages go, private copies too, and what was reserved for them; a hole leaves alone what was only reserved. */
function remove_inode_hugepages(k: Kernel, inode: number, index: number, count: number, truncate: boolean): void {
  const mapping = k.inode.mapping.get(inode);
  const cached: { at: number; n: number }[] = [];
  for (let at = index; at < index + count;) {
    const { pfn, count: n } = filemap_get_entry(k, mapping, at, index + count - at);
    if (pfn !== 0) cached.push({ at, n });
    at += n;
  }
  truncate_inode_pages(k, inode, index, count, true);
  for (const { at, n } of cached) unreserve_shared(k, mapping, at, n, n / HPAGE_PMD_NR);
  if (truncate) unreserve_shared(k, mapping, index, count, 0);
}

/** The inode goes: what is still reserved for it is given back. */
function hugetlbfs_evict_inode(k: Kernel, inode: number): void {
  const mapping = k.inode.mapping.get(inode);
  const { reserved } = k.space.of(mapping);
  const end = reserved.runStart(Number.MAX_SAFE_INTEGER, 0);
  if (end > 0) remove_inode_hugepages(k, inode, 0, end, true);
}
