import { fail, ok, type Calls } from '../calls';
import { invalidate_mapping_pages } from '../mm/truncate';
import { mapping_end } from '../mm/workingset';

export const calls = {
  drop_caches(k, _task, n = 1) {
    if (n < 1 || n > 3) return fail('EINVAL', `${n}: drop_caches takes 1 (page cache), 2 (slab) or 3 (both)`);
    if (n === 2) {
      k.trace.effect('slab caches are not modelled: nothing to drop', 1);
      return ok();
    }
    k.in('drop_pagecache_sb', 1, () => {
      for (let mapping = 1; mapping <= k.mappings.count; mapping++) {
        const end = mapping_end(k, mapping);
        if (end > 0) invalidate_mapping_pages(k, mapping, 0, end);
      }
    });
    return ok();
  },
} satisfies Calls;
