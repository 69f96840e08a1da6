import * as vscode from 'vscode';
import { isMmscn, programOf, scenarioAt, scenariosOf } from '../documents';
import { ComparisonHost } from './host';

/** `Memory Scenario: Compare Designs`: the scenario at the cursor, else the first of the file. */
export function registerComparison(extensionUri: vscode.Uri): vscode.Disposable {
  const host = new ComparisonHost(vscode.Uri.joinPath(extensionUri, 'dist', 'webview'));
  const compare = async () => {
    const editor = vscode.window.activeTextEditor;
    if (!editor || !isMmscn(editor.document))
      return void vscode.window.showErrorMessage('Open a .mmscn file to compare designs on one of its scenarios.');
    const { document } = editor;
    const scenario = scenarioAt(document, editor.selection.active) ?? scenariosOf(document.getText())[0]?.title;
    if (scenario === undefined) return void vscode.window.showErrorMessage('The file has no scenario to compare designs on.');
    await host.show({ program: programOf(document.uri), scenario });
  };
  return vscode.Disposable.from(host, vscode.commands.registerCommand('mmscn.compare', compare));
}
