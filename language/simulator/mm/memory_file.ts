import { reserve_space } from '../fs/space';
import { any, PG, PTE, set, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { NONE, target } from '../state/shift';
import { filemap_dirty_folio } from './filemap_dirty';
import { folio_nr_pages, HPAGE_PMD_NR, is_large, whole_folios } from './folio';
import { pmd_index } from './huge_pmd';
import { shmem_allowable_huge } from './shmem_huge';
import { shmem_swapped } from './shmem_swap';
import { fitting_folio, map_folio } from './large_fault';
import { can_map_pages, filemap_map_pages, read_pte } from './filemap';
import { filemap_fault, room_for } from './filemap_fault';
import { filesystem_of } from '../fs/filesystem';
import { in_one_go } from '../kernel/sleep';
import { wait_for_io } from './folio_wait';
import { pagesOf } from '../state/units';
import { cow_file_pages, fault_batch, mm_account_fault, wp_page_reuse, type Signal } from './memory';
import { with_reference } from './page_alloc';
import { pmd_alloc, pte_alloc } from './pagetable';
import { folio_add_rmap, set_ptes, zap_pte_range } from './rmap';
import { handle_userfault, userfaultfd_minor, userfaultfd_missing, userfaultfd_wp } from './userfaultfd_wait';
import { with_marker } from './userfaultfd_wp';

/** A fault on pages of a file that are not mapped yet (`do_fault()`); gives how many it was done for. */
export function do_fault(k: Kernel, mm: number, vma: number, vpn: number, count: number, write: boolean): number | Signal {
  pmd_alloc(k, mm, vpn, 1);
  const shared = any(k.vma.flags.get(vma), VM.SHARED);
  const [name, path] = !write
    ? (['do_read_fault', do_read_fault] as const)
    : shared
      ? (['do_shared_fault', do_shared_fault] as const)
      : (['do_cow_fault', do_cow_fault] as const);
  const pages = (done: number | Signal): number => (typeof done === 'string' ? 1 : done);
  return k.batch('do_fault', () => k.batch(name, () => path(k, mm, vma, vpn, count), pages), pages);
}

/** `fault_batch()` for pages of a file: those that are cached already take no new frames. */
function file_batch(k: Kernel, mm: number, vma: number, vpn: number, count: number): number {
  const cached = k.design.lookup(k, k.vma.mapping.get(vma), index_of(k, vma, vpn), count);
  if (cached.pfn !== 0 ? is_large(k, cached.pfn) : shmem_allowable_huge(k, vma, index_of(k, vma, vpn))) return 1;
  return fault_batch(k, mm, vpn, cached.count, cached.pfn === 0 ? cached.count : 0);
}

/** Whether a page of tmpfs that is not there cannot be: its filesystem is full. A fault is a SIGBUS then, and no table is made for it. */
const is_full = (k: Kernel, vma: number, vpn: number): boolean => {
  const mapping = k.vma.mapping.get(vma);
  return k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem && room_for(k, mapping, index_of(k, vma, vpn), 1) === 0;
};

/** Whether the page lies behind the end of the file, where a fault is a SIGBUS and no table is made for it. */
const is_beyond_eof = (k: Kernel, vma: number, vpn: number): boolean => {
  const size = k.inode.size.get(k.mapping.host.get(k.vma.mapping.get(vma)));
  return index_of(k, vma, vpn) >= pagesOf(size);
};

const index_of = (k: Kernel, vma: number, vpn: number): number => vpn - k.vma.start.get(vma) + k.vma.pgoff.get(vma);

/** System V shm has no fault-around, nor has what userfaultfd wants to hear of. */
const should_fault_around = (k: Kernel, vma: number): boolean =>
  k.mapping.sysv.get(k.vma.mapping.get(vma)) === 0 && !userfaultfd_wp(k, vma) && !userfaultfd_minor(k, vma);

/**
 * What `shmem_get_folio_gfp()` does for userfaultfd: a page that the file has is a minor fault, one that it has not a missing one; where the mapping is
 * registered for that, the fault waits. True where nobody is to be asked.
 */
function shmem_userfault(k: Kernel, mm: number, vma: number, vpn: number, write: boolean): boolean {
  if (!userfaultfd_missing(k, vma) && !userfaultfd_minor(k, vma)) return false;
  const mapping = k.vma.mapping.get(vma);
  const index = index_of(k, vma, vpn);
  const cached = k.design.lookup(k, mapping, index, 1).pfn !== 0 || shmem_swapped(k, mapping, index, 1).length > 0;
  if (!(cached ? userfaultfd_minor : userfaultfd_missing)(k, vma)) return false;
  return handle_userfault(k, mm, vma, vpn, cached ? 'minor' : 'missing', write) === 'SIGBUS';
}

function do_read_fault(k: Kernel, mm: number, vma: number, vpn: number, count: number): number | Signal {
  const around = should_fault_around(k, vma) ? k.options.faultAround : 1;
  const hasTable = k.space4.of(mm).pt.get(pmd_index(vpn)) !== NONE;
  if (around > 1) {
    const mapped = do_fault_around(k, mm, vma, vpn, hasTable);
    if (mapped > 0) {
      mm_account_fault(k, 1, false);
      return 1;
    }
  }
  if (is_beyond_eof(k, vma, vpn) || shmem_userfault(k, mm, vma, vpn, false) || is_full(k, vma, vpn)) return 'SIGBUS';
  const pages = filemap_fault(k, vma, index_of(k, vma, vpn), around > 1 ? 1 : file_batch(k, mm, vma, vpn, count));
  if (pages === 'SIGBUS') return 'SIGBUS';
  if (around > 1 && folio_nr_pages(k, pages.pfn) < HPAGE_PMD_NR) with_reference(k, pages.pfn, pages.count, () => pte_alloc(k, mm, vpn, 1));
  if (is_large(k, pages.pfn)) {
    mm_account_fault(k, 1, pages.major);
    return finish_large_fault(k, mm, vma, vpn, count, pages.pfn, read_pte(k, vma));
  }
  const small = k.folio.order.runEnd(pages.pfn, pages.pfn + pages.count) - pages.pfn;
  mm_account_fault(k, small, pages.major);
  if (pages.retry && around > 1 && do_fault_around(k, mm, vma, vpn, hasTable) > 0) return 1;
  finish_fault(k, mm, vma, vpn, pages.pfn, small, read_pte(k, vma));
  return small;
}

/**
 * `do_fault_around()`: maps what is cached in a window of virtual addresses around `vpn`: from where the naturally aligned one or, if that is later, the VMA
 * begins, and as long, but no further than the VMA and the page table. Gives how many PTEs it set if the page at `vpn` is among them, else 0.
 */
function do_fault_around(k: Kernel, mm: number, vma: number, vpn: number, hasTable: boolean): number {
  return k.in('do_fault_around', 1, () => {
    const size = k.options.faultAround;
    const table = Math.floor(vpn / 512) * 512;
    const from = Math.max(Math.floor(vpn / size) * size, k.vma.start.get(vma), table);
    const to = Math.min(from + size, k.vma.end.get(vma), table + 512);
    const { pfn } = k.design.lookup(k, k.vma.mapping.get(vma), index_of(k, vma, vpn), 1);
    const huge = pfn === 0 ? undefined : fitting_folio(k, mm, vma, vpn, pfn);
    if (huge?.count === HPAGE_PMD_NR && any(k.page.flags.get(pfn), PG.uptodate)) {
      map_folio(k, mm, vma, huge, read_pte(k, vma));
      return HPAGE_PMD_NR;
    }
    if (!can_map_pages(k, vma, from, to - from, hasTable)) return 0;
    pte_alloc(k, mm, vpn, 1);
    const mapped = filemap_map_pages(k, vma, from, to - from);
    return any(k.space4.of(mm).pte.get(vpn), PTE.PRESENT) ? mapped : 0;
  });
}

function do_cow_fault(k: Kernel, mm: number, vma: number, vpn: number, count: number): number | Signal {
  if (is_beyond_eof(k, vma, vpn) || shmem_userfault(k, mm, vma, vpn, true) || is_full(k, vma, vpn)) return 'SIGBUS';
  const pages = filemap_fault(k, vma, index_of(k, vma, vpn), fault_batch(k, mm, vpn, count));
  if (pages === 'SIGBUS') return 'SIGBUS';
  with_reference(k, pages.pfn, pages.count, () => {
    for (let done = 0; done < pages.count;) done += cow_file_pages(k, mm, vma, vpn + done, pages.pfn + done, pages.count - done);
  });
  mm_account_fault(k, pages.count, pages.major);
  return pages.count;
}

function do_shared_fault(k: Kernel, mm: number, vma: number, vpn: number, count: number): number | Signal {
  const index = index_of(k, vma, vpn);
  if (is_beyond_eof(k, vma, vpn) || shmem_userfault(k, mm, vma, vpn, true) || is_full(k, vma, vpn)) return 'SIGBUS';
  wait_for_stable_page(k, vma, index);
  const pages = filemap_fault(k, vma, index, file_batch(k, mm, vma, vpn, count));
  if (pages === 'SIGBUS') return 'SIGBUS';
  const alike = is_large(k, pages.pfn) ? 1 : k.folio.order.runEnd(pages.pfn, pages.pfn + pages.count) - pages.pfn;
  const own = do_page_mkwrite(k, vma, index, pages.pfn, alike);
  if (own === 'SIGBUS') return own;
  const { pfn, count: n } = own;
  const flags = set(read_pte(k, vma), PTE.RW + PTE.DIRTY + PTE.SOFT_DIRTY);
  if (is_large(k, pfn)) {
    mm_account_fault(k, 1, pages.major);
    return finish_large_fault(k, mm, vma, vpn, count, pfn, flags);
  }
  finish_fault(k, mm, vma, vpn, pfn, n, flags);
  mm_account_fault(k, n, pages.major);
  return n;
}

/** Where the filesystem has checksums, a store to a page that is being written waits. Other pages may change meanwhile: they are dirty again then. */
function wait_for_stable_page(k: Kernel, vma: number, index: number): void {
  const mapping = k.vma.mapping.get(vma);
  const stable = filesystem_of(k, k.mapping.host.get(mapping)).a_ops.stable_writes === true;
  if (stable) wait_for_io(k, mapping, index, 1, false);
}

/** `finish_fault()` for a page of a large folio: all of it is mapped where it fits. Gives how many of `count` pages from `vpn` are mapped now. */
function finish_large_fault(k: Kernel, mm: number, vma: number, vpn: number, count: number, pfn: number, flags: number): number {
  const folio = fitting_folio(k, mm, vma, vpn, pfn);
  if (folio === undefined) {
    finish_fault(k, mm, vma, vpn, pfn, 1, flags);
    return 1;
  }
  k.in('finish_fault', 1, () => map_folio(k, mm, vma, folio, flags));
  return Math.min(count, folio.vpn + folio.count - vpn);
}

/** `finish_fault()` → `set_pte_range()`: maps `count` frames from `pfn`. */
function finish_fault(k: Kernel, mm: number, vma: number, vpn: number, pfn: number, count: number, flags: number): void {
  k.in('finish_fault', count, () => {
    pte_alloc(k, mm, vpn, count);
    k.in('set_pte_range', count, () => {
      const entry = with_marker(k, mm, vpn, flags);
      set_ptes(k, mm, vpn, count, pfn, entry);
      folio_add_rmap(k, mm, vma, pfn, count);
      k.trace.effect(
        any(entry, PTE.RW) ? 'PTE {addresses:0} maps {frames:1}, writable' : 'PTE {addresses:0} maps {frames:1}, read-only',
        count,
        vpn,
        pfn,
      );
    });
  });
}

/**
 * `do_page_mkwrite()`: the filesystem hears that the pages are about to be written; they become dirty. The design may put pages of the
 * file's own in their place first, so the frames that come back count.
 */
function do_page_mkwrite(k: Kernel, vma: number, index: number, pfn: number, wanted: number): { pfn: number; count: number } | 'SIGBUS' {
  const mapping = k.vma.mapping.get(vma);
  const count = reserve_space(k, k.mapping.host.get(mapping), index, wanted);
  if (count === 0) return 'SIGBUS';
  if (k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem) {
    filemap_dirty_folio(k, pfn, count);
    return { pfn, count };
  }
  return k.batch(
    'do_page_mkwrite',
    () =>
      k.batch(
        'iomap_page_mkwrite',
        () => {
          const inode = k.mapping.host.get(mapping);
          in_one_go(k, () => filesystem_of(k, inode).a_ops.page_mkwrite?.(k, inode, index, count));
          in_one_go(k, () => k.design.own(k, mapping, index, count, true));
          const own = k.design.lookup(k, mapping, index, count);
          const folios = whole_folios(k, own.pfn, own.count);
          filemap_dirty_folio(k, folios.pfn, folios.count);
          return own;
        },
        (own) => own.count,
      ),
    (own) => own.count,
  );
}

/** `wp_page_shared()`: a store to a write-protected page of a shared file mapping. */
export function wp_page_shared(k: Kernel, mm: number, vma: number, vpn: number, pfn: number, count: number): number | Signal {
  return k.batch<number | Signal>(
    'wp_page_shared',
    () => {
      wait_for_stable_page(k, vma, index_of(k, vma, vpn));
      const own = do_page_mkwrite(k, vma, index_of(k, vma, vpn), pfn, count);
      if (own === 'SIGBUS') return own;
      const { pte, pfn: frame } = k.space4.of(mm);
      if (any(pte.get(vpn), PTE.PRESENT) && target(vpn, frame.get(vpn)) === own.pfn)
        return wp_page_reuse(k, mm, vpn, own.pfn, own.count, 'the file is told of the store');
      if (any(pte.get(vpn), PTE.PRESENT)) zap_pte_range(k, mm, vpn, own.count);
      finish_fault(k, mm, vma, vpn, own.pfn, own.count, set(read_pte(k, vma), PTE.RW + PTE.DIRTY + PTE.SOFT_DIRTY));
      mm_account_fault(k, own.count, false);
      return own.count;
    },
    (n) => (n === 'SIGBUS' || n === 'SIGSEGV' ? 1 : n),
  );
}
