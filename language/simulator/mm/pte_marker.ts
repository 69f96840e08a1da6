import { any, clear, MARKER, PTE } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { head_of, HPAGE_PMD_NR } from './folio';

/** Entries that map nothing and yet say something (`PTE_MARKER_*`): write-protected by userfaultfd, poisoned, a guard. */

/** A stretch of entries that are the same marker. */
export interface MarkerRun {
  readonly vpn: number;
  readonly count: number;
  readonly flags: number;
}

/** Whether an entry with these flags is a marker. */
export const is_pte_marker = (flags: number): boolean => flags !== 0 && !any(flags, PTE.PRESENT + PTE.SWAP);

/** The markers among `count` entries from `vpn`. Collected first: the caller may change them. */
export function pte_markers(k: Kernel, mm: number, vpn: number, count: number): MarkerRun[] {
  const found: MarkerRun[] = [];
  if (k.mm.markers.get(mm) === 0) return found;
  k.space4.of(mm).pte.runs(vpn, count, (at, n, flags) => {
    if (is_pte_marker(flags)) found.push({ vpn: at, count: n, flags });
  });
  return found;
}

/** `make_pte_marker()` for `count` entries from `vpn`, which map nothing and whose tables are there. */
export function set_pte_markers(k: Kernel, mm: number, vpn: number, count: number, marker: number): void {
  k.space4.of(mm).pte.fill(vpn, count, marker);
  k.mm.markers.set(mm, 1);
}

/** Takes `marker` away from the entries of a range; gives how many there were. */
export function clear_pte_markers(k: Kernel, mm: number, vpn: number, count: number, marker: number): number {
  let cleared = 0;
  for (const run of pte_markers(k, mm, vpn, count)) {
    if (!any(run.flags, marker)) continue;
    k.space4.of(mm).pte.fill(run.vpn, run.count, clear(run.flags, marker));
    cleared += run.count;
  }
  return cleared;
}

/**
 * `zap_nonpresent_ptes()`: which markers of one VMA go with its pages. All of them where the mapping itself goes (`drop`); else guards stay, what
 * userfaultfd has protected of a file stays, and what is poisoned goes unless private copies are to be kept.
 */
export function zap_pte_markers(k: Kernel, mm: number, vpn: number, count: number, keepAnon: boolean, drop: boolean): void {
  const markers = pte_markers(k, mm, vpn, count);
  if (markers.length === 0) return;
  const anonymous = k.vma.mapping.get(k.space4.of(mm).vma.get(vpn)) === 0;
  for (const run of markers) {
    const goes = drop || (any(run.flags, MARKER.POISONED) ? !keepAnon : any(run.flags, MARKER.UFFD_WP) && anonymous);
    if (!goes) continue;
    k.space4.of(mm).pte.fill(run.vpn, run.count, 0);
    k.trace.effect('the marker at {addresses:0} is gone', run.count, run.vpn);
  }
}

/** `copy_nonpresent_pte()` for one VMA: a child has the guards and what is poisoned; of userfaultfd it knows nothing. The tables are there. */
export function copy_pte_markers(k: Kernel, parent: number, child: number, vpn: number, count: number): void {
  for (const run of pte_markers(k, parent, vpn, count)) {
    const flags = clear(run.flags, MARKER.UFFD_WP);
    if (flags !== 0) set_pte_markers(k, child, run.vpn, run.count, flags);
  }
}

/** The same for mremap(2), from page number `from` to `to`: all but what userfaultfd has protected, whose registration ends there. */
export function move_pte_markers(k: Kernel, mm: number, from: number, to: number, count: number): void {
  for (const run of pte_markers(k, mm, from, count)) {
    k.space4.of(mm).pte.fill(run.vpn, run.count, 0);
    k.space4.of(mm).pte.fill(run.vpn - from + to, run.count, clear(run.flags, MARKER.UFFD_WP));
  }
}

/** The stretches of whole PTE tables from page number `start` to `end` in which there is no marker. */
export function without_markers(k: Kernel, mm: number, start: number, end: number): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let from = start;
  for (const { vpn, count } of pte_markers(k, mm, start, end - start)) {
    const table = head_of(vpn, HPAGE_PMD_NR);
    if (table > from) found.push({ start: from, end: table });
    from = Math.max(from, head_of(vpn + count - 1, HPAGE_PMD_NR) + HPAGE_PMD_NR);
  }
  if (from < end) found.push({ start: from, end });
  return found;
}

/** Why an entry can't be used, as the end of a sentence; undefined where it is no marker that forbids it. */
export function marker_says(flags: number): string | undefined {
  if (!is_pte_marker(flags)) return undefined;
  if (any(flags, MARKER.POISONED)) return 'the page is poisoned (UFFDIO_POISON)';
  return any(flags, MARKER.GUARD) ? 'it is a guard (MADV_GUARD_INSTALL)' : undefined;
}
