import type { Options } from '../api';
import { Impossible } from '../state/impossible';
import { baseline } from './baseline';
import type { Design } from './design';
import { find_sharer, join, leave, members, visit_members } from './members';

/**
 * The same folio in several `i_pages` and nothing else changed (Bacik, LWN 2017: "insane"): it still names one mapping and one index, so
 * that truncate, reclaim, writeback and rmap do to the one what was meant for the other. It is here to show that.
 */
export function naive_pages(options: Options): Design {
  const retry = options.i2 === 'retry';
  return {
    ...baseline,
    as_on_disk: true,
    known: ['I1', 'I2', 'I4', 'I5', 'I6', 'stale_read'],

    insert(k, mapping, index, count) {
      const found = find_sharer(k, mapping, index, count, false);
      if (found.pfn === 0) return { mapping, index, count: found.count };
      join(k, mapping, index, found.pfn, found.count);
      k.trace.effect(
        '{frames:0} of {mapping:1} is put into the cache of {mapping:2} as well',
        found.count,
        found.pfn,
        k.page.mapping.get(found.pfn),
        mapping,
      );
      return found;
    },

    found(k, mapping, index, pfn) {
      const owner = k.page.mapping.get(pfn);
      if (owner === mapping) return;
      const names = owner === 0 ? 'no mapping: it looks truncated' : `mapping ${owner}`;
      if (retry)
        throw new Impossible(
          'endless-retry',
          `index ${index} of mapping ${mapping} holds frame ${pfn}, which names ${names}: the lookup is tried again, for ever`,
        );
      k.violate('I2', `index ${index} of mapping ${mapping} holds frame ${pfn}, which names ${names}`);
    },

    removed(k, mapping, index, pfn, count) {
      leave(k, mapping, index, pfn, count, false);
    },

    holds: () => true,

    readers: visit_members,
    members,
  };
}
