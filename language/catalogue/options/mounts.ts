import type { OptionEntry } from '../types';

const device = {
  kind: 'word',
  doc: 'A name for the block device; mounts that name the same one share it.',
  source: 'man 8 mount',
} as const satisfies OptionEntry;
const disk = {
  size: {
    kind: 'size',
    doc: 'Size of the device, all of it for file data (ENOSPC); without limit if left out.',
    source: 'man 8 mount',
    choice: true,
  },
  device,
  sharedext: {
    kind: 'boolean',
    default: 'false',
    doc: 'The mount option of the shared-extent RFC; matters under extent_cache with enable = mount_option.',
    source: 'Rodrigues, RFC October 2021',
  },
} as const satisfies Record<string, OptionEntry>;

/** Options in the braces of `mount TYPE at PATH { … }`, by type. */
export const mountOptions = {
  xfs: { reflink: { kind: 'boolean', default: 'true', doc: 'Made with reflink=1.', source: 'man 8 mkfs.xfs' }, ...disk },
  btrfs: {
    nodatacow: { kind: 'boolean', default: 'false', doc: 'Overwrite in place, no checksums.', source: 'btrfs(5)' },
    compress: {
      kind: 'boolean',
      default: 'false',
      doc: 'Compressed extents: a miss reads and decompresses the whole cluster.',
      source: 'btrfs(5)',
    },
    copies: {
      kind: 'count',
      default: '1',
      doc: 'Copies of each extent (mirrors), for the key of the shared-extent cache.',
      source: 'btrfs(5)R12',
    },
    ...disk,
  },
  ext4: disk,
  tmpfs: { size: { kind: 'size', doc: 'Limit; half of memory if left out.', source: 'man 5 tmpfs' } },
  erofs: {
    compressed: {
      kind: 'boolean',
      default: 'false',
      doc: 'Compressed image: a miss reads and decompresses a cluster.',
      source: 'Documentation/filesystems/erofs.rst',
    },
    dedupe: { kind: 'boolean', default: 'false', doc: 'Made with chunk deduplication.', source: 'man 1 mkfs.erofs' },
    inode_share: {
      kind: 'boolean',
      default: 'false',
      doc: 'Mount option inode_share: the page cache is shared by fingerprint.',
      source: 'fs/erofs/ishare.c',
    },
    domain_id: { kind: 'word', doc: 'The domain within which inode_share shares.', source: 'fs/erofs/ishare.c' },
    device,
  },
  hugetlbfs: {
    pagesize: { kind: 'size', default: '2M', doc: 'Page size: 2M or 1G.', source: 'Documentation/admin-guide/mm/hugetlbpage.rst' },
    size: { kind: 'size', doc: 'Limit.', source: 'Documentation/admin-guide/mm/hugetlbpage.rst' },
  },
  overlay: {
    lower: {
      kind: 'paths',
      required: true,
      doc: 'The lower directory, or a list of them, topmost first.',
      source: 'Documentation/filesystems/overlayfs.rst',
    },
    upper: { kind: 'path', doc: 'The upper directory; read-only without.', source: 'Documentation/filesystems/overlayfs.rst' },
    metacopy: {
      kind: 'boolean',
      default: 'false',
      doc: 'Copy up only metadata where that is enough.',
      source: 'Documentation/filesystems/overlayfs.rst',
    },
    cache: {
      kind: 'word',
      values: ['real', 'stacked'],
      doc: "Whose page cache is used; the machine's `overlay.cache` if left out.",
      source: 'fs/overlayfs/file.c',
      choice: true,
    },
    reopen_on_copy_up: {
      kind: 'boolean',
      doc: "Whether read(2) through an old descriptor follows a copy-up; the machine's `overlay.reopen_on_copy_up` if left out.",
      source: 'fs/overlayfs/file.c',
      choice: true,
    },
  },
  msharefs: {
    interface: {
      kind: 'word',
      values: ['fs_2024', 'syscall_2022', 'fd_2022', 'ioctl_2025'],
      default: 'fs_2024',
      doc: "Which proposal: the filesystem of 2024, the system calls of 2022, Wilcox's descriptor form, the ioctl of 2025.",
      source: 'Aziz, Wilcox, Yznaga',
      choice: true,
    },
    charge: {
      kind: 'word',
      values: ['first_toucher', 'creator', 'owner', 'none'],
      default: 'first_toucher',
      doc: "Whose cgroup pays for a page of the region and for the tables that map it: who touched it first (today's rule, Butt), the creator's at creation, the creator's as long as it lives and wherever it is (owner), nobody's.",
      source: 'Hocko, Butt, Hildenbrand, LWN 2024',
      choice: true,
    },
    oom: {
      kind: 'word',
      values: ['kill_all_attachers', 'per_mm_badness', 'owner_teardown'],
      default: 'kill_all_attachers',
      doc: 'What the OOM killer does about a region: its victim drags along all who map it, and what is in it goes (kill_all_attachers); nothing, each process counts for what is its own (per_mm_badness); the creator answers for it with its badness, and takes it along (owner_teardown).',
      source: 'Hocko, LWN 2024',
      choice: true,
    },
    creator_exit: {
      kind: 'word',
      values: ['persist', 'teardown', 'pin_process'],
      default: 'persist',
      doc: 'What the exit of the creator means: nothing (Aziz); everything in the region goes, and the others get SIGSEGV (Hildenbrand); or the process stays, whatever kills it, until nobody else maps the region (what Wilcox warned of).',
      source: 'LWN 2024',
      choice: true,
    },
    uffd: {
      kind: 'word',
      values: ['allow', 'refuse'],
      default: 'allow',
      doc: 'Whether userfaultfd may register a region (allow), as between threads, or is refused with EINVAL (refuse). Registered is the mapping behind the region: a fault of any process that maps it waits, and is told once, at the address at which the process sees it that registered.',
      source: 'Hildenbrand, Wilcox, LWN 2024',
      choice: true,
    },
    walkers: {
      kind: 'word',
      values: ['translate', 'refuse'],
      default: 'translate',
      doc: 'What madvise, mincore, mlock and clear_refs do in a region: they go on in the host, for all who map it (translate), or fail with EINVAL (refuse).',
      source: 'Hildenbrand, LWN 2024',
      choice: true,
    },
    gup: {
      kind: 'word',
      values: ['resolve', 'efault'],
      default: 'resolve',
      doc: 'get_user_pages in a region (pins, process_vm_readv, buffers of direct I/O, populating): resolved through the host VMA (Gunthorpe: must work), or EFAULT.',
      source: 'Gunthorpe, LWN 2024',
      choice: true,
    },
    locks: {
      kind: 'word',
      values: ['process_to_host', 'host_to_process'],
      default: 'process_to_host',
      doc: 'How mmap_locks nest: the host’s within the process’s only (Wilcox), or, when shared entries change, also each attacher’s within the host’s: a cycle, which is reported once as the violation "lockdep cycle", with both paths.',
      source: 'Gunthorpe, Wilcox, LWN 2024',
      choice: true,
    },
  },
} as const satisfies Record<string, Record<string, OptionEntry>>;

export type MountType = keyof typeof mountOptions;

/** One line on each filesystem type, for completion and hover. */
export const mountDocs: Readonly<Record<MountType, string>> = {
  xfs: 'XFS with reflinks: unshared blocks are overwritten in place, shared ones move at writeback.',
  btrfs: 'Btrfs: reflinks, snapshots, checksums; every write moves the block unless nodatacow.',
  ext4: 'ext4: no reflinks (EOPNOTSUPP).',
  tmpfs: 'tmpfs: files in shmem; no disk, no dirty tracking for mappings.',
  erofs: 'EROFS: read-only image, also compressed or deduplicated.',
  hugetlbfs: 'hugetlbfs: files of huge pages.',
  overlay: 'overlayfs: lower directories, and an upper one that changes go to.',
  msharefs: 'msharefs: regions whose page tables are shared by the processes that map them (proposed).',
};
