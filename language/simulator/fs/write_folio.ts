import { in_one_go } from '../kernel/sleep';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';
import { filemap_add_folio, filemap_get_entry } from '../mm/filemap';
import { MAX_PAGECACHE_ORDER } from '../mm/folio';
import { folio_alloc } from '../mm/folio_alloc';
import { bmap } from './extents';
import { filesystem_of } from './filesystem';
import { active_memcg } from '../mm/memcontrol';

/**
 * `__filemap_get_folio(FGP_WRITEBEGIN | fgf_set_order())`: a write of `bytes` bytes begins at page `index`, and nothing is cached there. Where the
 * filesystem has large folios it gets one, as large as the write, the alignment of the index, the extent, what is cached behind it and free memory permit.
 * Gives how many pages can be written before that is to be asked again.
 */
export function alloc_write_folio(k: Kernel, inode: number, index: number, bytes: number): number {
  if (!k.options.largeFolios || filesystem_of(k, inode).a_ops.large_folios !== true || bytes < 2 * PAGE_SIZE) return Infinity;
  in_one_go(k, () => k.design.own(k, k.inode.mapping.get(inode), index, Math.floor(bytes / PAGE_SIZE), false));
  const mapping = k.inode.mapping.get(inode);
  const free = filemap_get_entry(k, mapping, index, 2 ** MAX_PAGECACHE_ORDER);
  if (free.pfn !== 0) return free.count;
  const extent = bmap(k, inode, index, 2 ** MAX_PAGECACHE_ORDER).count;
  const most = Math.min(MAX_PAGECACHE_ORDER, log2(Math.floor(bytes / PAGE_SIZE)), log2(free.count), log2(extent));
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
