import { filemap_add_folio, filemap_get_entry } from '../mm/filemap';
import { alloc_pages } from '../mm/page_alloc';
import { PG, set } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { device_of } from './extents';
import { copy_from_device } from './read_folio';
import { active_memcg } from '../mm/memcontrol';

/**
 * What else comes out of a compressed cluster: what is not cached of `count` pages from `index` comes into the cache with the content of the
 * blocks from `block`. `name`: the kernel function that does this.
 */
export function cache_pages(k: Kernel, name: string, mapping: number, index: number, block: number, count: number): void {
  k.in(name, count, () => {
    for (let at = index; at < index + count;) {
      const cached = filemap_get_entry(k, mapping, at, index + count - at);
      if (cached.pfn !== 0) {
        at += cached.count;
        continue;
      }
      const { pfn, count: n } = alloc_pages(k, cached.count, active_memcg(k));
      filemap_add_folio(k, mapping, at, pfn, n);
      copy_from_device(k, device_of(k, k.mapping.host.get(mapping)), block + at - index, pfn, n);
      k.page.flags.update(pfn, n, (flags) => set(flags, PG.uptodate));
      at += n;
    }
  });
}
