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

/**
 * A sharing design: the seams at which the page cache of a file can be something else than the file's own address_space.
 * `mapping` is always the file's own; `index` and `count` are in pages. mm/ and fs/ call these and never ask which design is on.
 */
export interface Design {
  /** `filemap_get_entry()` for a reader or a read fault: what is cached for the longest run from `index`, at most `count` pages. */
  lookup(k: Kernel, mapping: number, index: number, count: number): Lookup;
  /** Where a miss of these pages is read into; the place may be shorter than asked. */
  place(k: Kernel, mapping: number, index: number, count: number): Place;
  /**
   * Before a page is written (write(2), `page_mkwrite`): afterwards the file's own address_space decides, and nothing that other files
   * use changes. With `keep` what is cached for the page moves along, where a partial write or a store needs the rest of it.
   */
  own(k: Kernel, mapping: number, index: number, count: number, keep: boolean): void;
  /** Writeback put the file's pages onto disk; `block` is where they lie now. */
  written_back(k: Kernel, mapping: number, index: number, count: number, device: number, block: number): void;
  /** No file's extent holds these blocks any more. */
  blocks_freed(k: Kernel, device: number, block: number, count: number): void;
  /**
   * Every other address space in which the design may cache these pages of the file, in stretches: what invalidates a file's cache
   * (direct I/O, POSIX_FADV_DONTNEED) reaches those too.
   */
  beneath(k: Kernel, mapping: number, index: number, count: number, visit: (mapping: number, index: number, count: number) => void): void;
  /** Every stretch of a VMA where `count` pages of address space `holder` from `index` can be mapped (the holder may not be a file's own). */
  vmas(k: Kernel, holder: number, index: number, count: number, visit: (vma: number, vpn: number, count: number) => void): void;
}
