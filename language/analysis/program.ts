import type { SourceFile, Span } from '../syntax/ast';
import { parse } from '../syntax/parse';

/** How all text comes in: by the path or URI that names it. Rejects, with a message for people, where there is none. */
export type ReadText = (uri: string) => Promise<string>;

/** One file of a program, as it was read. */
export interface Source {
  readonly uri: string;
  readonly text: string;
  readonly file: SourceFile;
}

/** A file and everything that it imports, each once, the file itself first. */
export interface Program {
  readonly sources: readonly Source[];
}

/** An import that could not be followed. */
export interface LoadProblem {
  readonly uri: string;
  readonly span: Span;
  readonly code: 'import-missing' | 'import-cycle';
  readonly message: string;
}

export interface Loaded {
  readonly program: Program;
  readonly problems: readonly LoadProblem[];
}

/** Reads a file and everything it imports, each once, the file itself first. Rejects only where the file itself can't be read. */
export async function loadProgram(uri: string, readText: ReadText): Promise<Loaded> {
  const sources = new Map<string, Source>();
  const problems: LoadProblem[] = [];
  const read = async (at: string, text: string, path: readonly string[]): Promise<void> => {
    const source = { uri: at, text, file: parse(text) };
    sources.set(at, source);
    for (const item of source.file.items) {
      if (item.kind !== 'import') continue;
      const target = resolveImport(at, item.path.value);
      const cycle = [...path, at].indexOf(target);
      if (cycle >= 0) {
        const chain = [...path.slice(cycle), at, target].map(nameOf).join(' → ');
        problems.push({ uri: at, span: item.path, code: 'import-cycle', message: `files import each other: ${chain}` });
      } else if (!sources.has(target)) {
        try {
          await read(target, await readText(target), [...path, at]);
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          problems.push({ uri: at, span: item.path, code: 'import-missing', message: `${item.path.value} can't be read: ${why}` });
        }
      }
    }
  };
  await read(uri, await readText(uri), []);
  return { program: { sources: [...sources.values()] }, problems };
}

/** The path or URI that an import means, relative to the file it stands in. */
export function resolveImport(from: string, path: string): string {
  if (/^([a-z][a-z0-9+.-]+:|[/\\]|[a-z]:[/\\])/i.test(path)) return path;
  const separator = from.includes('/') || !from.includes('\\') ? '/' : '\\';
  const parts = from.split(separator).slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..' && parts.at(-1) !== '') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join(separator) || (from.startsWith('/') ? '/' : '.');
}

function nameOf(uri: string): string {
  return uri.slice(Math.max(uri.lastIndexOf('/'), uri.lastIndexOf('\\')) + 1);
}
