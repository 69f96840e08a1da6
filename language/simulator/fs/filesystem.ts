import type { MountType } from '../../catalogue/options/mounts';
import type { Options, Outcome } from '../api';
import { LOFF_END } from '../arguments';
import type { Content } from '../state/content';
import type { AddressSpaceKind, Kernel } from '../state/kernel';

/** The two inodes of a call that makes blocks shared. */
export interface Pair {
  readonly source: number;
  readonly target: number;
}

/** Where a run of pages is written to. */
export interface Target {
  readonly block: number;
  readonly count: number;
  /** What has to happen once it is written; undefined: nothing, the blocks are the file's already. */
  readonly fresh: 'hole' | 'unwritten' | 'shared' | undefined;
  /** Blocks that go to the device for them: fewer where they are compressed, more where there are copies. As many as `count` if left out. */
  readonly disk?: number;
}

/** `struct kiocb`: what one read or write wants other than what its descriptor says. */
export interface Kiocb {
  /** `IOCB_NOWAIT`: it ends with EAGAIN, or short, where it would have to wait. */
  readonly nowait?: boolean;
  /** `IOCB_DONTCACHE`: what it brings into the cache is dropped after use. */
  readonly dontcache?: boolean;
  /** `IOCB_DSYNC`: what is written has reached the disk when it ends. */
  readonly dsync?: boolean;
  /** What is read goes into a pipe (`->splice_read()`). */
  readonly splice?: boolean;
}

/** `struct file_operations` of regular files. Whatever is checked for every filesystem (descriptor, sign, size limit) has been checked. */
export interface FileOperations {
  /** read(2): `length` bytes of an open file from `position`, short at its end. O_DIRECT is this function's to heed. */
  read_iter(k: Kernel, file: number, position: number, length: number, iocb?: Kiocb): Content | Outcome;
  /** write(2): gives the number of bytes written; `content` is not empty. O_DIRECT is this function's to heed. */
  write_iter(k: Kernel, file: number, position: number, content: Content, iocb?: Kiocb): Outcome;
  /** `FMODE_NOWAIT`, `FOP_DONTCACHE`: its files know RWF_NOWAIT and RWF_DONTCACHE. */
  readonly nowait?: true;
  readonly dontcache?: true;
  /** Why a write with IOCB_NOWAIT ends before it has begun; undefined: it goes on. Missing: each does. */
  write_nowait?(k: Kernel, file: number, position: number, length: number): Outcome | undefined;
  /** Whether a write takes the inode's lock shared; missing: none does. */
  writes_shared?(k: Kernel, file: number, position: number, length: number): boolean;
  /** fallocate(2): `mode` holds FALLOC_FL_*, one of those that exclude each other at most; bytes. */
  fallocate(k: Kernel, inode: number, mode: number, offset: number, length: number): Outcome;
  /** What fallocate(2) finds wrong before it looks for space; missing: nothing. */
  fallocate_prepare?(mode: number, offset: number, length: number): Outcome | undefined;
  /** `->open()`; missing: the inode itself is read, written and mapped. */
  open?(k: Kernel, inode: number, flags: number): OpenedFile | Outcome;
  /** Before a descriptor is used whose file was opened as another (`OpenedFile.overlay`). */
  real_file?(k: Kernel, file: number): void;
  /** mmap(2), where not the file's pages are mapped; missing: they are. `file` is open as the mapping needs it. */
  mmap?(k: Kernel, task: number, file: number, request: MapRequest): Outcome;
  /** `->release()`: an open file of this inode is closed. */
  release?(k: Kernel, inode: number): void;
  /** fsync(2); missing: `file_write_and_wait_range()`. */
  fsync?(k: Kernel, file: number): Outcome;
  /** O_DIRECT that is not made of whole sectors goes through the cache; EINVAL where missing. */
  readonly unaligned_dio?: true;
  /** Missing: no blocks can be shared. */
  readonly remap?: RemapOps;
}

/** What mmap(2) was asked for: `addr` and `offset` in bytes, `count` pages. */
export interface MapRequest {
  readonly addr: number;
  readonly count: number;
  readonly prot: number;
  readonly flags: number;
  readonly offset: number;
}

/** Which inode an open file reads, writes and maps, where that is not the one that was found by its name. */
export interface OpenedFile {
  readonly inode: number;
  /** The inode that was found, where it is another one. */
  readonly overlay: number;
}

