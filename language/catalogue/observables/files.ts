import type { Observable } from '../types';

export const fileObservables = {
  size: { unit: 'bytes', doc: 'Size of the file.', source: 'man 2 stat' },
  cached: { unit: 'bytes', doc: 'Pages of it in the page cache.', source: 'man 2 cachestat' },
  dirty: { unit: 'bytes', doc: 'Dirty pages of it.', source: 'man 2 cachestat' },
  writeback: { unit: 'bytes', doc: 'Pages of it under writeback.', source: 'man 2 cachestat' },
  evicted: { unit: 'bytes', doc: 'Pages of it that were evicted.', source: 'man 2 cachestat' },
  extents: { unit: 'count', doc: 'Extents on disk.', source: 'man 8 filefrag; FIEMAP' },
  shared_extents: {
    unit: 'count',
    doc: 'Extents that others share (FIEMAP_EXTENT_SHARED).',
    source: 'Documentation/filesystems/fiemap.rst',
  },
  blocks: { unit: 'bytes', doc: 'Space on disk (st_blocks, as bytes).', source: 'man 2 stat' },
  nlink: { unit: 'count', doc: 'Names of the inode.', source: 'man 2 stat' },
  ino: { unit: 'count', doc: 'Inode number.', source: 'man 2 stat' },
  mode: { unit: 'count', doc: 'Permissions.', source: 'man 7 inode' },
  uid: { unit: 'count', doc: 'Owner.', source: 'man 7 inode' },
  content: { unit: 'content', doc: 'What a read would return; reading it here brings nothing into the cache.', source: 'man 2 read' },
  mm: {
    unit: 'object',
    of: 'mm',
    doc: 'For a file on msharefs: the host of its region; NULL while it has none, and for any other file.',
    source: 'Aziz, LWN 2024',
  },
  page: {
    unit: 'object',
    of: 'page',
    index: 'a page number in the file',
    doc: 'The cached page; NULL where none is cached.',
    source: 'mm/filemap.c filemap_get_folio()',
  },
} as const satisfies Record<string, Observable>;

export const pageObservables = {
  pfn: { unit: 'count', doc: 'Frame number.', source: 'Documentation/admin-guide/mm/pagemap.rst' },
  refcount: { unit: 'count', doc: 'References: page cache, PTEs, private data, pins (1024 each), temporary.', source: 'folio_ref_count()' },
  mapcount: {
    unit: 'count',
    doc: 'Page-table entries that map it; an entry in a shared table counts once.',
    source: '/proc/kpagecount; folio_mapcount()',
  },
  pincount: { unit: 'count', doc: 'Long-term pins.', source: 'Documentation/core-api/pin_user_pages.rst' },
  order: { unit: 'count', doc: 'Its folio has 2^order pages.', source: 'folio_order()' },
  index: { unit: 'count', doc: 'Page number in the mapping that owns it.', source: 'include/linux/mm_types.h struct folio' },
  flags: {
    unit: 'object',
    of: 'flags',
    doc: 'Page flags: `.flags.dirty` and so on.',
    source: '/proc/kpageflags; include/linux/page-flags.h',
  },
  mappings: {
    unit: 'object',
    of: 'mapping',
    doc: 'Each mapping and index that holds it; compare with a number for how many.',
    source: 'simulator',
  },
  content: { unit: 'content', doc: 'Its 4096 bytes.', source: 'simulator' },
  charged_to: {
    unit: 'path',
    doc: 'The memory control group that pays for it; "/" is the root group.',
    source: '/proc/kpagecgroup; mm/memcontrol.c',
  },
} as const satisfies Record<string, Observable>;

export const mappingObservables = {
  path: { unit: 'path', doc: 'The file.', source: 'include/linux/fs.h struct address_space' },
  index: { unit: 'count', doc: 'Page number in it.', source: 'include/linux/fs.h struct address_space' },
} as const satisfies Record<string, Observable>;

const flag = (doc: string) => ({ unit: 'boolean', doc, source: 'include/linux/page-flags.h; /proc/kpageflags' }) as const;

export const flagObservables = {
  locked: flag('Somebody works on it.'),
  writeback: flag('It is being written to disk.'),
  referenced: flag('Used once since it was last looked at.'),
  uptodate: flag('Its content is valid.'),
  dirty: flag('Its content is newer than the disk.'),
  lru: flag('It stands on an LRU list.'),
  head: flag('First page of a large folio.'),
  waiters: flag('Somebody waits for it.'),
  active: flag('It stands on an active list.'),
  workingset: flag('It was active when it was evicted.'),
  swapcache: flag('It is in the swap cache (owner_priv_1).'),
  checked: flag('Used by the filesystem (owner_priv_1).'),
  anon_exclusive: flag('An anonymous page that only one process maps and may write in place (owner_2).'),
  mappedtodisk: flag('It has blocks on disk (owner_2).'),
  arch_1: flag('For the architecture.'),
  reserved: flag('Not for use.'),
  private: flag('The filesystem keeps data with it; one more reference.'),
  private_2: flag('Further data of the filesystem.'),
  reclaim: flag('To be reclaimed once written.'),
  readahead: flag('Reaching it starts the next readahead (the same bit as reclaim).'),
  swapbacked: flag('Backed by swap: anonymous and shmem.'),
  unevictable: flag('Not to be reclaimed.'),
  dropbehind: flag('To be dropped after use (RWF_DONTCACHE).'),
  mlocked: flag('Locked by mlock.'),
  hwpoison: flag('Broken memory.'),
  young: flag('Accessed since the idle bit was set.'),
  idle: flag('Not accessed since it was set.'),
  anon: flag('Anonymous (from mapping, not a bit).'),
  ksm: flag('Merged by KSM (from mapping, not a bit).'),
  mmap: flag('Mapped by a page table.'),
  huge: flag('Of hugetlb.'),
  thp: flag('Of a transparent huge page.'),
  zero_page: flag('The zero page.'),
} as const satisfies Record<string, Observable>;

export const diskObservables = {
  reads: { unit: 'bytes', doc: 'Read from disks, data only.', source: 'simulator' },
  writes: { unit: 'bytes', doc: 'Written to disks, data only.', source: 'simulator' },
  used: { unit: 'bytes', doc: 'Allocated blocks, shared ones once.', source: 'man 2 statfs' },
  checksums: { unit: 'count', doc: 'Blocks whose checksum was verified.', source: 'simulator' },
  decompressed: { unit: 'bytes', doc: 'Bytes that came out of decompression.', source: 'simulator' },
} as const satisfies Record<string, Observable>;
