import { constants } from '../../catalogue/constants';
import { fail, ok, type Calls } from '../calls';
import type { Outcome } from '../api';
import { any, clear, PG, PTE, set, VM } from '../state/flags';
import { Impossible } from '../state/impossible';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE, pagesOf, TASK_PAGES } from '../state/units';
import { in_one_go, once } from '../kernel/sleep';
import { end_io } from './folio_wait';
import { willneed } from '../fs/fadvise';
import { punch_hole } from '../fs/fallocate';
import { get_user_pages } from './gup';
import { madvise_free } from './lazyfree';
import { madvise_guard_install, madvise_guard_remove } from './madvise_guard';
import { madvise_pageout } from './pageout';
import { madvise_mergeable, madvise_unmergeable } from './ksm_mm';
import { covered, hex, wraps } from './mmap';
import { flush_tlb, in_host, vma_is_mshare } from './mshare';
import { may_walk } from './mshare_change';
import { free_pte_tables } from './pagetable';
import { folio_nr_pages, folio_runs, head_of, HPAGE_PMD_NR } from './folio';
import { is_vm_hugetlb_page } from './hugetlb_share';
import { is_folio_of } from './huge_memory';
import { madvise_collapse } from './khugepaged';
import { without_markers } from './pte_marker';
import { present_ptes, zap_pte_range } from './rmap';
import { split_partial_folios } from './split_folio';
import { lruvec_add_folio, lruvec_del_folio } from './swap';
import { shmem_swapped } from './shmem_swap';
import { swap_ptes } from './swap_pte';
import { swapin } from './swap_state';
import { vma_modify_flags, vmas_in } from './vma';

type Advice = keyof typeof constants & `MADV_${string}`;

/** One VMA's part of the range, in page numbers. */
interface Part {
  readonly mm: number;
  readonly vma: number;
  readonly start: number;
  readonly end: number;
}

/** Does what the advice says to one part; an Outcome where it can't. */
type Behaviour = (k: Kernel, part: Part) => Outcome | undefined;

const flags_of = (k: Kernel, { vma }: Part): number => k.vma.flags.get(vma);

/** Advice that only sets or clears VMA flags: `madvise_vma_behavior()`. */
function flags(add: number, remove: number, says: string): Behaviour {
  return (k, part) => {
    vma_modify_flags(k, part.vma, part.start, part.end, set(clear(flags_of(k, part), remove), add));
    k.trace.effect(`{addresses:0}: ${says}`, part.end - part.start, part.start);
    return undefined;
  };
}

