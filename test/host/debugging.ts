import * as assert from 'node:assert';
import * as vscode from 'vscode';

/** One frame as the call stack shows it. */
export interface Frame {
  readonly name: string;
  readonly line: number;
  /** Set for a frame inside the kernel, whose text the adapter provides. */
  readonly sourceReference: number;
}

interface StackReply {
  stackFrames: { id: number; name: string; line: number; source?: { sourceReference?: number } }[];
}
interface ScopesReply {
  scopes: { name: string; variablesReference: number }[];
}
interface VariablesReply {
  variables: { name: string; value: string; variablesReference: number }[];
}

export const extensionPath = () => vscode.extensions.getExtension('mmscn.mmscn')!.extensionPath;

export const fileUri = (file: string) => vscode.Uri.file(`${extensionPath()}/${file}`);

/** Waits until a question is answered with something true, at most ten seconds. */
export async function until<T>(what: string, ask: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`timed out: ${what}`);
}

/** Opens a file of the extension's folder in the editor, the cursor at its start. */
export async function open(file: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(fileUri(file), { selection: new vscode.Range(0, 0, 0, 0) });
}

/** A session under test: what it stopped for, and what VS Code can ask it then. */
export class Debugging {
  private readonly stops: { reason: string; threadId: number; text?: string }[] = [];
  private readonly tracker = vscode.debug.registerDebugAdapterTrackerFactory('mmscn', {
    createDebugAdapterTracker: () => ({
      onDidSendMessage: (message: { event?: string; body: { reason: string; threadId: number } }) => {
        if (message.event === 'stopped') this.stops.push(message.body);
      },
    }),
  });
  private seen = 0;

  /** Starts as `start` says and waits for the first stop. */
  static async start(start: () => Thenable<unknown>): Promise<Debugging> {
    const debugging = new Debugging();
    await start();
    await debugging.stopped();
    return debugging;
  }

  /** Runs a command of the workbench (`stepOver`, `stepInto`, …) and waits for the stop that follows. */
  async command(name: string): Promise<string> {
    await until('a focused frame', () => vscode.debug.activeStackItem instanceof vscode.DebugStackFrame);
    await vscode.commands.executeCommand(`workbench.action.debug.${name}`);
    return this.stopped();
  }

  /** The reason of the next stop. */
  async stopped(): Promise<string> {
    await until('a stop', () => this.stops.length > this.seen);
    return this.stops[this.seen++]!.reason;
  }

  async stack(): Promise<Frame[]> {
    const { stackFrames } = await this.ask<StackReply>('stackTrace', { threadId: this.stops.at(-1)!.threadId });
    return stackFrames.map(({ name, line, source }) => ({ name, line, sourceReference: source?.sourceReference ?? 0 }));
  }

  /** The state as the top frame's scopes show it, an indented text, `depth` levels deep; without the scope that says what has changed. */
  async variables(depth = 2): Promise<string> {
    const { stackFrames } = await this.ask<StackReply>('stackTrace', { threadId: this.stops.at(-1)!.threadId });
    const { scopes } = await this.ask<ScopesReply>('scopes', { frameId: stackFrames[0]!.id });
    const state = scopes.filter((scope) => !scope.name.startsWith('Changed'));
    const texts = await Promise.all(state.map(async (s) => `${s.name}\n${await this.children(s.variablesReference, '  ', depth)}`));
    return texts.join('');
  }

  async evaluate(expression: string): Promise<string> {
    const { stackFrames } = await this.ask<StackReply>('stackTrace', { threadId: this.stops.at(-1)!.threadId });
    return (await this.ask<{ result: string }>('evaluate', { expression, frameId: stackFrames[0]!.id, context: 'watch' })).result;
  }

  async ask<T>(command: string, args: object): Promise<T> {
    const session = vscode.debug.activeDebugSession;
    assert.ok(session, 'no session');
    return (await session.customRequest(command, args)) as T;
  }

  /** Ends the session and waits until VS Code has no session any more. */
  async end(): Promise<void> {
    this.tracker.dispose();
    await vscode.debug.stopDebugging();
    await until('the end of the session', () => vscode.debug.activeDebugSession === undefined);
  }

  private async children(variablesReference: number, indent: string, depth: number): Promise<string> {
    if (variablesReference === 0 || depth === 0) return '';
    const { variables } = await this.ask<VariablesReply>('variables', { variablesReference });
    const lines = variables.map(
      async (v) => `${indent}${v.name} = ${v.value}\n${await this.children(v.variablesReference, `${indent}  `, depth - 1)}`,
    );
    return (await Promise.all(lines)).join('');
  }
}