/** `->remap_file_range()`: FICLONE, FICLONERANGE, FIDEDUPERANGE, and what copy_file_range makes of it. */
export interface RemapOps {
  /** Whether this mount can share blocks. */
  supported(k: Kernel, mount: number): boolean;
  /** Why blocks of these two can't be shared all the same. */
  refused?(k: Kernel, pair: Pair): Outcome | undefined;
  /** What is done with ranges of any kind before they are looked at; a `length` of 0 reaches to the end of the source. */
  prepare?(k: Kernel, pair: Pair, from: number, to: number, length: number): void;
  /**
   * `length` bytes of the source from `from` also become the target's from `to`: whole blocks, or up to the end of the source.
   * `dedupe`: only if both hold the same already. Gives the bytes shared (0: they differ).
   */
  remap_file_range(k: Kernel, pair: Pair, from: number, to: number, length: number, dedupe: boolean): number;
}

/** `struct address_space_operations` of its files. */
export interface AddressSpaceOperations {
  readonly kind: AddressSpaceKind;
  /** `mapping_set_large_folios()`: its page cache may have folios of many pages; of xfs those that are written lie in one extent, shared or not (`iomap_write_begin()`). */
  readonly large_folios?: 'anywhere' | 'in an extent';
  /** Whoever writes to a page waits until it is not under writeback (its checksum is computed before it is written). */
  readonly stable_writes?: true;
  /** Writeback ends in a task, which drops pages that are not to stay (`filemap_end_dropbehind()`); missing: it ends in an interrupt, where nothing can be dropped. */
  end_dropbehind?(k: Kernel, pfn: number, count: number): void;
  /** Fills `count` new frames from `pfn` with the file's pages from `index`. */
  read_folio(k: Kernel, mapping: number, index: number, pfn: number, count: number): void;
  /** Writes dirty pages of the runs in another way than to blocks of a device. */
  writepages?(k: Kernel, inode: number, runs: readonly { at: number; n: number }[]): void;
  /** Missing: there is nowhere to write pages to. */
  /** `->page_mkwrite()` begins, for `count` pages from `index`. */
  page_mkwrite?(k: Kernel, inode: number, index: number, count: number): void;
  readonly writeback?: WritebackOps;
}

/** What writeback and direct writes ask (`struct iomap_writeback_ops`). */
export interface WritebackOps {
  /** `->writepages()` begins, for `count` pages from `index` of a file of which something is dirty. */
  begins?(k: Kernel, inode: number, index: number, count: number): void;
  /** Whether the page at `index` needs no block, because the inode itself has kept its content now. */
  inline?(k: Kernel, inode: number, index: number): boolean;
  /** Where the pages from `index` go; at least one of `count`. */
  map_blocks(k: Kernel, inode: number, index: number, count: number): Target;
  /** Whether the pages from `index` will need blocks of their own, and for how many of `count` that is so. */
  needs_block(k: Kernel, inode: number, index: number, count: number): { readonly needed: boolean; readonly count: number };
  /** They have been written there. */
  end_io(k: Kernel, inode: number, index: number, to: Target): void;
}

/** `struct inode_operations`. */
export interface InodeOperations {
  /** `->setattr()` with ATTR_SIZE: truncates or extends to `size` bytes, which differs from the size so far. */
  setattr_size(k: Kernel, inode: number, size: number): void;
  /** The file is to be `size` bytes long, which it may be already. */
  truncated?(k: Kernel, inode: number, size: number): void;
  /** rename(2) has given the regular file the name of another one, `replaced`. */
  renamed_over?(k: Kernel, inode: number, replaced: number): void;
  /** A new inode of a mount takes what its options say. */
  init?(k: Kernel, inode: number): void;
  /** Why a file cannot be `size` bytes long; missing: it can. */
  setattr_prepare?(k: Kernel, inode: number, size: number): Outcome | undefined;
  /** Before `->setattr()`: the inode that has what is to be set, size (`data`) or owner and permissions. Missing: this one. */
  prepare_setattr?(k: Kernel, inode: number, data: boolean): number;
  /** Nobody uses the inode any more. */
  evict?(k: Kernel, inode: number): void;
}

