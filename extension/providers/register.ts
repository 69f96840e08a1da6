import type * as vscode from 'vscode';
import { registerCompletion } from './completion';
import { registerDiagnostics } from './diagnostics';
import { registerEditing } from './editing';
import { registerNavigation } from './navigation';
import { registerStructure } from './structure';

/** Everything that the editor offers for .mmscn files, straight from the analysis: no language server in between. */
export function registerProviders(context: vscode.ExtensionContext): void {
  context.subscriptions.push(registerDiagnostics(), registerCompletion(), registerNavigation(), registerStructure(), registerEditing());
}
