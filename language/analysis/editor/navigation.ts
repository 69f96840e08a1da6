import type { Span } from '../../syntax/ast';
import { type Program, resolveImport, type Source } from '../program';
import { allOccurrences, type Occurrence, occurrenceAt } from './occurrences';

export interface Location extends Span {
  readonly uri: string;
}

/** Where the name at an offset is defined; for an import, the file. */
export function definition(program: Program, source: Source, offset: number): Location[] {
  for (const item of source.file.items) {
    if (item.kind !== 'import' || offset < item.path.start || offset > item.path.end) continue;
    return [{ uri: resolveImport(source.uri, item.path.value), start: 0, end: 0 }];
  }
  const occurrence = occurrenceAt(program, source, offset);
  if (!occurrence) return [];
  const all = allOccurrences(program).filter((o) => o.key === occurrence.key && o.definition);
  return occurrence.kind === 'variable' ? all.slice(0, 1) : all;
}

/** Every place that stands for the same thing. */
export function references(program: Program, source: Source, offset: number): Occurrence[] {
  const occurrence = occurrenceAt(program, source, offset);
  return occurrence ? allOccurrences(program).filter(({ key }) => key === occurrence.key) : [];
}

const RENAMED = new Set<Occurrence['kind']>(['process', 'host', 'variable', 'param', 'let', 'loop', 'parameter', 'routine', 'design']);

/** The name that would be renamed at an offset; undefined where it is none of the program's own. */
export function renamable(program: Program, source: Source, offset: number): Occurrence | undefined {
  const occurrence = occurrenceAt(program, source, offset);
  if (!occurrence || !RENAMED.has(occurrence.kind)) return undefined;
  return allOccurrences(program).some((o) => o.key === occurrence.key && o.definition) ? occurrence : undefined;
}

/** The places to change, or why not. */
export function rename(program: Program, source: Source, offset: number, to: string): Location[] | { readonly error: string } {
  if (!/^[A-Za-z_]\w*$/.test(to)) return { error: `\`${to}\` is no name: letters, digits and _, not beginning with a digit` };
  if (!renamable(program, source, offset)) return { error: "this name is the language's own" };
  const places = references(program, source, offset);
  const taken = allOccurrences(program).find(
    (o) => o.name === to && o.definition && places.some(({ uri }) => uri === o.uri) && o.kind === places[0]?.kind && sharesUnit(o, places),
  );
  return taken ? { error: `\`${to}\` is taken by a ${taken.kind}` } : places;
}

/** Keys of processes, variables and hosts say in which scenario they are. */
function sharesUnit({ key }: Occurrence, places: readonly Occurrence[]): boolean {
  const unit = (k: string) => k.slice(0, k.lastIndexOf(':'));
  return places.some((place) => unit(place.key) === unit(key));
}

export interface Link extends Span {
  readonly target: string;
}

/** The files that imports name. */
export function documentLinks(source: Source): Link[] {
  return source.file.items.flatMap((item) =>
    item.kind === 'import'
      ? [{ start: item.path.start + 1, end: item.path.end - 1, target: resolveImport(source.uri, item.path.value) }]
      : [],
  );
}
