import type { Kernel } from '../state/kernel';
import { TASK_PAGES } from '../state/units';
import { ksm_mms } from './ksm_mm';

/** `rmap_walk_ksm()`: the VMAs that may map a merged page: those of its rmap_items, then those of processes forked since, at the same address. */
export function rmap_walk_ksm(k: Kernel, of: number, visit: (vma: number, vpn: number) => void): void {
  const forks: [vma: number, vpn: number][] = [];
  for (const mm of ksm_mms(k)) {
    const { vma: tree } = k.space4.of(mm);
    k.rmapItem.of(mm).node.runs(0, TASK_PAGES, (start, n, node) => {
      if (node !== of) return;
      for (let vpn = start; vpn < start + n; vpn++) {
        const vma = tree.get(vpn);
        if (vma === 0) continue;
        visit(vma, vpn);
        for (const other of vmas_of(k, k.vma.anon_vma.get(vma)))
          if (k.vma.mm.get(other) !== mm && covers(k, other, vpn)) forks.push([other, vpn]);
      }
    });
  }
  for (const [vma, vpn] of forks) visit(vma, vpn);
}

const covers = (k: Kernel, vma: number, vpn: number): boolean => vpn >= k.vma.start.get(vma) && vpn < k.vma.end.get(vma);

function vmas_of(k: Kernel, anon_vma: number): number[] {
  const found: number[] = [];
  k.anonVma.of(anon_vma).vmas.runs(0, k.vmas.count + 1, (at, n, value) => {
    if (value !== 0) for (let vma = at; vma < at + n; vma++) found.push(vma);
  });
  return found;
}
