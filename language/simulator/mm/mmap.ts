/* eslint-disable no-bitwise -- mmap's prot and flags are words of 32 bits. */
import { constants } from '../../catalogue/constants';
import type { Outcome } from '../api';
import { fail, number, ok, type Calls } from '../calls';
import type { Kernel } from '../state/kernel';
import { any, VM } from '../state/flags';
import { PAGE_SIZE, pagesOf, TASK_PAGES } from '../state/units';
import { ebadf, fget, readable, writable } from '../fs/file';
import { filesystem_of } from '../fs/filesystem';
import { hugetlb_file_setup, hugetlbfs_file_mmap, is_file_hugepages } from '../fs/hugetlbfs';
import { evict_if_unused, new_inode } from '../fs/inode';
import { in_one_go, once } from '../kernel/sleep';
import { is_io_uring, is_pidfd } from '../fs/anon_inodes';
import { is_stream } from '../fs/userfaultfd_file';
import { Impossible } from '../state/impossible';
import { mm_populate } from './gup';
import { locked_vm, may_lock } from './mlock';
import { ksm_vma_flags } from './ksm_mm';
import { head_of, HPAGE_PMD_NR, HPAGE_SIZE } from './folio';
import { alignment, huge_mapping } from './mmap_huge';
import { is_vm_hugetlb_page } from './hugetlb_share';
import { in_host, vma_is_mshare } from './mshare';
import { may_cut, munmap_in_regions, region_for } from './mshare_change';
import { free_pgtables } from './pagetable';
import { zap_pte_range } from './rmap';
import { insert_vma, remove_vma, split_vma, vma_merge, vmas_in } from './vma';

/** Top of the mmap area without address-space randomisation: 128 MiB below the end of user space, in pages. */
const MMAP_BASE = 0x7ffff7fff;
/** `vm.mmap_min_addr`, in pages. */
const MMAP_MIN = 16;

const flag = (name: keyof typeof constants): number => Number(constants[name].value);
const MAP = {
  SHARED: flag('MAP_SHARED'),
  PRIVATE: flag('MAP_PRIVATE'),
  SHARED_VALIDATE: flag('MAP_SHARED_VALIDATE'),
  /** The bits that say which of the three. */
  TYPE: 0xf,
  FIXED: flag('MAP_FIXED'),
  ANONYMOUS: flag('MAP_ANONYMOUS'),
  BELOW_2G: flag('MAP_32BIT'),
  GROWSDOWN: flag('MAP_GROWSDOWN'),
  LOCKED: flag('MAP_LOCKED'),
  NORESERVE: flag('MAP_NORESERVE'),
  POPULATE: flag('MAP_POPULATE'),
  NONBLOCK: flag('MAP_NONBLOCK'),
  STACK: flag('MAP_STACK'),
  HUGETLB: flag('MAP_HUGETLB'),
  SYNC: flag('MAP_SYNC'),
  NOREPLACE: flag('MAP_FIXED_NOREPLACE'),
} as const;
/** What MAP_SHARED_VALIDATE knows. */
const KNOWN = Object.values(MAP).reduce((all, bit) => all | bit, 0) & ~MAP.SYNC;
/** Pages that 64 bits can name. */
export const ALL_PAGES = 2 ** 52;
const MAX_MAP_COUNT = 65530;
/** Where MAP_32BIT looks, in pages. */
const BELOW_2G = { from: 0x40000, to: 0x80000 } as const;
/** `stack_guard_gap`: pages below a mapping that grows down that nothing is put into. */
const STACK_GUARD_GAP = 256;
/** RLIMIT_STACK, 8 MiB, in pages. */
const STACK_LIMIT = 2048;
/** `TASK_SIZE_MAX` in pages: the last page of the lower half is a guard. */
export const USER_PAGES = TASK_PAGES - 1;

