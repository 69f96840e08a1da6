/* eslint-disable no-bitwise -- mmap's prot and flags are words of 32 bits. */
import { constants } from '../../catalogue/constants';
import type { Outcome } from '../api';
import { fail, number, ok, type Calls } from '../calls';
import { Impossible } from '../state/impossible';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { any, clear, PG, PTE, set, VM } from '../state/flags';
import { PAGE_SIZE, pagesOf, TASK_PAGES } from '../state/units';
import { ebadf, fget, readable, writable } from '../fs/file';
import { new_inode } from '../fs/inode';
import { populate_vma_page_range } from './gup';
import { free_pgtables } from './pagetable';
import { frame_runs, present_ptes, zap_pte_range } from './rmap';
import { insert_vma, remove_vma, split_vma, vma_merge, vmas_in } from './vma';

/** Top of the mmap area without address-space randomisation: 128 MiB below the end of user space, in pages. */
const MMAP_BASE = 0x7ffff7fff;
/** `vm.mmap_min_addr`, in pages. */
const MMAP_MIN = 16;

const flag = (name: keyof typeof constants): number => Number(constants[name].value);
const MAP = {
  SHARED: flag('MAP_SHARED'),
  PRIVATE: flag('MAP_PRIVATE'),
  FIXED: flag('MAP_FIXED'),
  ANONYMOUS: flag('MAP_ANONYMOUS'),
  NORESERVE: flag('MAP_NORESERVE'),
  POPULATE: flag('MAP_POPULATE'),
  STACK: flag('MAP_STACK'),
  NOREPLACE: flag('MAP_FIXED_NOREPLACE'),
} as const;
const KNOWN = Object.values(MAP).reduce((all, bit) => all | bit, 0);
const MAX_MAP_COUNT = 65530;
/** `TASK_SIZE_MAX` in pages: the last page of the lower half is a guard. */
const USER_PAGES = TASK_PAGES - 1;

export const calls = {
  mmap(k, task, addr, len, prot, flags, fd = -1, offset = 0) {
    const mm = k.task.mm.get(task);
    if (len <= 0) return fail('EINVAL', 'a mapping of no length');
    if (offset < 0 || offset % PAGE_SIZE !== 0) return fail('EINVAL', 'the offset is not a multiple of the page size');
    const shared = (flags & 3) === MAP.SHARED || (flags & 3) === 3;
    if ((flags & 3) === 0) return fail('EINVAL', 'neither MAP_SHARED nor MAP_PRIVATE is given');
    const count = pagesOf(len);
    if (count > USER_PAGES) return fail('ENOMEM', `${len} bytes do not fit into the ${USER_PAGES * PAGE_SIZE} bytes of user space`);
    if ((flags & ~KNOWN & ~2) !== 0)
      throw new Impossible('not-implemented', `these mmap flags are not simulated yet: 0x${(flags & ~KNOWN).toString(16)}`);
    if (k.mm.map_count.get(mm) >= MAX_MAP_COUNT) return fail('ENOMEM', `the process has ${MAX_MAP_COUNT} mappings (vm.max_map_count)`);

    let inode = 0;
    let file = 0;
    let may = VM.MAYREAD | VM.MAYWRITE | VM.MAYEXEC;
    if ((flags & MAP.ANONYMOUS) === 0) {
      file = fget(k, task, fd);
      if (file === 0) return ebadf(fd);
      if (!readable(k, file)) return fail('EACCES', `descriptor ${fd} is not open for reading`);
      inode = k.file.inode.get(file);
      if (k.inode.directory.get(inode) !== 0) return fail('ENODEV', `descriptor ${fd} is a directory`);
      if (shared && !writable(k, file)) {
        if ((prot & 2) !== 0) return fail('EACCES', `descriptor ${fd} is not open for writing, and the mapping is shared and writable`);
        may &= ~VM.MAYWRITE;
      }
    }
    const place = get_unmapped_area(k, mm, addr, count, flags);
    if (typeof place !== 'number') return place;
    return k.in('do_mmap', 1, () => {
      if ((flags & MAP.FIXED) !== 0) do_munmap(k, mm, place, place + count);
      const vm =
        (prot & 7) | may | (shared ? VM.SHARED | VM.MAYSHARE : 0) | ((flags & MAP.NORESERVE) !== 0 ? VM.NORESERVE : 0) | VM.SOFTDIRTY;
      if (shared && inode === 0) {
        inode = new_inode(k, 0, '/dev/zero (deleted)', { mode: 0o777, uid: 0 });
        k.inode.size.set(inode, count * PAGE_SIZE);
      }
      const mapping = inode === 0 ? 0 : k.inode.mapping.get(inode);
      const pgoff = mapping === 0 ? place : offset / PAGE_SIZE;
      const vma = insert_vma(k, { mm, start: place, end: place + count, flags: vm, pgoff, mapping, anon_vma: 0, file });
      k.mm.total_vm.set(mm, k.mm.total_vm.get(mm) + count);
      k.trace.effect(
        inode === 0 ? 'a VMA of anonymous memory at {addresses:0}' : 'a VMA of {file:1} at {addresses:0}',
        count,
        place,
        inode,
      );
      vma_merge(k, vma);
      if ((flags & MAP.POPULATE) !== 0) populate(k, mm, place, count);
      return number(place * PAGE_SIZE);
    });
  },

  munmap(k, task, addr, len) {
    const range = page_range(addr, len);
    if (typeof range === 'string') return fail('EINVAL', range);
    if (len === 0) return fail('EINVAL', 'the length is not positive');
    do_munmap(k, k.task.mm.get(task), range.start, range.end);
    return ok();
  },

  mprotect(k, task, addr, len, prot) {
    const range = page_range(addr, len);
    if (typeof range === 'string') return fail('EINVAL', range);
    const mm = k.task.mm.get(task);
    const vmas = vmas_in(k, mm, range.start, range.end);
    if (covered(k, vmas, range.start, range.end) < range.end) return fail('ENOMEM', 'a part of the range is not mapped');
    for (const vma of vmas)
      if ((prot & 2) !== 0 && !any(k.vma.flags.get(vma), VM.MAYWRITE))
        return fail('EACCES', 'the file is mapped shared and not open for writing');
    k.in('do_mprotect_pkey', 1, () => {
      for (let at = range.start; at < range.end;) {
        const vma = k.space4.of(mm).vma.get(at);
        at = Math.min(range.end, k.vma.end.get(vma));
        change_protection(k, mm, vma, range, prot & 7);
      }
    });
    return ok();
  },
} satisfies Calls;

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

