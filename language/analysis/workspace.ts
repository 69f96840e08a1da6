import { checkSource } from './check';
import type { Diagnostic, Implemented } from './diagnostic';
import { type Loaded, loadProgram, type ReadText, type Source } from './program';

export interface Opened extends Loaded {
  readonly source: Source;
}

/** The files of an editor: each read with its imports when something is asked about it, and again only after a change. */
export class Workspace {
  private readonly known = new Map<string, Promise<Opened>>();

  constructor(
    private readonly readText: ReadText,
    private readonly implemented: Implemented | undefined,
  ) {}

  /** Rejects where the file itself cannot be read. */
  open(uri: string): Promise<Opened> {
    let opened = this.known.get(uri);
    if (!opened) {
      opened = loadProgram(uri, this.readText).then((loaded) => ({ ...loaded, source: loaded.program.sources[0]! }));
      this.known.set(uri, opened);
      opened.catch(() => this.known.delete(uri));
    }
    return opened;
  }

  /** What is wrong with one file. */
  async check(uri: string): Promise<Diagnostic[]> {
    const { program, source, problems } = await this.open(uri);
    return checkSource(program, source, this.implemented, problems);
  }

  /** Some text has changed: any file may import it. */
  changed(): void {
    this.known.clear();
  }
}
