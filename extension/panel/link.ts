import * as vscode from 'vscode';
import { type Action, checkReply, type PanelReply, type Want } from '../../webview/protocol';

/** What the panel may ask VS Code for, as the workbench's own commands: they act on the session that is focused there. */
const COMMANDS: Readonly<Record<Action, string>> = {
  stepBack: 'workbench.action.debug.stepBack',
  stepOver: 'workbench.action.debug.stepOver',
  stepInto: 'workbench.action.debug.stepInto',
  stepOut: 'workbench.action.debug.stepOut',
  continue: 'workbench.action.debug.continue',
  reverseContinue: 'workbench.action.debug.reverseContinue',
  start: 'workbench.action.debug.start',
};

/** Asks a session's debug adapter for what the panel wants to see; what goes wrong comes back as a message. */
export async function ask(session: vscode.DebugSession, want: Want): Promise<PanelReply> {
  try {
    const body = (await session.customRequest('mmscn/panel', { request: { kind: 'state', want } })) as { answer?: unknown } | undefined;
    return checkReply(body?.answer, 'reply');
  } catch (error) {
    return { kind: 'failed', message: textOf(error) };
  }
}

/** Moves a session's run to after `step` statements; what is wrong, or nothing. */
export async function goTo(session: vscode.DebugSession, step: number): Promise<string | undefined> {
  try {
    await session.customRequest('mmscn/goto', { step });
    return undefined;
  } catch (error) {
    return textOf(error);
  }
}

export async function act(action: Action): Promise<void> {
  await vscode.commands.executeCommand(COMMANDS[action]);
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
