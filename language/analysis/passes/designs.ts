import { designs } from '../../catalogue/designs';
import type { Name } from '../../syntax/ast';
import { didYouMean } from '../../syntax/nearest';
import type { Scope } from '../walk';
import type { Pass } from './pass';

/** Designs exist, and a step or expectation speaks only of those that its scenario names. */
export function checkDesigns(pass: Pass): void {
  for (const item of pass.source.file.items) {
    if (item.kind !== 'design') continue;
    if (!isDesign(pass, item.base.text)) unknown(pass, item.base);
    else if (!Object.hasOwn(designs, item.base.text))
      pass.report(item.base, 'unknown-design', `a variant is made of a built-in design, not of the variant \`${item.base.text}\``);
  }
  pass.walk({
    statement: (s, scope) => {
      const named =
        s.kind === 'under'
          ? s.designs
          : s.kind === 'expect' || s.kind === 'expect-failure' || s.kind === 'invariant' || s.kind === 'action'
            ? (s.under ?? [])
            : [];
      for (const name of named) {
        if (!isDesign(pass, name.text)) unknown(pass, name);
        else if (s.kind !== 'under') checkNamed(pass, name, scope);
      }
      const twice = named.find((name, i) => named.findIndex((other) => other.text === name.text) < i);
      if (twice) pass.report(twice, 'duplicate', `\`${twice.text}\` is named twice`);
    },
  });
}

function checkNamed(pass: Pass, name: Name, scope: Scope): void {
  if (scope.unit.kind === 'routine') return;
  const { designs: spoken } = pass.names(scope);
  if (spoken.has(name.text) || (spoken.size === 0 && name.text === 'baseline')) return;
  const has = spoken.size === 0 ? 'it has no `under` at its head, so only `baseline` is run' : `it speaks about ${[...spoken].join(', ')}`;
  pass.report(name, 'design-not-named', `the scenario is never run under \`${name.text}\`: ${has}`);
}

function isDesign(pass: Pass, name: string): boolean {
  return Object.hasOwn(designs, name) || pass.globals.designs.has(name);
}

function unknown(pass: Pass, name: Name): void {
  const all = [...Object.keys(designs), ...pass.globals.designs.keys()];
  pass.report(
    name,
    'unknown-design',
    `there is no design \`${name.text}\`${didYouMean(name.text, all) || `; there are ${all.join(', ')}`}`,
  );
}
