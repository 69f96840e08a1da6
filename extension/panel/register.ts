import * as vscode from 'vscode';
import { PanelHost, VIEW_TYPE } from './host';

const TYPE = 'mmscn';

/** The memory panel: opened by a debug session that starts, or by its command; it follows the session that moved last. */
export function registerPanel(extensionUri: vscode.Uri): vscode.Disposable {
  const host = new PanelHost(vscode.Uri.joinPath(extensionUri, 'dist', 'webview'));
  const ours = (session: vscode.DebugSession, then: (session: vscode.DebugSession) => void) => {
    if (session.type === TYPE) then(session);
  };
  return vscode.Disposable.from(
    host,
    vscode.commands.registerCommand('mmscn.openPanel', () => host.open()),
    vscode.debug.onDidStartDebugSession((session) =>
      ours(session, (one) => (one.configuration['noDebug'] === true ? undefined : host.begin(one))),
    ),
    vscode.debug.onDidReceiveDebugSessionCustomEvent(({ event, session }) => {
      if (event === 'mmscn/changed') ours(session, (one) => host.changed(one));
    }),
    vscode.debug.onDidChangeActiveStackItem((item) => {
      if (item instanceof vscode.DebugStackFrame) ours(item.session, () => host.marked());
    }),
    vscode.debug.onDidTerminateDebugSession((session) => ours(session, (one) => host.end(one))),
    vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: (panel) => Promise.resolve(host.adopt(panel)),
    }),
  );
}
