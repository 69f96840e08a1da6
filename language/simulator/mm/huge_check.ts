import { any, PTE } from '../state/flags';
import { FrameType, type Kernel, Leaf } from '../state/kernel';
import { NONE } from '../state/shift';
import { folio_nr_pages, folio_test_hugetlb, head_of, HPAGE_PMD_NR, is_unused } from './folio';
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
    for (let head = head_of(pfn, size); head < pfn + n; head += size) {
      if (k.page.type.get(head) === FrameType.Hugetlb) continue;
      if (is_unused(k, head, size)) wrong(`the folio at frame ${head} is used by nobody and not free`);
      else if (!folio_test_hugetlb(k, head) && k.page.mapping.get(head) > 0) audit_file_folio(k, head, size, wrong);
    }
  });
}

/** A folio of the page cache has its flags and its place in a list as a whole. */
function audit_file_folio(k: Kernel, head: number, size: number, wrong: (message: string) => void): void {
  if (k.page.flags.runEnd(head, head + size) < head + size) wrong(`the flags of the folio at frame ${head} are not those of all its pages`);
  if (k.page.lru.runEnd(head, head + size) < head + size) wrong(`the folio at frame ${head} is not in one place of a list`);
}