export const calls = {
  mmap: (k, task, addr, len, prot, flags, fd = -1, offset = 0) =>
    ksys_mmap(k, task, k.task.mm.get(task), { addr, len, prot, flags, fd, offset }),

  munmap(k, task, addr, len) {
    const range = page_range(addr, len);
    if (typeof range === 'string') return fail('EINVAL', range);
    if (len === 0) return fail('EINVAL', 'the length is not positive');
    const refused = may_unmap(k, k.task.mm.get(task), range.start, range.end);
    if (refused !== undefined) return refused;
    do_munmap(k, k.task.mm.get(task), range.start, range.end);
    return ok();
  },
} satisfies Calls;

/** What mmap(2) is asked for; `fd` -1: no file. Bytes. */
export interface MmapArguments {
  readonly addr: number;
  readonly len: number;
  readonly prot: number;
  readonly flags: number;
  readonly fd: number;
  readonly offset: number;
}

/** A new mapping, in page numbers. */
interface Mapped {
  readonly place: number;
  readonly count: number;
  /** Whether its pages are to be faulted in. */
  readonly populate: boolean;
}

/** `ksys_mmap_pgoff()`: a new mapping in `mm`, which is the task's own, or a region's host that it may change. */
export function ksys_mmap(k: Kernel, task: number, mm: number, request: MmapArguments): Outcome {
  const mapped = once(k, () => do_mmap(k, task, mm, request));
  if ('kind' in mapped) return mapped;
  if (mapped.populate) mm_populate(k, mm, mapped.place, mapped.count);
  return number(mapped.place * PAGE_SIZE);
}

function do_mmap(k: Kernel, task: number, mm: number, { addr, len, prot, flags, fd, offset }: MmapArguments): Mapped | Outcome {
  if (offset % PAGE_SIZE !== 0) return fail('EINVAL', 'the offset is not a multiple of the page size');
  const file = (flags & MAP.ANONYMOUS) === 0 ? fget(k, task, fd) : 0;
  if (file === 0 && (flags & MAP.ANONYMOUS) === 0) return ebadf(fd);
  if (len === 0) return fail('EINVAL', 'a mapping of no length');
  const pages = pagesOf(len);
  const huge = huge_mapping(k, file, flags);
  if (typeof huge !== 'boolean') return huge;
  if (huge && pages > ALL_PAGES - HPAGE_PMD_NR) return fail('EINVAL', 'rounded up to whole huge pages the length is 0');
  if (pages > USER_PAGES) return fail('ENOMEM', `the length is more than the ${USER_PAGES * PAGE_SIZE} bytes of user space`);
  if (k.mm.map_count.get(mm) >= MAX_MAP_COUNT) return fail('ENOMEM', `the process has ${MAX_MAP_COUNT} mappings (vm.max_map_count)`);
  const own = file === 0 ? undefined : filesystem_of(k, k.file.inode.get(file)).f_op.mmap;
  if (own !== undefined)
    return k.mm.mshare.get(mm) === 0
      ? in_one_go(k, () => own(k, task, file, { addr, count: pages, prot, flags, offset }))
      : fail('EINVAL', 'a region has no regions in it');
  const region = region_of(k, mm, { addr, len, prot, flags, fd, offset });
  if (typeof region !== 'number') return region;
  if (region !== 0)
    return in_host(k, region, (host, shift) => {
      const there = {
        addr: addr - shift * PAGE_SIZE,
        len,
        prot,
        flags: (flags & MAP.FIXED) !== 0 ? flags : flags | MAP.NOREPLACE,
        fd,
        offset,
      };
      return placed(ksys_mmap(k, task, host, there), shift);
    });
  const count = huge ? Math.ceil(pages / HPAGE_PMD_NR) * HPAGE_PMD_NR : pages;
  const place = get_unmapped_area(k, mm, addr, count, flags, alignment(k, huge, flags, addr, count));
  if (typeof place !== 'number') return place;
  if (file !== 0 && !file_mmap_ok(k, file, offset, count)) return fail('EOVERFLOW', 'offset + len is larger than any file');
  const backing = backing_of(k, prot, flags, file);
  if ('kind' in backing) return backing;
  if (huge && file !== 0 && offset % HPAGE_SIZE !== 0) return fail('EINVAL', 'the offset is not a multiple of the size of a huge page');
  const vm = (prot & 7) | backing.vm | vm_flags_of(flags) | k.mm.def_flags.get(mm);
  if ((vm & VM.LOCKED) !== 0 && !may_lock(k, task, locked_vm(k, mm) + count))
    return fail('EAGAIN', `uid ${k.task.uid.get(task)} may not lock that many pages (RLIMIT_MEMLOCK)`);
  const replaced = (flags & MAP.FIXED) !== 0 ? may_unmap(k, mm, place, place + count) : undefined;
  if (replaced !== undefined) return replaced;
  return k.in('do_mmap', 1, () => {
    if ((flags & MAP.FIXED) !== 0) do_munmap(k, mm, place, place + count);
    const inode = huge
      ? backing.inode || hugetlb_file_setup(k, 'anon_hugepage (deleted)', count * PAGE_SIZE)
      : backing.shared && backing.inode === 0
        ? shmem_zero_setup(k, count)
        : backing.inode;
    if (backing.shared && inode !== 0 && (prot & 2) !== 0) k.design.mapped_writable(k, inode);
    const reserved = huge ? hugetlbfs_file_mmap(k, inode, offset / PAGE_SIZE, count, vm) : 0;
    if (typeof reserved !== 'number') {
      evict_if_unused(k, inode);
      return reserved;
    }
    mmap_region(k, mm, place, count, {
      vm: ksm_vma_flags(k, mm, vm),
      inode,
      index: offset / PAGE_SIZE,
      file: backing.file,
      resv_map: reserved,
    });
    const populate = (vm & VM.LOCKED) !== 0 || (flags & (MAP.POPULATE | MAP.NONBLOCK)) === MAP.POPULATE;
    return { place, count, populate };
  });
}

