import * as vscode from 'vscode';
import { MmscnDebugSession } from './debug/session';
import { textOf, uriOf } from './documents';

/** The debug adapter runs inside the extension: no process to start, so it works in a browser too. */
export function registerDebugAdapter(): vscode.Disposable {
  return vscode.debug.registerDebugAdapterDescriptorFactory('mmscn', {
    createDebugAdapterDescriptor: () => new vscode.DebugAdapterInlineImplementation(new InlineAdapter()),
  });
}

class InlineAdapter implements vscode.DebugAdapter {
  private readonly messages = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  private readonly session = new MmscnDebugSession({
    readText: (program) => textOf(uriOf(program)),
    send: (message) => this.messages.fire(message),
  });

  readonly onDidSendMessage = this.messages.event;

  handleMessage(message: vscode.DebugProtocolMessage): void {
    this.session.handleMessage(message);
  }

  dispose(): void {
    this.session.dispose();
    this.messages.dispose();
  }
}
