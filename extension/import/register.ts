import * as vscode from 'vscode';
import { importProcess } from './process';
import { importStrace } from './strace';

/** The commands that make scenarios of what real programs did, or hold. */
export function registerImport(extensionUri: vscode.Uri): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.commands.registerCommand('mmscn.importStrace', (log?: vscode.Uri) => importStrace(extensionUri, log)),
    vscode.commands.registerCommand('mmscn.importProcess', (pids?: readonly number[]) => importProcess(extensionUri, pids)),
  );
}
