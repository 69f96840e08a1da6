import { any, PG, PTE, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { folio_test_hugetlb } from '../mm/folio';
import { hugetlb_pmd_shared } from '../mm/hugetlb_share';
import { leaf_runs } from '../mm/huge_pmd';
import { frame_runs, present_ptes, type PteRun } from '../mm/rmap';
import { shmem_swap_usage } from '../mm/shmem_swap';
import { swap_ptes } from '../mm/swap_pte';
import { vmas_in } from '../mm/vma';
import { bytes, type Observers } from './observer';

/** `struct mem_size_stats`, in pages; `pss` in 1/4096 of a byte as the kernel sums it up. */
interface Smaps {
  rss: number;
  pss: bigint;
  pss_dirty: bigint;
  pss_anon: bigint;
  pss_file: bigint;
  pss_shmem: bigint;
  shared_clean: number;
  shared_dirty: number;
  private_clean: number;
  private_dirty: number;
  referenced: number;
  anonymous: number;
  anon_huge_pages: number;
  shmem_pmd_mapped: number;
  file_pmd_mapped: number;
  shared_hugetlb: number;
  private_hugetlb: number;
  lazyfree: number;
  ksm: number;
  swap: number;
  swap_pss: bigint;
}

/** The kernel sums pss in 1/4096 of a byte (`PSS_SHIFT` 12). */
const PSS_UNIT = 4096n;

/** `smaps_pte_range()` over `count` pages from `vpn`. */
export function smaps(k: Kernel, mm: number, vpn: number, count: number): Smaps {
  const all: Smaps = {
    rss: 0,
    pss: 0n,
    pss_dirty: 0n,
    pss_anon: 0n,
    pss_file: 0n,
    pss_shmem: 0n,
    shared_clean: 0,
    shared_dirty: 0,
    private_clean: 0,
    private_dirty: 0,
    referenced: 0,
    anonymous: 0,
    anon_huge_pages: 0,
    shmem_pmd_mapped: 0,
    file_pmd_mapped: 0,
    shared_hugetlb: 0,
    private_hugetlb: 0,
    lazyfree: 0,
    ksm: 0,
    swap: 0,
    swap_pss: 0n,
  };
  for (const run of present_ptes(k, mm, vpn, count)) {
    if (run.pfn === 0) continue;
    if (folio_test_hugetlb(k, run.pfn)) {
      smaps_hugetlb_range(k, mm, run, all);
      continue;
    }
    frame_runs(k, run.pfn, run.count, ['flags', 'mapcount'], (pfn, n) => {
      const flags = k.page.flags.get(pfn);
      const mapcount = k.page.mapcount.get(pfn);
      const dirty = any(run.flags, PTE.DIRTY) || any(flags, PG.dirty);
      const pss = BigInt(n) * ((4096n * PSS_UNIT) / BigInt(mapcount));
      all.rss += n;
      all.pss += pss;
      if (dirty) all.pss_dirty += pss;
      if (any(flags, PG.anon)) all.pss_anon += pss;
      else if (any(flags, PG.swapbacked)) all.pss_shmem += pss;
      else all.pss_file += pss;
      all[mapcount > 1 ? (dirty ? 'shared_dirty' : 'shared_clean') : dirty ? 'private_dirty' : 'private_clean'] += n;
      if (any(run.flags, PTE.ACCESSED) || any(flags, PG.referenced)) all.referenced += n;
      if (any(flags, PG.anon)) all.anonymous += n;
      if (any(flags, PG.anon) && !any(flags, PG.swapbacked) && !dirty) all.lazyfree += n;
      if (any(flags, PG.ksm)) all.ksm += n;
    });
  }
  leaf_runs(k, mm, vpn, count, (at, n) => smaps_pmd_entry(k, mm, at, n, all));
  smaps_swap(k, mm, vpn, count, all);
  return all;
}

/** Swap entries, each divided by how many name its slot; pages of shmem that are in swap count in `swap` only. */
function smaps_swap(k: Kernel, mm: number, vpn: number, count: number, all: Smaps): void {
  for (const run of swap_ptes(k, mm, vpn, count)) {
    all.swap += run.count;
    k.swapSlot.count.runs(run.slot, run.count, (_at, n, users) => {
      all.swap_pss += BigInt(n) * ((4096n * PSS_UNIT) / BigInt(users));
    });
  }
  if (k.options.swap.pages > 0) for (const vma of vmas_in(k, mm, vpn, vpn + count)) all.swap += shmem_swap_usage(k, vma);
}

/** `smaps_hugetlb_range()`: hugetlb pages count by themselves, in no other field. */
function smaps_hugetlb_range(k: Kernel, mm: number, run: PteRun, all: Smaps): void {
  const shared = hugetlb_pmd_shared(k, mm, run.vpn);
  k.page.mapcount.runs(run.pfn, run.count, (_at, n, mapcount) => {
    all[shared || mapcount > 1 ? 'shared_hugetlb' : 'private_hugetlb'] += n;
  });
}

/** `smaps_pmd_entry()`: what huge PMDs map, by kind. */
function smaps_pmd_entry(k: Kernel, mm: number, vpn: number, count: number, all: Smaps): void {
  for (const run of present_ptes(k, mm, vpn, count)) {
    if (run.pfn === 0) continue;
    frame_runs(k, run.pfn, run.count, ['flags'], (pfn, n) => {
      const flags = k.page.flags.get(pfn);
      all[any(flags, PG.anon) ? 'anon_huge_pages' : any(flags, PG.swapbacked) ? 'shmem_pmd_mapped' : 'file_pmd_mapped'] += n;
    });
  }
}

/** The fields of smaps as observables of whatever `range` finds the pages of. */
export function smapsObservers(range: (k: Kernel, id: number) => { mm: number; vpn: number; count: number }) {
  const field =
    (name: keyof Smaps) =>
    (k: Kernel, { id }: { id: number }): bigint => {
      const { mm, vpn, count } = range(k, id);
      const value = smaps(k, mm, vpn, count)[name];
      return typeof value === 'bigint' ? value / PSS_UNIT : bytes(value);
    };
  return {
    rss: field('rss'),
    pss: field('pss'),
    pss_dirty: field('pss_dirty'),
    pss_anon: field('pss_anon'),
    pss_file: field('pss_file'),
    pss_shmem: field('pss_shmem'),
    shared_clean: field('shared_clean'),
    shared_dirty: field('shared_dirty'),
    private_clean: field('private_clean'),
    private_dirty: field('private_dirty'),
    referenced: field('referenced'),
    anonymous: field('anonymous'),
    anon_huge_pages: field('anon_huge_pages'),
    shmem_pmd_mapped: field('shmem_pmd_mapped'),
    file_pmd_mapped: field('file_pmd_mapped'),
    shared_hugetlb: field('shared_hugetlb'),
    private_hugetlb: field('private_hugetlb'),
    lazyfree: field('lazyfree'),
    locked: (k: Kernel, { id }: { id: number }): bigint => {
      const { mm, vpn, count } = range(k, id);
      let locked = 0n;
      for (const vma of vmas_in(k, mm, vpn, vpn + count)) {
        const start = k.vma.start.get(vma);
        if (any(k.vma.flags.get(vma), VM.LOCKED)) locked += smaps(k, mm, start, k.vma.end.get(vma) - start).pss;
      }
      return locked / PSS_UNIT;
    },
    ksm: field('ksm'),
    swap: field('swap'),
    swap_pss: field('swap_pss'),
  } satisfies Observers<'process'>;
}
