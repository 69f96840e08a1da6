/* eslint-disable no-bitwise -- mmap's flags are a word of 32 bits. */
import { constants } from '../../catalogue/constants';
import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf, TASK_PAGES } from '../state/units';
import { alloc_file, ebadf, fget, fput, writable } from '../fs/file';
import { mount_of, normalize } from '../fs/namei';
import { calls as openCalls, do_filp_open } from '../fs/open';
import { filename_lookup } from '../fs/lookup';
import { drop_name } from '../fs/names';
import { do_munmap, hex, ksys_mmap, may_unmap, page_range, type MmapArguments } from './mmap';
import { charge_to, PGDIR_PAGES } from './mshare';
import { mshare_attach } from './mshare_mmap';
import { charged, inode_policy, mount_policy, type Choice } from './mshare_policy';
import { mshare_create } from './mshare_region';
import { vmas_in } from './vma';

const MAP_FIXED = Number(constants.MAP_FIXED.value);
const MAP_FIXED_NOREPLACE = Number(constants.MAP_FIXED_NOREPLACE.value);
const MAP_SHARED = Number(constants.MAP_SHARED.value);

/** The calls of 2022, those of Wilcox's form, and the ioctls of 2025. */
export const calls = {
  mshare(k, task, name, addr, len, oflags, mode) {
    const path = region_path(k, name);
    if (typeof path !== 'string') return path;
    if (addr % (PGDIR_PAGES * PAGE_SIZE) !== 0 || len % (PGDIR_PAGES * PAGE_SIZE) !== 0 || len === 0)
      return fail('EINVAL', `${hex(addr)} and the length have to be multiples of 512 GiB, what a PGD entry maps`);
    const before = filename_lookup(k, task, path);
    const opened = do_filp_open(k, task, path, oflags, mode);
    if ('kind' in opened) return opened;
    const file = alloc_file(k, opened.inode, oflags, opened.mnt);
    const place = { start: addr / PAGE_SIZE, size: len / PAGE_SIZE };
    const problem = k.in('ksys_mshare', 1, () => export_or_attach(k, task, file, place));
    fput(k, file);
    if (problem === undefined) return ok();
    if (!('kind' in before) && before.inode === 0) drop_name(k, before.name);
    return problem;
  },

  mshare_unlink(k, task, name) {
    const path = region_path(k, name);
    return typeof path === 'string' ? openCalls.unlink(k, task, path) : path;
  },

  fd_mmap(k, task, space_fd, addr, len, prot, flags, fd = -1, offset = 0) {
    const region = region_behind(k, task, space_fd, 'fd_2022');
    if (typeof region !== 'number') return region;
    return map_into(k, task, region, { addr, len, prot, flags, fd, offset });
  },

  fd_munmap(k, task, space_fd, addr, len) {
    const region = region_behind(k, task, space_fd, 'fd_2022');
    return typeof region === 'number' ? unmap_from(k, region, addr, len) : region;
  },

  msharefs_create_mapping(k, task, region_fd, region_offset, len, prot, flags, fd = -1, offset = 0) {
    const region = region_behind(k, task, region_fd, 'ioctl_2025');
    if (typeof region !== 'number') return region;
    if ((flags & MAP_SHARED) === 0) return fail('EINVAL', 'only shared mappings can be part of a region');
    const start = k.mshare.start.get(region) * PAGE_SIZE;
    const done = map_into(k, task, region, { addr: start + region_offset, len, prot, flags: flags | MAP_FIXED, fd, offset });
    return done.kind === 'ok' ? ok() : done;
  },

  msharefs_unmap(k, task, region_fd, region_offset, len) {
    const region = region_behind(k, task, region_fd, 'ioctl_2025');
    return typeof region === 'number' ? unmap_from(k, region, k.mshare.start.get(region) * PAGE_SIZE + region_offset, len) : region;
  },
} satisfies Calls;

/** The path of a name on msharefs: a plain one lies in the first mount of the 2022 interface. */
function region_path(k: Kernel, name: string): string | Outcome {
  for (let mount = 1; mount <= k.mounts.count; mount++) {
    if (k.mount.host.get(mount) !== k.host + 1 || mount_policy(k, mount, 'interface') !== 'syscall_2022') continue;
    const at = k.names.text(k.mount.path.get(mount));
    const path = name.startsWith('/') ? name : `${at}/${name}`;
    if (name !== '' && mount_of(k, normalize(path) ?? '') === mount) return path;
  }
  return fail('EINVAL', `${name} is no name on a msharefs with interface = syscall_2022`);
}

