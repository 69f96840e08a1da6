import type { Observable } from '../types';

const smaps = 'man 5 proc_pid_smaps; fs/proc/task_mmu.c';
const bytes = (doc: string) => ({ unit: 'bytes', doc, source: smaps }) as const;

/** The fields that smaps has for a mapping and smaps_rollup for a process; bytes. */
export const smapsFields = {
  rss: bytes('Resident pages.'),
  pss: bytes('Proportional set size: each page divided by its mapcount, in 1/4096 of a byte, floored as the kernel floors it.'),
  pss_dirty: bytes('The dirty part of pss.'),
  pss_anon: bytes('The anonymous part of pss.'),
  pss_file: bytes('The file part of pss.'),
  pss_shmem: bytes('The shmem part of pss.'),
  shared_clean: bytes('Pages with mapcount > 1, clean in PTE and folio.'),
  shared_dirty: bytes('Pages with mapcount > 1, dirty in PTE or folio.'),
  private_clean: bytes('Pages with mapcount 1, clean in PTE and folio.'),
  private_dirty: bytes('Pages with mapcount 1, dirty in PTE or folio.'),
  referenced: bytes('Pages marked accessed.'),
  anonymous: bytes('Pages that belong to no file.'),
  ksm: bytes('Pages merged by KSM.'),
  lazyfree: bytes('Pages marked by MADV_FREE.'),
  anon_huge_pages: bytes('Anonymous transparent huge pages.'),
  shmem_pmd_mapped: bytes('Huge shmem pages mapped by a PMD.'),
  file_pmd_mapped: bytes('Huge file pages mapped by a PMD.'),
  shared_hugetlb: bytes('hugetlb pages mapped more than once; not in rss.'),
  private_hugetlb: bytes('hugetlb pages mapped once; not in rss.'),
  swap: bytes('Pages in swap.'),
  swap_pss: bytes('Pages in swap, divided by the sharers.'),
  locked: bytes('Locked pages, as pss.'),
} as const satisfies Record<string, Observable>;

const status = 'man 5 proc_pid_status';

export const processObservables = {
  pid: { unit: 'count', doc: 'Process id; in order of creation, the same in every run.', source: 'man 2 getpid' },
  exit_status: { unit: 'count', doc: 'What it passed to exit (WEXITSTATUS); 0 while it lives.', source: 'man 2 wait' },
  term_signal: { unit: 'count', doc: 'The signal that ended it (WTERMSIG); 0 if none did.', source: 'man 2 wait' },
  alive: { unit: 'boolean', doc: 'Whether the process has not ended.', source: 'kernel/exit.c' },
  ...smapsFields,
  rss_anon: { unit: 'bytes', doc: 'RssAnon: resident anonymous pages.', source: status },
  rss_file: { unit: 'bytes', doc: 'RssFile: resident file pages.', source: status },
  rss_shmem: { unit: 'bytes', doc: 'RssShmem: resident shmem pages (System V, memfd, shared anonymous).', source: status },
  vm_size: { unit: 'bytes', doc: 'VmSize: all mappings together.', source: status },
  vm_swap: { unit: 'bytes', doc: 'VmSwap: anonymous memory in swap.', source: status },
  minflt: { unit: 'count', doc: 'Faults that needed no disk read.', source: 'man 5 proc_pid_stat' },
  majflt: { unit: 'count', doc: 'Faults that waited for a disk read.', source: 'man 5 proc_pid_stat' },
  page_tables: {
    unit: 'bytes',
    doc: 'VmPTE: PTE, PMD and PUD tables of this address space, not the PGD.',
    source: `${status}; mm_pgtables_bytes()`,
  },
  vmas: { unit: 'count', doc: 'Mappings in the address space.', source: 'mm->map_count' },
  pte: { unit: 'object', of: 'pte', index: 'an address', doc: 'The page-table entry for an address.', source: 'man 5 proc_pid_pagemap' },
  vma: {
    unit: 'object',
    of: 'vma',
    index: 'an address',
    doc: 'The mapping at an address; NULL where there is none.',
    source: 'man 5 proc_pid_maps',
  },
} as const satisfies Record<string, Observable>;

