import * as assert from 'node:assert';
import * as vscode from 'vscode';
import { open, until } from './debugging';

describe('the extension in VS Code', () => {
  it('knows .mmscn files', async () => {
    assert.strictEqual((await open('test/host/first.mmscn')).document.languageId, 'mmscn');
  });

  it('has every command that its manifest names', async () => {
    const { packageJSON } = vscode.extensions.getExtension('mmscn.mmscn')!;
    const { contributes } = packageJSON as { contributes: { commands: { command: string }[] } };
    const commands = await until('activation', async () => {
      const all = await vscode.commands.getCommands(true);
      return all.includes('mmscn.runSample') && all;
    });
    for (const { command } of contributes.commands) assert.ok(commands.includes(command), command);
  });
});
