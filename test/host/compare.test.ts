import * as assert from 'node:assert';
import * as vscode from 'vscode';
import { open, until } from './debugging';

const comparisonTab = () =>
  vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .find(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('mmscn.compare'));

describe('designs compared', () => {
  it('open beside the editor, which keeps the focus', async () => {
    await open('test/host/first.mmscn');
    await vscode.commands.executeCommand('mmscn.compare');
    const tab = await until('the comparison', comparisonTab);
    assert.notStrictEqual(tab.group.viewColumn, vscode.window.activeTextEditor?.viewColumn);
    assert.ok(vscode.window.activeTextEditor?.document.fileName.endsWith('first.mmscn'));
    await vscode.window.tabGroups.close(tab);
  });
});