/** An address in a host, as the process sees it. */
const placed = (outcome: Outcome, shift: number): Outcome =>
  outcome.kind === 'ok' ? number(Number(outcome.value) + shift * PAGE_SIZE) : outcome;

/** The region that a mapping with this address becomes a part of (its VMA; 0: of none): one that holds all of it, with or without MAP_FIXED. */
function region_of(k: Kernel, mm: number, { addr, len, flags }: MmapArguments): number | Outcome {
  const start = Math.floor(addr / PAGE_SIZE);
  const { vma: tree } = k.space4.of(mm);
  if (addr <= 0 || start >= USER_PAGES || ((flags & MAP.FIXED) === 0 && !vma_is_mshare(k, tree.get(start)))) return 0;
  return region_for(k, mm, start, Math.min(USER_PAGES, start + pagesOf(len)));
}

/** Whether a range of whole pages from `addr` on wraps around the end of the address space. */
export const wraps = (addr: number, len: number): boolean => addr + pagesOf(len) * PAGE_SIZE >= 2 ** 64;

/** `access_ok()`: whether a buffer lies in user space; it need not be mapped. */
export const access_ok = (addr: number, len: number): boolean => addr + len <= USER_PAGES * PAGE_SIZE;

/** The pages of [addr, addr + len), none where `len` is 0; or why it is no range. */
export function page_range(addr: number, len: number): { start: number; end: number } | string {
  if (addr % PAGE_SIZE !== 0) return `${hex(addr)} is not a multiple of the page size`;
  if (len < 0) return 'the length is negative';
  const end = addr / PAGE_SIZE + pagesOf(len);
  if (addr < 0 || end > USER_PAGES) return 'the range leaves user space';
  return { start: addr / PAGE_SIZE, end };
}

export const hex = (address: number): string => `0x${BigInt(address).toString(16)}`;

