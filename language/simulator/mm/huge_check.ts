import { any, PTE } from '../state/flags';
import { FrameType, type Kernel, Leaf } from '../state/kernel';
import { NONE } from '../state/shift';
import { folio_nr_pages, head_of, HPAGE_PMD_NR, is_unused } from './folio';
import { present_ptes } from './rmap';

/** Huge PMDs map 512 consecutive frames of one folio with the same flags, and every large folio is used by somebody: what is wrong goes to `wrong`. */
export function audit_leaves(k: Kernel, wrong: (message: string) => void): void {
  for (let mm = 1; mm <= k.mms.count; mm++) {
    const { leaf, pt } = k.space4.of(mm);
    leaf.runs(0, 2 ** 26, (first, n, value) => {
      if (value === Leaf.None) return;
      for (let at = first; at < first + n; at++) {
        const start = at * HPAGE_PMD_NR;
        const [entry] = present_ptes(k, mm, start, HPAGE_PMD_NR);
        if (entry === undefined || entry.count !== HPAGE_PMD_NR) wrong(`the huge PMD at page ${start} of mm ${mm} is not one entry`);
        else if (entry.pfn !== 0 && (entry.pfn % HPAGE_PMD_NR !== 0 || folio_nr_pages(k, entry.pfn) < HPAGE_PMD_NR))
          wrong(`the huge PMD at page ${start} of mm ${mm} maps frame ${entry.pfn}, which is no huge folio's first`);
        if (entry !== undefined && any(entry.flags, PTE.SPECIAL) && pt.get(at) === NONE)
          wrong(`no table is deposited at page ${start} of mm ${mm}`);
      }
    });
  }
  k.folio.order.runs(1, k.options.memory, (pfn, n, order) => {
    if (order === 0) return;
    const size = folio_nr_pages(k, pfn);
    for (let head = head_of(pfn, size); head < pfn + n; head += size)
      if (is_unused(k, head, size) && k.page.type.get(head) !== FrameType.Hugetlb)
        wrong(`the folio at frame ${head} is used by nobody and not free`);
  });
}
