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
import { inode_policy } from './mshare_policy';
import { mshare_create, new_region } from './mshare_region';
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
 * mmap(2) of a file on msharefs attaches its region. As in 2024 the first one makes it, of what the caller has mapped in the range or else of shared
 * anonymous memory. In Wilcox's form the first one says where the empty address space lies; what is in it comes by calls on its descriptor. In 2025 the
 * file has had its size before, and each process may map it somewhere else. In 2022 `mshare()` attaches.
 */
export function mshare_mmap(k: Kernel, task: number, file: number, request: MapRequest): Outcome {
  const refused = may_map(k, file, request);
  if (refused !== undefined) return refused;
  const inode = k.file.inode.get(file);
  return k.in('msharefs_mmap', 1, () => {
    const { count, flags } = request;
    const mm = k.task.mm.get(task);
    const how = inode_policy(k, inode, 'interface');
    const known = k.msharefs.mshare.get(inode);
    const place =
      how === 'ioctl_2025'
        ? place_anywhere(k, mm, known, request)
        : known === 0
          ? place_new(k, mm, request)
          : place_known(k, mm, known, request);
    if (typeof place !== 'number') return place;
    const region = known || make_region(k, task, inode, place, request, how === 'fd_2022');
    if (typeof region !== 'number') return region;
    if (known !== 0 && (flags & MAP.FIXED) !== 0) do_munmap(k, mm, place, place + whole_entries(count));
    mshare_attach(k, mm, file, region, place, request.prot & 7);
    if ((flags & MAP.POPULATE) !== 0) mm_populate(k, mm, place, count);
    return number(place * PAGE_SIZE);
  });
}

function make_region(k: Kernel, task: number, inode: number, place: number, { count, prot }: MapRequest, empty: boolean): number | Outcome {
  if (!empty) return mshare_create(k, task, inode, place, count, prot);
  if (vmas_in(k, k.task.mm.get(task), place, place + whole_entries(count)).length > 0)
    return fail('EINVAL', 'something is mapped where the empty address space would lie');
  return new_region(k, task, inode, place, count);
}

function may_map(k: Kernel, file: number, { prot, flags, offset }: MapRequest): Outcome | undefined {
  if (inode_policy(k, k.file.inode.get(file), 'interface') === 'syscall_2022')
    return fail('EINVAL', 'mshare() attaches a region (interface = syscall_2022)');
  if (k.inode.directory.get(k.file.inode.get(file)) !== 0) return fail('ENODEV', 'the descriptor is a directory');
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

/** Where a region of 2025 is mapped: on any border of 512 GiB, whole. */
function place_anywhere(k: Kernel, mm: number, region: number, { addr, count, flags }: MapRequest): number | Outcome {
  if (region === 0) return fail('EINVAL', 'the region has no size yet: ftruncate() gives it one');
  const size = k.mshare.size.get(region);
  if (count !== size) return fail('EINVAL', `the region is ${size} pages long, and is mapped whole`);
  if (addr % (PGDIR_PAGES * PAGE_SIZE) !== 0) return fail('EINVAL', `${hex(addr)} is not a multiple of 512 GiB, what a PGD entry maps`);
  return get_unmapped_area(k, mm, addr, size, flags & (MAP.FIXED | MAP.NOREPLACE), PGDIR_PAGES);
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
