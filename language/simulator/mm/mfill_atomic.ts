import type { Outcome } from '../api';
import { fail } from '../calls';
import { shmem_inode_acct_blocks } from '../fs/shmem_space';
import { stored } from '../fs/newest';
import { any, clear, MARKER, PG, PTE, set, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { Content } from '../state/content';
import { PAGE_SIZE, pagesOf } from '../state/units';
import { filemap_add_folio } from './filemap';
import { filemap_update_page } from './folio_wait';
import { is_vm_hugetlb_page } from './hugetlb_share';
import { mfill_atomic_hugetlb } from './hugetlb_uffd';
import { anon_vma_prepare, new_anon_folio, WRITTEN } from './memory';
import { get_mem_cgroup_from_mm } from './memcontrol';
import { in_host, vma_is_mshare } from './mshare';
import { alloc_pages } from './page_alloc';
import { pte_alloc } from './pagetable';
import { is_pte_marker, set_pte_markers } from './pte_marker';
import { folio_add_rmap, set_ptes } from './rmap';
import { shmem_get_entry, shmem_swapped } from './shmem_swap';
import { pte_mkuffd_wp } from './userfaultfd_wp';
import { userfaultfd_wp } from './userfaultfd_wait';

/** What a range is filled with. `wp`: write-protected at once. */
export interface Fill {
  readonly kind: 'copy' | 'zeropage' | 'continue' | 'poison';
  readonly content: Content;
  readonly wp: boolean;
}

/** How many pages were filled, and what kept the rest from it. */
export interface Filled {
  readonly done: number;
  readonly problem?: Outcome;
}

const stopped = (done: number, problem: Outcome): Filled => ({ done, problem });

/** `mfill_atomic()`: fills `count` pages from page number `dst` of `mm`, which lie in one registered mapping, up to the first that can't be. */
export function mfill_atomic(k: Kernel, mm: number, dst: number, count: number, fill: Fill): Filled {
  const vma = k.space4.of(mm).vma.get(dst);
  if (vma === 0 || dst + count > k.vma.end.get(vma)) return stopped(0, fail('ENOENT', 'the range does not lie in one mapping'));
  if (vma_is_mshare(k, vma)) return in_host(k, vma, (host, shift) => mfill_atomic(k, host, dst - shift, count, fill));
  if (k.vma.uffd.get(vma) === 0) return stopped(0, fail('ENOENT', 'the mapping is not registered with a userfaultfd'));
  if (fill.wp && !userfaultfd_wp(k, vma)) return stopped(0, fail('EINVAL', 'the mapping is not registered for write protection'));
  return k.batch(
    'mfill_atomic',
    () => (is_vm_hugetlb_page(k, vma) ? mfill_atomic_hugetlb(k, mm, vma, dst, count, fill) : mfill_ptes(k, mm, vma, dst, count, fill)),
    ({ done }) => Math.max(1, done),
  );
}

function mfill_ptes(k: Kernel, mm: number, vma: number, dst: number, count: number, fill: Fill): Filled {
  const mapping = k.vma.mapping.get(vma);
  const shmem = k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem;
  if (mapping !== 0 && !shmem) return stopped(0, fail('EINVAL', 'pages of this file cannot be filled'));
  if (fill.kind === 'continue' && !shmem) return stopped(0, fail('EINVAL', 'anonymous memory has no page cache to go on with'));
  const shared = any(k.vma.flags.get(vma), VM.SHARED);
  const index = dst - k.vma.start.get(vma) + k.vma.pgoff.get(vma);
  const limit = mapping === 0 ? Infinity : pagesOf(k.inode.size.get(k.mapping.host.get(mapping))) - index;
  for (let done = 0; done < count;) {
    const at = dst + done;
    if (done >= limit) {
      pte_alloc(k, mm, at, 1);
      return stopped(done, fail('EFAULT', 'the page lies beyond the end of the file'));
    }
    const { pte } = k.space4.of(mm);
    const entry = pte.get(at);
    const strict = fill.kind === 'poison' || (fill.kind === 'zeropage' && !shared);
    if (strict ? entry !== 0 : any(entry, PTE.PRESENT + PTE.SWAP))
      return stopped(done, fail('EEXIST', is_pte_marker(entry) ? 'there is a marker already' : 'a page is mapped there already'));
    const n = Math.min(pte.runEnd(at, dst + count) - at, limit - done);
    pte_alloc(k, mm, at, n);
    const part: Part = { mm, vma, vpn: at, index: index + done, count: n, offset: done * PAGE_SIZE };
    const got = mfill_atomic_pte(k, part, fill, shared && shmem);
    if (typeof got !== 'number') return stopped(done, got);
    done += got;
  }
  return { done: count };
}

/** Pages of one mapping with equal entries, that begin `offset` bytes into what is copied. */
interface Part {
  readonly mm: number;
  readonly vma: number;
  readonly vpn: number;
  readonly index: number;
  readonly count: number;
  readonly offset: number;
}

/** `mfill_atomic_pte()`; gives for how many pages it was done. */
function mfill_atomic_pte(k: Kernel, part: Part, fill: Fill, cached: boolean): number | Outcome {
  const pages = (done: number | Outcome): number => (typeof done === 'number' ? done : 1);
  const content = (): Content =>
    fill.kind === 'copy' ? fill.content.slice(part.offset, part.offset + part.count * PAGE_SIZE) : Content.zeros(part.count * PAGE_SIZE);
  if (cached && (fill.kind === 'copy' || fill.kind === 'zeropage'))
    return k.batch('shmem_mfill_atomic_pte', () => shmem_mfill_atomic_pte(k, part, content(), fill.wp), pages);
  switch (fill.kind) {
    case 'poison':
      return k.in('mfill_atomic_pte_poison', part.count, () => {
        set_pte_markers(k, part.mm, part.vpn, part.count, MARKER.POISONED);
        k.trace.effect('{addresses:0} are poisoned: an access is a SIGBUS', part.count, part.vpn);
        return part.count;
      });
    case 'continue':
      return k.batch('mfill_atomic_pte_continue', () => mfill_atomic_pte_continue(k, part, fill.wp), pages);
    case 'zeropage':
      return k.in('mfill_atomic_pte_zeropage', part.count, () => {
        k.space4.of(part.mm).pte.fill(part.vpn, part.count, PTE.PRESENT + PTE.USER + PTE.ACCESSED + PTE.SPECIAL);
        k.trace.effect('PTE {addresses:0} maps the zero page, read-only', part.count, part.vpn);
        return part.count;
      });
    case 'copy':
      return k.batch('mfill_atomic_pte_copy', () => mfill_atomic_pte_copy(k, part, content(), fill.wp), pages);
  }
}

/** The flags of an entry that is installed, `writable` as far as the mapping permits: dirty, whatever it maps. */
function installed(k: Kernel, vma: number, writable: boolean, wp: boolean): number {
  const flags = writable && any(k.vma.flags.get(vma), VM.WRITE) ? WRITTEN : clear(WRITTEN, PTE.RW);
  return wp ? pte_mkuffd_wp(flags) : flags;
}

/** A new anonymous page. */
function mfill_atomic_pte_copy(k: Kernel, { mm, vma, vpn, count }: Part, content: Content, wp: boolean): number {
  anon_vma_prepare(k, vma);
  const { pfn, count: got } = alloc_pages(k, count, get_mem_cgroup_from_mm(k, mm));
  k.page.content.fill(pfn, got, k.contents.layout(content.slice(0, got * PAGE_SIZE), pfn));
  new_anon_folio(k, mm, vma, vpn, pfn, got, installed(k, vma, true, wp));
  k.trace.effect('{frames:0} filled and mapped by PTE {addresses:1}', got, pfn, vpn);
  return got;
}

/** A new page of the file, which must not have one there. Its PTE alone is dirty. */
function shmem_mfill_atomic_pte(k: Kernel, { mm, vma, vpn, index, count }: Part, content: Content, wp: boolean): number | Outcome {
  const mapping = k.vma.mapping.get(vma);
  const inode = k.mapping.host.get(mapping);
  const found = k.design.lookup(k, mapping, index, count);
  const [swapped] = shmem_swapped(k, mapping, index, found.count);
  if (found.pfn !== 0 || swapped?.index === index) return fail('EEXIST', 'the file has a page there already');
  const room = shmem_inode_acct_blocks(k, inode, index, (swapped?.index ?? index + found.count) - index);
  if (room === 0) return fail('ENOMEM', 'the filesystem is full');
  const { pfn, count: got } = alloc_pages(k, room, get_mem_cgroup_from_mm(k, mm));
  const bytes = content.slice(0, got * PAGE_SIZE);
  k.page.content.fill(pfn, got, k.contents.layout(bytes, pfn));
  filemap_add_folio(k, mapping, index, pfn, got);
  k.page.flags.update(pfn, got, (flags) => set(flags, PG.uptodate));
  stored(k, inode, index * PAGE_SIZE, bytes);
  map_cached(k, mm, vma, vpn, pfn, got, installed(k, vma, true, wp));
  return got;
}

/** Maps the pages that the file has. */
function mfill_atomic_pte_continue(k: Kernel, { mm, vma, vpn, index, count }: Part, wp: boolean): number | Outcome {
  const { pfn, count: found } = shmem_get_entry(k, k.vma.mapping.get(vma), index, count);
  if (pfn === 0) return fail('EFAULT', 'the file has no page there');
  const n = filemap_update_page(k, pfn, found).count;
  map_cached(k, mm, vma, vpn, pfn, n, installed(k, vma, any(k.vma.flags.get(vma), VM.SHARED), wp));
  return n;
}

function map_cached(k: Kernel, mm: number, vma: number, vpn: number, pfn: number, count: number, flags: number): void {
  set_ptes(k, mm, vpn, count, pfn, flags);
  folio_add_rmap(k, mm, vma, pfn, count);
  k.trace.effect('PTE {addresses:0} maps {frames:1}', count, vpn, pfn);
}
