import { PTE, set } from '../state/flags';
import { AddressSpaceKind, type Kernel, Leaf } from '../state/kernel';
import { NONE } from '../state/shift';
import { pagesOf } from '../state/units';
import { folio_head, folio_nr_pages, head_of, HPAGE_PMD_NR, is_large } from './folio';
import { pmd_index, set_huge_pmds } from './huge_pmd';
import { pmd_alloc, pte_alloc } from './pagetable';
import { folio_add_rmap, set_ptes } from './rmap';

/** Pages of a process that one folio of a file is mapped at. */
export interface MappedFolio {
  readonly vpn: number;
  readonly pfn: number;
  readonly count: number;
}

/**
 * All of the large folio that `pfn`, to be mapped at `vpn`, is part of; undefined where it does not fit into the VMA and one page table, reaches beyond the end of a
 * file that is not on tmpfs (accesses there are a SIGBUS), or where not all of it is what the file has cached there (under a design a part of it may be another
 * file's only).
 */
export function placed_folio(k: Kernel, vma: number, vpn: number, pfn: number): MappedFolio | undefined {
  if (!is_large(k, pfn)) return undefined;
  const head = folio_head(k, pfn);
  const count = folio_nr_pages(k, pfn);
  const start = vpn - (pfn - head);
  if (start < k.vma.start.get(vma) || start + count > k.vma.end.get(vma)) return undefined;
  if (head_of(start, HPAGE_PMD_NR) !== head_of(start + count - 1, HPAGE_PMD_NR)) return undefined;
  const mapping = k.vma.mapping.get(vma);
  const index = start - k.vma.start.get(vma) + k.vma.pgoff.get(vma);
  const shmem = k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem;
  if (!shmem && index + count > pagesOf(k.inode.size.get(k.mapping.host.get(mapping)))) return undefined;
  const cached = k.design.lookup(k, mapping, index, count);
  return cached.pfn === head && cached.count === count ? { vpn: start, pfn: head, count } : undefined;
}

/** `placed_folio()` where nothing of it is mapped yet. */
export function fitting_folio(k: Kernel, mm: number, vma: number, vpn: number, pfn: number): MappedFolio | undefined {
  const folio = placed_folio(k, vma, vpn, pfn);
  return folio !== undefined && is_unmapped(k, mm, folio) ? folio : undefined;
}

function is_unmapped(k: Kernel, mm: number, { vpn, count }: MappedFolio): boolean {
  const { pte } = k.space4.of(mm);
  return pte.get(vpn) === 0 && pte.runEnd(vpn, vpn + count) === vpn + count;
}

/** `filemap_map_folio_range()`: maps what is not mapped yet of a folio; gives how many pages. */
export function map_rest_of_folio(k: Kernel, mm: number, vma: number, folio: MappedFolio, flags: number): number {
  if (is_unmapped(k, mm, folio)) {
    map_folio(k, mm, vma, folio, flags);
    return folio.count;
  }
  const empty: { at: number; n: number }[] = [];
  k.space4.of(mm).pte.runs(folio.vpn, folio.count, (at, n, pte) => {
    if (pte === 0) empty.push({ at, n });
  });
  for (const { at, n } of empty)
    k.in('set_pte_range', n, () => {
      const pfn = folio.pfn + at - folio.vpn;
      set_ptes(k, mm, at, n, pfn, flags);
      folio_add_rmap(k, mm, vma, pfn, n);
      k.trace.effect('fault-around: PTE {addresses:0} maps {frames:1}', n, at, pfn);
    });
  return empty.reduce((sum, { n }) => sum + n, 0);
}

/** `set_pte_range()` for a whole folio, or `do_set_pmd()` where it fills an empty PMD. */
export function map_folio(k: Kernel, mm: number, vma: number, { vpn, pfn, count }: MappedFolio, flags: number): void {
  const { leaf, pt } = k.space4.of(mm);
  const index = pmd_index(vpn);
  const huge = count === HPAGE_PMD_NR && pt.get(index) === NONE && leaf.get(index) === Leaf.None;
  k.in(huge ? 'do_set_pmd' : 'set_pte_range', huge ? 1 : count, () => {
    if (huge) {
      pmd_alloc(k, mm, vpn, count);
      set_huge_pmds(k, mm, vpn, 1, false);
    } else pte_alloc(k, mm, vpn, count);
    set_ptes(k, mm, vpn, count, pfn, set(flags, PTE.PRESENT));
    folio_add_rmap(k, mm, vma, pfn, count);
    k.trace.effect(
      huge ? 'a huge PMD at {addresses:0} maps {frames:1}' : 'PTE {addresses:0} maps {frames:1}, the whole folio',
      count,
      vpn,
      pfn,
    );
  });
}
