import type { Outcome } from '../api';
import { fail, ok } from '../calls';
import type { Kernel } from '../state/kernel';
import { refer } from '../state/shift';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { settle_disk_size } from './disk_size';
import { extents_end, free_extents, mapped } from './extents';
import { filesystem_of } from './filesystem';
import { flush_unmap_range } from './remap_range';

/**
 * FALLOC_FL_COLLAPSE_RANGE and FALLOC_FL_INSERT_RANGE: blocks behind the range change their place in the file, not on disk. What is cached from
 * the range on is written back and dropped. On xfs that begins one block earlier, which may be merged with what moves (`xfs_prepare_shift()`), and the file gets its
 * new size as by ftruncate(2) (`xfs_falloc_setsize()`): before the blocks make room, or after they have moved.
 */
export function shift_extents(k: Kernel, inode: number, insert: boolean, offset: number, len: number, xfs = false): Outcome {
  const { setattr_size } = filesystem_of(k, inode).i_op;
  const size = k.inode.size.get(inode);
  if (offset % PAGE_SIZE !== 0 || len % PAGE_SIZE !== 0) return fail('EINVAL', 'offset and length have to be whole blocks');
  if (insert ? offset >= size : offset + len >= size)
    return fail(
      'EINVAL',
      insert ? `the file ends at ${size}: ftruncate makes it longer` : `the file ends at ${size}: ftruncate cuts its end off`,
    );
  const first = offset / PAGE_SIZE;
  const count = len / PAGE_SIZE;
  const from = Math.max(0, first - (xfs ? 1 : 0));
  if (xfs && insert) setattr_size(k, inode, size + len);
  flush_unmap_range(k, 'filemap_invalidate_inode', inode, from, pagesOf(size) - from);
  k.in(insert ? 'insert_range' : 'collapse_range', 1, () => {
    if (!insert) free_extents(k, inode, first, count);
    move_blocks(k, inode, insert ? first : first + count, insert ? count : -count);
    if (xfs) return;
    k.inode.size.set(inode, insert ? size + len : size - len);
    settle_disk_size(k, inode);
    k.trace.effect('{file:0} is now {1} bytes long', 1, inode, insert ? size + len : size - len);
  });
  if (xfs && !insert) setattr_size(k, inode, size - len);
  return ok();
}

/** Every block from file index `from` on moves by `by` indexes. */
function move_blocks(k: Kernel, inode: number, from: number, by: number): void {
  const { blocks, unwritten } = k.extents.of(inode);
  const end = extents_end(k, inode);
  const runs = mapped(k, inode, from, end - from);
  const start = Math.min(from, from + by);
  blocks.fill(start, Math.max(end, end + by) - start, 0);
  unwritten.fill(start, Math.max(end, end + by) - start, 0);
  for (const { index, block, count, unwritten: fresh } of runs) {
    blocks.fill(index + by, count, refer(index + by, block));
    unwritten.fill(index + by, count, fresh ? 1 : 0);
  }
}
