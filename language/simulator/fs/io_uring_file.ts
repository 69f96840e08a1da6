import type { Kernel } from '../state/kernel';

/** Whether an open file is an io_uring. */
export const is_io_uring = (k: Kernel, file: number): boolean => k.ring.entries.get(k.file.inode.get(file)) !== 0;