const BEHAVIOUR: Readonly<Partial<Record<Advice, Behaviour>>> = {
  MADV_NORMAL: flags(0, VM.RAND_READ + VM.SEQ_READ, 'readahead as usual'),
  MADV_RANDOM: flags(VM.RAND_READ, VM.SEQ_READ, 'no readahead, and accesses do not count for the LRU'),
  MADV_SEQUENTIAL: flags(VM.SEQ_READ, VM.RAND_READ, 'much readahead, and accesses do not count for the LRU'),
  MADV_DONTFORK: flags(VM.DONTCOPY, 0, 'a child will not have this'),
  MADV_DOFORK: flags(0, VM.DONTCOPY, 'a child will have this'),
  MADV_DONTDUMP: flags(VM.DONTDUMP, 0, 'not in a core dump'),
  MADV_DODUMP: flags(0, VM.DONTDUMP, 'in a core dump again'),
  MADV_WIPEONFORK(k, part) {
    if (k.vma.mapping.get(part.vma) !== 0)
      return fail('EINVAL', 'MADV_WIPEONFORK is for private anonymous memory, and this maps a file or is shared');
    return flags(VM.WIPEONFORK, 0, 'a child will find zeros here')(k, part);
  },
  MADV_HUGEPAGE: flags(VM.HUGEPAGE, VM.NOHUGEPAGE, 'huge pages are wanted'),
  MADV_NOHUGEPAGE: flags(VM.NOHUGEPAGE, VM.HUGEPAGE, 'no huge pages from now on'),
  MADV_KEEPONFORK: flags(0, VM.WIPEONFORK, 'a child will inherit the content'),
  MADV_DONTNEED(k, part) {
    if (any(flags_of(k, part), VM.LOCKED)) return fail('EINVAL', 'the range is locked');
    return madvise_dontneed(k, part);
  },
  MADV_DONTNEED_LOCKED: madvise_dontneed,
  MADV_POPULATE_READ: (k, part) => madvise_populate(k, part, false),
  MADV_POPULATE_WRITE: (k, part) => madvise_populate(k, part, true),
  MADV_WILLNEED: madvise_willneed,
  MADV_REMOVE: madvise_remove,
  MADV_COLD: madvise_cold,
  MADV_FREE: (k, { mm, vma, start, end }) => madvise_free(k, mm, vma, start, end),
  MADV_PAGEOUT: (k, { mm, vma, start, end }) => madvise_pageout(k, mm, vma, start, end),
  MADV_GUARD_INSTALL: (k, { mm, vma, start, end }) => madvise_guard_install(k, mm, vma, start, end),
  MADV_GUARD_REMOVE: (k, { mm, vma, start, end }) => madvise_guard_remove(k, mm, vma, start, end),
  MADV_COLLAPSE: (k, { mm, vma, start, end }) => madvise_collapse(k, mm, vma, start, end),
  MADV_MERGEABLE: (k, { vma, start, end }) => madvise_mergeable(k, vma, start, end),
  MADV_UNMERGEABLE: (k, { vma, start, end }) => madvise_unmergeable(k, vma, start, end),
};

/** Advice that the language knows and the simulator refuses. */
export const unsimulatedAdvice = Object.keys(constants).filter((name) => name.startsWith('MADV_') && !Object.hasOwn(BEHAVIOUR, name));

export const calls = {
  madvise(k, task, addr, len, advice) {
    const name = (Object.keys(constants) as (keyof typeof constants)[]).find(
      (constant): constant is Advice => constant.startsWith('MADV_') && Number(constants[constant].value) === advice,
    );
    if (name === undefined) return fail('EINVAL', `${advice} is no advice`);
    if (addr % PAGE_SIZE !== 0) return fail('EINVAL', `${hex(addr)} is not a multiple of the page size`);
    const start = addr / PAGE_SIZE;
    const end = start + pagesOf(len);
    if (wraps(addr, len)) return fail('EINVAL', 'the range wraps around');
    if (len === 0) return ok();
    const behaviour = BEHAVIOUR[name];
    if (behaviour === undefined) throw new Impossible('not-implemented', `${name} is not simulated yet`);
    const populates = name === 'MADV_POPULATE_READ' || name === 'MADV_POPULATE_WRITE';
    const checked: Behaviour = (_k, part) => {
      if (vma_is_mshare(k, part.vma) && !populates)
        return OWN_AFFAIR.includes(name) ? whole_region(k, part, behaviour) : region_advice(k, part, checked);
      return is_vm_hugetlb_page(k, part.vma) ? hugetlb_advice(k, part, name, behaviour) : behaviour(k, part);
    };
    const mm = k.task.mm.get(task);
    const walk = (): Outcome =>
      k.in('do_madvise', 1, () => (populates ? populate(k, mm, start, end, checked) : madvise_walk_vmas(k, mm, start, end, checked)));
    if (SLEEP.includes(name)) return walk();
    end_io(k);
    return in_one_go(k, walk);
  },
} satisfies Calls;

/** Advice that waits for the disk or an inode. */
const SLEEP: readonly Advice[] = ['MADV_POPULATE_READ', 'MADV_POPULATE_WRITE', 'MADV_WILLNEED', 'MADV_REMOVE'];

/** Advice that a mapping of hugetlb pages cannot take. */
const NOT_FOR_HUGETLB: readonly Advice[] = ['MADV_COLD', 'MADV_PAGEOUT', 'MADV_FREE', 'MADV_COLLAPSE'];

