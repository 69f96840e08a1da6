import * as vscode from 'vscode';
import { parse } from '../language/syntax/parse';

export interface ScenarioSummary {
  readonly title: string;
  /** The `///` lines above it. */
  readonly doc?: string;
  /** The designs that its `under` names. */
  readonly designs: readonly string[];
  /** UTF-16 offsets, end exclusive. */
  readonly start: number;
  readonly end: number;
}

export function isMmscn(document: vscode.TextDocument): boolean {
  return document.languageId === 'mmscn';
}

/** The `program` of a debug session: a path for a file on disk, else the URI. */
export function programOf(uri: vscode.Uri): string {
  return uri.scheme === 'file' ? uri.fsPath : uri.toString();
}

/** The inverse of `programOf`. */
export function uriOf(program: string): vscode.Uri {
  return /^[a-z][a-z0-9+.-]+:/i.test(program) ? vscode.Uri.parse(program) : vscode.Uri.file(program);
}

/** A file's text as the editor has it, unsaved edits included; on any file system, also for imports that no editor shows. */
export async function textOf(uri: vscode.Uri): Promise<string> {
  return (await vscode.workspace.openTextDocument(uri)).getText();
}

/** The scenarios of a text, also of a half-typed one. */
export function scenariosOf(text: string): ScenarioSummary[] {
  return parse(text).items.flatMap((item) => {
    if (item.kind !== 'scenario') return [];
    const designs = item.body.statements.flatMap((s) => (s.kind === 'under' ? s.designs.map((name) => name.text) : []));
    const doc = item.doc === undefined ? {} : { doc: item.doc };
    return [{ title: item.title.value, ...doc, designs, start: item.start, end: item.end }];
  });
}

/** The title of the scenario at a position. */
export function scenarioAt(document: vscode.TextDocument, position: vscode.Position): string | undefined {
  const offset = document.offsetAt(position);
  return scenariosOf(document.getText()).find(({ start, end }) => start <= offset && offset <= end)?.title;
}
