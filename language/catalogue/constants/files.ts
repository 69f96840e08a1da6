import type { Constant } from '../types';

/** Flags of the file calls, x86-64 values (include/uapi/asm-generic/fcntl.h, linux/fs.h, linux/falloc.h, linux/fadvise.h, linux/mount.h). */
export const fileConstants = {
  O_RDONLY: { value: 0n, groups: ['open'], doc: 'Open for reading.' },
  O_WRONLY: { value: 1n, groups: ['open'], doc: 'Open for writing.' },
  O_RDWR: { value: 2n, groups: ['open'], doc: 'Open for reading and writing. On an overlay this alone copies the file up.' },
  O_CREAT: { value: 0o100n, groups: ['open'], doc: 'Create the file if it does not exist.' },
  O_EXCL: { value: 0o200n, groups: ['open'], doc: 'With O_CREAT: EEXIST if the file exists.' },
  O_TRUNC: { value: 0o1000n, groups: ['open'], doc: 'Cut the file to length 0.' },
  O_APPEND: { value: 0o2000n, groups: ['open'], doc: 'Each write goes to the end of the file.' },
  O_NONBLOCK: { value: 0o4000n, groups: ['open', 'uffd'], doc: 'Do not wait; EAGAIN instead.' },
  O_DSYNC: { value: 0o10000n, groups: ['open'], doc: 'Each write waits until its data is on disk.' },
  O_SYNC: { value: 0o4010000n, groups: ['open'], doc: 'Each write waits until data and metadata are on disk.' },
  O_DIRECT: { value: 0o40000n, groups: ['open'], doc: 'Go past the page cache, to the device.' },
  O_DIRECTORY: { value: 0o200000n, groups: ['open'], doc: 'ENOTDIR unless it is a directory.' },
  O_NOFOLLOW: { value: 0o400000n, groups: ['open'], doc: 'ELOOP if the last component is a symbolic link.' },
  O_NOATIME: { value: 0o1000000n, groups: ['open'], doc: 'Do not update the access time.' },
  O_CLOEXEC: { value: 0o2000000n, groups: ['open', 'uffd'], doc: 'Closed by execve.' },
  O_PATH: { value: 0o10000000n, groups: ['open'], doc: 'A descriptor for the place in the tree only.' },
  O_TMPFILE: { value: 0o20200000n, groups: ['open'], doc: 'An unnamed file in that directory.' },

  SEEK_SET: { value: 0n, groups: ['seek'], doc: 'From the start of the file.' },
  SEEK_CUR: { value: 1n, groups: ['seek'], doc: 'From the current position.' },
  SEEK_END: { value: 2n, groups: ['seek'], doc: 'From the end of the file.' },
  SEEK_DATA: { value: 3n, groups: ['seek'], doc: 'The next place at or after the offset that holds data.' },
  SEEK_HOLE: { value: 4n, groups: ['seek'], doc: 'The next hole at or after the offset.' },

  FALLOC_FL_KEEP_SIZE: { value: 0x01n, groups: ['falloc'], doc: 'The file size does not grow.' },
  FALLOC_FL_PUNCH_HOLE: {
    value: 0x02n,
    groups: ['falloc'],
    doc: 'Free the blocks of the range and drop its cached pages; needs FALLOC_FL_KEEP_SIZE. Private COW copies stay.',
  },
  FALLOC_FL_COLLAPSE_RANGE: { value: 0x08n, groups: ['falloc'], doc: 'Take the range out of the file.' },
  FALLOC_FL_ZERO_RANGE: { value: 0x10n, groups: ['falloc'], doc: 'Make the range read as zeros.' },
  FALLOC_FL_INSERT_RANGE: { value: 0x20n, groups: ['falloc'], doc: 'Insert a hole, shifting what follows.' },
  FALLOC_FL_UNSHARE_RANGE: { value: 0x40n, groups: ['falloc'], doc: 'Give the range blocks of its own where they are shared.' },

  POSIX_FADV_NORMAL: { value: 0n, groups: ['fadvise'], doc: 'No advice.' },
  POSIX_FADV_RANDOM: { value: 1n, groups: ['fadvise'], doc: 'No readahead for read(2); mappings are advised by MADV_RANDOM.' },
  POSIX_FADV_SEQUENTIAL: { value: 2n, groups: ['fadvise'], doc: 'Readahead doubles.' },
  POSIX_FADV_WILLNEED: { value: 3n, groups: ['fadvise'], doc: 'Start reading the range into the cache.' },
  POSIX_FADV_DONTNEED: { value: 4n, groups: ['fadvise'], doc: 'Start writeback, drop clean unmapped pages of the range.' },
  POSIX_FADV_NOREUSE: { value: 5n, groups: ['fadvise'], doc: 'Accesses do not count for the LRU.' },

  SYNC_FILE_RANGE_WAIT_BEFORE: { value: 1n, groups: ['sync_file_range'], doc: 'Wait for writeback under way.' },
  SYNC_FILE_RANGE_WRITE: { value: 2n, groups: ['sync_file_range'], doc: 'Start writing the dirty pages.' },
  SYNC_FILE_RANGE_WAIT_AFTER: { value: 4n, groups: ['sync_file_range'], doc: 'Wait for the writing.' },

  RWF_HIPRI: { value: 0x01n, groups: ['rwf'], doc: 'Poll for completion.' },
  RWF_DSYNC: { value: 0x02n, groups: ['rwf'], doc: 'As O_DSYNC, for this call.' },
  RWF_SYNC: { value: 0x04n, groups: ['rwf'], doc: 'As O_SYNC, for this call.' },
  RWF_NOWAIT: { value: 0x08n, groups: ['rwf'], doc: 'EAGAIN where it would wait; the read is started all the same.' },
  RWF_APPEND: { value: 0x10n, groups: ['rwf'], doc: 'As O_APPEND, for this call.' },
  RWF_NOAPPEND: { value: 0x20n, groups: ['rwf'], doc: 'O_APPEND does not hold for this call.' },
  RWF_DONTCACHE: { value: 0x80n, groups: ['rwf'], doc: 'Drop from the cache what this call brought in.' },
  RWF_NOSIGNAL: { value: 0x100n, groups: ['rwf'], doc: 'No SIGPIPE where nobody reads the pipe (since 6.18).' },

  MS_RDONLY: { value: 1n, groups: ['mount'], doc: 'Read-only mount.' },
  MS_REMOUNT: { value: 32n, groups: ['mount'], doc: 'Change the flags of a mount.' },
  MS_BIND: { value: 4096n, groups: ['mount'], doc: 'The same tree at a second place; the same inodes, hence the same page cache.' },
  MS_REC: { value: 16384n, groups: ['mount'], doc: 'With the mounts below.' },

  BTRFS_SUBVOL_RDONLY: { value: 2n, groups: ['subvolume'], doc: 'Nothing in the snapshot can be written.' },
} as const satisfies Record<string, Constant>;
