import { checkSource } from '../../analysis/check';
import { designs as builtIn } from '../../catalogue/designs';
import { implemented } from '../../simulator/implemented';
import { nearest } from '../../syntax/nearest';
import { parse } from '../../syntax/parse';
import { declaredDesigns, type Program, type Source } from '../program';

/** A design that a comparison runs: how it was asked for, and its name in the program. */
export interface Variant {
  readonly label: string;
  readonly name: string;
}

/** The program with the designs that were written out (`extent_cache { key = logical }`) declared in it. */
export interface WithVariants {
  readonly program: Program;
  readonly designs: readonly Variant[];
}

/** Designs that can be compared: the built-in ones that are simulated and those that the files declare. */
export function comparable(program: Program): string[] {
  const own = [...declaredDesigns(program)].filter(([, { node }]) => implemented.designs.has(node.base.text)).map(([name]) => name);
  return [...Object.keys(builtIn).filter((name) => implemented.designs.has(name)), ...own];
}

/** Parts a list of designs at the commas that stand outside of braces. */
export function splitDesigns(list: string): string[] {
  return (list.match(/(?:\{[^}]*\}?|[^,{])+/g) ?? []).map((each) => each.trim()).filter((each) => each !== '');
}

/** Makes sense of designs as people write them; a sentence for the first that there is not. */
export function withVariants(program: Program, written: readonly string[]): WithVariants | { readonly error: string } {
  const sources: Source[] = [];
  const designs: Variant[] = [];
  for (const each of written) {
    const label = each.replace(/\s+/g, ' ').trim();
    if (designs.some((design) => design.label === label)) continue;
    if (/^[A-Za-z_]\w*$/.test(label)) {
      const error = whyNot(program, label);
      if (error !== undefined) return { error };
      designs.push({ label, name: label });
      continue;
    }
    const name = `design_${designs.length + 1}`;
    const source = variant(program, name, label);
    if ('error' in source) return source;
    sources.push(source);
    designs.push({ label, name });
  }
  return { program: { sources: [...program.sources, ...sources] }, designs };
}

function whyNot(program: Program, name: string): string | undefined {
  const known = comparable(program);
  if (known.includes(name)) return undefined;
  const base = declaredDesigns(program).get(name)?.node.base.text;
  if (base !== undefined || Object.hasOwn(builtIn, name))
    return `the design ${base ?? name} is not simulated yet; these are: ${known.join(', ')}`;
  const best = nearest(name, known);
  return `there is no design ${name}${best === undefined ? `; there are ${known.join(', ')}` : `; did you mean ${best}?`}`;
}

/** `extent_cache { key = logical }` as a source that declares it. */
function variant(program: Program, name: string, label: string): Source | { readonly error: string } {
  const base = /^[A-Za-z_]\w*/.exec(label)?.[0];
  const wrong = base === undefined ? undefined : declaredDesigns(program).has(base) ? undefined : whyNot(program, base);
  if (wrong !== undefined) return { error: wrong };
  const head = `design ${name} = `;
  const text = `${head}${label}\n`;
  const source: Source = { uri: label, text, file: parse(text) };
  const found = checkSource({ sources: [...program.sources, source] }, source, implemented).find(({ severity }) => severity === 'error');
  if (found) return { error: `${label}: column ${Math.max(1, found.start - head.length + 1)}: ${found.message}` };
  const [item] = source.file.items;
  if (item?.kind !== 'design' || source.file.items.length > 1)
    return { error: `${label} is no design: write a name, or a variant as in extent_cache { key = logical }` };
  return source;
}
