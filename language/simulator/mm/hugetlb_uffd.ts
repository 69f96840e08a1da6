import { fail } from '../calls';
import { any, clear, MARKER, PTE, set, VM } from '../state/flags';
import { stored } from '../fs/newest';
import type { Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_get_entry } from './filemap';
import { HPAGE_PMD_NR } from './folio';
import { hugetlb_add_to_page_cache, map_huge, new_anon_huge } from './hugetlb';
import { alloc_hugetlb_folio } from './hugetlb_pool';
import { huge_pte_alloc } from './hugetlb_share';
import { anon_vma_prepare } from './memory';
import type { Fill, Filled } from './mfill_atomic';
import { pmd_alloc } from './pagetable';
import { clear_pte_markers, set_pte_markers } from './pte_marker';
import { present_ptes } from './rmap';

/** userfaultfd and hugetlb pages: whole ones. */

/** `mfill_atomic_hugetlb()`: fills `count` pages from page number `dst` of one mapping, huge page after huge page. */
export function mfill_atomic_hugetlb(k: Kernel, mm: number, vma: number, dst: number, count: number, fill: Fill): Filled {
  if (fill.kind === 'zeropage') return { done: 0, problem: fail('EINVAL', 'there is no zero page of that size') };
  if (dst % HPAGE_PMD_NR !== 0 || count % HPAGE_PMD_NR !== 0)
    return { done: 0, problem: fail('EINVAL', 'the range would cut a huge page') };
  const mapping = k.vma.mapping.get(vma);
  const shared = any(k.vma.flags.get(vma), VM.SHARED);
  for (let done = 0; done < count; done += HPAGE_PMD_NR) {
    const at = dst + done;
    const index = at - k.vma.start.get(vma) + k.vma.pgoff.get(vma);
    const stopped = (errno: 'EEXIST' | 'EFAULT' | 'ENOMEM', why: string): Filled => ({ done, problem: fail(errno, why) });
    const entry = k.space4.of(mm).pte.get(at);
    if (fill.kind === 'poison' ? entry !== 0 : any(entry, PTE.PRESENT)) return stopped('EEXIST', 'a page is mapped there already');
    if (fill.kind === 'poison') {
      pmd_alloc(k, mm, at, HPAGE_PMD_NR);
      set_pte_markers(k, mm, at, HPAGE_PMD_NR, MARKER.POISONED);
      k.trace.effect('{addresses:0} are poisoned: an access is a SIGBUS', HPAGE_PMD_NR, at);
      continue;
    }
    const cached = filemap_get_entry(k, mapping, index, HPAGE_PMD_NR).pfn;
    if (fill.kind === 'continue') {
      if (cached === 0) return stopped('EFAULT', 'the file has no page there');
      install(k, mm, vma, at, cached, { cached: true, writable: shared, wp: fill.wp });
      continue;
    }
    if (shared && cached !== 0) return stopped('EEXIST', 'the file has a page there already');
    if (index >= pagesOf(k.inode.size.get(k.mapping.host.get(mapping)))) return stopped('EFAULT', 'it lies beyond the end of the file');
    if (!shared) anon_vma_prepare(k, vma);
    const { pfn, count: got } = alloc_hugetlb_folio(k, vma, mapping, index, HPAGE_PMD_NR);
    if (got === 0) return stopped('ENOMEM', 'the pool of huge pages is empty');
    const content = fill.content.slice(done * PAGE_SIZE, (done + HPAGE_PMD_NR) * PAGE_SIZE);
    k.page.content.fill(pfn, HPAGE_PMD_NR, k.contents.layout(content, pfn));
    if (shared) {
      hugetlb_add_to_page_cache(k, mapping, index, pfn, HPAGE_PMD_NR);
      stored(k, k.mapping.host.get(mapping), index * PAGE_SIZE, content);
    } else new_anon_huge(k, vma, at, pfn, HPAGE_PMD_NR);
    install(k, mm, vma, at, pfn, { cached: shared, writable: true, wp: fill.wp });
  }
  return { done: count };
}

/** The entries of one huge page that is `cached` or the process's own. */
function install(
  k: Kernel,
  mm: number,
  vma: number,
  vpn: number,
  pfn: number,
  { cached, writable, wp }: { cached: boolean; writable: boolean; wp: boolean },
): void {
  huge_pte_alloc(k, mm, vma, vpn, HPAGE_PMD_NR);
  map_huge(k, mm, vma, vpn, pfn, HPAGE_PMD_NR);
  const { pte } = k.space4.of(mm);
  const flags = set(pte.get(vpn), PTE.DIRTY + PTE.SOFT_DIRTY);
  const allowed = writable ? flags : clear(flags, PTE.RW);
  pte.fill(vpn, HPAGE_PMD_NR, wp ? set(clear(allowed, PTE.RW), PTE.UFFD_WP) : allowed);
  if (cached) k.page.refcount.add(pfn, HPAGE_PMD_NR, 1);
}

/** `hugetlb_change_protection()` for userfaultfd; where nothing is mapped a marker remembers the protection. */
export function hugetlb_uffd_wp(k: Kernel, mm: number, vma: number, vpn: number, count: number, enable: boolean): void {
  const { pte } = k.space4.of(mm);
  for (const run of present_ptes(k, mm, vpn, count)) {
    if (!enable && !any(run.flags, PTE.UFFD_WP)) continue;
    pte.fill(run.vpn, run.count, enable ? set(clear(run.flags, PTE.RW), PTE.UFFD_WP) : clear(run.flags, PTE.UFFD_WP));
    k.trace.effect(
      enable ? 'the entries at {addresses:0} write-protected by userfaultfd' : 'the entries at {addresses:0} no longer protected',
      run.count,
      run.vpn,
    );
  }
  if (!enable) {
    clear_pte_markers(k, mm, vpn, count, MARKER.UFFD_WP);
    return;
  }
  const empty: { at: number; n: number }[] = [];
  pte.runs(vpn, count, (at, n, flags) => {
    if (flags === 0) empty.push({ at, n });
  });
  for (const { at, n } of empty) {
    huge_pte_alloc(k, mm, vma, at, n);
    set_pte_markers(k, mm, at, n, MARKER.UFFD_WP);
    k.trace.effect('nothing is mapped at {addresses:0}: markers remember the protection', n, at);
  }
}