export const pteObservables = {
  present: { unit: 'boolean', doc: 'A frame is mapped (bit 0).', source: 'arch/x86/include/asm/pgtable_types.h' },
  writable: {
    unit: 'boolean',
    doc: 'Writes are permitted (bit 1); a copy-on-write page has it off.',
    source: 'arch/x86/include/asm/pgtable_types.h',
  },
  accessed: { unit: 'boolean', doc: 'The CPU used the entry (bit 5).', source: 'arch/x86/include/asm/pgtable_types.h' },
  dirty: { unit: 'boolean', doc: 'The CPU wrote through the entry (bit 6).', source: 'arch/x86/include/asm/pgtable_types.h' },
  soft_dirty: { unit: 'boolean', doc: 'Written since the last clear_refs(4).', source: 'Documentation/admin-guide/mm/soft-dirty.rst' },
  guard: { unit: 'boolean', doc: 'A guard: an access raises SIGSEGV (bit 58 of pagemap).', source: 'man 2 madvise, MADV_GUARD_INSTALL' },
  uffd_wp: {
    unit: 'boolean',
    doc: 'Write-protected by userfaultfd (bit 57 of pagemap), also where nothing is mapped.',
    source: 'Documentation/admin-guide/mm/userfaultfd.rst',
  },
  poisoned: { unit: 'boolean', doc: 'Poisoned by userfaultfd: an access raises SIGBUS.', source: 'man 2 UFFDIO_POISON' },
  swapped: { unit: 'boolean', doc: 'A swap entry.', source: 'man 5 proc_pid_pagemap' },
  swap_offset: {
    unit: 'count',
    doc: 'Of a swap entry: its slot in swap (bits 5-54 of pagemap); 0 for any other.',
    source: 'man 5 proc_pid_pagemap',
  },
  swap_count: {
    unit: 'count',
    doc: 'Of a swap entry: how many entries name its slot; 0 for any other.',
    source: 'mm/swapfile.c swp_swapcount()',
  },
  special: { unit: 'boolean', doc: 'No struct page is counted, as for the zero page.', source: 'mm/memory.c vm_normal_page()' },
  exclusive: {
    unit: 'boolean',
    doc: 'The page is mapped here only (bit 56 of pagemap, which asks the first page where a PMD maps a huge one).',
    source: 'man 5 proc_pid_pagemap',
  },
  huge: { unit: 'boolean', doc: 'A PMD or PUD maps a huge page.', source: 'arch/x86/include/asm/pgtable_types.h' },
  pfn: { unit: 'count', doc: 'The frame number; 0 without a frame.', source: 'man 5 proc_pid_pagemap' },
  page: { unit: 'object', of: 'page', doc: 'The page that is mapped; NULL without one.', source: 'mm/memory.c vm_normal_page()' },
} as const satisfies Record<string, Observable>;

export const vmaObservables = {
  start: { unit: 'address', doc: 'First address.', source: 'man 5 proc_pid_maps' },
  end: { unit: 'address', doc: 'First address behind it.', source: 'man 5 proc_pid_maps' },
  size: { unit: 'bytes', doc: 'end - start.', source: smaps },
  prot: { unit: 'count', doc: 'PROT_* bits.', source: 'man 5 proc_pid_maps' },
  shared: { unit: 'boolean', doc: 'Made with MAP_SHARED.', source: 'man 5 proc_pid_maps' },
  uffd_missing: { unit: 'boolean', doc: 'Registered with a userfaultfd for missing pages (`um` of VmFlags).', source: smaps },
  uffd_wp: { unit: 'boolean', doc: 'Registered with a userfaultfd for write protection (`uw` of VmFlags).', source: smaps },
  uffd_minor: { unit: 'boolean', doc: 'Registered with a userfaultfd for minor faults (`ui` of VmFlags).', source: smaps },
  offset: { unit: 'bytes', doc: 'Offset in the file.', source: 'man 5 proc_pid_maps' },
  path: { unit: 'path', doc: 'The file; "" for anonymous memory.', source: 'man 5 proc_pid_maps' },
  mm: {
    unit: 'object',
    of: 'mm',
    doc: 'For a VMA of an mshare region: the host, whose VMAs and page tables stand behind it. NULL for any other.',
    source: 'Aziz, linux-mm 2022 (vm_private_data)',
  },
  ...smapsFields,
} as const satisfies Record<string, Observable>;

