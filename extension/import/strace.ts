import * as vscode from 'vscode';
import { Lines } from '../../language/import/lines';
import { StraceImport } from '../../language/import/strace/scenario';
import { remarks } from '../../language/import/strace/remarks';
import { nodePart } from './node';
import { show } from './show';

/** `Memory Scenario: Import strace Log…`. The log is read, nothing of it is executed. */
export async function importStrace(extensionUri: vscode.Uri, given: vscode.Uri | undefined): Promise<void> {
  const log = given ?? (await chosen());
  if (!log) return;
  const name = log.path.slice(log.path.lastIndexOf('/') + 1);
  const importer = new StraceImport(name);
  try {
    const whole = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, cancellable: true, title: `Importing ${name}` },
      (_progress, token) => read(extensionUri, log, importer, token),
    );
    if (!whole) return;
  } catch (error) {
    return void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
  const { summary, text } = importer.finish();
  const [first] = remarks(name, summary);
  if (summary.problem !== undefined) return void vscode.window.showErrorMessage(`${first}`);
  await show(text);
  if (first !== undefined) void vscode.window.showWarningMessage(first);
}

async function chosen(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: 'A log of strace -f -y -o LOG -e trace=memory,desc,file,process,ipc',
    openLabel: 'Import',
  });
  return picked?.[0];
}

/** Whether all was read. A file of a host with Node is read piece by piece, any other at once. */
async function read(extensionUri: vscode.Uri, log: vscode.Uri, importer: StraceImport, token: vscode.CancellationToken): Promise<boolean> {
  const host = log.scheme === 'file' ? await nodePart(extensionUri) : undefined;
  if (host)
    await host.readLog(
      log.fsPath,
      (line) => importer.line(line),
      () => token.isCancellationRequested || importer.hopeless,
    );
  else {
    const lines = new Lines((line) => importer.line(line));
    lines.add(new TextDecoder().decode(await vscode.workspace.fs.readFile(log)));
    lines.end();
  }
  return !token.isCancellationRequested;
}
