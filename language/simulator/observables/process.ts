import { Content } from '../state/content';
import { any, MARKER, PTE, VM } from '../state/flags';
import { type Kernel, Leaf, TaskState } from '../state/kernel';
import { target } from '../state/shift';
import { TASK_PAGES } from '../state/units';
import { folio_test_hugetlb, HPAGE_PMD_NR } from '../mm/folio';
import { leaf_of } from '../mm/huge_pmd';
import { file_inode } from '../fs/file';
import { d_path } from '../fs/mount';
import { entry_place, hugetlb_pmd_shared } from '../mm/hugetlb_share';
import { attachers, mshare_place } from '../mm/mshare';
import { pgtables_bytes } from '../mm/pagetable';
import { is_pte_marker } from '../mm/pte_marker';
import { swp_slot } from '../mm/swap_pte';
import type { ObjectRef, Value } from '../value';
import { bytes, type Observers } from './observer';
import { smapsObservers } from './smaps';

const mm_of = (k: Kernel, { id }: ObjectRef): number => k.task.mm.get(id);

const process = {
  ...smapsObservers((k, id) => ({ mm: k.task.mm.get(id), vpn: 0, count: TASK_PAGES })),
  pid: (_k, { id }) => BigInt(id),
  exit_status: (k, { id }) => BigInt(Math.floor(k.task.status.get(id) / 256)),
  term_signal: (k, { id }) => BigInt(k.task.status.get(id) % 256),
  alive: (k, { id }) => k.task.state.get(id) === TaskState.Running,
  rss_anon: (k, p) => bytes(k.mm.rss_anon.get(mm_of(k, p))),
  rss_file: (k, p) => bytes(k.mm.rss_file.get(mm_of(k, p))),
  rss_shmem: (k, p) => bytes(k.mm.rss_shmem.get(mm_of(k, p))),
  rss: (k, p) => {
    const mm = mm_of(k, p);
    return bytes(k.mm.rss_anon.get(mm) + k.mm.rss_file.get(mm) + k.mm.rss_shmem.get(mm));
  },
  vm_swap: (k, p) => bytes(k.mm.swapents.get(mm_of(k, p))),
  vm_size: (k, p) => bytes(k.mm.total_vm.get(mm_of(k, p))),
  minflt: (k, { id }) => BigInt(k.task.minflt.get(id)),
  majflt: (k, { id }) => BigInt(k.task.majflt.get(id)),
  page_tables: (k, p) => pgtables_bytes(k, mm_of(k, p)),
  vmas: (k, p) => BigInt(k.mm.map_count.get(mm_of(k, p))),
} satisfies Observers<'process'>;

/** Flags of a PTE, and the frame that it maps (0: none). A `pte` names its process and, as `at`, the page number. */
export function pte_of(k: Kernel, ref: ObjectRef): { flags: number; pfn: number } {
  const { mm: root, vpn } = walk(k, ref);
  const { mm, offset } = entry_place(k, root, vpn);
  const { pte, pfn } = k.space4.of(mm);
  const at = vpn - offset;
  const flags = pte.get(at);
  return { flags, pfn: any(flags, PTE.PRESENT) && !any(flags, PTE.SPECIAL) ? target(at, pfn.get(at)) : 0 };
}

/** Whose page tables a walk from the process's PGD comes to, and where in them: a region's, where the PGD entry is linked. */
function walk(k: Kernel, { id, at = 0 }: ObjectRef): { mm: number; vpn: number } {
  const { mm, shift } = mshare_place(k, k.task.mm.get(id), at);
  return { mm, vpn: at - shift };
}

/** The slot that a swap entry names; 0: it is none. */
function swap_slot_of(k: Kernel, ref: ObjectRef): number {
  const { mm, vpn } = walk(k, ref);
  return any(k.space4.of(mm).pte.get(vpn), PTE.SWAP) ? swp_slot(k, mm, vpn) : 0;
}

const bit =
  (mask: number) =>
  (k: Kernel, p: ObjectRef): boolean =>
    any(pte_of(k, p).flags, mask);