/** The same for hugetlb pages: MADV_DONTNEED takes whole ones only. */
function hugetlb_advice(k: Kernel, part: Part, name: Advice, behaviour: Behaviour): Outcome | undefined {
  if (NOT_FOR_HUGETLB.includes(name)) return fail('EINVAL', `${name} is not for hugetlb pages`);
  if (name !== 'MADV_DONTNEED' && name !== 'MADV_DONTNEED_LOCKED') return behaviour(k, part);
  if (part.start % HPAGE_PMD_NR !== 0) return fail('EINVAL', 'the range begins within a huge page');
  const end = head_of(part.end, HPAGE_PMD_NR);
  return end === part.start ? undefined : behaviour(k, { ...part, end });
}

/** What a child inherits is each process's own affair; all other advice about a region but to populate it, which is GUP's, is said to the host's mappings, and counts for everybody. */
const OWN_AFFAIR: readonly Advice[] = ['MADV_DONTFORK', 'MADV_DOFORK'];

function whole_region(k: Kernel, part: Part, behaviour: Behaviour): Outcome | undefined {
  const whole = part.start === k.vma.start.get(part.vma) && part.end === k.vma.end.get(part.vma);
  return whole ? behaviour(k, part) : fail('EINVAL', 'a child inherits a region whole or not at all');
}

function region_advice(k: Kernel, { vma, start, end }: Part, behaviour: Behaviour): Outcome | undefined {
  const done = may_walk(k, vma) ?? in_host(k, vma, (host, shift) => madvise_walk_vmas(k, host, start - shift, end - shift, behaviour));
  return done.kind === 'ok' ? undefined : done;
}

/** Every VMA of the range in turn; what is not mapped is passed over and makes the call fail at the end. */
function madvise_walk_vmas(k: Kernel, mm: number, start: number, end: number, behaviour: Behaviour): Outcome {
  const { vma: tree } = k.space4.of(mm);
  const { nap } = k;
  let { at, hole } = nap === undefined ? { at: start, hole: false } : nap.loop({ at: start, hole: false });
  for (; at < end; nap?.reached({ at, hole })) {
    const vma = tree.get(at);
    const stop = vma === 0 ? tree.runEnd(at, end) : Math.min(end, k.vma.end.get(vma));
    const part = { mm, vma, start: at, end: stop };
    const problem = vma === 0 ? undefined : once(k, () => behaviour(k, part));
    if (problem !== undefined) return problem;
    hole ||= vma === 0;
    at = stop;
  }
  return hole ? fail('ENOMEM', 'a part of the range is not mapped') : ok();
}

/** MADV_POPULATE_*: page after page, up to the first that can't be had. */
function populate(k: Kernel, mm: number, start: number, end: number, behaviour: Behaviour): Outcome {
  const stop = covered(k, vmas_in(k, mm, Math.min(start, TASK_PAGES), Math.min(end, TASK_PAGES)), start, end);
  const done = stop > start ? madvise_walk_vmas(k, mm, start, stop, behaviour) : ok();
  return done.kind !== 'ok' || stop === end ? done : fail('ENOMEM', `nothing is mapped at ${hex(stop * PAGE_SIZE)}`);
}

function madvise_dontneed(k: Kernel, { mm, start, end }: Part): undefined {
  k.in('madvise_dontneed_single_vma', 1, () =>
    k.in('zap_page_range_single', 1, () => {
      k.in('zap_pte_range', 1, () => zap_pte_range(k, mm, start, end - start));
      for (const stretch of without_markers(k, mm, start, end)) free_pte_tables(k, mm, stretch.start, stretch.end);
    }),
  );
}

function madvise_populate(k: Kernel, { mm, vma, start, end }: Part, write: boolean): Outcome | undefined {
  const vm = k.vma.flags.get(vma);
  if (!any(vm, write ? VM.WRITE : VM.READ)) return fail('EINVAL', `the mapping may not be ${write ? 'written' : 'read'}`);
  const bad = k.in('madvise_populate', 1, () => get_user_pages(k, mm, start, end - start, { write }));
  return bad === undefined ? undefined : fail('EFAULT', `an access to ${hex(bad.vpn * PAGE_SIZE)} would raise ${bad.signal}: ${bad.why}`);
}

