import type { Program, Source } from '../analysis/program';
import type { Param, Routine, Scenario, SourceFile, DesignDeclaration } from '../syntax/ast';

export type { Program, Source };

/** A node of the tree and the file that it stands in. */
export interface Located<T> {
  readonly source: Source;
  readonly node: T;
}

export function scenarios(program: Program): Located<Scenario>[] {
  const main = program.sources[0]!;
  return main.file.items.filter((item) => item.kind === 'scenario').map((node) => ({ source: main, node }));
}

export function routines(program: Program): Map<string, Located<Routine>> {
  return named(program, (item) => (item.kind === 'routine' ? item : undefined));
}

export function fileParams(program: Program): Map<string, Located<Param>> {
  return named(program, (item) => (item.kind === 'param' ? item : undefined));
}

export function declaredDesigns(program: Program): Map<string, Located<DesignDeclaration>> {
  return named(program, (item) => (item.kind === 'design' ? item : undefined));
}

type Item = SourceFile['items'][number];

function named<T extends { readonly name: { readonly text: string } }>(
  program: Program,
  pick: (item: Item) => T | undefined,
): Map<string, Located<T>> {
  const found = new Map<string, Located<T>>();
  for (const source of program.sources) {
    for (const item of source.file.items) {
      const node = pick(item);
      if (node && !found.has(node.name.text)) found.set(node.name.text, { source, node });
    }
  }
  return found;
}