/** `get_unmapped_area()`: the hint if it is free, else the highest free place below the mmap base. */
export function get_unmapped_area(k: Kernel, mm: number, addr: number, count: number, flags: number): number | Outcome {
  const { vma } = k.space4.of(mm);
  const fixed = (flags & (MAP.FIXED | MAP.NOREPLACE)) !== 0;
  if (fixed && addr % PAGE_SIZE !== 0) return fail('EINVAL', `MAP_FIXED at ${hex(addr)}, which is not a multiple of the page size`);
  const hint = Math.ceil(addr / PAGE_SIZE);
  const fits = hint >= MMAP_MIN && hint + count <= USER_PAGES;
  const free = fits && vma.get(hint) === 0 && vma.runEnd(hint, hint + count) === hint + count;
  if (fixed) {
    if (hint < MMAP_MIN && addr >= 0) return fail('EPERM', `${hex(addr)} lies below vm.mmap_min_addr`);
    if (!fits) return fail('ENOMEM', 'the range leaves user space');
    return (flags & MAP.FIXED) !== 0 || free ? hint : fail('EEXIST', `something is mapped in the ${count} pages from ${hex(addr)}`);
  }
  if (addr > 0 && free) return hint;
  for (let end = MMAP_BASE; end > MMAP_MIN;) {
    const start = vma.runStart(end - 1, MMAP_MIN);
    if (vma.get(end - 1) === 0 && end - start >= count) return end - count;
    end = start;
  }
  return fail('ENOMEM', `no free range of ${count} pages is left in the address space`);
}

/** `do_vmi_munmap()`: unmaps page numbers `start` to `end`. */
export function do_munmap(k: Kernel, mm: number, start: number, end: number): void {
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
  k.in('unmap_vmas', 1, () => k.in('zap_pte_range', 1, () => zap_pte_range(k, mm, start, count)));
  k.trace.effect('the VMA at {addresses:0} is gone', count, start);
  k.mm.total_vm.set(mm, k.mm.total_vm.get(mm) - count);
  remove_vma(k, vma);
}

/** `mm_populate()`: faults a range in. Failures are not reported. */
export function populate(k: Kernel, mm: number, start: number, count: number): void {
  k.in('__mm_populate', 1, () => {
    for (const vma of vmas_in(k, mm, start, start + count)) populate_vma_page_range(k, mm, vma, start, start + count);
  });
}

function change_protection(k: Kernel, mm: number, vma: number, range: { start: number; end: number }, prot: number): void {
  const flags = k.vma.flags.get(vma);
  const wanted = set(clear(flags, VM.READ | VM.WRITE | VM.EXEC), prot);
  if (wanted === flags) return;
  let middle = vma;
  if (k.vma.start.get(middle) < range.start) middle = split_vma(k, middle, range.start);
  if (k.vma.end.get(middle) > range.end) split_vma(k, middle, range.end);
  k.vma.flags.set(middle, wanted);
  const start = k.vma.start.get(middle);
  const count = k.vma.end.get(middle) - start;
  if ((prot & 2) === 0) {
    k.space4.of(mm).pte.update(start, count, (pte) => (any(pte, PTE.PRESENT) ? clear(pte, PTE.RW) : pte));
    k.trace.effect('the PTEs of {addresses:0} lose the right to write', count, start);
  } else make_writable(k, mm, middle, start, count);
  vma_merge(k, middle);
}

/** `can_change_pte_writable()`: exclusive anonymous pages, and shared pages that are dirty already or of shmem, become writable at once. */
function make_writable(k: Kernel, mm: number, vma: number, start: number, count: number): void {
  const { pte } = k.space4.of(mm);
  const shared = any(k.vma.flags.get(vma), VM.SHARED);
  const shmem = shared && k.mapping.aops.get(k.vma.mapping.get(vma)) === AddressSpaceKind.Shmem;
  for (const run of present_ptes(k, mm, start, count)) {
    if (run.pfn === 0) continue;
    frame_runs(k, run.pfn, run.count, ['flags'], (pfn, n) => {
      const own = !shared && any(k.page.flags.get(pfn), PG.anon_exclusive);
      if (shmem || own || (shared && any(run.flags, PTE.DIRTY))) pte.update(run.vpn + pfn - run.pfn, n, (old) => set(old, PTE.RW));
    });
  }
}