/** `struct inode_operations` of directories, where the names are not the filesystem's own. Names begin with the path of the mount. */
export interface NameOperations {
  /** The inode of a name, 0 if there is none. `make`: it may be made where it was not used yet, else a real inode stands for it. */
  lookup(k: Kernel, mount: number, name: string, make: boolean): number;
  /** A new file or directory. */
  create(k: Kernel, mount: number, name: string, attributes: InodeAttributes): number;
  /** unlink(2) and rmdir(2). */
  remove(k: Kernel, mount: number, name: string): void;
  link(k: Kernel, mount: number, inode: number, name: string): void;
  /** The directory, of another filesystem, in which a file without a name is made for O_TMPFILE in this one. */
  tmpfile(k: Kernel, mount: number, name: string): string;
  /** Why it can't be; undefined: done. What has the new name so far is replaced. */
  rename(k: Kernel, mount: number, from: string, to: string): Outcome | undefined;
  /** Whether anything lies in a directory. */
  has_entries(k: Kernel, mount: number, name: string): boolean;
}

/** What a new inode says about itself. */
export interface InodeAttributes {
  readonly mode: number;
  readonly uid: number;
  readonly directory?: boolean;
}

/** A type of filesystem: what differs between them, behind the kernel's own seams. fs/ and mm/ call these and never ask for a name. */
export interface Filesystem {
  readonly name: MountType;
  /** FS_REQUIRES_DEV: it lies on a block device, and file data in its blocks. */
  readonly device: boolean;
  /** `s_maxbytes`, where it is less than the largest offset: no file reaches beyond. */
  readonly maxBytes?: number;
  /** Smallest value that it gives `bdi->ra_pages` where there is readahead at all, in pages. */
  readonly ra_pages?: number;
  /** Options of `mount` that have an effect. */
  readonly options: readonly string[];
  /** `->get_tree()`: a new mount, whose type, path and device are set. A sentence where the options can't be. */
  mount?(k: Kernel, mount: number, options: Options): string | undefined;
  /** Mode of the root directory; 0755 if missing. */
  readonly root_mode?: number;
  /** A directory may be opened with O_DIRECT. */
  readonly directory_dio?: true;
  /** SEEK_HOLE takes a negative offset for 0; ENXIO elsewhere. */
  readonly hole_negative?: true;
  /** `FOP_MMAP_SYNC`: MAP_SYNC is known, and refused without DAX; other filesystems ignore it. */
  readonly mmap_sync?: true;
  /** Every mount of the type is read-only. */
  readonly readonly?: boolean;
  /** A file that exists before the first step: `content` is whole pages. */
  populate(k: Kernel, inode: number, content: Content): void;
  /** `->evict_inode()`: before the pages of an inode that nobody uses any more go. */
  evict_inode?(k: Kernel, inode: number): void;
  readonly f_op: FileOperations;
  readonly a_ops: AddressSpaceOperations;
  readonly i_op: InodeOperations;
  /** Why rename(2) does not replace a directory that has entries; ENOTEMPTY if missing. */
  readonly full_directory?: 'EEXIST';
  /** Whether a directory can be snapshot (a subvolume). */
  readonly snapshots?: true;
  /** Missing: the names are its own. */
  readonly names?: NameOperations;
}

/** Bits of `mount.options`. */
export const MOUNT = { nodatacow: 1, compress: 2, noreflink: 4, sharedext: 8 } as const;

export const mount_has = (k: Kernel, mount: number, option: number): boolean => Math.floor(k.mount.options.get(mount) / option) % 2 === 1;

/** The filesystem that an inode belongs to; memfd and shared anonymous memory are tmpfs's (`shm_mnt`, mount 0). */
export const filesystem_of = (k: Kernel, inode: number): Filesystem => filesystem_at(k, k.inode.mount.get(inode));

/** `s_maxbytes`: the length of the longest file. */
export const max_bytes = (k: Kernel, inode: number): number => filesystem_of(k, inode).maxBytes ?? LOFF_END;

/** Whether a size is more than the filesystem's files can have. */
export function too_long(k: Kernel, inode: number, size: number): boolean {
  const most = max_bytes(k, inode);
  return most === LOFF_END ? size >= most : size > most;
}

/** The type of a mount. */
export const filesystem_at = (k: Kernel, mount: number): Filesystem => k.filesystems[k.mount.type.get(mount)]!;

/** How files of a disk filesystem are written. */
export function writeback_ops(k: Kernel, inode: number): WritebackOps {
  const { name, a_ops } = filesystem_of(k, inode);
  if (a_ops.writeback === undefined) throw new Error(`${name} has nowhere to write to`);
  return a_ops.writeback;
}

/** How files of a filesystem that shares blocks come to share them. */
export function remap_ops(k: Kernel, inode: number): RemapOps {
  const { name, f_op } = filesystem_of(k, inode);
  if (f_op.remap === undefined) throw new Error(`${name} shares no blocks`);
  return f_op.remap;
}
