import { in_one_go } from '../kernel/sleep';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';
import { filemap_add_folio, filemap_get_entry } from '../mm/filemap';
import { MAX_PAGECACHE_ORDER } from '../mm/folio';
import { folio_alloc } from '../mm/folio_alloc';
import { filesystem_of, writeback_ops } from './filesystem';
import { active_memcg } from '../mm/memcontrol';

/**
 * `__filemap_get_folio(FGP_WRITEBEGIN | fgf_set_order())`: a write of `bytes` bytes begins at byte `offset` of page `index`, and nothing is cached there. Where the
 * filesystem has large folios it gets one, as large as the write, the alignment of the index, the extent, what is cached behind it and free memory permit.
 * Gives how many pages can be written before that is to be asked again.
 */
export function alloc_write_folio(k: Kernel, inode: number, index: number, offset: number, bytes: number): number {
  const { large_folios } = filesystem_of(k, inode).a_ops;
  if (!k.options.largeFolios || large_folios === undefined || bytes < 2 * PAGE_SIZE) return Infinity;
  in_one_go(k, () => k.design.own(k, k.inode.mapping.get(inode), index, Math.floor(bytes / PAGE_SIZE), false));
  const mapping = k.inode.mapping.get(inode);
  const free = filemap_get_entry(k, mapping, index, 2 ** MAX_PAGECACHE_ORDER);
  if (free.pfn !== 0) return free.count;
  const room = 2 ** MAX_PAGECACHE_ORDER;
  const length =
    large_folios === 'anywhere'
      ? bytes
      : Math.min(bytes, writeback_ops(k, inode).needs_block(k, inode, index, room).count * PAGE_SIZE - offset);
  const most = Math.min(MAX_PAGECACHE_ORDER, Math.max(0, log2(length / PAGE_SIZE)), log2(free.count));
  for (let order = Math.min(most, trailing_zeros(index)); order > 0; order--) {
    const { pfn, count } = folio_alloc(k, order, 1, active_memcg(k));
    if (count === 0) continue;
    filemap_add_folio(k, mapping, index, pfn, 2 ** order, true);
    return 2 ** order;
  }
  return 1;
}

const log2 = (n: number): number => Math.floor(Math.log2(n));

/** How often 2 divides `n`; for 0 as often as any. */
function trailing_zeros(n: number): number {
  let zeros = 0;
  while (zeros < MAX_PAGECACHE_ORDER && n % 2 ** (zeros + 1) === 0) zeros++;
  return zeros;
}
