import * as vscode from 'vscode';

const TYPE = 'nothing';

interface Request {
  readonly seq: number;
  readonly type: string;
  readonly command: string;
}

/** Stops at the first line; `next` is one line down, `stepBack` one line up. There is no program, no state and no history. */
class NothingAdapter implements vscode.DebugAdapter {
  private readonly messages = new vscode.EventEmitter<vscode.DebugProtocolMessage>();
  readonly onDidSendMessage = this.messages.event;
  private line = 1;

  constructor(private readonly path: string) {}

  handleMessage(message: vscode.DebugProtocolMessage): void {
    const { seq, type, command } = message as unknown as Request;
    if (type !== 'request') return;
    if (command === 'next') this.line++;
    if (command === 'stepBack') this.line--;
    this.send({ type: 'response', request_seq: seq, success: true, command, body: this.answers[command]?.() ?? {} });
    if (command === 'initialize') this.send({ type: 'event', event: 'initialized' });
    if (command === 'configurationDone') this.stopped('entry');
    if (command === 'next' || command === 'stepBack') this.stopped('step');
    if (command === 'disconnect') this.send({ type: 'event', event: 'terminated' });
  }

  dispose(): void {
    this.messages.dispose();
  }

  private readonly answers: Readonly<Record<string, () => object>> = {
    initialize: () => ({ supportsConfigurationDoneRequest: true, supportsStepBack: true }),
    threads: () => ({ threads: [{ id: 1, name: 'nothing' }] }),
    stackTrace: () => ({
      stackFrames: [{ id: 1, name: 'nothing', source: { path: this.path }, line: this.line, column: 1 }],
      totalFrames: 1,
    }),
    scopes: () => ({ scopes: [] }),
    setBreakpoints: () => ({ breakpoints: [] }),
  };

  private stopped(reason: string): void {
    this.send({ type: 'event', event: 'stopped', body: { reason, threadId: 1, allThreadsStopped: true } });
  }

  private send(message: object): void {
    this.messages.fire({ seq: 0, ...message });
  }
}

/** Called by VS Code when a session of this type begins. */
export function activate(context: vscode.ExtensionContext): void {
  const program = (): string => vscode.window.activeTextEditor?.document.uri.fsPath ?? '';
  context.subscriptions.push(
    vscode.debug.registerDebugConfigurationProvider(TYPE, {
      resolveDebugConfiguration: (_folder, config) => ({ ...config, type: TYPE, request: 'launch', name: 'nothing', program: program() }),
    }),
    vscode.debug.registerDebugAdapterDescriptorFactory(TYPE, {
      createDebugAdapterDescriptor: ({ configuration }) =>
        new vscode.DebugAdapterInlineImplementation(new NothingAdapter(String(configuration['program']))),
    }),
  );
}
