import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { baseline } from '../../language/simulator/designs/baseline';
import type { Design } from '../../language/simulator/designs/design';
import { design_named, registerDesign } from '../../language/simulator/designs/registry';
import { parse } from '../../language/syntax/parse';
import { casesIn, problemsOf } from './scenarios';

/** Hooks that no story for people shows; `test/simulator/designs` has scenarios for them. */
const ELSEWHERE = [
  'naive_pages.members',
  'reflink_pages.members',
  ...['truncated', 'beneath', 'vmas', 'changing', 'mapped_writable', 'evicted'].map((hook) => `whole_file.${hook}`),
];

/** What only the invariants ask a design; random scenarios hold them. */
const CHECKS: readonly (keyof Design)[] = ['known', 'readers', 'folio_mapping'];

/** The built-in designs that the samples' own variants are made of. */
const bases = new Map(
  fs
    .readdirSync('samples')
    .flatMap((name) => parse(fs.readFileSync(`samples/${name}`, 'utf8')).items)
    .flatMap((item) => (item.kind === 'design' ? [[item.name.text, item.base.text] as const] : [])),
);

const samples = casesIn('samples');

const hooks = ['naive_pages', 'master_inode', 'whole_file', 'reflink_pages', 'extent_cache', 'shared_folio'].flatMap((name) => {
  const design = design_named(name)!({});
  if (typeof design === 'string') throw new Error(design);
  return (Object.keys(design) as (keyof Design)[])
    .filter((hook) => !CHECKS.includes(hook) && design[hook] !== baseline[hook] && !ELSEWHERE.includes(`${name}.${hook}`))
    .map((hook) => ({ name, hook }));
});

/** A design without one of its rules is no longer what the samples say it is: none of them passes by accident. */
describe('a hook that does what the baseline does', () => {
  test.each(hooks)('$name without $hook', ({ name, hook }) => {
    const make = design_named(name)!;
    registerDesign(name, (options) => {
      const design = make(options);
      return typeof design === 'string' ? design : { ...design, [hook]: baseline[hook] };
    });
    try {
      const concerned = samples.filter(({ design }) => (bases.get(design) ?? design) === name);
      expect(concerned.some((sample) => problemsOf(sample).length > 0)).toBe(true);
    } finally {
      registerDesign(name, make);
    }
  });
});
