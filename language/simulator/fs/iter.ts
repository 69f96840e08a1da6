import type { Outcome } from '../api';
import { Sleep } from '../mm/folio_wait';
import { Content } from '../state/content';
import type { Kernel } from '../state/kernel';
import { filesystem_of } from './filesystem';
import { bytes_written, changing, check_read, wrote } from './newest';

/**
 * `vfs_iter_read()`: `->read_iter()` of an open file; what it returns is held against the newest write. Of a read that sleeps each part is, when it was read.
 */
export function vfs_iter_read(k: Kernel, file: number, position: number, length: number): Content | Outcome {
  const inode = k.file.inode.get(file);
  const kept = k.nap === undefined ? 0 : Content.join(k.nap.parts).length;
  const check = (content: Content): void => {
    check_read(k, inode, position + kept, kept === 0 ? content : content.slice(kept, content.length), 'a read');
  };
  try {
    const content = filesystem_of(k, inode).f_op.read_iter(k, file, position, length);
    if (!('kind' in content)) check(content);
    return content;
  } catch (problem) {
    if (problem instanceof Sleep) check(Content.join(k.nap?.parts ?? []));
    throw problem;
  }
}

/** `vfs_iter_write()`: `->write_iter()` of an open file; what it has written is the newest content from now on. */
export function vfs_iter_write(k: Kernel, file: number, position: number, content: Content): Outcome {
  const inode = k.file.inode.get(file);
  const outcome = changing(k, inode, () => filesystem_of(k, inode).f_op.write_iter(k, file, position, content));
  const written = bytes_written(outcome);
  if (written > 0) wrote(k, inode, position, content.slice(0, written));
  return outcome;
}
