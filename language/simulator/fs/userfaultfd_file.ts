import type { Kernel } from '../state/kernel';
import { is_pipe } from './pipe';

/** Whether an open file is a userfaultfd. */
export const is_userfaultfd = (k: Kernel, file: number): boolean => k.userfaultfd.mm.get(k.file.inode.get(file)) !== 0;

/** A pipe or a userfaultfd: what is read of it comes one after the other, and it has neither positions nor pages to map. */
export const is_stream = (k: Kernel, file: number): boolean => is_pipe(k, file) || is_userfaultfd(k, file);
