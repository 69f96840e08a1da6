import * as vscode from 'vscode';
import { type Subject, subjectOf } from '../subject';
import { ComparisonHost } from './host';
import { Memory } from './memory';
import { VIEW_TYPE } from './page';

/** The commands that compare designs on the scenario at the cursor; in a file with several, outside of all of them, one is asked for. */
export function registerComparison({ extensionUri, workspaceState }: vscode.ExtensionContext): vscode.Disposable {
  const host = new ComparisonHost(vscode.Uri.joinPath(extensionUri, 'dist', 'webview'), new Memory(workspaceState));
  const command = (name: string, run: (subject: Subject) => Promise<void>) =>
    vscode.commands.registerCommand(name, async () => {
      const subject = await subjectOf(vscode.window.activeTextEditor, 'compare designs on');
      if (subject) await run(subject);
    });
  return vscode.Disposable.from(
    host,
    command('mmscn.compare', (subject) => host.compare(subject)),
    command('mmscn.compareChosen', (subject) => host.choose(subject)),
    command('mmscn.sweep', (subject) => host.sweep(subject)),
    vscode.commands.registerCommand('mmscn.saveComparison', () => host.save()),
    vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, { deserializeWebviewPanel: (panel) => host.adopt(panel) }),
  );
}
