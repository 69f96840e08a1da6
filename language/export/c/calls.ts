import type { CallName } from '../../catalogue/calls';
import { Content } from '../../simulator/state/content';
import type { Value } from '../../simulator/value';
import type { TracedStep } from '../trace';
import { hex } from '../addresses';
import { contentOf, type Emit, fdText, number, result, size } from './emit';
import { ipcCalls } from './ipcCalls';
import { processCalls } from './processCalls';
import { userfaultCalls } from './userfaultCalls';
import { addressText, enumText, flagsText, pathText } from './words';

const MAP_FIXED = 0x10n;
const MAP_FIXED_NOREPLACE = 0x100000n;
const MAP_TYPE = 0xfn;
/** Refuses flags that it does not know, to which MAP_FIXED_NOREPLACE belongs; a free address is taken without. */
const MAP_SHARED_VALIDATE = 3n;
const MREMAP_FIXED = 2n;
/** End of user space: what would reach beyond it fails, and is not moved. */
const TASK_SIZE = 0x7ffffffff000n;

const fd = fdText;
const address = (value: Value | undefined): string => addressText(number(value));
const path = pathText;
const mode = (value: Value | undefined, otherwise: bigint): string => `0${number(value, otherwise).toString(8)}`;
const content = contentOf;

/** A call that returns a descriptor: the program keeps it under the number that the simulator gave. */
const opening =
  (call: (step: TracedStep) => string): Emit =>
  (step) => {
    const given = result(step);
    return given === undefined ? [`return ${call(step)};`] : [`return fd[${given}] = ${call(step)};`];
  };

const simply =
  (call: (args: readonly Value[]) => string): Emit =>
  ({ args }) => [`return ${call(args)};`];

const STAT = 'size, blocks, nlink, mode, uid';

