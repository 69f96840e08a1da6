import fs from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { designs } from '../../language/catalogue/designs';
import { design_named, designNames, registerDesign } from '../../language/simulator/designs/registry';
import type * as rmap from '../../language/simulator/mm/rmap';
import { parse } from '../../language/syntax/parse';
import { mutations_of, ptes, type Mutation } from './mutations';
import { casesIn, problemsOf, type Case } from './scenarios';
import { variants } from './variants';

vi.mock('../../language/simulator/mm/rmap', async (original) => {
  const real = await original<typeof rmap>();
  const zap_pte_range: typeof real.zap_pte_range = (...args) => (ptes.left ? undefined : real.zap_pte_range(...args));
  return { ...real, zap_pte_range };
});

/** Changes that change nothing, and why. */
const SAME: readonly (readonly [rule: string, why: string])[] = [
  ['naive_pages.holds', 'whatever is there belongs there: that is what is naive'],
  ['reflink_pages.own stops after one page', 'a write goes by runs of frames, and asks again for the next'],
  ['shared_folio.own stops after one page', 'the same'],
  ['extent_cache.opened leaves the PTEs', 'an open only counts'],
  ['whole_file.truncated', 'the break is over by then: what masters need has been taken out again, and what the baseline does is left'],
  ['whole_file.cloned is one page off', 'the whole file counts, whatever range was deduplicated'],
  ['whole_file.cloned stops after one page', 'the same'],
  [
    'master_inode.vmas stops after one page',
    'mapped pages leave the master one by one (reclaim): before a write of any kind the file parts from it',
  ],
  ['whole_file.vmas stops after one page', 'the same'],
  ['inode_share.own', 'an image is never written'],
  ['inode_share.truncated', 'nor cut'],
  ['inode_share.vmas stops after one page', 'nor written past the cache'],
  ['inode_share.opened leaves the PTEs', 'a file is linked before anybody can have mapped it'],
];

/** The designs that the samples make of the built-in ones. */
const made = fs
  .readdirSync('samples')
  .flatMap((name) => parse(fs.readFileSync(`samples/${name}`, 'utf8')).items)
  .flatMap((item) => (item.kind === 'design' ? [item] : []));
const bases = new Map(made.map((item) => [item.name.text, item.base.text]));

const samples = casesIn('samples');

const rules = designNames().flatMap((name) => {
  const found = new Map<string, Mutation>();
  for (const { options } of variants.filter((variant) => variant.design === name)) {
    const design = design_named(name)!(options);
    if (typeof design === 'string') throw new Error(design);
    for (const mutation of mutations_of(design)) found.set(`${mutation.hook} ${mutation.what}`, mutation);
  }
  return [...found.values()]
    .filter(({ hook, what }) => !SAME.some(([reason]) => reason === `${name}.${hook}` || reason === `${name}.${hook} ${what}`))
    .map((mutation) => ({ ...mutation, name }));
});

function fails(sample: Case): boolean {
  try {
    return problemsOf(sample).length > 0;
  } catch {
    return true;
  }
}

describe('a rule of a design is wrong', () => {
  test.each(rules)('$name: $hook $what', ({ name, change }) => {
    const make = design_named(name)!;
    const entry = { name, ...designs[name]! };
    registerDesign(entry, (options) => {
      const design = make(options);
      return typeof design === 'string' ? design : change(design);
    });
    try {
      const of_design = ({ design }: Case): boolean => (bases.get(design) ?? design) === name;
      expect(samples.filter(of_design).some(fails)).toBe(true);
    } finally {
      registerDesign(entry, make);
    }
  });
});
