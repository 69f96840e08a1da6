import { designs as builtIn } from '../../catalogue/designs';
import type { DesignEntry, OptionEntry } from '../../catalogue/types';
import { declaredDesigns, type Program } from '../program';
import { comparable, withVariants } from './variants';

/** A design that a comparison can be asked for, and what is said about it. */
export interface Offered {
  /** A name, or a variant as in `extent_cache { key = logical }`. */
  readonly label: string;
  readonly doc: string;
  readonly from: 'catalogue' | 'file' | 'option';
}

/** The designs that are simulated, those that the file declares, and each of the first with one option that is not as by default. */
export function offered(program: Program): Offered[] {
  const declared = declaredDesigns(program);
  const names = comparable(program);
  const entries = builtIn as Readonly<Record<string, DesignEntry>>;
  const plain = names.map((name): Offered => {
    const own = declared.get(name);
    if (own) return { label: name, doc: own.source.text.slice(own.node.start, own.node.end).replace(/\s+/g, ' ').trim(), from: 'file' };
    return { label: name, doc: entries[name]!.title, from: 'catalogue' };
  });
  const variants = names.flatMap((name) => (declared.has(name) ? [] : withOneOption(name, entries[name]!)));
  return [...plain, ...variants.filter(({ label }) => !('error' in withVariants(program, [label])))];
}

function withOneOption(name: string, { options }: DesignEntry): Offered[] {
  return Object.entries(options).flatMap(([option, entry]) =>
    valuesOf(entry)
      .filter((value) => value !== entry.default)
      .map((value): Offered => ({ label: `${name} { ${option} = ${value} }`, doc: entry.doc, from: 'option' })),
  );
}

function valuesOf({ kind, values }: OptionEntry): readonly string[] {
  return kind === 'boolean' ? ['true', 'false'] : (values ?? []);
}
