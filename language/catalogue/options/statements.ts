import type { OptionEntry } from '../types';

const owner = {
  mode: { kind: 'mode', default: '0755', doc: 'Permissions, as 0755 (files: 0644).', source: 'man 7 inode' },
  uid: { kind: 'integer', default: '0', doc: 'The owner.', source: 'man 7 inode' },
} as const satisfies Record<string, OptionEntry>;

export const machineOptions = {
  memory: {
    kind: 'size',
    default: '64M',
    doc: 'Physical memory: frames for data pages and page tables.',
    source: 'simulator',
    choice: true,
  },
  swap: {
    kind: 'size',
    default: '0',
    doc: 'Swap space, in slots of a page. What is read from it and written to it counts as disk I/O; pages of zeros need none.',
    source: 'mm/swapfile.c',
    choice: true,
  },
  swappiness: {
    kind: 'count',
    default: '60',
    doc: 'How gladly anonymous memory is reclaimed before files (vm.swappiness): 0 (files only) to 200.',
    source: 'mm/vmscan.c get_scan_count()',
  },
  page_cluster: {
    kind: 'count',
    default: '0',
    doc: 'A page that is read from swap by way of the swap cache brings up to 2 to the power of this many with it (vm.page-cluster). Kernel default: 3.',
    source: 'mm/swap_state.c swap_vma_readahead()',
    choice: true,
  },
  swap_synchronous: {
    kind: 'boolean',
    default: 'true',
    doc: 'Whether the swap device answers at once, as zram does (SWP_SYNCHRONOUS_IO): what a single entry names is then read past the swap cache.',
    source: 'mm/memory.c do_swap_page()',
    choice: true,
  },
  host_cache: {
    kind: 'size',
    default: '0',
    doc: 'Page cache of the rest of the host, which nothing touches: a page that comes back from swap is active if it went within as many evictions as there are pages that would be reclaimed before it.',
    source: 'mm/workingset.c workingset_test_recent()',
    choice: true,
  },
  readahead: {
    kind: 'size',
    default: '0',
    doc: 'Largest readahead window (read_ahead_kb); 0 turns it off. Kernel default: 128K, on loop devices 2560K.',
    source: 'mm/readahead.c',
    choice: true,
  },
  fault_around: {
    kind: 'size',
    default: '1 page',
    doc: 'How much a read fault maps around it (fault_around_bytes); 1 page turns it off. Kernel default: 16 pages.',
    source: 'mm/memory.c do_fault_around()',
    choice: true,
  },
  zero_page: {
    kind: 'boolean',
    default: 'true',
    doc: 'Whether reading anonymous memory maps the shared page of zeros. Where the kernel forbids it (s390 with storage keys, some virtual machines) each page read is a page of its own; a huge page that is split still gets it for its pages of zeros, as measured.',
    source: 'mm_forbids_zeropage()',
  },
  soft_dirty: {
    kind: 'boolean',
    default: 'true',
    doc: 'Whether the kernel is built with CONFIG_MEM_SOFT_DIRTY. Without, clear_refs(4) does nothing, and no entry is soft-dirty.',
    source: 'fs/proc/task_mmu.c clear_soft_dirty()',
  },
  thp: {
    kind: 'word',
    values: ['never', 'madvise', 'always'],
    default: 'never',
    doc: 'Transparent huge pages for anonymous memory (/sys/kernel/mm/transparent_hugepage/enabled).',
    source: 'Documentation/admin-guide/mm/transhuge.rst',
    choice: true,
  },
  shmem_thp: {
    kind: 'word',
    values: ['never', 'advise', 'within_size', 'always'],
    default: 'never',
    doc: 'Transparent huge pages for shmem (shmem_enabled).',
    source: 'Documentation/admin-guide/mm/transhuge.rst',
  },
  large_folios: {
    kind: 'boolean',
    default: 'false',
    doc: 'Whether writes and readahead make folios of more than one page in the page cache of xfs, ext4 and erofs. Those of a write end with its extent.',
    source: 'mm/filemap.c, mm/readahead.c page_cache_ra_order()',
    choice: true,
  },
  hugetlb: {
    kind: 'size',
    default: '0',
    doc: 'Memory set aside for 2 MiB hugetlb pages (nr_hugepages).',
    source: 'Documentation/admin-guide/mm/hugetlbpage.rst',
  },
  'ksm.max_page_sharing': {
    kind: 'count',
    default: '256',
    doc: 'How many mappings one merged page may have.',
    source: 'Documentation/admin-guide/mm/ksm.rst',
  },
  'ksm.use_zero_pages': {
    kind: 'boolean',
    default: 'false',
    doc: 'Pages of zeros become the zero page.',
    source: 'Documentation/admin-guide/mm/ksm.rst',
  },
  'ksm.smart_scan': {
    kind: 'boolean',
    default: 'false',
    doc: 'Skip pages that did not merge in earlier scans. Kernel default: true.',
    source: 'mm/ksm.c',
    choice: true,
  },
  'overlay.cache': {
    kind: 'word',
    values: ['real', 'stacked'],
    default: 'real',
    doc: "Whose page cache an overlay's files use: the real file's (today's kernel), or one of their own filled through the lower's (as the 2016 and 2017 documents describe).",
    source: 'fs/overlayfs/file.c; Szeredi 2016',
    choice: true,
  },
  'overlay.reopen_on_copy_up': {
    kind: 'boolean',
    default: 'true',
    doc: "Whether read(2) through a descriptor from before the copy-up follows it. Its mappings stay on the lower's pages in any case.",
    source: 'fs/overlayfs/file.c; Documentation/filesystems/overlayfs.rst',
    choice: true,
  },
} as const satisfies Record<string, OptionEntry>;

export const fileOptions = {
  size: {
    kind: 'size',
    doc: 'Size in bytes; `content` is repeated to it. Without it the file has the length of its content.',
    source: 'man 7 inode',
  },
  content: {
    kind: 'content',
    default: '""',
    doc: 'What is on disk; zeros where it is left out and `size` is given.',
    source: 'man 7 inode',
  },
  ...owner,
} as const satisfies Record<string, OptionEntry>;

export const directoryOptions = owner;

export const processOptions = {
  uid: { kind: 'integer', default: '0', doc: 'The user; 0 is root.', source: 'man 7 credentials' },
} as const satisfies Record<string, OptionEntry>;

export const cgroupOptions = {
  limit: {
    kind: 'size',
    doc: 'memory.max: beyond it the group reclaims from itself, then its OOM killer comes. Unlimited if left out.',
    source: 'Documentation/admin-guide/cgroup-v2.rst',
  },
  swap: {
    kind: 'size',
    doc: 'memory.swap.max: how much of the group may be in swap. Unlimited if left out.',
    source: 'Documentation/admin-guide/cgroup-v2.rst',
  },
} as const satisfies Record<string, OptionEntry>;
