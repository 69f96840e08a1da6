import * as assert from 'node:assert';
import * as vscode from 'vscode';
import { fileUri, until } from './debugging';

describe('scenarios out of real life', () => {
  const imported = (title: string) =>
    until(title, () => {
      const document = vscode.window.activeTextEditor?.document;
      return document?.isUntitled && document.getText().includes(`scenario "${title}`) && document;
    });
  const close = () => vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');

  it('a log of strace opens as a scenario that nothing is to be said against', async () => {
    await vscode.commands.executeCommand('mmscn.importStrace', fileUri('test/import/strace/pipeline.log'));
    const document = await imported('pipeline.log');
    assert.strictEqual(document.languageId, 'mmscn');
    assert.match(document.getText(), /^ {2}sh: fork\(\) as cat$/m);
    const errors = vscode.languages.getDiagnostics(document.uri).filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error);
    assert.deepStrictEqual(errors, []);
    await close();
  });

  it('what is no log opens nothing', async () => {
    const before = vscode.window.activeTextEditor?.document.uri.toString();
    await vscode.commands.executeCommand('mmscn.importStrace', fileUri('package.json'));
    await vscode.commands.executeCommand('mmscn.importStrace', fileUri('none.log'));
    assert.strictEqual(vscode.window.activeTextEditor?.document.uri.toString(), before);
  });

  it('a process opens as a scenario, where there is /proc', async () => {
    await vscode.commands.executeCommand('mmscn.importProcess', [process.pid]);
    if (process.platform !== 'linux') return;
    const document = await imported('what ');
    assert.match(document.getText(), new RegExp(`pid ${process.pid}$`, 'm'));
    await close();
  });
});
