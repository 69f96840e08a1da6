import * as vscode from 'vscode';
import {
  COMPARISON_FILES,
  type ComparisonFile,
  comparisonFile,
  SWEEP_FILES,
  type SweepFile,
  sweepFile,
} from '../../language/export/comparison/file';
import type { Comparison } from '../../language/runtime/compare/compare';
import type { Sweep } from '../../language/runtime/compare/sweep';
import { uriOf } from '../documents';

/** What the page shows, as it came out. */
export type Shown = { readonly comparison: Comparison } | { readonly sweep: Sweep };

/** Asks where to and as what, and writes it. */
export async function save(shown: Shown): Promise<void> {
  const endings: Readonly<Record<string, string>> = 'sweep' in shown ? SWEEP_FILES : COMPARISON_FILES;
  const { file, scenario } = 'sweep' in shown ? shown.sweep : shown.comparison;
  const name =
    scenario
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '') || 'comparison';
  const [first] = Object.keys(endings);
  const to = await vscode.window.showSaveDialog({
    title: 'sweep' in shown ? 'Save the Curves' : 'Save the Comparison',
    defaultUri: vscode.Uri.joinPath(uriOf(file), '..', `${name}.${first}`),
    filters: Object.fromEntries(Object.entries(endings).map(([ending, title]) => [title, [ending]])),
  });
  if (!to) return;
  const ending = to.path.slice(to.path.lastIndexOf('.') + 1).toLowerCase();
  const known = Object.hasOwn(endings, ending) ? ending : first!;
  const text = 'sweep' in shown ? sweepFile(shown.sweep, known as SweepFile) : comparisonFile(shown.comparison, known as ComparisonFile);
  try {
    await vscode.workspace.fs.writeFile(to, new TextEncoder().encode(text));
  } catch (error) {
    return void vscode.window.showErrorMessage(`${to.path} can't be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  if ((await vscode.window.showInformationMessage(`Saved as ${vscode.workspace.asRelativePath(to)}.`, 'Open')) === 'Open')
    await vscode.commands.executeCommand('vscode.open', to);
}