/** What each call is in C. What is missing here no live kernel has. */
export const statements: Partial<Record<CallName, Emit>> = {
  open: opening(({ args: [name, flags, m] }) => {
    const text = flagsText(number(flags), 'open');
    const made = /O_CREAT|O_TMPFILE/.test(text);
    return `open(${path(name)}, ${text}${made ? `, ${mode(m, 0o644n)}` : ''})`;
  }),
  close: ({ args: [f] }) => [`int old = ${fd(f)};`, ...(fd(f) === '-1' ? [] : [`${fd(f)} = -1;`]), 'return close(old);'],
  dup: opening(({ args: [f] }) => `dup(${fd(f)})`),
  lseek: simply(([f, offset, whence]) => `lseek(${fd(f)}, ${size(offset)}, ${enumText(number(whence), 'seek')})`),
  link: simply(([a, b]) => `link(${path(a)}, ${path(b)})`),
  unlink: simply(([a]) => `unlink(${path(a)})`),
  rename: simply(([a, b]) => `rename(${path(a)}, ${path(b)})`),
  mkdir: simply(([a, m]) => `mkdir(${path(a)}, ${mode(m, 0o755n)})`),
  rmdir: simply(([a]) => `rmdir(${path(a)})`),
  chmod: simply(([a, m]) => `chmod(${path(a)}, ${mode(m, 0n)})`),
  chown: simply(([a, uid]) => `chown(${path(a)}, ${number(uid)}, -1)`),
  utimensat: simply(([a]) => `utimensat(AT_FDCWD, ${path(a)}, NULL, 0)`),
  stat: ({ args: [a] }) => ['struct stat s;', `return told(stat(${path(a)}, &s), &s); /* ${STAT} */`],
  fstat: ({ args: [f] }) => ['struct stat s;', `return told(fstat(${fd(f)}, &s), &s); /* ${STAT} */`],
  truncate: simply(([a, length]) => `truncate(${path(a)}, ${size(length)})`),
  memfd_create: opening(({ args: [name, flags] }) => `memfd_create(${path(name)}, ${flagsText(number(flags), 'memfd')})`),
  mount: simply(([source, target, flags]) => `mount(${path(source)}, ${path(target)}, NULL, ${flagsText(number(flags), 'mount')}, NULL)`),
  umount: simply(([target]) => `umount(${path(target)})`),

  read: simply(([f, length]) => `content(read(${fd(f)}, data, ${size(length)}))`),
  pread: simply(([f, length, offset]) => `content(pread(${fd(f)}, data, ${size(length)}, ${size(offset)}))`),
  preadv2: simply(
    ([f, length, offset, flags]) =>
      `content(preadv2(${fd(f)}, into(${size(length)}), 1, ${size(offset)}, ${flagsText(number(flags), 'rwf')}))`,
  ),
  write: ({ args: [f, bytes] }) => [...content(bytes), `return write_pages(${fd(f)}, -1);`],
  pwrite: ({ args: [f, bytes, offset] }) =>
    [...content(bytes), `return write_pages(${fd(f)}, ${size(offset)});`].map(negativeOffset(offset)),
  pwritev2: ({ args: [f, bytes, offset, flags] }) => [
    ...content(bytes),
    `return pwritev2(${fd(f)}, into(used), 1, ${size(offset)}, ${flagsText(number(flags), 'rwf')});`,
  ],
  fsync: simply(([f]) => `fsync(${fd(f)})`),
  fdatasync: simply(([f]) => `fdatasync(${fd(f)})`),
  sync_file_range: simply(
    ([f, offset, length, flags]) =>
      `sync_file_range(${fd(f)}, ${size(offset)}, ${size(length)}, ${flagsText(number(flags), 'sync_file_range')})`,
  ),
  ftruncate: simply(([f, length]) => `ftruncate(${fd(f)}, ${size(length)})`),
  fallocate: simply(([f, m, offset, length]) => `fallocate(${fd(f)}, ${flagsText(number(m), 'falloc')}, ${size(offset)}, ${size(length)})`),
  posix_fadvise: simply(
    ([f, offset, length, advice]) =>
      `as_errno(posix_fadvise(${fd(f)}, ${size(offset)}, ${size(length)}, ${enumText(number(advice), 'fadvise')}))`,
  ),
  readahead: simply(([f, offset, count]) => `readahead(${fd(f)}, ${size(offset)}, ${size(count)})`),
  cachestat: simply(([f, offset, length]) => `cachestat_of(${fd(f)}, ${size(offset)}, ${size(length)})`),

  pipe: ({ outcome }) => {
    const ends = outcome.kind === 'ok' && typeof outcome.value === 'object' && 'fields' in outcome.value ? outcome.value.fields : {};
    return [`return pipe_as(${ends.read ?? -1}, ${ends.write ?? -1});`];
  },
  splice: simply(([from, to, length]) => `splice(${fd(from)}, NULL, ${fd(to)}, NULL, ${size(length)}, 0)`),
  tee: simply(([from, to, length]) => `tee(${fd(from)}, ${fd(to)}, ${size(length)}, 0)`),
  vmsplice: simply(([f, addr, length]) => `vmsplice_pages(${fd(f)}, ${address(addr)}, ${size(length)})`),

  ficlone: simply(([to, from]) => `ioctl(${fd(to)}, FICLONE, ${fd(from)})`),
  ficlonerange: simply(
    ([to, from, at, length, target]) => `clone_range(${fd(to)}, ${fd(from)}, ${size(at)}, ${size(length)}, ${size(target)})`,
  ),
  copy_file_range: simply(
    ([from, at, to, target, length]) => `copy_range(${fd(from)}, ${size(at)}, ${fd(to)}, ${size(target)}, ${size(length)})`,
  ),
  dedupe: simply(([from, at, length, to, target]) => `dedupe_range(${fd(from)}, ${size(at)}, ${size(length)}, ${fd(to)}, ${size(target)})`),
  snapshot: simply(([from, to, flags]) => `snapshot(${path(from)}, ${path(to)}, ${number(flags)})`),

  mmap: (step) => {
    const [addr, length, prot, flags, f, offset] = step.args;
    const given = result(step);
    const placed = (number(flags) & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0n || (number(flags) & MAP_TYPE) === MAP_SHARED_VALIDATE;
    const how = flagsText(given === undefined || placed ? number(flags) : number(flags) | MAP_FIXED_NOREPLACE, 'map');
    const beyond = given === undefined && number(addr) + number(length) > TASK_SIZE;
    const at = beyond ? `(void *)${hex(number(addr))}` : addressText(given ?? number(addr));
    return [`return (long)mmap(${at}, ${size(length)}, ${flagsText(number(prot), 'prot')},`, `    ${how}, ${fd(f)}, ${size(offset)});`];
  },
  munmap: simply(([addr, length]) => `munmap(${address(addr)}, ${size(length)})`),
  mprotect: simply(([addr, length, prot]) => `mprotect(${address(addr)}, ${size(length)}, ${flagsText(number(prot), 'prot')})`),
  mremap: (step) => {
    const [addr, from, to, flags, at] = step.args;
    const given = result(step);
    const moved = given !== undefined && given !== number(addr);
    const how = flagsText(moved ? number(flags) | MREMAP_FIXED : number(flags), 'mremap');
    return [`return (long)mremap(${address(addr)}, ${size(from)}, ${size(to)}, ${how}, ${moved ? addressText(given) : address(at)});`];
  },
  madvise: simply(([addr, length, advice]) => `madvise(${address(addr)}, ${size(length)}, ${enumText(number(advice), 'madvise')})`),
  msync: simply(([addr, length, flags]) => `msync(${address(addr)}, ${size(length)}, ${flagsText(number(flags), 'msync')})`),
  mlock: simply(([addr, length]) => `mlock(${address(addr)}, ${size(length)})`),
  mlock2: simply(([addr, length, flags]) => `mlock2(${address(addr)}, ${size(length)}, ${flagsText(number(flags), 'mlock')})`),
  munlock: simply(([addr, length]) => `munlock(${address(addr)}, ${size(length)})`),
  mincore: simply(([addr, length]) => `resident(${address(addr)}, ${size(length)})`),

  load: simply(([addr, length]) => `load(${address(addr)}, ${size(length)})`),
  store: ({ args: [addr, bytes] }) => [...content(bytes), `return store(${address(addr)});`],
  touch: simply(([addr, length, prot]) => `touch(${address(addr)}, ${size(length)}, ${flagsText(number(prot), 'prot')})`),
  pin: simply(([addr, length]) => `pin(${address(addr)}, ${size(length)})`),
  unpin: simply(([addr, length]) => `unpin(${address(addr)}, ${size(length)})`),
  clear_refs: simply(([type]) => `write_text("/proc/self/clear_refs", "${number(type)}")`),

  pidfd_open: opening(({ args: [pid] }) => `pidfd_of(${number(pid)})`),
  pidfd_getfd: opening(({ args: [pidfd, f] }) => `pidfd_getfd_of(${fd(pidfd)}, ${number(f, -1n)})`),
  prctl: simply(([option, value]) => `prctl(${enumText(number(option), 'prctl')}, ${number(value)}, 0, 0, 0)`),

  drop_caches: simply(([n]) => `write_text("/proc/sys/vm/drop_caches", "${number(n, 1n)}")`),
  writeback: simply(([name]) => (name === undefined ? 'sync_all()' : `sync_file(${path(name)})`)),
  reclaim: simply(([, group]) => `reclaim(${path(group)})`),
  ksm_scan: simply(() => 'ksm_scan()'),
  swapoff: simply(() => 'swap_off()'),
  ...processCalls,
  ...ipcCalls,
  ...userfaultCalls,

  ksm_unmerge: simply(() => 'write_text("/sys/kernel/mm/ksm/run", "2")'),
};

/** pwrite at a negative offset is an error of its own; -1 means the position to `write_pages`. */
function negativeOffset(offset: Value | undefined): (line: string) => string {
  return (line) =>
    number(offset) < 0n && line.startsWith('return') ? line.replace(/write_pages\((.*), .*\);/, 'pwrite($1, data, used, -2);') : line;
}

/** Bytes of the buffer `data` that a step needs. */
export function bufferOf({ call, args }: TracedStep): number {
  const contents = args.map((arg) => (arg instanceof Content ? arg.length : 0));
  const read = ['read', 'pread', 'preadv2', 'load'].includes(call) ? 1 : call === 'process_vm_readv' ? 2 : -1;
  const length = read < 0 ? 0 : Number(number(args[read]));
  const mincore = call === 'mincore' ? Math.ceil(Number(number(args[1])) / 4096) : 0;
  return Math.max(0, ...contents, length, mincore);
}
