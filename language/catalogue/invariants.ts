export interface Invariant {
  readonly doc: string;
  readonly source: string;
}

const OURS = 'simulator';

/** What is checked after every step, under every design: the names that `violations("…")` asks for. A design lists those that it is known to break. */
export const invariants = {
  I1: { doc: 'A page of the page cache belongs to exactly one mapping.', source: 'Szeredi, LWN 2017' },
  I2: {
    doc: 'A folio that a mapping holds at an index names that mapping and covers that index.',
    source: 'Chinner, linux-mm 2017',
  },
  I3: { doc: 'Map counts and references add up, and no entry maps a freed page.', source: OURS },
  I4: { doc: 'A page that several files share is neither dirty nor under writeback.', source: 'Wilcox, October 2021' },
  I5: { doc: 'Coherence: read() and every MAP_SHARED mapping of a page see the same.', source: OURS },
  I6: { doc: 'Isolation: a write through one inode never changes what another returns.', source: OURS },
  I7: { doc: 'All Pss together is at most what is mapped, in exact fractions; counted at the end of a run.', source: OURS },
  stale_read: {
    doc: 'A read or a load returns the newest write. Several hosts on one storage are known to break it: nothing keeps their caches in step.',
    source: OURS,
  },
  'lockdep cycle': {
    doc: 'No two kinds of locks are taken within each other in both orders: two tasks could wait for each other for ever. Told once a run.',
    source: 'Gunthorpe, LWN 2024; kernel/locking/lockdep.c',
  },
  dirty_dropped: {
    doc: 'A dirty page leaves the cache only by writeback, truncate, or invalidation after writeback.',
    source: OURS,
  },
} as const satisfies Record<string, Invariant>;

export type InvariantName = keyof typeof invariants;
