/* eslint-disable no-bitwise -- the flags of shmget and shmat are words of few bits. */
import { constants } from '../../catalogue/constants';
import { fail, number, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';
import { VM } from '../state/flags';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { Impossible } from '../state/impossible';
import { ihold, iput, new_inode } from '../fs/inode';
import { mm_populate } from './gup';
import { do_munmap, get_unmapped_area, hex, mmap_region, wraps } from './mmap';
import { locked_vm, may_lock } from './mlock';
import { vmas_in } from './vma';

const value = (name: keyof typeof constants): number => Number(constants[name].value);
const IPC = { PRIVATE: value('IPC_PRIVATE'), CREAT: value('IPC_CREAT'), EXCL: value('IPC_EXCL'), RMID: value('IPC_RMID') } as const;
const SHM = {
  HUGETLB: value('SHM_HUGETLB'),
  RDONLY: value('SHM_RDONLY'),
  RND: value('SHM_RND'),
  NORESERVE: value('SHM_NORESERVE'),
} as const;
const SHM_REMAP = value('SHM_REMAP');
const SHM_EXEC = value('SHM_EXEC');
const OTHER_COMMANDS = [value('IPC_STAT'), value('SHM_LOCK'), value('SHM_UNLOCK')];
const MAP_FIXED = value('MAP_FIXED');
const has = (flags: number, bit: number): boolean => (flags & bit) !== 0;
const READ = 4;
const WRITE = 2;
const EXEC = 1;
/** `shmmax`, bytes. */
const SHMMAX = 2 ** 64 - 2 ** 24;

export const calls = {
  shmget(k, task, key, size, flags) {
    const existing = key === IPC.PRIVATE ? 0 : segment_by_key(k, key);
    if (existing === 0) {
      if (key !== IPC.PRIVATE && !has(flags, IPC.CREAT)) return fail('ENOENT', `no segment has the key ${key}`);
      if (size < 1 || size > SHMMAX) return fail('EINVAL', `a segment has 1 to ${SHMMAX} bytes`);
      if (!has(flags, SHM.NORESERVE) && pagesOf(size) > k.options.memory)
        return fail('ENOMEM', 'the segment is larger than the memory, and SHM_NORESERVE is not given');
      if (has(flags, SHM.HUGETLB)) throw new Impossible('not-implemented', 'SHM_HUGETLB is not simulated yet');
      return number(newseg(k, task, key, size, flags & 0o777) - 1);
    }
    if (has(flags, IPC.CREAT) && has(flags, IPC.EXCL)) return fail('EEXIST', `a segment has the key ${key}`);
    if (size > k.shm.size.get(existing)) return fail('EINVAL', `the segment has ${k.shm.size.get(existing)} bytes, fewer than ${size}`);
    if (!ipcperms(k, task, existing, (flags >> 6) & 7)) return denied(k, task, existing);
    return number(existing - 1);
  },

  shmat(k, task, id, addr = 0, flags = 0) {
    const segment = segment_of(k, id);
    if (segment === 0) return no_segment(id);
    const at = addr % PAGE_SIZE !== 0 && has(flags, SHM.RND) ? addr - (addr % PAGE_SIZE) : addr;
    if (at % PAGE_SIZE !== 0) return fail('EINVAL', `${hex(addr)} is not a multiple of the page size`);
    if (at === 0 && has(flags, SHM_REMAP)) return fail('EINVAL', 'SHM_REMAP needs an address');
    const wanted = READ + (has(flags, SHM.RDONLY) ? 0 : WRITE) + (has(flags, SHM_EXEC) ? EXEC : 0);
    if (!ipcperms(k, task, segment, wanted)) return denied(k, task, segment);
    return do_shmat(k, task, segment, at, flags);
  },

  shmdt(k, task, addr) {
    const mm = k.task.mm.get(task);
    if (addr % PAGE_SIZE !== 0) return fail('EINVAL', `${hex(addr)} is not a multiple of the page size`);
    const start = addr / PAGE_SIZE;
    let mapping = 0;
    let end = Infinity;
    for (const vma of vmas_in(k, mm, start, 2 ** 35)) {
      const from = k.vma.start.get(vma);
      const shown = k.vma.mapping.get(vma);
      if (from >= end) break;
      if (k.mapping.sysv.get(shown) === 0 || from - start !== k.vma.pgoff.get(vma) || (mapping !== 0 && shown !== mapping)) continue;
      mapping = shown;
      end = start + pagesOf(k.inode.size.get(k.mapping.host.get(mapping)));
      do_munmap(k, mm, from, k.vma.end.get(vma));
    }
    return mapping === 0 ? fail('EINVAL', `no segment is attached at ${hex(addr)}`) : ok();
  },

  shmctl(k, task, id, cmd) {
    const segment = segment_of(k, id);
    if (cmd !== IPC.RMID && !OTHER_COMMANDS.includes(cmd)) return fail('EINVAL', `${cmd} is no command that is known here`);
    if (segment === 0) return no_segment(id);
    const uid = k.task.uid.get(task);
    if (cmd === OTHER_COMMANDS[0]) return ipcperms(k, task, segment, READ) ? ok() : denied(k, task, segment);
    if (uid !== 0 && uid !== k.shm.uid.get(segment)) return fail('EPERM', `uid ${uid} does not own the segment`);
    if (cmd !== IPC.RMID) {
      k.trace.effect(`reclaim ${cmd === OTHER_COMMANDS[1] ? 'leaves' : 'may take'} the pages of the segment`, 1);
      return ok();
    }
    if (k.shm.removed.get(segment) === 1) return ok();
    k.in('shm_destroy', 1, () => {
      k.shm.removed.set(segment, 1);
      k.trace.effect('the segment goes with its last attach; its key finds it no more', 1);
      iput(k, k.shm.inode.get(segment));
    });
    return ok();
  },
} satisfies Calls;

function newseg(k: Kernel, task: number, key: number, size: number, mode: number): number {
  return k.in('newseg', 1, () => {
    const segment = k.shms.next();
    const name = `SYSV${BigInt(key).toString(16).padStart(8, '0')}`;
    const inode = new_inode(k, 0, name, { mode, uid: k.task.uid.get(task) });
    ihold(k, inode);
    k.inode.size.set(inode, size);
    k.mapping.sysv.set(k.inode.mapping.get(inode), segment);
    k.shm.key.set(segment, key);
    k.shm.size.set(segment, size);
    k.shm.inode.set(segment, inode);
    k.shm.mode.set(segment, mode);
    k.shm.uid.set(segment, k.task.uid.get(task));
    k.trace.effect('a segment of {0} bytes, {file:1}', 1, size, inode);
    return segment;
  });
}

function do_shmat(k: Kernel, task: number, segment: number, at: number, flags: number): Outcome {
  const mm = k.task.mm.get(task);
  const inode = k.shm.inode.get(segment);
  const count = pagesOf(k.shm.size.get(segment));
  const first = at / PAGE_SIZE;
  if (!has(flags, SHM_REMAP) && wraps(at, count * PAGE_SIZE)) return fail('EINVAL', 'the range wraps around');
  if (at !== 0 && !has(flags, SHM_REMAP) && vmas_in(k, mm, first, first + count).length > 0)
    return fail('EINVAL', `something is mapped in the ${count} pages from ${hex(at)}`);
  const place = get_unmapped_area(k, mm, at, count, at === 0 ? 0 : MAP_FIXED);
  if (typeof place !== 'number') return place;
  const write = has(flags, SHM.RDONLY) ? 0 : VM.WRITE + VM.MAYWRITE;
  const exec = has(flags, SHM_EXEC) ? VM.EXEC : 0;
  const vm = VM.READ + VM.MAYREAD + VM.MAYEXEC + write + exec + VM.SHARED + VM.MAYSHARE + k.mm.def_flags.get(mm);
  const locked = k.mm.def_flags.get(mm) !== 0;
  if (locked && !may_lock(k, task, locked_vm(k, mm) + count)) return fail('EAGAIN', 'more would be locked than RLIMIT_MEMLOCK permits');
  return k.in('do_shmat', 1, () => {
    if (at !== 0) do_munmap(k, mm, place, place + count);
    mmap_region(k, mm, place, count, { vm, inode, index: 0 });
    if (locked) mm_populate(k, mm, place, count);
    return number(place * PAGE_SIZE);
  });
}

/** The segment with that id, 0 if there is none any more: a removed one goes with its last attach. */
function segment_of(k: Kernel, id: number): number {
  const segment = id + 1;
  if (id < 0 || segment > k.shms.count) return 0;
  return k.inode.refs.get(k.shm.inode.get(segment)) > 0 ? segment : 0;
}

function segment_by_key(k: Kernel, key: number): number {
  for (let segment = 1; segment <= k.shms.count; segment++)
    if (k.shm.key.get(segment) === key && k.shm.removed.get(segment) === 0) return segment;
  return 0;
}

/** `ipcperms()`: whether the mode of the segment gives the task's user these rights (4 read, 2 write, 1 execute). */
function ipcperms(k: Kernel, task: number, segment: number, wanted: number): boolean {
  const uid = k.task.uid.get(task);
  const mode = k.shm.mode.get(segment);
  const granted = uid === k.shm.uid.get(segment) ? Math.floor(mode / 64) % 8 : mode % 8;
  return uid === 0 || [READ, WRITE, EXEC].every((right) => !has(wanted, right) || has(granted, right));
}

const no_segment = (id: number): Outcome => fail('EINVAL', `there is no segment with the id ${id}`);

const denied = (k: Kernel, task: number, segment: number): Outcome =>
  fail('EACCES', `uid ${k.task.uid.get(task)} may not: the segment has mode 0${k.shm.mode.get(segment).toString(8)}`);
