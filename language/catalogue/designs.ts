import type { DesignEntry, OptionEntry } from './types';

const reshare = {
  kind: 'word',
  values: ['never', 'on_dedupe'],
  default: 'never',
  doc: 'Whether pages are shared again after sharing was broken: never, or when a dedupe makes the extents shared again.',
  source: 'Bottomley, LWN 2017 (shared, unshared, shared again)',
  choice: true,
} as const satisfies OptionEntry;

/** The built-in sharing designs and the choices that were argued about in each. */
const builtIn = {
  baseline: {
    title: "Today's kernel",
    doc: 'One page in one mapping: every inode has a page cache of its own, also where files share blocks.',
    saves: 'Nothing: K files that share P pages on disk take K·P frames, and are read, checksummed and decompressed K times.',
    against: 'At best the result is wasted memory (Szeredi, 2017).',
    source: 'Linux 6.18',
    options: {},
  },
  naive_pages: {
    title: 'One page in several mappings',
    doc: "The same folio is inserted into several inodes' mappings and nothing else is changed. Tried and given up: mapping and index still name one owner, so truncate, reclaim and writeback go wrong. It is here to show that.",
    saves: '(K−1)·P frames, until something goes wrong.',
    against:
      'A huge number of places would need to be audited: "insane" (Bacik, 2017); per-page sharing was widely agreed to be. `audit_sites` counts them.',
    source: 'Bacik, LWN 2017 ("insane")',
    options: {
      i2: {
        kind: 'word',
        values: ['report', 'retry'],
        default: 'report',
        doc: 'A lookup that finds a folio of another mapping: report it and go on with the folio, or retry as the kernel does, for ever.',
        source: 'simulator',
        choice: true,
      },
    },
  },
  master_inode: {
    title: 'A master owns the pages, others link to it',
    doc: 'One master inode per filesystem owns the folios; linked inodes refer to them until they write.',
    saves: '(K−1)·P frames and page reads for K linked files; a write costs the pages that it writes.',
    against:
      'Inodes may be on different filesystems: where would the master live (Viro)? Across filesystems it is "even more bonkers" (Bacik). A block at two offsets has two pages.',
    source: 'Wilcox, LWN 2017; linux-mm, January 2019',
    options: {
      master_home: {
        kind: 'word',
        values: ['same_fs_only', 'pseudo_sb'],
        default: 'same_fs_only',
        doc: 'Where the master lives: on the filesystem of its files (others get EXDEV), or on a superblock of the kernel.',
        source: 'Viro and Bacik, LWN 2017',
        choice: true,
      },
      links: {
        kind: 'word',
        values: ['folio', 'pfn_entries'],
        default: 'folio',
        doc: "What a linked inode's own i_pages holds: nothing, its lookups go to the master's folios; or the frame numbers of those that were looked up, until a write puts a page there. A number is no reference: what leaves the master's cache is cleared in every linked inode.",
        source: 'Wilcox, linux-mm, January 2019 (Message-ID 20190123191046.GA15311@bombadil.infradead.org)',
        choice: true,
      },
      reshare,
    },
  },
  whole_file: {
    title: 'Inodes share one mapping, all or nothing',
    doc: 'Inodes with equal content share a whole page cache until one is written; then sharing ends for the whole file.',
    saves: '(K−1)·P frames while nobody writes, with no page in two mappings and nothing to be audited.',
    against:
      'One byte written costs the whole file; mappings would still point to the shared pages (Szeredi). No subset can be shared (Viro). It loses flexibility (Bacik); users would not ask for it (Bottomley).',
    source: 'Bottomley, Viro, Kara, LWN 2017',
    options: {
      'share.optin': {
        kind: 'word',
        values: ['auto', 'explicit'],
        default: 'auto',
        doc: 'Sharing by itself where contents are equal, or only when share(fd) asks for it.',
        source: 'Kara, LWN 2017',
        choice: true,
      },
      'break.when': {
        kind: 'word',
        values: ['first_write', 'open_for_write', 'first_dirty_fault'],
        default: 'first_write',
        doc: 'What ends sharing: the first write(2), truncate, fallocate or writable shared mapping; opening for writing; or the first fault that dirties a page.',
        source: 'Kara, LWN 2017',
        choice: true,
      },
      'break.how': {
        kind: 'word',
        values: ['copy_all', 'steal_take', 'drop_and_refetch'],
        default: 'copy_all',
        doc: 'What the writer gets: copies of all pages (to steal a copy); the pages themselves, the others refetch; or nothing, it refetches.',
        source: 'Viro ("steal"), LWN 2017',
        choice: true,
      },
      'break.ptes': {
        kind: 'word',
        values: ['zap', 'leave'],
        default: 'zap',
        doc: "Whether a break removes page-table entries to the old pages. Left, they show another inode's data: Szeredi's objection.",
        source: 'Szeredi, LWN 2017',
        choice: true,
      },
      reshare,
    },
  },
  reflink_pages: {
    title: 'The filesystem shares pages of inodes that share extents',
    doc: 'A read of a shared extent returns the page that is already cached for that block; a write unshares that page for that inode.',
    saves:
      '(K−1)·P frames and page reads for extents known to be shared; a write costs the pages that it writes. An overlay that copies up by reflink shares upwards.',
    against:
      'A page has one mapping and one index: the same block at another offset is cached again, and I1 is broken. It does not repair an old descriptor of an overlay (Chinner).',
    source: 'Chinner, May 2016; linux-mm, August 2017',
    options: {
      'overlay.share': {
        kind: 'word',
        values: ['none', 'up', 'down'],
        default: 'none',
        doc: "How an overlay takes part: not, by reflink copy-up (Chinner), or by sharing the lower's pages until copy-up (Szeredi).",
        source: 'Szeredi and Chinner, May 2016',
        choice: true,
      },
      reshare,
    },
  },
  extent_cache: {
    title: "A cache by device address beneath the file's own",
    doc: 'A further mapping holds pages by device or logical address; reads of extents are served from it, writes go to the file and end sharing of the blocks written.',
    saves: '(K−1)·P frames, page reads, checksums and decompression, at whatever offsets.',
    against:
      'A translation for each miss. Direct reads have to reach the device, and other machines have to be told of writes (Wilcox, Rodrigues). Key it by logical address, without a mount option (Bacik). What it holds of freed blocks must go.',
    source: 'Rodrigues, RFC October 2021; LWN 2022',
    options: {
      key: {
        kind: 'word',
        values: ['device', 'logical'],
        default: 'device',
        doc: "The key of a page: (device, block), or the filesystem's logical address (Bacik, for btrfs).",
        source: 'Rodrigues, Bacik, LWN 2022',
        choice: true,
      },
      reads: {
        kind: 'word',
        values: ['all', 'shared_only'],
        default: 'all',
        doc: 'Which reads go through it: all (a snapshot may come at any time), or only those of extents that are shared.',
        source: 'Bacik, LWN 2022',
        choice: true,
      },
      flush: {
        kind: 'word',
        values: ['never', 'last_close', 'inode_evict'],
        default: 'never',
        doc: 'When its pages go by themselves: never (reclaim only), at the last close, or when the last sharing inode is evicted.',
        source: 'Bacik, LWN 2022',
        choice: true,
      },
      enable: {
        kind: 'word',
        values: ['always', 'mount_option'],
        default: 'always',
        doc: 'On for every filesystem, or only where the mount says `sharedext = true`.',
        source: 'Rodrigues, RFC October 2021; LWN 2022',
        choice: true,
      },
      dio_from_X: {
        kind: 'boolean',
        default: 'false',
        doc: 'Whether direct reads may be served from it. They may not: another node may have written. True shows the stale read.',
        source: 'Wilcox, LWN 2022',
        choice: true,
      },
      after_writeback: {
        kind: 'word',
        values: ['keep_private', 'drop', 'move'],
        default: 'keep_private',
        doc: "What becomes of a file's own page once it is written back: it stays, is dropped, or moves to the shared cache.",
        source: 'simulator',
        choice: true,
      },
      invalidate_on_reuse: {
        kind: 'boolean',
        default: 'true',
        doc: 'Whether freeing an extent drops its pages before the blocks are used again. False shows the stale read.',
        source: 'simulator',
        choice: true,
      },
      cluster: {
        kind: 'word',
        values: ['messages', 'none'],
        default: 'messages',
        doc: 'Several hosts on one device: a host that changes a block tells the others to drop it, at once and in order; or nobody tells them.',
        source: 'Rodrigues, LWN 2022 (cluster invalidation)',
        choice: true,
      },
      reshare,
    },
  },
  shared_folio: {
    title: 'A folio for each inode, one frame, one shared folio on the LRU',
    doc: 'Each inode has its own folio with its own mapping and index; a shared folio lists them, points to the frame and stands on the LRU.',
    saves: '(K−1)·P frames for K·P further descriptors of 64 bytes; no place to be audited, as each folio names its own inode.',
    against:
      'All filesystems have to use folios first: three to five years (Wilcox). Many references may make a page unattractive to reclaim (Bacik). It is harder if each filesystem has to walk the list (Weiner).',
    source: 'Wilcox, Bacik, Overstreet, Weiner, LWN 2022',
    options: {
      walk: {
        kind: 'word',
        values: ['mm', 'filesystem'],
        default: 'mm',
        doc: 'Who walks the list at reclaim: memory management, or each filesystem.',
        source: 'Weiner, Wilcox, LWN 2022',
        choice: true,
      },
      lru: {
        kind: 'word',
        values: ['shared_folio', 'each_folio'],
        default: 'shared_folio',
        doc: 'What stands on the LRU.',
        source: 'Overstreet, LWN 2022',
        choice: true,
      },
      activate: {
        kind: 'word',
        values: ['sum', 'max'],
        default: 'sum',
        doc: 'How the referenced counts of the members add up when reclaim decides to activate.',
        source: 'Bacik, LWN 2022',
        choice: true,
      },
      reshare,
    },
  },
  inode_share: {
    title: 'EROFS page-cache sharing',
    doc: 'Files of erofs images with equal fingerprint in one domain share the cache of an anonymous inode.',
    saves: '(K−1)·P frames and page reads for equal files of the images of one domain.',
    against:
      'Images are never written, so nothing is ever broken; elsewhere it would be the master inode on a superblock of the kernel. No direct I/O.',
    source: 'fs/erofs/ishare.c (Linux 7.0)',
    options: {},
  },
} as const satisfies Record<string, DesignEntry>;

export type BuiltInDesign = keyof typeof builtIn;

/** Every design by its name; `registerDesign()` adds to them. `design NAME = BASE { option = value }` makes a variant. */
export const designs: Readonly<Record<BuiltInDesign, DesignEntry> & Record<string, DesignEntry>> = { ...builtIn };