/** First page number from `start` on that none of the VMAs (ascending) covers, at most `end`. */
export function covered(k: Kernel, vmas: readonly number[], start: number, end: number): number {
  let at = start;
  for (const vma of vmas) {
    if (k.vma.start.get(vma) > at) return at;
    at = Math.min(end, k.vma.end.get(vma));
  }
  return at;
}

/** The file of a new mapping (0: none), and the VMA flags that come from it. */
interface Backing {
  readonly inode: number;
  readonly file: number;
  readonly shared: boolean;
  readonly vm: number;
}

/** `file_mmap_ok()`: whether the pages lie within what such a file can have; an `unsigned long` offset is meant. */
function file_mmap_ok(k: Kernel, file: number, offset: number, count: number): boolean {
  const regular = k.inode.directory.get(k.file.inode.get(file)) === 0 && !is_stream(k, file);
  return (offset < 0 ? offset + 2 ** 64 : offset) + count * PAGE_SIZE < (regular ? 2 ** 63 : 2 ** 64);
}

function backing_of(k: Kernel, prot: number, flags: number, file: number): Backing | Outcome {
  const type = flags & MAP.TYPE;
  const shared = type === MAP.SHARED || type === MAP.SHARED_VALIDATE;
  let vm = VM.MAYREAD | VM.MAYWRITE | VM.MAYEXEC | (shared ? VM.SHARED | VM.MAYSHARE : 0);
  if (!shared && type !== MAP.PRIVATE) return fail('EINVAL', 'neither MAP_SHARED nor MAP_PRIVATE is given');
  if ((flags & MAP.ANONYMOUS) !== 0) {
    if (type === MAP.SHARED_VALIDATE && (flags & MAP.HUGETLB) === 0) return fail('EINVAL', 'MAP_SHARED_VALIDATE is for files');
    if (shared && (flags & MAP.GROWSDOWN) !== 0) return fail('EINVAL', 'only private anonymous memory grows down');
    return { inode: 0, file: 0, shared, vm: (flags & MAP.HUGETLB) !== 0 ? vm | VM.HUGETLB : vm };
  }
  const inode = k.file.mapped.get(file) || k.file.inode.get(file);
  if (type === MAP.SHARED_VALIDATE && (flags & ~KNOWN) !== 0)
    return fail('EOPNOTSUPP', `MAP_SHARED_VALIDATE does not know 0x${(flags & ~KNOWN).toString(16)} here`);
  if (shared && !writable(k, file)) {
    if ((prot & 2) !== 0) return fail('EACCES', 'the descriptor is not open for writing, and the mapping is shared and writable');
    vm &= ~VM.MAYWRITE;
  }
  if (!readable(k, file)) return fail('EACCES', 'the descriptor is not open for reading');
  if (is_io_uring(k, file)) throw new Impossible('not-implemented', 'the queues of a ring are not simulated: they cannot be mapped');
  if (k.inode.directory.get(inode) !== 0 || is_stream(k, file) || is_pidfd(k, file))
    return fail('ENODEV', 'a directory, a pipe, a userfaultfd or a pidfd cannot be mapped');
  if ((flags & MAP.GROWSDOWN) !== 0) return fail('EINVAL', 'a file does not grow down');
  if ((flags & MAP.SYNC) !== 0 && (type === MAP.SHARED_VALIDATE || filesystem_of(k, inode).mmap_sync === true))
    return fail('EOPNOTSUPP', 'MAP_SYNC is for DAX, which is not on here');
  return { inode, file, shared, vm: is_file_hugepages(k, inode) ? vm | VM.HUGETLB : vm };
}

/** `calc_vm_flag_bits()`. */
const vm_flags_of = (flags: number): number =>
  ((flags & MAP.NORESERVE) !== 0 ? VM.NORESERVE : 0) |
  ((flags & MAP.GROWSDOWN) !== 0 ? VM.GROWSDOWN : 0) |
  ((flags & MAP.LOCKED) !== 0 ? VM.LOCKED : 0);

