import type { Kernel } from '../state/kernel';
import { is_io_uring } from './anon_inodes';
import { is_pipe } from './pipe';

/** Whether an open file is a userfaultfd. */
export const is_userfaultfd = (k: Kernel, file: number): boolean => k.userfaultfd.mm.get(k.file.inode.get(file)) !== 0;

/** A pipe, a userfaultfd or a ring: what is read of it (a ring: nothing) comes one after the other, and it has no positions. */
export const is_stream = (k: Kernel, file: number): boolean => is_pipe(k, file) || is_userfaultfd(k, file) || is_io_uring(k, file);
