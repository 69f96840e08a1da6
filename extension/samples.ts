import * as vscode from 'vscode';
import { programOf, scenariosOf } from './documents';

/** The names of the files in samples/, put in by the build: an extension in a browser cannot list its own folder. */
declare const SAMPLE_FILES: readonly string[];

interface SampleItem extends vscode.QuickPickItem {
  readonly uri: vscode.Uri;
}

/** `Memory Scenario: Run Sample…`: pick one, see its text, debug it. */
export function registerSamples(extensionUri: vscode.Uri): vscode.Disposable {
  return vscode.commands.registerCommand('mmscn.runSample', async () => {
    const items = Promise.all(SAMPLE_FILES.map((name) => sampleItem(vscode.Uri.joinPath(extensionUri, 'samples', name))));
    const picked = await vscode.window.showQuickPick(items, { placeHolder: 'Choose a sample to step through', matchOnDetail: true });
    if (!picked) return;
    await vscode.window.showTextDocument(picked.uri);
    await vscode.debug.startDebugging(undefined, { type: 'mmscn', request: 'launch', name: picked.label, program: programOf(picked.uri) });
  });
}

/** Titled by its scenarios; the line beneath is the first sentence said about them. */
async function sampleItem(uri: vscode.Uri): Promise<SampleItem> {
  const scenarios = scenariosOf(new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)));
  const detail = scenarios.find((scenario) => scenario.doc)?.doc?.split('\n')[0];
  const description = uri.path.slice(uri.path.lastIndexOf('/') + 1);
  return { uri, label: scenarios.map((scenario) => scenario.title).join(' · ') || description, description, ...(detail ? { detail } : {}) };
}