/** `shmem_zero_setup()`: the file behind shared anonymous memory. */
export function shmem_zero_setup(k: Kernel, count: number): number {
  const inode = new_inode(k, 0, '/dev/zero (deleted)', { mode: 0o777, uid: 0 });
  k.inode.size.set(inode, count * PAGE_SIZE);
  return inode;
}

/** What a VMA shows: `index` is the first page of the file, `file` the open file it was made from. */
interface Region {
  readonly vm: number;
  readonly inode: number;
  readonly index: number;
  readonly file?: number;
  readonly resv_map?: number;
}

/** `mmap_region()`: the VMA itself, from page number `place` in free space. */
export function mmap_region(
  k: Kernel,
  mm: number,
  place: number,
  count: number,
  { vm, inode, index, file = 0, resv_map = 0 }: Region,
): void {
  const mapping = inode === 0 ? 0 : k.inode.mapping.get(inode);
  const pgoff = mapping === 0 ? place : index;
  const vma = insert_vma(k, {
    mm,
    start: place,
    end: place + count,
    flags: vm | VM.SOFTDIRTY,
    pgoff,
    mapping,
    anon_vma: 0,
    file,
    resv_map,
  });
  k.mm.total_vm.set(mm, k.mm.total_vm.get(mm) + count);
  const what = inode === 0 ? 'a VMA of anonymous memory at {addresses:0}' : 'a VMA of {file:1} at {addresses:0}';
  k.trace.effect(what, count, place, inode);
  vma_merge(k, vma);
}

/** Pages that have to stay free below what begins at page number `at`. */
function gap_below(k: Kernel, mm: number, at: number): number {
  const above = k.space4.of(mm).vma.get(at);
  return above !== 0 && any(k.vma.flags.get(above), VM.GROWSDOWN) ? STACK_GUARD_GAP : 0;
}

/** `get_unmapped_area()`: the hint if it is free, else the highest free place below the mmap base. */
export function get_unmapped_area(k: Kernel, mm: number, addr: number, count: number, flags: number, align = 1): number | Outcome {
  const { vma } = k.space4.of(mm);
  const fixed = (flags & (MAP.FIXED | MAP.NOREPLACE)) !== 0;
  if (fixed && addr % PAGE_SIZE !== 0) return fail('EINVAL', `MAP_FIXED at ${hex(addr)}, which is not a multiple of the page size`);
  if (fixed && (addr / PAGE_SIZE) % align !== 0)
    return fail('EINVAL', `MAP_FIXED at ${hex(addr)}, which is not a multiple of the size of a huge page`);
  const hint = Math.ceil(addr / PAGE_SIZE / align) * align;
  const fits = (fixed || hint >= MMAP_MIN) && hint + count <= USER_PAGES;
  const room = fits && vma.get(hint) === 0 ? vma.runEnd(hint, hint + count + STACK_GUARD_GAP) - hint : 0;
  if (fixed) {
    if (hint < MMAP_MIN && k.task.uid.get(k.current) !== 0) return fail('EPERM', `${hex(addr)} lies below vm.mmap_min_addr`);
    if (!fits) return fail('ENOMEM', 'the range leaves user space');
    return (flags & MAP.NOREPLACE) === 0 || room >= count
      ? hint
      : fail('EEXIST', `something is mapped in the ${count} pages from ${hex(addr)}`);
  }
  if (addr > 0 && room >= count + gap_below(k, mm, hint + room)) return hint;
  if ((flags & MAP.BELOW_2G) !== 0)
    for (let start: number = BELOW_2G.from; start < BELOW_2G.to; start = vma.runEnd(start, BELOW_2G.to)) {
      const end = vma.runEnd(start, BELOW_2G.to);
      if (vma.get(start) === 0 && end - start >= count + gap_below(k, mm, end)) return start;
    }
  else
    for (let end = MMAP_BASE; end > MMAP_MIN;) {
      const start = vma.runStart(end - 1, MMAP_MIN);
      const top = end - gap_below(k, mm, end);
      const place = head_of(top - count, align);
      if (vma.get(end - 1) === 0 && place >= start) return place;
      end = start;
    }
  return fail('ENOMEM', `no free range of ${count} pages is left in the address space`);
}

