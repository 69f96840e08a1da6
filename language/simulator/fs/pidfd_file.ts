import type { Kernel } from '../state/kernel';

/** Whether an open file is a pidfd: it has neither bytes nor pages. */
export const is_pidfd = (k: Kernel, file: number): boolean => k.pidfd.pid.get(k.file.inode.get(file)) !== 0;