const region = 'Yznaga, linux-mm 2025 (struct mshare_data)';

/** The host of an mshare region: an address space without a task. What lies in the region counts here, and in no process that maps it. */
export const regionObservables = {
  ...smapsFields,
  page_tables: { unit: 'bytes', doc: 'PTE, PMD and PUD tables of the region, shared by all who map it.', source: region },
  vmas: { unit: 'count', doc: 'Mappings in the region.', source: 'mm->map_count' },
  vma: {
    unit: 'object',
    of: 'vma',
    index: 'an address',
    doc: "The host's mapping at an address of its own; NULL where there is none.",
    source: region,
  },
  start: { unit: 'address', doc: 'Where the region begins.', source: region },
  size: { unit: 'bytes', doc: 'Its length.', source: region },
  attachers: { unit: 'object', of: 'process', doc: 'The processes that map it; compare with a number for how many.', source: 'simulator' },
  tlb_flushes: {
    unit: 'count',
    doc: 'TLB flushes for changes of the shared tables, counted for each process that mapped the region then.',
    source: 'Falcato, linux-mm 2026; flush_tlb_all()',
  },
  creator: { unit: 'object', of: 'process', doc: 'The process that made it.', source: 'Yznaga, linux-mm 2025 (mm->owner)' },
} as const satisfies Record<string, Observable>;

const meminfo = 'man 5 proc_meminfo';
const ksm = 'Documentation/admin-guide/mm/ksm.rst';

export const memoryObservables = {
  total: { unit: 'bytes', doc: 'Physical memory.', source: meminfo },
  used: { unit: 'bytes', doc: 'Frames in use: data pages and page tables, PGDs included.', source: 'simulator' },
  free: { unit: 'bytes', doc: 'Free frames.', source: meminfo },
  cached: { unit: 'bytes', doc: 'Pages in page caches, shmem included.', source: meminfo },
  shmem: { unit: 'bytes', doc: 'Pages of shmem and tmpfs.', source: meminfo },
  anon: { unit: 'bytes', doc: 'Anonymous pages that are mapped (AnonPages).', source: meminfo },
  mapped: { unit: 'bytes', doc: 'File pages that are mapped.', source: meminfo },
  dirty: { unit: 'bytes', doc: 'Dirty file pages.', source: meminfo },
  writeback: { unit: 'bytes', doc: 'Pages under writeback.', source: meminfo },
  page_tables: { unit: 'bytes', doc: 'PTE, PMD and PUD tables of all address spaces, shared tables once, no PGD.', source: meminfo },
  swap: { unit: 'bytes', doc: 'Swap in use (SwapTotal - SwapFree).', source: meminfo },
  swap_total: { unit: 'bytes', doc: 'SwapTotal: all swap; none after swapoff.', source: meminfo },
  swap_cached: { unit: 'bytes', doc: 'SwapCached: pages that are in memory and have a slot in swap.', source: meminfo },
  pswpin: { unit: 'count', doc: 'Pages read from swap.', source: 'man 5 proc_vmstat' },
  pswpout: { unit: 'count', doc: 'Pages written to swap.', source: 'man 5 proc_vmstat' },
  descriptors: { unit: 'bytes', doc: 'Folio and shared-folio descriptors, 64 bytes each.', source: 'simulator' },
  ksm_shared: { unit: 'count', doc: 'pages_shared: merged pages.', source: ksm },
  ksm_sharing: { unit: 'count', doc: 'pages_sharing: further mappings of merged pages.', source: ksm },
  ksm_unshared: { unit: 'count', doc: 'pages_unshared: pages looked at that found no partner.', source: ksm },
  ksm_volatile: { unit: 'count', doc: 'pages_volatile: pages that changed too fast.', source: ksm },
  ksm_zero_pages: { unit: 'count', doc: 'Pages that became the zero page (use_zero_pages).', source: ksm },
  ksm_profit: { unit: 'bytes', doc: 'general_profit: what merging saves less its bookkeeping.', source: ksm },
} as const satisfies Record<string, Observable>;