/**
 * `expand_stack()`: an access to page number `vpn`, where nothing is mapped, lets the mapping above grow down to it if it is one that does.
 * Gives that VMA, or 0.
 */
export function expand_stack(k: Kernel, mm: number, vpn: number): number {
  const { vma: tree } = k.space4.of(mm);
  const start = tree.runEnd(vpn, USER_PAGES);
  const vma = start < USER_PAGES ? tree.get(start) : 0;
  if (vma === 0 || !any(k.vma.flags.get(vma), VM.GROWSDOWN) || vpn < MMAP_MIN || k.vma.end.get(vma) - vpn > STACK_LIMIT) return 0;
  const floor = tree.runStart(vpn, 0);
  const below = floor > 0 ? k.vma.flags.get(tree.get(floor - 1)) : VM.GROWSDOWN;
  if (!any(below, VM.GROWSDOWN) && any(below, VM.READ + VM.WRITE + VM.EXEC) && vpn - floor < STACK_GUARD_GAP) return 0;
  const grown = start - vpn;
  k.vma.start.set(vma, vpn);
  k.vma.pgoff.set(vma, k.vma.pgoff.get(vma) - grown);
  tree.fill(vpn, grown, vma);
  k.mm.total_vm.set(mm, k.mm.total_vm.get(mm) + grown);
  k.trace.effect('the VMA above grows down by {addresses:0}', grown, vpn);
  return vma;
}

/** Why a range can't be unmapped: it would cut a huge page of hugetlb (`hugetlb_vm_op_split()`), here or in the host of a region, or a region that is only unmapped whole. */
export function may_unmap(k: Kernel, mm: number, start: number, end: number): Outcome | undefined {
  for (const vma of vmas_in(k, mm, start, end)) {
    const cuts = (at: number): boolean => at % HPAGE_PMD_NR !== 0 && at > k.vma.start.get(vma) && at < k.vma.end.get(vma);
    if (is_vm_hugetlb_page(k, vma) && (cuts(start) || cuts(end))) return fail('EINVAL', 'the range would cut a huge page');
  }
  return may_cut(k, mm, start, end);
}

/** `do_vmi_munmap()`: unmaps page numbers `from` to `to`; of a region that is covered in part, the part in its host. */
export function do_munmap(k: Kernel, mm: number, from: number, to: number): void {
  const { start, end } = munmap_in_regions(k, mm, { start: from, end: to });
  if (vmas_in(k, mm, start, end).length === 0) return;
  k.in('do_vmi_munmap', 1, () => {
    for (const vma of vmas_in(k, mm, start, end)) {
      if (k.vma.start.get(vma) < start) split_vma(k, vma, start);
    }
    for (const vma of vmas_in(k, mm, start, end)) {
      if (k.vma.end.get(vma) > end) split_vma(k, vma, end);
    }
    for (const vma of vmas_in(k, mm, start, end)) unmap_vma(k, mm, vma);
    const { vma: tree } = k.space4.of(mm);
    const floor = start === 0 ? 0 : tree.runStart(start, 0);
    free_pgtables(k, mm, start, end, floor, tree.runEnd(start, TASK_PAGES));
  });
}

function unmap_vma(k: Kernel, mm: number, vma: number): void {
  const start = k.vma.start.get(vma);
  const count = k.vma.end.get(vma) - start;
  k.in('unmap_vmas', 1, () => k.in('zap_pte_range', 1, () => zap_pte_range(k, mm, start, count, false, true)));
  k.trace.effect('the VMA at {addresses:0} is gone', count, start);
  k.mm.total_vm.set(mm, k.mm.total_vm.get(mm) - count);
  remove_vma(k, vma);
}
