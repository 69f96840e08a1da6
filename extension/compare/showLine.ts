import * as vscode from 'vscode';
import { uriOf } from '../documents';

/** A line (from 1) in the editor that shows the file, else in the first column. */
export async function showLine(file: string, line: number, preserveFocus: boolean): Promise<void> {
  const uri = uriOf(file);
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  const at = new vscode.Range(line - 1, 0, line - 1, 0);
  const viewColumn = shown?.viewColumn ?? vscode.ViewColumn.One;
  const editor = await vscode.window.showTextDocument(uri, { viewColumn, preserveFocus });
  const whole = editor.document.lineAt(Math.min(line, editor.document.lineCount) - 1).range;
  editor.selection = new vscode.Selection(whole.start, whole.end);
  editor.revealRange(at, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
