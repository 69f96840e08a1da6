import { fail } from '../../../language/simulator/calls';
import type { DesignEntry } from '../../../language/catalogue/types';
import type { Options } from '../../../language/simulator/api';
import { baseline } from '../../../language/simulator/designs/baseline';
import type { Design, Lookup, VisitPages } from '../../../language/simulator/designs/design';
import { copy_to_own } from '../../../language/simulator/designs/links';
import { find_sharer } from '../../../language/simulator/designs/members';
import { filemap_get_entry } from '../../../language/simulator/mm/filemap';
import { AddressSpaceKind, type Kernel } from '../../../language/simulator/state/kernel';
import { zap_pte_range } from '../../../language/simulator/mm/rmap';

/** What the language is told of the design. */
export const entry = {
  name: 'borrowed_pages',
  title: 'A file without a page of its own reads the one that another file has',
  doc: 'A lookup that misses looks whether another file has cached the same block, and uses its page while it is there.',
  saves: 'A frame for each page that another file has cached.',
  against: 'Whoever writes or loses a page has to look through the mappings of all other files.',
  source: 'test',
  options: {
    from: {
      kind: 'word',
      values: ['same_place', 'anywhere'],
      default: 'same_place',
      doc: 'Whether the other file must have the block at the same index.',
      source: 'test',
      choice: true,
    },
  },
} as const satisfies DesignEntry & { readonly name: string };

/** Nothing is kept of who borrows: whoever is without a page of its own and has the block on disk may. */
export function borrowed_pages(options: Options): Design | string {
  const anyIndex = options.from === 'anywhere';

  const borrowed = (k: Kernel, mapping: number, index: number, count: number): Lookup => find_sharer(k, mapping, index, count, anyIndex);

  /** The places in mappings of other files that show what `holder` has at `index`. */
  const borrowers = (k: Kernel, holder: number, index: number, count: number, visit: VisitPages): void => {
    if (k.mapping.aops.get(holder) !== AddressSpaceKind.Disk) return;
    for (let other = 1; other <= k.mappings.count; other++)
      if (other !== holder && k.mapping.aops.get(other) === AddressSpaceKind.Disk)
        baseline.vmas(k, other, anyIndex ? 0 : index, anyIndex ? Number.MAX_SAFE_INTEGER : count, visit);
  };

  return {
    ...baseline,

    lookup(k, mapping, index, count) {
      const own = filemap_get_entry(k, mapping, index, count);
      return own.pfn !== 0 ? own : borrowed(k, mapping, index, own.count);
    },

    insert: (_k, mapping, index, count) => ({ mapping, index, count }),

    own(k, mapping, index, count, keep) {
      for (let at = index; at < index + count;) {
        const own = filemap_get_entry(k, mapping, at, index + count - at);
        const { pfn, count: n } = own.pfn !== 0 ? own : borrowed(k, mapping, at, own.count);
        baseline.vmas(k, mapping, at, n, (vma, vpn, pages) => zap_pte_range(k, k.vma.mm.get(vma), vpn, pages, true));
        if (own.pfn !== 0) borrowers(k, mapping, at, n, (vma, vpn, pages) => zap_pte_range(k, k.vma.mm.get(vma), vpn, pages, true));
        else if (keep && pfn !== 0) copy_to_own(k, mapping, at, pfn, n);
        at += n;
      }
    },

    removed(k, mapping, index, pfn, count) {
      borrowers(k, mapping, index, count, (vma, vpn, n) => zap_pte_range(k, k.vma.mm.get(vma), vpn, n, true));
      baseline.removed(k, mapping, index, pfn, count);
    },

    vmas(k, holder, index, count, visit) {
      baseline.vmas(k, holder, index, count, visit);
      borrowers(k, holder, index, count, visit);
    },

    share: () => fail('EOPNOTSUPP', 'pages are borrowed without being asked for'),
  };
}
