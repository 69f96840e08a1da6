import type { Kernel } from '../state/kernel';
import { folio_head, folio_runs, HPAGE_PMD_NR, is_large } from './folio';
import { pmd_index } from './huge_pmd';
import { folio_mark_accessed } from './swap';

/**
 * `folio_pte_batch()` where page tables are cleared from low to high addresses: PTEs side by side of one large folio and in one table go together, and
 * count as one access if any of them is accessed.
 */
export class FolioBatches {
  private head = 0;
  private end = -1;
  private next = 0;
  private marked = false;

  constructor(private readonly k: Kernel) {}

  /** `count` PTEs from page number `vpn` are cleared, which map frames from `pfn`. */
  zap(vpn: number, pfn: number, count: number, accessed: boolean): void {
    const { k } = this;
    if (!is_large(k, pfn)) {
      if (accessed) folio_mark_accessed(k, pfn, count);
      return;
    }
    folio_runs(k, pfn, count, [], (first, n) => {
      for (let at = first; at < first + n;) {
        const page = vpn + at - pfn;
        const m = Math.min(first + n - at, (pmd_index(page) + 1) * HPAGE_PMD_NR - page);
        const goesOn = folio_head(k, at) === this.head && page === this.end && at === this.next && page % HPAGE_PMD_NR !== 0;
        this.marked = goesOn && this.marked;
        if (accessed && !this.marked) {
          folio_mark_accessed(k, at, m);
          this.marked = true;
        }
        this.head = folio_head(k, at);
        this.end = page + m;
        this.next = at + m;
        at += m;
      }
    });
  }
}
