import type { InvariantName } from '../../catalogue/invariants';
import type { Outcome } from '../api';
import type { Kernel } from '../state/kernel';

/** What a cache holds for a run of file pages: frames from `pfn`, or nothing (`pfn` 0) for `count` pages. */
export interface Lookup {
  readonly pfn: number;
  readonly count: number;
}

/** Where pages are to be cached: `count` pages from `index` of an address space. */
export interface Place {
  readonly mapping: number;
  readonly index: number;
  readonly count: number;
}

/** One folio of a frame: at `index` of address space `mapping`; of anonymous memory at page number `index`, with `mapping` 0. */
export interface Member {
  readonly mapping: number;
  readonly index: number;
}

/** Visits `count` pages from page number `vpn` of a VMA. `member`: which of the caches that hold the page the VMA belongs to. */
export type VisitPages = (vma: number, vpn: number, count: number, member: number) => void;

/** A file's address space that has `count` frames from `pfn` at `index`. */
export type VisitReaders = (mapping: number, index: number, pfn: number, count: number) => void;

/**
 * A sharing design: the seams at which the page cache of a file can be something else than the file's own address_space. `mapping` is the
 * file's own unless said otherwise; `index` and `count` are in pages. mm/ and fs/ call these and never ask which design is on. `baseline` has
 * today's kernel for each; a design takes over what it does differently.
 */
export interface Design {
  /** Invariants (catalogue/invariants.ts) that this design is known to break: counted and told, the run goes on. */
  readonly known: readonly InvariantName[];
  /**
   * Whether a page may be served to files of other sizes that have the same block: then it is as on disk, also behind the end of the file that it is read
   * for, where a filesystem would have zeros. Simulator choice.
   */
  readonly as_on_disk: boolean;
  /** Look up: `filemap_get_entry()` for a reader or a fault: what is cached for the longest run from `index`, at most `count` pages. Changes nothing. */
  lookup(k: Kernel, mapping: number, index: number, count: number): Lookup;
  /** A lookup of `mapping` at `index` found frame `pfn`, for a read or a fault; told once a run. */
  found(k: Kernel, mapping: number, index: number, pfn: number): void;
  /** Insert, on a miss: where these pages are read into, or frames that hold them already (now also for this file); both may be fewer than asked. */
  insert(k: Kernel, mapping: number, index: number, count: number): Place | Lookup;
  /** Insert: what was missing at `index` is in `count` frames from `pfn` now, at the place that `insert` named; its content is read next. */
  inserted(k: Kernel, mapping: number, index: number, pfn: number, count: number): void;
  /**
   * Break: before a page is written (write(2), `page_mkwrite`). Afterwards the file's own address_space decides, and nothing that other files
   * use changes. With `keep` what is cached for the page moves along, where a partial write or a store needs the rest of it.
   */
  own(k: Kernel, mapping: number, index: number, count: number, keep: boolean): void;
  /** Remove: address space `mapping` (any) has just forgotten `count` frames from `pfn`, which it held from `index`. Their `mapping` and `index` follow. */
  removed(k: Kernel, mapping: number, index: number, pfn: number, count: number): void;
  /** Whether what `mapping` (any) holds at `index` in frame `pfn` belongs there (I2). */
  holds(k: Kernel, mapping: number, index: number, pfn: number): boolean;
  /** The address space that the folio names by which `mapping` (any) holds frame `pfn` (I1): another one where a folio is in several caches. */
  folio_mapping(k: Kernel, mapping: number, pfn: number): number;
  /** Every file, by its own address space, whose reads are served from one of `count` frames from `pfn` (I6). */
  readers(k: Kernel, pfn: number, count: number, visit: VisitReaders): void;
  /** Truncate: the file's pages from `index` on are gone from the file (truncate, hole punch, clone over it). Its own address_space is done already. */
  truncated(k: Kernel, mapping: number, index: number, count: number): void;
  /** Invalidate: every other address space in which the design may cache these pages of the file: direct I/O and POSIX_FADV_DONTNEED reach those too. */
  beneath(k: Kernel, mapping: number, index: number, count: number, visit: (mapping: number, index: number, count: number) => void): void;
  /** Every stretch of a VMA where `count` pages of address space `holder` from `index` can be mapped (the holder may not be a file's own). */
  vmas(k: Kernel, holder: number, index: number, count: number, visit: VisitPages): void;
  /** Rmap walk: every page of a VMA that may map page-cache frame `pfn`. */
  rmap_walk(k: Kernel, pfn: number, visit: VisitPages): void;
  /** Every folio of a data frame: each cache that holds it, at its index. */
  members(k: Kernel, pfn: number): readonly Member[];
  /** Folio descriptors in use beyond one for each frame. */
  descriptors(k: Kernel): number;
  /** References to a frame that the page cache holds: one for each cache that holds it. */
  cache_references(k: Kernel, pfn: number): number;
  /** Reclaim: the number of accessed PTEs that counts, of those found for each member of the frame. */
  referenced(ptes: readonly number[]): number;
  /** Reclaim, `__remove_mapping()`: takes clean, unmapped frames out of every cache that holds them, which frees them. False: a reference is left over. */
  remove_mapping(k: Kernel, pfn: number, count: number): boolean;
  /** Writeback put the file's pages onto disk; `block` is where they lie now. */
  written_back(k: Kernel, mapping: number, index: number, count: number, device: number, block: number): void;
  /** Blocks of a device have new content (writeback, direct I/O); `fresh`: they were allocated or reserved only and are used for the first time. */
  device_written(k: Kernel, device: number, block: number, count: number, fresh: boolean): void;
  /** Direct read: frames that may serve it in place of the device, for the longest run from `index`; `pfn` 0: none. */
  direct(k: Kernel, mapping: number, index: number, count: number): Lookup;
  /** No file's extent holds these blocks any more. */
  blocks_freed(k: Kernel, device: number, block: number, count: number): void;
  /** Why a regular file may not be opened with these flags; undefined: it may. */
  may_open(k: Kernel, inode: number, flags: number): Outcome | undefined;
  /** Open and close of a regular file. */
  opened(k: Kernel, inode: number, writable: boolean): void;
  closed(k: Kernel, inode: number): void;
  /** The file's size, blocks or bytes are about to change by truncate, fallocate or a clone onto it; a write says `own`. */
  changing(k: Kernel, inode: number): void;
  /** A writable MAP_SHARED mapping of the file is about to be made, by mmap or mprotect. */
  mapped_writable(k: Kernel, inode: number): void;
  /** Evict: the inode has no name and no user left, or its filesystem is mounted no more; its pages are gone. */
  evicted(k: Kernel, inode: number): void;
  /** Clone (reflink, snapshot, copy_file_range; `dedupe`: of what was equal): `count` blocks of `source` from `from` are now `target`'s from `to`, too. */
  cloned(k: Kernel, source: number, target: number, from: number, to: number, count: number, dedupe: boolean): void;
  /** Copy-up: the data of `lower` has been copied to `upper`; `reflinked`: they share their blocks. */
  copied_up(k: Kernel, lower: number, upper: number, reflinked: boolean): void;
  /** `share(fd[, master_fd])`: asks for sharing; `master` 0: with whoever has the same content. */
  share(k: Kernel, inode: number, master: number): Outcome;
}
