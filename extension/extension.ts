import type * as vscode from 'vscode';

/** Called by VS Code when a .mmscn file is opened or debugged. */
export function activate(_context: vscode.ExtensionContext): void {}
