import type { CallName } from '../../catalogue/calls';

/**
 * Calls that sleep in the middle where they have to wait for the disk or a lock, and go on there: whatever they do before is kept (`Nap`). Any other finds
 * the disk idle, and does its work in one go.
 */
const SLEEPERS: readonly CallName[] = [
  ...(['read', 'pread', 'preadv2', 'write', 'pwrite', 'pwritev2', 'pread_to', 'pwrite_from', 'copy_file_range'] as const),
  ...(['fsync', 'fdatasync', 'sync_file_range', 'msync', 'writeback', 'posix_fadvise', 'readahead'] as const),
  ...(['ftruncate', 'fallocate', 'ficlone', 'ficlonerange', 'dedupe'] as const),
  ...(['load', 'store', 'touch', 'mmap', 'mlock', 'mlock2', 'mlockall', 'madvise'] as const),
  ...(['pin', 'process_vm_readv', 'process_vm_writev', 'proc_mem_write'] as const),
];

const sleepers: ReadonlySet<string> = new Set(SLEEPERS);

export const is_sleeper = (call: string): boolean => sleepers.has(call);
