import fc from 'fast-check';
import { test } from 'vitest';
import { operations } from './operations';
import { Pair } from './pair';
import { runs } from './runs';

/** Options that change where pages are cached and nothing that anybody reads. */
test.each([
  ['extent_cache', { flush: 'last_close' }],
  ['extent_cache', { flush: 'inode_evict' }],
  ['extent_cache', { enable: 'mount_option' }],
  ['extent_cache', { dio_from_X: true }],
  ['extent_cache', { key: 'logical' }],
  ['extent_cache', { reshare: 'on_dedupe' }],
  ['extent_cache', { cluster: 'none' }],
  ['master_inode', { links: 'pfn_entries' }],
  ['master_inode', { links: 'pfn_entries', master_home: 'pseudo_sb', reshare: 'on_dedupe' }],
  ['shared_folio', { lru: 'each_folio' }],
  ['shared_folio', { walk: 'filesystem', activate: 'max' }],
  ['shared_folio', { reshare: 'on_dedupe' }],
  ['reflink_pages', { reshare: 'on_dedupe' }],
] as const)('%s with %o agrees with the reference model', (design, options) => {
  fc.assert(
    fc.property(operations({ minLength: 1, maxLength: 60 }), (steps) => {
      const pair = new Pair(design, 4n << 20n, options);
      for (const op of steps) pair.do(op);
      pair.compare();
    }),
    { numRuns: runs(150) },
  );
});