/** Index of the page of its file that a VMA maps at page number `vpn`. */
const linear_page_index = (k: Kernel, vma: number, vpn: number): number => vpn - k.vma.start.get(vma) + k.vma.pgoff.get(vma);

/** Reads ahead what the file has on disk; of anonymous memory and tmpfs what is in swap, into the swap cache: the entries stay as they are. */
function madvise_willneed(k: Kernel, { mm, vma, start, end }: Part): undefined {
  const mapping = k.vma.mapping.get(vma);
  if (mapping === 0) for (const run of swap_ptes(k, mm, start, end - start)) swapin(k, run.slot, run.count);
  else for (const run of shmem_swapped(k, mapping, linear_page_index(k, vma, start), end - start)) swapin(k, run.slot, run.count);
  if (mapping === 0 || k.mapping.aops.get(mapping) !== AddressSpaceKind.Disk) return;
  const offset = linear_page_index(k, vma, start) * PAGE_SIZE;
  k.in('madvise_willneed', 1, () => willneed(k, k.vma.file.get(vma), offset, offset + (end - start) * PAGE_SIZE));
}

function madvise_remove(k: Kernel, part: Part): Outcome | undefined {
  const { vma, start, end } = part;
  const vm = flags_of(k, part);
  const mapping = k.vma.mapping.get(vma);
  if (any(vm, VM.LOCKED)) return fail('EINVAL', 'the range is locked');
  if (mapping === 0) return fail('EINVAL', 'MADV_REMOVE punches a hole into a file, and no file is mapped here');
  if (!any(vm, VM.SHARED) || !any(vm, VM.MAYWRITE)) return fail('EACCES', 'the mapping is not shared and writable');
  const done = k.in('madvise_remove', 1, () =>
    punch_hole(k, k.mapping.host.get(mapping), linear_page_index(k, vma, start) * PAGE_SIZE, (end - start) * PAGE_SIZE),
  );
  return done.kind === 'ok' ? undefined : done;
}

/** PTEs become old, and pages that only this process maps leave the active list; everything stays mapped. */
function madvise_cold(k: Kernel, part: Part): Outcome | undefined {
  const { mm, start, end } = part;
  if (any(flags_of(k, part), VM.LOCKED)) return fail('EINVAL', 'the range is locked');
  k.in('madvise_cold_or_pageout_pte_range', end - start, () => {
    split_partial_folios(k, mm, start, end);
    let aged = false;
    for (const run of present_ptes(k, mm, start, end - start)) {
      if (run.pfn === 0) continue;
      folio_runs(k, run.pfn, run.count, ['flags', 'mapcount'], (pfn, n) => {
        const flags = k.page.flags.get(pfn);
        if (
          n < folio_nr_pages(k, pfn) ||
          k.page.mapcount.get(pfn) !== 1 ||
          !any(flags, PG.lru) ||
          !is_folio_of(k, mm, run.vpn + pfn - run.pfn, pfn)
        )
          return;
        aged ||= any(run.flags, PTE.ACCESSED);
        k.space4.of(mm).pte.fill(run.vpn + pfn - run.pfn, n, clear(run.flags, PTE.ACCESSED));
        k.page.flags.fill(pfn, n, clear(flags, PG.referenced));
        folio_deactivate(k, pfn, n);
      });
    }
    if (aged) flush_tlb(k, mm);
  });
  return undefined;
}

/** `folio_deactivate()`: from the active list to the head of the inactive one. */
function folio_deactivate(k: Kernel, pfn: number, count: number): void {
  const flags = k.page.flags.get(pfn);
  if (!any(flags, PG.active)) return;
  lruvec_del_folio(k, pfn, count, flags);
  k.page.flags.update(pfn, count, (old) => set(clear(old, PG.active), PG.workingset));
  lruvec_add_folio(k, pfn, count);
  k.trace.effect('{frames:0} deactivated', count, pfn);
}
