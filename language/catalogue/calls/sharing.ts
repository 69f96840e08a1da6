import type { CallEntry } from '../types';

/** Calls that make files share blocks, or ask for shared pages. */
/** What a mapping inside a region is made of, as in mmap(2). */
const mapping = [
  { name: 'len', kind: 'length', doc: 'Bytes.' },
  { name: 'prot', kind: 'flags', group: 'prot', doc: 'PROT_*.' },
  { name: 'flags', kind: 'flags', group: 'map', doc: 'MAP_*, as in mmap.' },
  { name: 'fd', kind: 'fd', optional: true, doc: 'The file; -1 for anonymous memory.' },
  { name: 'offset', kind: 'offset', optional: true, doc: 'Start in the file; whole pages.' },
] as const;
const region = {
  EBADF: 'the descriptor is not open',
  EACCES: 'the descriptor is not open for writing',
  EINVAL: 'not in the region, not whole pages, or a region of another interface',
} as const;

export const sharingCalls = {
  ficlone: {
    params: [
      { name: 'fd', kind: 'fd', doc: 'The destination, open for writing.' },
      { name: 'src_fd', kind: 'fd', doc: 'The source.' },
    ],
    returns: 'void',
    who: 'process',
    errors: {
      EBADF: 'src_fd is not open for reading or fd not for writing',
      EXDEV: 'on two filesystems',
      EOPNOTSUPP: 'the filesystem has no reflinks (ext4, tmpfs)',
      EINVAL: 'the filesystem cannot clone these',
      EISDIR: 'one is a directory',
      EPERM: 'the destination is immutable',
      ETXTBSY: 'one is a swap file',
    },
    doc: 'The destination shares all blocks of the source. Writes the source back and drops the cached pages of the destination; no page moves.',
    source: 'man 2 ioctl_ficlone; fs/remap_range.c vfs_clone_file_range()',
  },
  ficlonerange: {
    params: [
      { name: 'fd', kind: 'fd', doc: 'The destination, open for writing.' },
      { name: 'src_fd', kind: 'fd', doc: 'The source.' },
      { name: 'src_offset', kind: 'offset', doc: 'Start in the source, bytes, whole blocks.' },
      { name: 'src_length', kind: 'length', doc: 'Bytes; 0 is to the end.' },
      { name: 'dest_offset', kind: 'offset', doc: 'Start in the destination, bytes, whole blocks.' },
    ],
    returns: 'void',
    who: 'process',
    errors: {
      EBADF: 'src_fd is not open for reading or fd not for writing',
      EXDEV: 'on two filesystems',
      EOPNOTSUPP: 'the filesystem has no reflinks',
      EINVAL: 'not whole blocks, or overlapping in one file',
    },
    doc: 'As ficlone, for a range.',
    source: 'man 2 ioctl_ficlonerange; fs/remap_range.c',
  },
  copy_file_range: {
    params: [
      { name: 'fd_in', kind: 'fd', doc: 'From.' },
      { name: 'off_in', kind: 'offset', doc: 'Start in the source, bytes.' },
      { name: 'fd_out', kind: 'fd', doc: 'To.' },
      { name: 'off_out', kind: 'offset', doc: 'Start in the destination, bytes.' },
      { name: 'len', kind: 'length', doc: 'Bytes.' },
    ],
    returns: 'length',
    who: 'process',
    errors: {
      EBADF: 'fd_in is not open for reading or fd_out not for writing',
      EINVAL: 'overlapping in one file',
      EXDEV: 'on two filesystems',
      EFBIG: 'beyond what the filesystem can hold',
      EISDIR: 'one is a directory',
      ENOSPC: 'no room on the device',
    },
    doc: 'Reflinks where the filesystem can, otherwise copies through both caches; the destination is then dirty.',
    source: 'man 2 copy_file_range; fs/read_write.c vfs_copy_file_range()',
  },
  dedupe: {
    params: [
      { name: 'src_fd', kind: 'fd', doc: 'The file that keeps its blocks.' },
      { name: 'src_offset', kind: 'offset', doc: 'Start in it, bytes, whole blocks.' },
      { name: 'src_length', kind: 'length', doc: 'Bytes.' },
      { name: 'dest_fd', kind: 'fd', doc: 'The file that shall share them.' },
      { name: 'dest_offset', kind: 'offset', doc: 'Start in it, bytes, whole blocks.' },
    ],
    returns: 'length',
    who: 'process',
    errors: {
      EBADF: 'a descriptor is not open as it must be',
      EXDEV: 'on two filesystems',
      EOPNOTSUPP: 'the filesystem cannot dedupe',
      EINVAL: 'not whole blocks',
      EISDIR: 'one is a directory',
      EPERM: 'the user may not write the destination',
    },
    doc: 'FIDEDUPERANGE: compares both ranges through the cache and shares the blocks if they are equal. Returns the bytes shared, 0 if they differ. xfs then drops the cached range of the destination and its PTEs, btrfs keeps both.',
    source: 'man 2 ioctl_fideduperange; fs/remap_range.c vfs_dedupe_file_range()',
  },
  snapshot: {
    params: [
      { name: 'source', kind: 'path', doc: 'A file or directory (subvolume).' },
      { name: 'dest', kind: 'path', doc: 'The name of the snapshot; must not exist.' },
      { name: 'flags', kind: 'flags', group: 'subvolume', optional: true, doc: 'BTRFS_SUBVOL_RDONLY, or nothing.' },
    ],
    returns: 'void',
    who: 'process',
    errors: {
      ENOENT: 'source does not exist',
      EEXIST: 'dest exists',
      EROFS: 'dest lies in a read-only mount or snapshot',
      EACCES: 'the user may not create anything there',
      EXDEV: 'on two filesystems',
      EOPNOTSUPP: 'the filesystem has no snapshots (all but btrfs)',
    },
    doc: 'A btrfs snapshot of a subvolume (simulator choice: of any directory or file): dirty pages of the source are written back, every extent is shared; no page moves. The copies have the same inode numbers.',
    source: 'btrfs-subvolume(8); fs/btrfs/transaction.c create_pending_snapshot()',
  },
  share: {
    params: [
      { name: 'fd', kind: 'fd', doc: 'The file that shall share its cached pages.' },
      { name: 'master_fd', kind: 'fd', optional: true, doc: 'The file to share with, where a design needs to be told.' },
    ],
    returns: 'void',
    who: 'process',
    errors: {
      EBADF: 'a descriptor is not open',
      EOPNOTSUPP: 'the design has no explicit sharing',
      EXDEV: 'on two filesystems and the design keeps to one (master_home = same_fs_only)',
      EINVAL: 'the contents differ, the two are one file, or the design needs a master and none is named',
      EBUSY: 'the file cannot share now: it is dirty, in use for writing, or was written after it had been shared',
    },
    doc: 'Asks for page-cache sharing explicitly, for the designs that want it (whole_file with share.optin = explicit, master_inode).',
    source: 'LWN 2017 (Kara: an explicit request)',
    choice: 'The name and the arguments are ours; no kernel has this call.',
  },
  mshare: {
    params: [
      {
        name: 'name',
        kind: 'path',
        doc: 'Name on msharefs: an absolute path, or a plain name on the mount with interface = syscall_2022.',
      },
      { name: 'addr', kind: 'address', doc: 'Start, aligned to 512 GiB.' },
      { name: 'len', kind: 'length', doc: 'Bytes, whole 512 GiB.' },
      { name: 'oflags', kind: 'flags', group: 'open', doc: 'O_RDWR | O_CREAT to make the region, else to attach.' },
      { name: 'mode', kind: 'mode', optional: true, doc: 'Permissions.' },
    ],
    returns: 'void',
    who: 'process',
    errors: {
      EINVAL:
        'not aligned, another address or size than the region has, something is mapped there already, or no msharefs with this interface',
      ENOENT: 'no such region',
      EEXIST: 'O_EXCL and it exists',
      EACCES: 'the user may not',
      EISDIR: 'the name is a directory',
      ENOMEM: 'the range leaves user space',
    },
    doc: 'The 2022 system call: exports what is mapped in the range with its page tables, or attaches to a region. Private mappings are exported too: a write is seen by all, nobody copies. An address without a mapping behind it raises SIGBUS. For mounts with interface = syscall_2022.',
    source: 'Aziz, linux-mm, January and April 2022 (RFC, patch series v1)',
  },
  mshare_unlink: {
    params: [{ name: 'name', kind: 'path', doc: 'Name on msharefs.' }],
    returns: 'void',
    who: 'process',
    errors: {
      EINVAL: 'no msharefs with this interface',
      ENOENT: 'no such region',
      EACCES: 'the user may not',
      EISDIR: 'the name is a directory',
    },
    doc: 'Removes the name of a region, as unlink(2) does; it is freed after the last unmap.',
    source: 'Aziz, linux-mm, April 2022 (patch series v1); Wilcox: why is this a system call?',
  },
  fd_mmap: {
    params: [
      { name: 'space_fd', kind: 'fd', doc: 'The shared address space, open for writing and attached by somebody.' },
      { name: 'addr', kind: 'address', doc: 'Where in it; NULL: the lowest free place.' },
      ...mapping,
    ],
    returns: 'address',
    who: 'process',
    errors: {
      ...region,
      EEXIST: 'something is mapped there, and MAP_FIXED is not given',
      ENOMEM: 'no free place is that large',
    },
    doc: 'mmap into a shared address space by its descriptor: who has attached it sees the new mapping at once. For mounts with interface = fd_2022.',
    source: 'Wilcox, linux-mm, April 2022: an fd-based mmap to modify its contents',
    choice: 'The name and the arguments are ours; the mail gives none.',
  },
  fd_munmap: {
    params: [
      { name: 'space_fd', kind: 'fd', doc: 'The shared address space, open for writing and attached by somebody.' },
      { name: 'addr', kind: 'address', doc: 'Start; whole pages.' },
      { name: 'len', kind: 'length', doc: 'Bytes.' },
    ],
    returns: 'void',
    who: 'process',
    errors: region,
    doc: 'munmap in a shared address space by its descriptor, for all who have attached it. For mounts with interface = fd_2022.',
    source: 'Wilcox, linux-mm, April 2022',
    choice: 'The name and the arguments are ours; the mail gives none.',
  },
  msharefs_create_mapping: {
    params: [
      { name: 'region_fd', kind: 'fd', doc: 'The region, open for writing; ftruncate() has given it its size.' },
      { name: 'region_offset', kind: 'offset', doc: 'Where in the region; whole pages.' },
      ...mapping,
    ],
    returns: 'void',
    who: 'process',
    errors: { ...region, ENOTTY: 'no region of this interface', ENOMEM: 'no memory' },
    doc: 'ioctl MSHAREFS_CREATE_MAPPING (struct mshare_create): maps memory or a file into a region, in place of what is mapped there. Only MAP_SHARED. For mounts with interface = ioctl_2025.',
    source: 'Aziz, Yznaga, linux-mm, 2025 (v2, v3)',
  },
  msharefs_unmap: {
    params: [
      { name: 'region_fd', kind: 'fd', doc: 'The region, open for writing.' },
      { name: 'region_offset', kind: 'offset', doc: 'Where in the region; whole pages.' },
      { name: 'len', kind: 'length', doc: 'Bytes.' },
    ],
    returns: 'void',
    who: 'process',
    errors: { ...region, ENOTTY: 'no region of this interface' },
    doc: 'ioctl MSHAREFS_UNMAP: what is mapped in a part of a region goes, for all who map it. For mounts with interface = ioctl_2025.',
    source: 'Yznaga, linux-mm, 2025 (v2)',
  },
} as const satisfies Record<string, CallEntry>;
