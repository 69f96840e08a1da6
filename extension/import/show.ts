import * as vscode from 'vscode';

/** Opens a scenario's lines as a document that is not saved yet. */
export async function show(lines: Iterable<string>): Promise<void> {
  const content = [...lines].map((line) => `${line}\n`).join('');
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'mmscn', content }));
}
