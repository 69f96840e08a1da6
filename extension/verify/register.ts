import * as vscode from 'vscode';
import { subjectOf } from '../subject';
import { CAN_VERIFY, Verification } from './verification';

/** `Memory Scenario: Verify on This Kernel`: does the steps of the scenario at the cursor on the kernel that the extension runs on. */
export function registerVerify(extensionUri: vscode.Uri): vscode.Disposable {
  void vscode.commands.executeCommand('setContext', 'mmscn.canVerify', CAN_VERIFY);
  const verification = new Verification(vscode.Uri.joinPath(extensionUri, 'dist', 'live.js'));
  return vscode.Disposable.from(
    verification,
    vscode.commands.registerCommand('mmscn.verify', async () => {
      const subject = await subjectOf(vscode.window.activeTextEditor, 'verify');
      return subject && verification.verify(subject);
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) verification.forget(document.uri);
    }),
  );
}
