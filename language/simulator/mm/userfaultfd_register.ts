/* eslint-disable no-bitwise -- VMA flags are words of fewer than 32 bits. */
import type { Outcome } from '../api';
import { fail, ok } from '../calls';
import { any, clear, set, VM } from '../state/flags';
import { AddressSpaceKind, type Kernel } from '../state/kernel';
import { PAGE_SIZE } from '../state/units';
import { HPAGE_PMD_NR } from './folio';
import { hugetlb_unshare_pmds, is_vm_hugetlb_page } from './hugetlb_share';
import { in_host, vma_is_mshare } from './mshare';
import { policy } from './mshare_policy';
import { FEATURE, VM_UFFD, wake_userfault } from './userfaultfd_wait';
import { uffd_wp_range } from './userfaultfd_wp';
import { vma_modify_flags_uffd, vmas_in } from './vma';

/** A range of an address space, or (what lies in a region) of its host; page numbers. */
interface Range {
  readonly start: number;
  readonly end: number;
}

type Visit = (mm: number, vma: number, range: Range) => Outcome | undefined;

/** Every mapping of a range, those behind a region's VMA in its host; ends where one is refused. They may be merged on the way. */
function each_vma(k: Kernel, mm: number, { start, end }: Range, visit: Visit): Outcome | undefined {
  const { vma: tree } = k.space4.of(mm);
  for (let at = start; at < end;) {
    const vma = tree.get(at);
    const part = { start: at, end: vma === 0 ? tree.runEnd(at, end) : Math.min(end, k.vma.end.get(vma)) };
    at = part.end;
    if (vma === 0) continue;
    const refused = vma_is_mshare(k, vma)
      ? in_region(k, vma, part, (host, shift) => each_vma(k, host, { start: part.start - shift, end: part.end - shift }, visit))
      : visit(mm, vma, part);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function in_region(k: Kernel, vma: number, part: Range, body: (host: number, shift: number) => Outcome | undefined): Outcome | undefined {
  if (policy(k, k.vma.mshare.get(vma), 'uffd') === 'refuse')
    return fail('EINVAL', 'the range lies in a region, where userfaultfd is refused (uffd = refuse)');
  const empty = in_host(k, vma, (host, shift) => vmas_in(k, host, part.start - shift, part.end - shift).length === 0);
  return empty ? fail('EINVAL', 'nothing is mapped in the range of the region') : in_host(k, vma, body);
}

/** `vma_can_userfault()`. */
function vma_can_userfault(k: Kernel, vma: number, vm: number, wpAsync: boolean): boolean {
  const mapping = k.vma.mapping.get(vma);
  const shmem = k.mapping.aops.get(mapping) === AddressSpaceKind.Shmem && k.mapping.sysv.get(mapping) === 0;
  const hugetlb = is_vm_hugetlb_page(k, vma);
  if (any(vm, VM.UFFD_MINOR) && !hugetlb && !shmem) return false;
  return (wpAsync && vm === VM.UFFD_WP) || mapping === 0 || hugetlb || shmem;
}

const cuts_huge = (k: Kernel, vma: number, { start, end }: Range): boolean =>
  is_vm_hugetlb_page(k, vma) && (start % HPAGE_PMD_NR !== 0 || end % HPAGE_PMD_NR !== 0);

/** `userfaultfd_register()`: the mappings of a range are registered with `ctx` for what `vm` (VM_UFFD_*) says, and for nothing else any more. */
export function userfaultfd_register(k: Kernel, ctx: number, range: Range, vm: number): Outcome {
  const mm = k.userfaultfd.mm.get(ctx);
  if (vmas_in(k, mm, range.start, range.end).length === 0) return fail('EINVAL', 'nothing is mapped in the range');
  const wpAsync = any(k.userfaultfd.features.get(ctx), FEATURE.WP_ASYNC);
  const refused = each_vma(k, mm, range, (_mm, vma, part) => {
    if (!vma_can_userfault(k, vma, vm, wpAsync))
      return fail('EINVAL', 'only anonymous memory, shmem and hugetlb pages can be registered (for minor faults the latter two)');
    if (!any(k.vma.flags.get(vma), VM.MAYWRITE)) return fail('EPERM', 'the mapping may not be written: its file is not open for writing');
    if (cuts_huge(k, vma, part)) return fail('EINVAL', 'the range would cut a huge page');
    const other = k.vma.uffd.get(vma);
    return other !== 0 && other !== ctx ? fail('EBUSY', 'the mapping is registered with another userfaultfd') : undefined;
  });
  if (refused !== undefined) return refused;
  each_vma(k, mm, range, (owner, vma, { start, end }) => {
    const flags = k.vma.flags.get(vma);
    if (k.vma.uffd.get(vma) === ctx && (flags & vm) === vm) return undefined;
    if (is_vm_hugetlb_page(k, vma) && any(vm, VM.UFFD_WP + VM.UFFD_MINOR)) hugetlb_unshare_pmds(k, owner, start, end);
    vma_modify_flags_uffd(k, vma, start, end, set(clear(flags, VM_UFFD), vm), ctx);
    k.trace.effect('{addresses:0} registered with the userfaultfd', end - start, start);
    return undefined;
  });
  return ok();
}

/** `userfaultfd_unregister()`: faults in a range are nobody's any more; those that wait there go on. */
export function userfaultfd_unregister(k: Kernel, ctx: number, range: Range): Outcome {
  const mm = k.userfaultfd.mm.get(ctx);
  if (vmas_in(k, mm, range.start, range.end).length === 0) return fail('EINVAL', 'nothing is mapped in the range');
  const wpAsync = any(k.userfaultfd.features.get(ctx), FEATURE.WP_ASYNC);
  const refused = each_vma(k, mm, range, (_mm, vma, part) => {
    const other = k.vma.uffd.get(vma);
    if (other !== 0 && other !== ctx) return fail('EINVAL', 'the mapping is registered with another userfaultfd');
    if (!vma_can_userfault(k, vma, k.vma.flags.get(vma) & VM_UFFD, wpAsync))
      return fail('EINVAL', 'there is a mapping in the range that can never be registered');
    return cuts_huge(k, vma, part) ? fail('EINVAL', 'the range would cut a huge page') : undefined;
  });
  if (refused !== undefined) return refused;
  each_vma(k, mm, range, (owner, vma, { start, end }) => {
    if (k.vma.uffd.get(vma) !== 0) clear_vma(k, owner, vma, start, end);
    return undefined;
  });
  wake_userfault(k, ctx, range.start * PAGE_SIZE, (range.end - range.start) * PAGE_SIZE);
  return ok();
}

/** `userfaultfd_clear_vma()`: a part of a mapping is no longer registered, nor protected. */
function clear_vma(k: Kernel, mm: number, vma: number, start: number, end: number): void {
  if (any(k.vma.flags.get(vma), VM.UFFD_WP)) uffd_wp_range(k, mm, vma, start, end - start, false);
  vma_modify_flags_uffd(k, vma, start, end, clear(k.vma.flags.get(vma), VM_UFFD), 0);
  k.trace.effect('{addresses:0} no longer registered', end - start, start);
}

/** `userfaultfd_release()`: nobody has the userfaultfd open any more; whoever waits for it goes on. */
export function userfaultfd_release(k: Kernel, ctx: number): void {
  k.in('userfaultfd_release', 1, () => {
    for (const vma of registered(k, ctx))
      if (k.vma.uffd.get(vma) === ctx) clear_vma(k, k.vma.mm.get(vma), vma, k.vma.start.get(vma), k.vma.end.get(vma));
    wake_userfault(k, ctx, 0, Infinity);
  });
  k.userfaultfd.mm.set(ctx, 0);
}

/** An address space is gone: whoever waits for a userfaultfd of it goes on. */
export function userfaultfd_exit(k: Kernel, mm: number): void {
  k.userfaultfd.mm.runs(0, k.inodes.count + 1, (ctx, _n, of) => {
    if (of === mm) wake_userfault(k, ctx, 0, Infinity);
  });
}

/** VMAs that are registered with a userfaultfd. */
function registered(k: Kernel, ctx: number): number[] {
  const found: number[] = [];
  k.vma.uffd.runs(0, k.vmas.count + 1, (at, n, value) => {
    if (value === ctx) for (let vma = at; vma < at + n; vma++) found.push(vma);
  });
  return found;
}

/** `dup_userfaultfd()`, `mremap_userfaultfd_prep()`: without UFFD_FEATURE_EVENT_FORK and _REMAP what a child or a moved mapping inherits is not registered. */
export const userfaultfd_reset_ctx = (flags: number): { readonly flags: number; readonly uffd: number } => ({
  flags: clear(flags, VM_UFFD),
  uffd: 0,
});
