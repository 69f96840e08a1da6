import type { Location, Range } from 'vscode-languageserver/node';
import { TextDocuments } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Implemented } from '../../language/analysis/diagnostic';
import type { ReadText } from '../../language/analysis/program';
import { type Opened, Workspace } from '../../language/analysis/workspace';
import type { Span } from '../../language/syntax/ast';
import { LineMap } from '../../language/syntax/positions';

/** The client's open texts; what it has not opened (imports) is read from disk. */
export class Documents {
  readonly open = new TextDocuments(TextDocument);
  readonly workspace: Workspace;

  constructor(readFile: ReadText, implemented: Implemented) {
    this.workspace = new Workspace((uri) => {
      const document = this.open.get(uri);
      return document ? Promise.resolve(document.getText()) : readFile(uri);
    }, implemented);
    this.open.onDidChangeContent(() => this.workspace.changed());
    this.open.onDidClose(() => this.workspace.changed());
  }

  /** A document that the client has opened, with what is known about it; undefined for any other. */
  async get(uri: string): Promise<(Opened & { readonly document: TextDocument }) | undefined> {
    const document = this.open.get(uri);
    return document && { ...(await this.workspace.open(uri)), document };
  }
}

export function rangeIn(document: TextDocument, { start, end }: Span): Range {
  return { start: document.positionAt(start), end: document.positionAt(end) };
}

export function locationIn(file: Opened, uri: string, { start, end }: Span): Location {
  const lines = new LineMap(file.program.sources.find((source) => source.uri === uri)?.text ?? '');
  const position = (offset: number) => {
    const { line, column } = lines.place(offset);
    return { line: line - 1, character: column - 1 };
  };
  return { uri, range: { start: position(start), end: position(end) } };
}
