import * as vscode from 'vscode';
import { type Opened, Workspace } from '../../language/analysis/workspace';
import { implemented } from '../../language/simulator/implemented';
import { LineMap } from '../../language/syntax/positions';
import type { Span } from '../../language/syntax/ast';
import { textOf } from '../documents';

export const SELECTOR: vscode.DocumentSelector = { language: 'mmscn' };

/** The texts as the editor has them, unsaved edits included. */
export const workspace = new Workspace((uri) => textOf(vscode.Uri.parse(uri)), implemented);

/** What is known about a document; undefined where it cannot be read, or has changed meanwhile. */
export async function opened(document: vscode.TextDocument): Promise<Opened | undefined> {
  const { version } = document;
  try {
    const file = await workspace.open(document.uri.toString());
    return document.version === version && file.source.text === document.getText() ? file : undefined;
  } catch {
    return undefined;
  }
}

export function rangeIn(document: vscode.TextDocument, { start, end }: Span): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

/** A place in any file of a program. */
export function locationIn(file: Opened, uri: string, span: Span): vscode.Location {
  const source = file.program.sources.find((s) => s.uri === uri);
  const lines = new LineMap(source?.text ?? '');
  const position = (offset: number) => {
    const { line, column } = lines.place(offset);
    return new vscode.Position(line - 1, column - 1);
  };
  return new vscode.Location(vscode.Uri.parse(uri), new vscode.Range(position(span.start), position(span.end)));
}
