/* eslint-disable no-bitwise -- mmap's flags are a word of 32 bits. */
import { constants } from '../../catalogue/constants';
import type { MapRequest } from '../fs/filesystem';
import { readable, writable } from '../fs/file';
import type { Outcome } from '../api';
import { fail, number } from '../calls';
import { VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, TASK_PAGES } from '../state/units';
import { do_munmap, get_unmapped_area, hex } from './mmap';
import { mm_populate } from './gup';
import { PGDIR_PAGES } from './mshare';
import { mshare_create } from './mshare_region';
import { insert_vma, vmas_in } from './vma';

const MAP = {
  TYPE: 0xf,
  PRIVATE: Number(constants.MAP_PRIVATE.value),
  FIXED: Number(constants.MAP_FIXED.value),
  NOREPLACE: Number(constants.MAP_FIXED_NOREPLACE.value),
  POPULATE: Number(constants.MAP_POPULATE.value),
} as const;
const MAY = VM.SHARED | VM.MAYSHARE | VM.MAYREAD | VM.MAYWRITE | VM.MAYEXEC;

/** Pages that a region takes up in an address space: whole PGD entries, since these are what is shared. */
export const whole_entries = (pages: number): number => Math.ceil(pages / PGDIR_PAGES) * PGDIR_PAGES;

/**
 * mmap(2) of a file on msharefs as in 2024. The first one of a file makes its region, and takes over what the caller has mapped in the range; where it has
 * nothing there, the region is shared anonymous memory. Everybody else maps the region whole and at the same address.
 */
export function mshare_mmap(k: Kernel, task: number, file: number, request: MapRequest): Outcome {
  const refused = may_map(k, file, request);
  if (refused !== undefined) return refused;
  const { count, prot, flags } = request;
  const mm = k.task.mm.get(task);
  const inode = k.file.inode.get(file);
  const known = k.msharefs.mshare.get(inode);
  return k.in('msharefs_mmap', 1, () => {
    const place = known === 0 ? place_new(k, mm, request) : place_known(k, mm, known, request);
    if (typeof place !== 'number') return place;
    const region = known === 0 ? mshare_create(k, task, inode, place, count, prot) : known;
    if (typeof region !== 'number') return region;
    if (known !== 0 && (flags & MAP.FIXED) !== 0) do_munmap(k, mm, place, place + whole_entries(count));
    mshare_attach(k, mm, file, region, place, prot & 7);
    if ((flags & MAP.POPULATE) !== 0) mm_populate(k, mm, place, count);
    return number(place * PAGE_SIZE);
  });
}

function may_map(k: Kernel, file: number, { prot, flags, offset }: MapRequest): Outcome | undefined {
  if ((flags & MAP.TYPE) === MAP.PRIVATE)
    return fail('EINVAL', 'a region is shared with its page tables: there is no private mapping of it');
  if ((flags & MAP.TYPE) === 0) return fail('EINVAL', 'neither MAP_SHARED nor MAP_PRIVATE is given');
  if (offset !== 0) return fail('EINVAL', 'a region is mapped whole, from offset 0');
  if (!readable(k, file)) return fail('EACCES', 'the descriptor is not open for reading');
  if ((prot & 2) !== 0 && !writable(k, file)) return fail('EACCES', 'the descriptor is not open for writing, and the mapping is writable');
  return undefined;
}

/** Where a new region comes to lie: PGD entries are shared whole, so that it begins with one. */
function place_new(k: Kernel, mm: number, { addr, count, flags }: MapRequest): number | Outcome {
  const pages = whole_entries(count);
  if (addr === 0) return get_unmapped_area(k, mm, 0, pages, 0, PGDIR_PAGES);
  const start = addr / PAGE_SIZE;
  if (start % PGDIR_PAGES !== 0) return fail('EINVAL', `${hex(addr)} is not a multiple of 512 GiB, what a PGD entry maps`);
  if (start < 0 || start + pages >= TASK_PAGES) return fail('ENOMEM', 'the range leaves user space');
  if ((flags & MAP.NOREPLACE) !== 0 && vmas_in(k, mm, start, start + pages).length > 0)
    return fail('EEXIST', `something is mapped in the range from ${hex(addr)}`);
  return start;
}

/** Where a region lies already, for a process that maps it too. */
function place_known(k: Kernel, mm: number, region: number, { addr, count, flags }: MapRequest): number | Outcome {
  const start = k.mshare.start.get(region);
  const size = k.mshare.size.get(region);
  if (addr !== 0 && addr !== start * PAGE_SIZE)
    return fail('EINVAL', `the region lies at ${hex(start * PAGE_SIZE)} in every process: shared tables mean the same addresses`);
  if (count !== size) return fail('EINVAL', `the region is ${size} pages long, and is mapped whole`);
  if ((flags & MAP.FIXED) !== 0 || vmas_in(k, mm, start, start + whole_entries(size)).length === 0) return start;
  return fail(
    (flags & MAP.NOREPLACE) !== 0 ? 'EEXIST' : 'EINVAL',
    `something is mapped where the region lies, at ${hex(start * PAGE_SIZE)}`,
  );
}

/** The process's VMA of a region: all its PGD entries, none of them linked yet. */
export function mshare_attach(k: Kernel, mm: number, file: number, region: number, start: number, prot: number): void {
  const inode = k.mshare.inode.get(region);
  const pages = whole_entries(k.mshare.size.get(region));
  insert_vma(k, {
    mm,
    start,
    end: start + pages,
    flags: prot | MAY | VM.MSHARE | VM.SOFTDIRTY,
    pgoff: 0,
    mapping: k.inode.mapping.get(inode),
    anon_vma: 0,
    file,
    mshare: region,
  });
  k.mm.total_vm.set(mm, k.mm.total_vm.get(mm) + pages);
  k.trace.effect('a VMA at {addresses:0} points to the host of {file:1}; nothing is linked yet', pages, start, inode);
}
