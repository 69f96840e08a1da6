/* eslint-disable no-bitwise -- page, PTE and VMA flags are words of fewer than 32 bits, combined as the kernel combines them. */

/** Page flags (`enum pageflags`), in the header's bit order, then those that the kernel keeps in the low bits of `folio->mapping`. */
export const PG = {
  locked: 1 << 0,
  writeback: 1 << 1,
  referenced: 1 << 2,
  uptodate: 1 << 3,
  dirty: 1 << 4,
  lru: 1 << 5,
  head: 1 << 6,
  waiters: 1 << 7,
  active: 1 << 8,
  workingset: 1 << 9,
  swapcache: 1 << 10,
  anon_exclusive: 1 << 11,
  arch_1: 1 << 12,
  reserved: 1 << 13,
  private: 1 << 14,
  private_2: 1 << 15,
  reclaim: 1 << 16,
  swapbacked: 1 << 17,
  unevictable: 1 << 18,
  dropbehind: 1 << 19,
  mlocked: 1 << 20,
  hwpoison: 1 << 21,
  young: 1 << 22,
  idle: 1 << 23,
  anon: 1 << 24,
  ksm: 1 << 25,
} as const;

/** The low 12 bits of an x86-64 PTE (`arch/x86/include/asm/pgtable_types.h`). */
export const PTE = {
  PRESENT: 1 << 0,
  RW: 1 << 1,
  USER: 1 << 2,
  /** Not present: a swap entry (where the type and offset are in the kernel; here a bit of its own). */
  SWAP: 1 << 3,
  /** In a swap entry: PG_anon_exclusive of the page (`pte_swp_mkexclusive()`). */
  SWP_EXCLUSIVE: 1 << 4,
  ACCESSED: 1 << 5,
  DIRTY: 1 << 6,
  SPECIAL: 1 << 9,
  UFFD_WP: 1 << 10,
  SOFT_DIRTY: 1 << 11,
} as const;

/** `PTE_MARKER_*`: what an entry says that maps nothing. In the kernel it is a kind of swap entry; here these bits, without PTE.PRESENT. */
export const MARKER = {
  UFFD_WP: PTE.UFFD_WP,
  POISONED: 1 << 12,
  GUARD: 1 << 13,
} as const;

/** VMA flags (`include/linux/mm.h`). */
export const VM = {
  READ: 0x1,
  WRITE: 0x2,
  EXEC: 0x4,
  SHARED: 0x8,
  MAYREAD: 0x10,
  MAYWRITE: 0x20,
  MAYEXEC: 0x40,
  MAYSHARE: 0x80,
  GROWSDOWN: 0x100,
  UFFD_MISSING: 0x200,
  /** Bit 41 in the kernel; the bit of VM_PFNMAP is free here. */
  UFFD_MINOR: 0x400,
  UFFD_WP: 0x1000,
  LOCKED: 0x2000,
  SEQ_READ: 0x8000,
  RAND_READ: 0x10000,
  DONTCOPY: 0x20000,
  LOCKONFAULT: 0x80000,
  NORESERVE: 0x200000,
  HUGETLB: 0x400000,
  /** The page tables behind it are a region's, shared by all who map that (proposed; the bit is free here). */
  MSHARE: 0x800000,
  WIPEONFORK: 0x2000000,
  DONTDUMP: 0x4000000,
  SOFTDIRTY: 0x8000000,
  HUGEPAGE: 0x20000000,
  NOHUGEPAGE: 0x40000000,
  /** Bit 31 in the kernel; here flags are words of fewer than 32 bits. */
  MERGEABLE: 0x10000000,
} as const;

export const has = (flags: number, bits: number): boolean => (flags & bits) === bits;
export const any = (flags: number, bits: number): boolean => (flags & bits) !== 0;
export const set = (flags: number, bits: number): number => flags | bits;
export const clear = (flags: number, bits: number): number => flags & ~bits;