const pte = {
  present: bit(PTE.PRESENT),
  writable: bit(PTE.RW),
  accessed: bit(PTE.ACCESSED),
  dirty: bit(PTE.DIRTY),
  soft_dirty: (k, p) => k.options.softDirty && any(pte_of(k, p).flags, PTE.SOFT_DIRTY),
  uffd_wp: bit(PTE.UFFD_WP),
  guard: (k, p) => is_pte_marker(pte_of(k, p).flags) && any(pte_of(k, p).flags, MARKER.GUARD),
  poisoned: (k, p) => is_pte_marker(pte_of(k, p).flags) && any(pte_of(k, p).flags, MARKER.POISONED),
  swapped: bit(PTE.SWAP),
  swap_offset: (k, p) => BigInt(swap_slot_of(k, p)),
  swap_count: (k, p) => BigInt(k.swapSlot.count.get(swap_slot_of(k, p))),
  special: bit(PTE.SPECIAL),
  exclusive: (k, p) => {
    const { mm, vpn } = walk(k, p);
    const huge = leaf_of(k, mm, vpn) !== Leaf.None;
    const { pfn } = pte_of(k, huge ? { ...p, at: (p.at ?? 0) - (vpn % HPAGE_PMD_NR) } : p);
    return pfn !== 0 && k.page.mapcount.get(pfn) === 1 && !hugetlb_pmd_shared(k, mm, vpn);
  },
  huge: (k, p) => leaf_of(k, walk(k, p).mm, walk(k, p).vpn) !== Leaf.None || folio_test_hugetlb(k, pte_of(k, p).pfn),
  pfn: (k, p) => BigInt(pte_of(k, p).pfn),
  page: (k, p) => {
    const { pfn } = pte_of(k, p);
    return pfn === 0 ? 0n : { kind: 'page', id: pfn };
  },
} satisfies Observers<'pte'>;

const vma = {
  ...smapsObservers((k, id) => {
    const start = k.vma.start.get(id);
    return { mm: k.vma.mm.get(id), vpn: start, count: k.vma.end.get(id) - start };
  }),
  start: (k, { id }) => bytes(k.vma.start.get(id)),
  end: (k, { id }) => bytes(k.vma.end.get(id)),
  size: (k, { id }) => bytes(k.vma.end.get(id) - k.vma.start.get(id)),
  prot: (k, { id }) => BigInt(k.vma.flags.get(id) % 8),
  shared: (k, { id }) => any(k.vma.flags.get(id), VM.SHARED),
  uffd_missing: (k, { id }) => any(k.vma.flags.get(id), VM.UFFD_MISSING),
  uffd_wp: (k, { id }) => any(k.vma.flags.get(id), VM.UFFD_WP),
  uffd_minor: (k, { id }) => any(k.vma.flags.get(id), VM.UFFD_MINOR),
  offset: (k, { id }) => (k.vma.mapping.get(id) === 0 ? 0n : bytes(k.vma.pgoff.get(id))),
  mm: (k, { id }) => region_mm(k, k.vma.mshare.get(id)),
  path: (k, { id }) => {
    const file = k.vma.file.get(id);
    const mapping = k.vma.mapping.get(id);
    if (file !== 0) return Content.text(d_path(k, k.file.mnt.get(file), file_inode(k, file)));
    return Content.text(mapping === 0 ? '' : k.names.text(k.inode.path.get(k.mapping.host.get(mapping))));
  },
} satisfies Observers<'vma'>;

/** The host of a region, as an object; 0: of none. */
export const region_mm = (k: Kernel, region: number): Value => (region === 0 ? 0n : { kind: 'mm', id: k.mshare.mm.get(region) });

const mm = {
  ...smapsObservers((_k, id) => ({ mm: id, vpn: 0, count: TASK_PAGES })),
  page_tables: (k, { id }) => pgtables_bytes(k, id),
  vmas: (k, { id }) => BigInt(k.mm.map_count.get(id)),
  start: (k, { id }) => bytes(k.mshare.start.get(k.mm.mshare.get(id))),
  size: (k, { id }) => bytes(k.mshare.size.get(k.mm.mshare.get(id))),
  attachers: (k, { id }) => attachers(k, k.mm.mshare.get(id)).map((pid): Value => ({ kind: 'process', id: pid })),
  tlb_flushes: (k, { id }) => BigInt(k.mshare.flushes.get(k.mm.mshare.get(id))),
  creator: (k, { id }) => ({ kind: 'process', id: k.mshare.creator.get(k.mm.mshare.get(id)) }),
} satisfies Observers<'mm'>;

export const processObservers = { process, pte, vma, mm };
