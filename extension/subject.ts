import * as vscode from 'vscode';
import { isMmscn, programOf, scenarioAt, scenariosOf } from './documents';

/** A scenario of a file. */
export interface Subject {
  /** Path or URI. */
  readonly program: string;
  readonly scenario: string;
}

/** The scenario at the cursor; in a file with several, outside of all of them, one is asked for. `what`: what is done with it, as in "compare designs on". */
export async function subjectOf(editor: vscode.TextEditor | undefined, what: string): Promise<Subject | undefined> {
  if (!editor || !isMmscn(editor.document))
    return void vscode.window.showErrorMessage(`Open a .mmscn file to ${what} one of its scenarios.`);
  const { document } = editor;
  const titles = scenariosOf(document.getText()).map(({ title }) => title);
  if (titles.length === 0) return void vscode.window.showErrorMessage(`The file has no scenario to ${what}.`);
  const scenario =
    scenarioAt(document, editor.selection.active) ??
    (titles.length === 1 ? titles[0] : await vscode.window.showQuickPick(titles, { placeHolder: `The scenario to ${what}` }));
  return scenario === undefined ? undefined : { program: programOf(document.uri), scenario };
}
