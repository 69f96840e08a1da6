import { loadProgram, type Loaded, type Source } from '../../language/analysis/program';
import type { Program } from '../../language/analysis/program';

export const MAIN = 'main.mmscn';

export interface Marked {
  readonly text: string;
  readonly offset: number;
  readonly program: Program;
  readonly source: Source;
}

/** A text with `<|>` where the cursor is. Other files of the program by name. */
export async function marked(withMarker: string, files: Readonly<Record<string, string>> = {}): Promise<Marked> {
  const offset = withMarker.indexOf('<|>');
  const text = withMarker.replace('<|>', '');
  const { program } = await loaded(text, files);
  return { text, offset, program, source: program.sources[0]! };
}

export function loaded(text: string, files: Readonly<Record<string, string>> = {}): Promise<Loaded> {
  return loadProgram(MAIN, (uri) => {
    const found = uri === MAIN ? text : files[uri];
    return found === undefined ? Promise.reject(new Error('no such file')) : Promise.resolve(found);
  });
}
