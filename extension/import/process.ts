import * as vscode from 'vscode';
import { importProcesses } from '../../language/import/proc/scenario';
import { nodePart } from './node';
import { show } from './show';

interface ProcessItem extends vscode.QuickPickItem {
  readonly pid: number;
}

/** `Memory Scenario: Import Process…`: what chosen processes of this machine hold. */
export async function importProcess(extensionUri: vscode.Uri, given: readonly number[] | undefined): Promise<void> {
  const host = await nodePart(extensionUri);
  const listed = host?.listProcesses() ?? [];
  if (!host || listed.length === 0)
    return void vscode.window.showErrorMessage('Processes can be imported where the extension runs on Linux: there is no /proc here.');
  const pids =
    given ??
    (await chosen(listed.map(({ pid, name, rss }) => ({ pid, label: name, description: `${pid}, ${Math.round(rss / 2 ** 20)} MiB` }))));
  if (pids === undefined || pids.length === 0) return;
  const { processes, facts, problems } = host.readProcesses(pids);
  const memory = host.totalMemory();
  if (processes.length > 0)
    await show(importProcesses(processes, facts, { filesystem: 'xfs', ...(memory !== undefined && { memory }) }).text);
  if (problems.length > 0) void vscode.window.showErrorMessage(problems.join('; '));
}

async function chosen(items: readonly ProcessItem[]): Promise<number[] | undefined> {
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    matchOnDescription: true,
    placeHolder: 'The processes to import; those of one family together, to see what they share',
  });
  return picked?.map(({ pid }) => pid);
}
