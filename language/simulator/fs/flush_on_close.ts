import type { Kernel } from '../state/kernel';
import { writeback_ops } from './filesystem';
import { filemap_fdatawrite_range } from './writeback';

/**
 * What makes a file that was cut reach the disk early. Who replaces a file's content by cutting and writing it anew loses both in a crash that comes
 * before the new content was written: so the next close writes it.
 */
export function mark_flush_on_close(k: Kernel, inode: number): void {
  k.mapping.flush_on_close.set(k.inode.mapping.get(inode), 1);
}

/** XFS writes pages of the file: the next close has nothing to make up for. */
export function clear_flush_on_close(k: Kernel, inode: number): void {
  k.mapping.flush_on_close.set(k.inode.mapping.get(inode), 0);
}

/** `filemap_flush()` at the close of a file that was cut; `delayed`: only if any of its dirty pages has no block yet. */
export function flush_on_close(k: Kernel, inode: number, delayed: boolean): void {
  const mapping = k.inode.mapping.get(inode);
  if (k.mapping.flush_on_close.get(mapping) === 0) return;
  k.mapping.flush_on_close.set(mapping, 0);
  if (delayed && !has_delayed_blocks(k, inode)) return;
  k.trace.effect('{file:0} was cut since it was last written: what is dirty is written now', 1, inode);
  filemap_flush(k, inode);
}

/** `filemap_flush()`: begins to write all that is dirty of a file. */
export function filemap_flush(k: Kernel, inode: number): void {
  filemap_fdatawrite_range(k, inode, 0, 2 ** 52, false);
}

/** Whether blocks are reserved for dirty pages (`i_delayed_blks`, `i_reserved_data_blocks`). */
export function has_delayed_blocks(k: Kernel, inode: number): boolean {
  const { needs_block } = writeback_ops(k, inode);
  let found = false;
  k.space.of(k.inode.mapping.get(inode)).dirty.runs(0, 2 ** 52, (start, length, dirty) => {
    for (let at = start; dirty !== 0 && !found && at < start + length;) {
      const { needed, count } = needs_block(k, inode, at, start + length - at);
      found = needed;
      at += count;
    }
    return found;
  });
  return found;
}
