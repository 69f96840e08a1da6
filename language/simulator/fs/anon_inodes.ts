import type { Kernel } from '../state/kernel';

/** Whether an open file is a pidfd. */
export const is_pidfd = (k: Kernel, file: number): boolean => k.pidfd.pid.get(k.file.inode.get(file)) !== 0;

/** Whether an open file is an io_uring. */
export const is_io_uring = (k: Kernel, file: number): boolean => k.ring.entries.get(k.file.inode.get(file)) !== 0;

/** Whether an open file has nothing that read(2) and write(2) could move. */
export const has_no_bytes = (k: Kernel, file: number): boolean => is_pidfd(k, file) || is_io_uring(k, file);
