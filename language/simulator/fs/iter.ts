import type { Outcome } from '../api';
import type { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { filesystem_of } from './filesystem';
import { bytes_written, changing, check_read, wrote } from './newest';

/** `vfs_iter_read()`: `->read_iter()` of an open file; what it returns is held against the newest write. */
export function vfs_iter_read(k: Kernel, file: number, position: number, length: number): Content | Outcome {
  const inode = k.file.inode.get(file);
  const content = filesystem_of(k, inode).f_op.read_iter(k, file, position, length);
  if (!('kind' in content)) check_read(k, inode, position, content, 'a read');
  return content;
}

/** `vfs_iter_write()`: `->write_iter()` of an open file; what it has written is the newest content from now on. */
export function vfs_iter_write(k: Kernel, file: number, position: number, content: Content): Outcome {
  const inode = k.file.inode.get(file);
  const outcome = changing(k, inode, () => filesystem_of(k, inode).f_op.write_iter(k, file, position, content));
  const written = bytes_written(outcome);
  if (written > 0) wrote(k, inode, position, content.slice(0, written));
  return outcome;
}
