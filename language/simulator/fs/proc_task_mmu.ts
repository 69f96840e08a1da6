import { fail, ok, type Calls } from '../calls';
import { clear, PG, PTE, VM } from '../state/flags';
import type { Kernel } from '../state/kernel';
import { flush_tlb, in_host, vma_is_mshare } from '../mm/mshare';
import { may_walk } from '../mm/mshare_change';
import { frame_runs, present_ptes } from '../mm/rmap';
import { all_vmas } from '../mm/vma';

const CLEAR_REFS = { ALL: 1, ANON: 2, MAPPED: 3, SOFT_DIRTY: 4 } as const;

export const calls = {
  clear_refs(k, task, type) {
    if (!Object.values(CLEAR_REFS).includes(type as 1)) return fail('EINVAL', `${type} is none of 1, 2, 3 and 4`);
    const mm = k.task.mm.get(task);
    k.in('clear_refs_write', 1, () => {
      if (type === CLEAR_REFS.SOFT_DIRTY && !k.options.softDirty) {
        k.trace.effect('this kernel has no soft-dirty bits (CONFIG_MEM_SOFT_DIRTY)', 1);
        return;
      }
      for (const vma of all_vmas(k, mm)) clear_refs_vma(k, mm, vma, type);
    });
    return ok();
  },
} satisfies Calls;

function clear_refs_vma(k: Kernel, mm: number, vma: number, type: number): void {
  if (vma_is_mshare(k, vma)) {
    if (may_walk(k, vma) !== undefined) return;
    in_host(k, vma, (host) => {
      for (const each of all_vmas(k, host)) clear_refs_vma(k, host, each, type);
    });
    return;
  }
  const file = k.vma.mapping.get(vma) !== 0;
  if ((type === CLEAR_REFS.ANON && file) || (type === CLEAR_REFS.MAPPED && !file)) return;
  if (type === CLEAR_REFS.SOFT_DIRTY) k.vma.flags.set(vma, clear(k.vma.flags.get(vma), VM.SOFTDIRTY));
  clear_refs_pte_range(k, mm, vma, type === CLEAR_REFS.SOFT_DIRTY);
}

/** Soft-dirty bits go together with the right to write, so that the next store is noticed; accessed bits together with the folio's own. */
function clear_refs_pte_range(k: Kernel, mm: number, vma: number, softDirty: boolean): void {
  const start = k.vma.start.get(vma);
  const { pte } = k.space4.of(mm);
  for (const run of present_ptes(k, mm, start, k.vma.end.get(vma) - start)) {
    const wanted = clear(run.flags, softDirty ? PTE.SOFT_DIRTY + PTE.RW : PTE.ACCESSED);
    if (wanted !== run.flags) {
      pte.fill(run.vpn, run.count, wanted);
      if (softDirty) flush_tlb(k, mm);
      k.trace.effect(
        softDirty ? 'PTE {addresses:0}: not soft-dirty, and write-protected' : 'PTE {addresses:0}: not accessed',
        run.count,
        run.vpn,
      );
    }
    if (!softDirty && run.pfn !== 0)
      frame_runs(k, run.pfn, run.count, ['flags'], (pfn, n) => {
        k.page.flags.fill(pfn, n, clear(k.page.flags.get(pfn), PG.referenced));
      });
  }
}
