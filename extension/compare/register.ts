import * as vscode from 'vscode';
import { isMmscn, programOf, scenarioAt, scenariosOf } from '../documents';
import { ComparisonHost, type Subject } from './host';
import { Memory } from './memory';
import { VIEW_TYPE } from './page';

/** The commands that compare designs on the scenario at the cursor; in a file with several, outside of all of them, one is asked for. */
export function registerComparison({ extensionUri, workspaceState }: vscode.ExtensionContext): vscode.Disposable {
  const host = new ComparisonHost(vscode.Uri.joinPath(extensionUri, 'dist', 'webview'), new Memory(workspaceState));
  const command = (name: string, run: (subject: Subject) => Promise<void>) =>
    vscode.commands.registerCommand(name, async () => {
      const subject = await subjectOf(vscode.window.activeTextEditor);
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

async function subjectOf(editor: vscode.TextEditor | undefined): Promise<Subject | undefined> {
  if (!editor || !isMmscn(editor.document))
    return void vscode.window.showErrorMessage('Open a .mmscn file to compare designs on one of its scenarios.');
  const { document } = editor;
  const titles = scenariosOf(document.getText()).map(({ title }) => title);
  if (titles.length === 0) return void vscode.window.showErrorMessage('The file has no scenario to compare designs on.');
  const scenario =
    scenarioAt(document, editor.selection.active) ??
    (titles.length === 1 ? titles[0] : await vscode.window.showQuickPick(titles, { placeHolder: 'The scenario to compare designs on' }));
  return scenario === undefined ? undefined : { program: programOf(document.uri), scenario };
}
