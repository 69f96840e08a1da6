import { baseline } from '../../language/simulator/designs/baseline';
import type { Design } from '../../language/simulator/designs/design';

type Hook = keyof Design;
type Rule = (...args: unknown[]) => unknown;

/** A rule of a design, broken: what is wrong with it, and the design that has it so. */
export interface Mutation {
  readonly hook: Hook;
  readonly what: string;
  readonly change: (design: Design) => Design;
}

/** Whether PTEs stay that a hook says to remove; the test's `zap_pte_range()` asks. */
export const ptes = { left: false };

/** What only the invariants ask a design; random scenarios hold them. */
const CHECKS: readonly Hook[] = ['known', 'readers', 'folio_mapping'];

/** Hooks by the argument that is a page's or block's number: a rule that looks one further is wrong. */
const NUMBER: Partial<Record<Hook, number>> = {
  ...{ lookup: 2, insert: 2, inserted: 2, own: 2, removed: 2, holds: 2, truncated: 2, beneath: 2, vmas: 2, direct: 2 },
  ...{ rmap_walk: 1, members: 1, cache_references: 1, remove_mapping: 1, written_back: 2, device_written: 2, blocks_freed: 2, cloned: 4 },
};

/** Hooks by the argument that is how many pages or blocks: a rule that stops after the first is wrong. */
const COUNT: Partial<Record<Hook, number>> = {
  ...{ inserted: 4, own: 3, removed: 4, truncated: 3, beneath: 3, vmas: 3, written_back: 3, device_written: 3, blocks_freed: 3, cloned: 5 },
};

/** Hooks that may have to remove PTEs. */
const ZAPS: readonly Hook[] = [
  'own',
  'opened',
  'changing',
  'mapped_writable',
  'cloned',
  'share',
  'written_back',
  'device_written',
  'blocks_freed',
];

const replaced = (design: Design, hook: Hook, rule: (before: Rule) => Rule): Design => ({
  ...design,
  [hook]: rule((design[hook] as Rule).bind(design)),
});

const argument =
  (at: number, change: (value: number) => number) =>
  (before: Rule): Rule =>
  (...args) =>
    before(...args.map((value, i) => (i === at ? change(value as number) : value)));

/** The rules of a design that can be broken one at a time: those that it does not have from the baseline. */
export function mutations_of(design: Design): Mutation[] {
  const hooks = (Object.keys(design) as Hook[]).filter((hook) => !CHECKS.includes(hook) && design[hook] !== baseline[hook]);
  return hooks.flatMap((hook): Mutation[] => {
    const number = NUMBER[hook];
    const count = COUNT[hook];
    return [
      { hook, what: 'does what the baseline does', change: (d) => ({ ...d, [hook]: baseline[hook] }) },
      ...(number === undefined
        ? []
        : [
            {
              hook,
              what: 'is one page off',
              change: (d: Design) =>
                replaced(
                  d,
                  hook,
                  argument(number, (value) => value + 1),
                ),
            },
          ]),
      ...(count === undefined
        ? []
        : [
            {
              hook,
              what: 'stops after one page',
              change: (d: Design) =>
                replaced(
                  d,
                  hook,
                  argument(count, () => 1),
                ),
            },
          ]),
      ...(ZAPS.includes(hook) ? [{ hook, what: 'leaves the PTEs', change: (d: Design) => replaced(d, hook, leaving_ptes) }] : []),
      ...(hook === 'removed' ? [{ hook, what: 'keeps a reference', change: (d: Design) => keeping_reference(d) }] : []),
    ];
  });
}

const leaving_ptes =
  (before: Rule): Rule =>
  (...args) => {
    const outside = ptes.left;
    ptes.left = true;
    try {
      return before(...args);
    } finally {
      ptes.left = outside;
    }
  };

const keeping_reference = (design: Design): Design => ({
  ...design,
  removed(k, mapping, index, pfn, count) {
    design.removed(k, mapping, index, pfn, count);
    k.page.refcount.add(pfn, count, 1);
  },
});
