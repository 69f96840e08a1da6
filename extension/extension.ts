import type * as vscode from 'vscode';
import { registerDebugAdapter } from './debugFactory';
import { registerDebugConfigurations } from './debugConfiguration';
import { registerComparison } from './compare/register';
import { registerImport } from './import/register';
import { registerPanel } from './panel/register';
import { registerProviders } from './providers/register';
import { registerSamples } from './samples';
import { registerVerify } from './verify/register';

/** Called by VS Code when a .mmscn file is opened or debugged, or a command of the extension is run. */
export function activate(context: vscode.ExtensionContext): void {
  registerProviders(context);
  context.subscriptions.push(
    registerDebugConfigurations(),
    registerDebugAdapter(),
    registerPanel(context.extensionUri),
    registerComparison(context),
    registerImport(context.extensionUri),
    registerSamples(context.extensionUri),
    registerVerify(context.extensionUri),
  );
}