/** The creator exports what it has mapped in the range; everybody else attaches at the same place. Why it can't be; undefined: done. */
function export_or_attach(k: Kernel, task: number, file: number, { start, size }: { start: number; size: number }): Outcome | undefined {
  const inode = k.file.inode.get(file);
  const mm = k.task.mm.get(task);
  if (k.inode.directory.get(inode) !== 0) return fail('EISDIR', 'it is a directory');
  if (start < 0 || start + size >= TASK_PAGES) return fail('ENOMEM', 'the range leaves user space');
  let region: number | Outcome = k.msharefs.mshare.get(inode);
  if (region === 0) {
    if (!writable(k, file)) return fail('EACCES', 'a region is made by who opens it for writing');
    region = mshare_create(k, task, inode, start, size);
    if (typeof region !== 'number') return region;
  } else if (k.mshare.start.get(region) !== start || k.mshare.size.get(region) !== size) {
    return fail(
      'EINVAL',
      `the region lies at ${hex(k.mshare.start.get(region) * PAGE_SIZE)} and is ${k.mshare.size.get(region)} pages long`,
    );
  } else if (vmas_in(k, mm, start, start + size).length > 0) return fail('EINVAL', 'something is mapped where the region lies');
  mshare_attach(k, mm, file, region, start, writable(k, file) ? 3 : 1);
  return undefined;
}

/** The region that a descriptor controls by these calls, for who may write to it. */
function region_behind(k: Kernel, task: number, fd: number, how: Choice<'interface'>): number | Outcome {
  const file = fget(k, task, fd);
  if (file === 0) return ebadf(fd);
  const inode = k.file.inode.get(file);
  if (k.mapping.aops.get(k.inode.mapping.get(inode)) !== AddressSpaceKind.Region || inode_policy(k, inode, 'interface') !== how)
    return fail(how === 'ioctl_2025' ? 'ENOTTY' : 'EINVAL', `descriptor ${fd} is no region of interface = ${how}`);
  if (!writable(k, file)) return fail('EACCES', `descriptor ${fd} is not open for writing`);
  const region = k.msharefs.mshare.get(inode);
  return region !== 0
    ? region
    : fail('EINVAL', how === 'ioctl_2025' ? 'the region has no size yet' : 'nobody has attached the address space yet');
}

/** A mapping in a region, at its host's address; 0: the lowest free place. */
function map_into(k: Kernel, task: number, region: number, request: MmapArguments): Outcome {
  const { start, end } = limits(k, region);
  const pages = pagesOf(request.len);
  const at = request.addr === 0 ? free_place(k, region, pages) : request.addr / PAGE_SIZE;
  if (at === undefined) return fail('ENOMEM', 'no free place in the region is that large');
  if (at < start || at + pages > end) return fail('EINVAL', 'the range is not in the region');
  const flags = request.flags | ((request.flags & MAP_FIXED) !== 0 ? 0 : MAP_FIXED_NOREPLACE);
  return charge_to(k, charged(k, region), () => ksys_mmap(k, task, k.mshare.mm.get(region), { ...request, addr: at * PAGE_SIZE, flags }));
}

const limits = (k: Kernel, region: number): { start: number; end: number } => {
  const start = k.mshare.start.get(region);
  return { start, end: start + k.mshare.size.get(region) };
};

function free_place(k: Kernel, region: number, pages: number): number | undefined {
  const { start, end } = limits(k, region);
  const { vma } = k.space4.of(k.mshare.mm.get(region));
  for (let at = start; at < end; at = vma.runEnd(at, end)) if (vma.get(at) === 0 && vma.runEnd(at, end) - at >= pages) return at;
  return undefined;
}

/** What a range of a region has mapped goes, for everybody. */
function unmap_from(k: Kernel, region: number, addr: number, len: number): Outcome {
  const range = page_range(addr, len);
  if (typeof range === 'string') return fail('EINVAL', range);
  const { start, end } = limits(k, region);
  if (len === 0 || range.start < start || range.end > end) return fail('EINVAL', 'the range is not in the region');
  const host = k.mshare.mm.get(region);
  const refused = may_unmap(k, host, range.start, range.end);
  if (refused !== undefined) return refused;
  charge_to(k, charged(k, region), () => do_munmap(k, host, range.start, range.end));
  return ok();
}
