import * as vscode from 'vscode';
import type * as Host from '../cli/import/host';

/** The part that reads files by itself; `undefined` where the extension runs in a browser. */
export async function nodePart(extensionUri: vscode.Uri): Promise<typeof Host | undefined> {
  if (!('process' in globalThis)) return undefined;
  const part = vscode.Uri.joinPath(extensionUri, 'dist', 'import.js');
  return ((await import(part.toString(true))) as { default: typeof Host }).default;
}
